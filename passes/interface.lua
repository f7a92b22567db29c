--- interface: decides what the generated files hold, and makes a symbol for each thing in them.
--
-- before:  %c = conv2d %x, $w, _ { ... } : i32[1, 8]
-- after:   module kws { interface = { style = "c", workspace = "static", ... } }
--          symbol 1 { kind = "entry", linkage = "exported", role = "run" }
--          %c = conv2d %x, $w, _ { operator = 1, ... } : i32[1, 8]
--
-- Nodes with the same code share an operator, constants with the same bytes a symbol.

local alignment = require "aotlua.alignment"
local constants = require "aotlua.constants"
local names = require "aotlua.names"
local offload = require "aotlua.offload"
local operators = require "aotlua.operators"
local options = require "aotlua.interfaces.options"
local packed_calls = require "aotlua.interfaces.packed_calls"
local storage = require "aotlua.storage"

local operators_per_file = 64
local default_alignment = 64 -- of constants: a cache line, and the widest vector
local largest_c_data = 1024 * 1024 -- bytes; beyond it C compilers take minutes

-- A node whose function several models of an application share: { number, hint }.
local function share_operator(node, shared, application, known, add)
  local number, hint = table.unpack(shared)
  if not known[number] then
    known[number] = true
    add { kind = "operator", role = "shared", index = number, linkage = "internal", hint = hint,
      application = application, by = node.by }
  end
end

-- What an accelerator computes is called after its offer, or "main" where it is a region.
local function hint_of(node)
  if node.by then return node:get "offer" or "main" end
  return node.body and node.body.name or node.op
end

--- Numbers the distinct kernels in order of first use; `numbers` gets those of the nodes.
local function number_own(list, linkage, numbers, add)
  local text_of, number_of, count = {}, {}, 0
  for _, operator in ipairs(list) do
    local node, kernel = operator.node, operator.kernel
    text_of[kernel] = text_of[kernel] or kernel:definition("operator", { static = false })
    local text = text_of[kernel] .. (node.by or "")
    if not number_of[text] then
      count = count + 1
      number_of[text] = count
      add { kind = "operator", role = "operator", index = count, linkage = linkage,
        hint = hint_of(node), by = node.by }
    end
    numbers[node] = number_of[text]
  end
  return count
end

