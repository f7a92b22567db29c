--- interface: decides what the generated files hold, and makes a symbol for each thing in them.
--
-- before:  %c = conv2d %x, $w, _ { ... } : i32[1, 8]
-- after:   module kws { interface = { style = "c", workspace = "static", ... } }
--          symbol 1 { kind = "entry", linkage = "exported", role = "run" }
--          %c = conv2d %x, $w, _ { operator = 1, ... } : i32[1, 8]
--
-- Nodes with the same code share an operator, constants with the same bytes a symbol.

local ir = require "aot.ir"
local offload = require "aotlua.offload"
local operators = require "aotlua.operators"
local packed_calls = require "aotlua.interfaces.packed_calls"
local storage = require "aotlua.storage"

local operators_per_file = 64
local largest_c_data = 1024 * 1024 -- bytes; beyond it C compilers take minutes

local words = {
  arena = { "shared", "separate" },
  weights = { "auto", "c", "incbin" },
  workspace = { "static", "caller", "shared" },
}

local function check_word(options, key)
  for _, word in ipairs(words[key]) do
    if options[key] == word then
      return word
    end
  end
  error(("--set %s=%s: it is one of %s"):format(key, tostring(options[key]),
    table.concat(words[key], ", ")), 0)
end

--- Numbers the distinct kernels in order of first use and notes the number on the nodes.
local function number_operators(list, add)
  local text_of, number_of, count = {}, {}, 0
  for _, operator in ipairs(list) do
    local node, kernel = operator.node, operator.kernel
    local text = text_of[kernel] or kernel:definition("operator", { static = false })
    text_of[kernel] = text
    if not number_of[text] then
      count = count + 1
      number_of[text] = count
      add { kind = "operator", role = "operator", index = count, linkage = "internal",
        hint = node.body and node.body.name or node.op, by = node.by }
    end
    node:set("operator", number_of[text])
  end
  return count
end

--- Makes a symbol for each distinct array of constants that kernels read. Returns their bytes.
local function number_constants(list, add)
  local total, seen, sizes, symbols = 0, {}, {}, {}
  local function content_key(tensor)
    local view = tensor:view()
    local key = ("%s %d"):format(tensor.type.dtype, #view)
    local first = sizes[key]
    if not first then
      sizes[key] = { view = view }
      return key .. " 1"
    end
    first.hash = first.hash or first.view:sha256()
    local hash = view:sha256()
    return hash == first.hash and key .. " 1" or key .. " " .. hash
  end
  for _, operator in ipairs(list) do
    for _, constant in ipairs(operator.arguments) do
      if type(constant) ~= "string" and constant.kind == "const" and not seen[constant] then
        seen[constant] = true
        local key = content_key(constant.data)
        if not symbols[key] then
          symbols[key] = { kind = "constant", role = "constant", index = #symbols + 1,
            linkage = "internal", of = {} }
          symbols[#symbols + 1] = symbols[key]
          total = total + #constant.data:view()
        end
        table.insert(symbols[key].of, ir.ref("$" .. constant.name))
      end
    end
  end
  for _, symbol in ipairs(symbols) do
    add(symbol)
  end
  return total
end

--- Numbers the buffers of the pools, each an array of its own with arena = "separate".
local function number_buffers(graph, add)
  for index in ipairs(storage.buffers(graph)) do
    add { kind = "buffer", role = "buffer", index = index, linkage = "private" }
  end
end

local function add_files(operator_count, constant_bytes, choice, add)
  add { kind = "file", role = "internal", linkage = "internal" }
  add { kind = "guard", role = "lib_h_", linkage = "internal" }
  add { kind = "file", role = "entry", linkage = "internal" }
  for index = 1, (operator_count + operators_per_file - 1) // operators_per_file do
    add { kind = "file", role = "operators", index = index, linkage = "internal" }
  end
  if constant_bytes > 0 then
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

local function choose(options, interface)
  local choice = { style = interface.kind or "c", calls = interface.calls or "unpacked",
    operators_per_file = operators_per_file }
  for _, key in ipairs { "arena", "weights", "workspace" } do
    choice[key] = check_word(options, key)
  end
  if choice.arena == "separate" and choice.workspace == "caller" then
    error("--set arena=separate has one array per buffer, so workspace=caller has nothing to "
      .. "give; leave one of them out", 0)
  end
  if choice.workspace == "shared" and options.application == "" then
    error("--set workspace=shared is that of an application: aot.application sets it", 0)
  end
  choice.application = options.application ~= "" and options.application or nil
  return choice
end

return {
  name = "interface",
  changes = "nothing",
  leaves_no = {},
  options = {
    arena = { "shared", "one workspace, or an array per buffer: shared, separate" },
    weights = { "auto", "constants as C arrays or as a binary file: auto, c, incbin" },
    workspace = { "static", "who owns workspace and state: static, caller; shared: "
      .. "an application has one workspace" },
    application = { "", "the application that the model is a part of" },
  },
  run = function(graph, ctx)
    local module, choice = graph.module, choose(ctx.options, ctx.target.interface or {})
    local pools = {}
    for _, pool in ipairs(module:pools()) do
      pools[#pools + 1] = pool.attrs.size > 0 and pool or nil
    end
    local function add(attrs)
      module:symbol(attrs)
    end
    choice.devices = offload.devices(graph, ctx.target)
    require("aotlua.interfaces." .. choice.style).symbols(graph, pools, choice, add)
    local list = operators.list(graph, ctx.target)
    local count, bytes = number_operators(list, add), number_constants(list, add)
    if choice.calls == "packed" then
      packed_calls(list, add)
    end
    if choice.weights == "auto" then
      choice.weights = bytes > largest_c_data and "incbin" or "c"
    end
    if choice.arena == "separate" then
      number_buffers(graph, add)
    end
    add_files(count, bytes, choice, add)
    module:set("interface", choice)
  end,
}