--- Makes a symbol for each function, those of the model's own of the given linkage. Returns the
-- number of these; `numbers` gets those of the nodes.
local function number_operators(list, choice, parts, add)
  local own, known = {}, {}
  for _, operator in ipairs(list) do
    local shared = operator.node:get "shared"
    if shared then
      share_operator(operator.node, shared, choice.application, known, add)
    else
      own[#own + 1] = operator
    end
  end
  return number_own(own, parts.linkage, parts.numbers, add)
end

--- Makes a symbol for each distinct array of constants that kernels read. Returns their bytes.
local function number_constants(arrays, linkage, add)
  local total = 0
  for index, array in ipairs(arrays) do
    total = total + array.bytes
    add { kind = "constant", role = "constant", index = index, of = array.of, at = array.at,
      linkage = linkage }
  end
  return total
end

-- How the target wants constants placed, if it says, aligned to at least `least`.
local function constants_place(target, least)
  local place = target.memory.constants
  if not place and least <= default_alignment then return nil end
  return { section = (place or {}).section,
    align = math.max((place or {}).align or default_alignment, least) }
end

--- Gives the pools that hold the constants, { name, attrs }, aligned to at least `least`, and puts
-- each constant into one.
local function place_constants(target, arrays, least)
  local pools, made = constants.pools(target), {}
  for _, pool in ipairs(pools) do pool.align = math.max(pool.align, least) end
  constants.place(arrays, pools)
  for index, pool in ipairs(pools) do
    made[index] = { name = pool.name, attrs = { align = pool.align, bound = pool.size,
      holds = "constants", limit = pool.limit, size = pool.size } }
  end
  return made
end

-- The pools of the module that hold results, then those that hold constants.
local function pools_of(module, holding)
  local pools, others = {}, {}
  for _, pool in ipairs(module:pools()) do
    others[pool.name] = not pool:get "holds"
    pools[#pools + 1] = others[pool.name] and pool or nil
  end
  for _, pool in ipairs(holding) do
    if others[pool.name] then
      error(("pool @%s is for results; --set constants=pool needs one of another name"):format(
        pool.name), 0)
    end
  end
  return table.move(holding, 1, #holding, #pools + 1, pools)
end

local function used_pools(pools)
  local used = {}
  for _, pool in ipairs(pools) do
    used[#used + 1] = pool.attrs.size > 0 and pool or nil
  end
  return used
end

--- Numbers the buffers of the pools, each an array of its own with arena = "separate".
local function number_buffers(graph, add)
  for index in ipairs(storage.buffers(graph)) do
    add { kind = "buffer", role = "buffer", index = index, linkage = "private" }
  end
end

local function add_files(operator_count, constant_bytes, choice, add)
  local split = choice.files == "split"
  if split then
    add { kind = "file", role = "internal", linkage = "internal" }
    add { kind = "guard", role = "lib_h_", linkage = "internal" }
  end
  add { kind = "file", role = "entry", linkage = "internal" }
  for index = 1, split and (operator_count + operators_per_file - 1) // operators_per_file or 0 do
    add { kind = "file", role = "operators", index = index, linkage = "internal" }
  end
  if split and constant_bytes > 0 and choice.constants == "arrays" then
    local incbin = choice.weights == "incbin"
    add { kind = "file", role = incbin and "assembler" or "data", linkage = "internal" }
    if incbin then
      add { kind = "file", role = "blob", linkage = "internal" }
    end
  end
  add { kind = "library", role = "library", linkage = "internal" }
  if choice.application then
    add { kind = "file", role = "internal", owner = "application", index = 1, linkage = "internal",
      application = choice.application }
  end
end

local function choose(given, target)
  return options.choose(given, target.interface or {})
end

-- Adds symbols for what is inside: operators, constants, buffers and files. Returns the numbers of
-- the operators of nodes.
local function add_internals(graph, list, arrays, choice, add)
  local linkage, numbers = choice.files == "single" and "private" or "internal", {}
  local pooled = choice.constants == "pool"
  local count = number_operators(list, choice, { linkage = linkage, numbers = numbers }, add)
  local bytes = number_constants(arrays, pooled and "private" or linkage, add)
  if choice.calls == "packed" then
    packed_calls(list, numbers, add)
  end
  if choice.weights == "auto" then
    local large = choice.files == "split" and not pooled and bytes > largest_c_data
    choice.weights = large and "incbin" or "c"
  end
  if choice.arena == "separate" then
    number_buffers(graph, add)
  end
  add_files(count, bytes, choice, add)
  return numbers
end

--- What the pass leaves: `choice`, the module's attribute; `symbols`, their attributes; `numbers`,
-- of the operators of nodes; `pools` that hold constants, { name, attrs }.
local function decide(graph, ctx)
  local module, target, choice = graph.module, ctx.target, choose(ctx.options, ctx.target)
  local list, made = operators.list(graph, target), {}
  local arrays = constants.distinct(list)
  local function add(attrs) made[#made + 1] = attrs end
  choice.operators_per_file = operators_per_file
  local wish = alignment.largest(graph, target, 1)
  choice.constants_place = constants_place(target, wish)
  choice.devices = offload.devices(graph, target)
  local holding = choice.constants == "pool" and place_constants(target, arrays, wish) or {}
  local style = require("aotlua.interfaces." .. choice.style)
  style.symbols(graph, used_pools(pools_of(module, holding)), choice, add)
  local numbers = add_internals(graph, list, arrays, choice, add)
  return { choice = choice, symbols = made, numbers = numbers, pools = holding }
end

-- Whether two attributes are the same, but for the spelling of symbols.
local function is_same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, item in pairs(a) do -- order: irrelevant, all have to be the same
    if key ~= "spelling" and not is_same(item, b[key]) then return false end
  end
  for key in pairs(b) do -- order: irrelevant, none may be there that is not in the other
    if key ~= "spelling" and a[key] == nil then return false end
  end
  return true
end

local function check_symbols(entries, wanted)
  if #entries ~= #wanted then
    error(("there are %d symbols, the module needs %d"):format(#entries, #wanted), 0)
  end
  for index, entry in ipairs(entries) do
    if not is_same(entry.attrs, wanted[index]) then
      error(("symbol %d is not the %s"):format(index, names.describe(wanted[index])), 0)
    end
  end
end

-- Fails where the text is not what the pass leaves.
local function check_kept(graph, ctx)
  local left, pools = decide(graph, ctx), {}
  if not is_same(left.choice, graph.module:get "interface") then
    error("the attribute 'interface' is not what was chosen", 0)
  end
  check_symbols(graph.module:symbols(), left.symbols)
  for node in graph:nodes() do
    if node:get "operator" ~= left.numbers[node] then
      error(("%%%s has not the number of its operator"):format(node:output().name), 0)
    end
  end
  for _, pool in ipairs(graph.module:pools()) do
    pools[#pools + 1] = pool:get "holds" and { name = pool.name, attrs = pool.attrs } or nil
  end
  if not is_same(pools, left.pools) then
    error("the pools of constants are not what constants need", 0)
  end
end

return {
  name = "interface",
  changes = "nothing",
  leaves_no = {},
  options = options.declared(),
  check = choose,
  kept = check_kept,
  run = function(graph, ctx)
    local module = graph.module
    if #module:symbols() > 0 then error("the module has symbols already", 0) end
    local left = decide(graph, ctx)
    for _, pool in ipairs(left.pools) do module:pool(pool.name, pool.attrs) end
    for _, attrs in ipairs(left.symbols) do module:symbol(attrs) end
    for node, number in pairs(left.numbers) do -- order: irrelevant, each for itself
      node:set("operator", number)
    end
    module:set("interface", left.choice)
  end,
}
