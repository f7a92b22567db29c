--- application: several models in one program, with one header, one library and names that are
--- proved distinct.
--
-- A unit is a model and its target: { module, target, options } of aotlua.job. What a unit shares
-- with others is in its text: `workspace = "shared"` in the module's `interface`, and `shared` at
-- the nodes whose functions are the application's.

local example = require "aotlua.example"
local job = require "aotlua.job"
local json = require "aotlua.json"
local link = require "aotlua.link"
local metadata = require "aotlua.metadata"
local names = require "aotlua.names"
local operators = require "aotlua.operators"
local ops = require "aotlua.ops"
local write = require "aotlua.writers.application"

local M = {}

-- The pass of the unit's pipeline that stands before `interface`.
local function before_interface(unit)
  local list = unit.target.pipeline
  local entry = list[list:at "interface" - 1]
  return type(entry) == "table" and entry.name or entry
end

-- Operators -------------------------------------------------------------------------------------

-- Functions called with tensors carry the model's own shapes, so they are no one else's; and the
-- application's are compiled with the flags of its first model.
local function can_share(unit, first)
  local interface = unit.target.interface or {}
  return (interface.calls or "unpacked") == "unpacked" and unit.options.set.files ~= "single"
    and unit.target.name == first.target.name
end

-- Notes at the nodes of all units which functions several of them call. Returns the functions:
-- { kernel, uses, first }.
local function share_operators(units)
  local by_text, shared = {}, {}
  for number, unit in ipairs(units) do
    local text_of = {}
    local list = can_share(unit, units[1]) and operators.list(unit.module:main(), unit.target)
    for _, operator in ipairs(list or {}) do
      local kernel, node = operator.kernel, operator.node
      text_of[kernel] = text_of[kernel] or kernel:definition("operator", { static = false })
      local text = text_of[kernel]
      by_text[text] = by_text[text] or { kernel = kernel, nodes = {}, units = {}, count = 0,
        first = node:get "origin" or node:output().name, hint = ops.anchor(node).op }
      local known = by_text[text]
      if not known.units[number] then
        known.units[number], known.count = true, known.count + 1
        if known.count == 2 then shared[#shared + 1] = known end
      end
      table.insert(known.nodes, node)
    end
  end
  for index, known in ipairs(shared) do
    known.uses = #known.nodes
    for _, node in ipairs(known.nodes) do node:set("shared", { index, known.hint }) end
  end
  return shared
end

-- Memory ----------------------------------------------------------------------------------------

local function section_words(pool)
  return pool.section and "section " .. pool.section or "no section of its own"
end

-- The pools that units share: { name, bytes, alignment, section }, in order of first use.
local function shared_pools(units)
  local list, by_name, owners = {}, {}, {}
  local function add(pool, model)
    local known = by_name[pool.name]
    if not known then
      known = { name = pool.name, bytes = 0, alignment = 1, section = pool.section }
      by_name[pool.name], list[#list + 1], owners[known] = known, known, model
    elseif known.section ~= pool.section then
      error(("models that share a pool have one section for it: '%s' of model '%s' goes to %s, "
        .. "that of model '%s' to %s"):format(pool.name, owners[known], section_words(known), model,
        section_words(pool)), 0)
    end
    known.bytes = math.max(known.bytes, pool.bytes)
    known.alignment = math.max(known.alignment, pool.alignment)
  end
  for _, unit in ipairs(units) do
    local record = unit.record
    for _, pool in ipairs(record.interface.workspace == "shared" and record.pools or {}) do
      if not pool.given then add(pool, record.model) end
    end
  end
  return list
end

-- What all models need at run time: what they share, and what each has for itself.
local function working_bytes(units, pools)
  local total = 0
  for _, pool in ipairs(pools) do total = total + pool.bytes end
  for _, unit in ipairs(units) do
    local own = unit.record.interface.workspace ~= "shared"
    total = total + (own and unit.record.workspace_bytes or 0) + unit.record.state_bytes
  end
  return total
end

-- Names -----------------------------------------------------------------------------------------

local function application_symbols(name, pools, shared)
  local list = {}
  local function add(symbol)
    symbol.application, list[#list + 1] = name, symbol
  end
  add { kind = "file", role = "header", linkage = "exported" }
  add { kind = "guard", role = "h_", linkage = "exported" }
  for _, role in ipairs { "number_of_models", "workspace_size" } do
    add { kind = "macro", role = role, linkage = "exported" }
  end
  for index, pool in ipairs(pools) do
    add { kind = "object", role = "memory", owner = "pool", index = index, hint = pool.name,
      linkage = "internal" }
  end
  for index, operator in ipairs(shared) do
    add { kind = "operator", role = "shared", index = index, hint = operator.hint,
      by = operator.kernel.by, linkage = "internal" }
  end
  add { kind = "file", role = "internal", owner = "application", index = 1, linkage = "internal" }
  add { kind = "guard", role = "lib_h_", linkage = "internal" }
  add { kind = "file", role = "entry", linkage = "internal" }
  add { kind = "library", role = "library", linkage = "internal" }
  return list
end

-- The spelling of the application's own symbols, as symbols.spellings gives that of a model.
local function spell(list, name, units)
  local target, significant = units[1].target, nil
  for _, unit in ipairs(units) do
    local options = unit.module:get "options" or {}
    significant = math.min(significant or 63, options.significant or 63)
  end
  local spellings = names.spell(list, names.policy(target.names), { model = name,
    significant = significant, denied = { { owner = "target " .. target.name,
      table.unpack(target.deny or {}) } } })
  for index, symbol in ipairs(list) do symbol.spelling = spellings[index] end
  return function(kind, role, owner, index)
    for _, symbol in ipairs(list) do
      if symbol.kind == kind and symbol.role == role and symbol.owner == owner
        and (not index or symbol.index == index) then
        return symbol.spelling
      end
    end
  end
end

local function check_links(units, own)
  local records = { own }
  for _, unit in ipairs(units) do
    records[#records + 1] = json.decode(unit.files["symbols.json"])
  end
  local problems = link.check(records)
  if #problems > 0 then error(table.concat(problems, "\n"), 0) end
  return records
end

-- Files -----------------------------------------------------------------------------------------

local whole = { ["CMakeLists.txt"] = true, ["metadata.json"] = true, ["symbols.json"] = true }

-- The files of all units in one folder, but for those that there is one of for all.
local function gather(units)
  local files = {}
  for _, unit in ipairs(units) do
    for path, content in pairs(unit.files) do -- order: irrelevant, paths differ or are ours
      files[path] = not whole[path] and content or nil
    end
  end
  return files
end

-- The sources of a unit, sorted; and what its constants come from, where that is no C.
local function sources_of(unit)
  local list = {}
  for path in pairs(unit.files) do -- order: sorted below
    if path:find "^src/.*%.[cS]$" then list[#list + 1] = path end
    if path:find "^src/.*%.S$" then list.assembler = path end
    if path:find "^src/.*%.bin$" then list.blob = path end
  end
  table.sort(list)
  return list
end

local function all_symbols(records)
  local list = {}
  for _, record in ipairs(records) do
    for _, symbol in ipairs(record.symbols) do
      symbol.model = not symbol.application and record.model or nil
      list[#list + 1] = symbol
    end
  end
  return list
end

local choices = { share = { "concurrent", "exclusive" }, operators = { "own", "shared" } }

local function check_plan(plan)
  for _, field in ipairs { "operators", "share" } do
    local words = choices[field]
    if plan[field] ~= words[1] and plan[field] ~= words[2] then
      error(("application '%s': %s is '%s'; it is %s or %s"):format(plan.name, field,
        tostring(plan[field]), words[1], words[2]), 0)
    end
  end
end

local function check_units(units, name)
  if #units == 0 then error(("application '%s' has no models"):format(name), 0) end
  local seen = { [name] = true }
  local problem = names.model_problem(name)
  if problem then error(("the application's name '%s' %s"):format(name, problem), 0) end
  for _, unit in ipairs(units) do
    local model = unit.module.name
    if seen[model] then
      error(("two parts of application '%s' are called '%s': names tell them apart"):format(name,
        model), 0)
    end
    seen[model] = true
  end
end

-- A program that runs each model once.
local function add_example(files, record, header)
  local functions = {}
  for index, model in ipairs(record.models) do
    functions[index] = "example_" .. model.model
    files[functions[index] .. ".c"] = example.program(model, functions[index])
  end
  files["main.c"] = example.main(record.name, header, functions)
end

--- Compiles the units, which were read, as the application `plan.name`. `plan.share`: "exclusive"
-- (no two models run at the same time: those that own their workspace have one in common) or
-- "concurrent"; `plan.operators`: "own" or "shared"; `plan.example`: whether there is a main.c, and
-- what it calls. Gives the files of one folder, and a record
-- of the whole: { name, bytes (working memory and state), pools, shared (operators), models }.
function M.compile(units, plan)
  check_plan(plan)
  check_units(units, plan.name)
  for _, unit in ipairs(units) do
    local set = unit.options.set or {}
    set.application = plan.name
    if plan.share == "exclusive" and (set.workspace or "static") == "static" then
      set.workspace = "shared"
    end
    unit.options.set = set
    unit.options.stop = before_interface(unit)
    job.lower(unit.module, unit.target, unit.options)
    unit.options.stop = nil
  end
  local shared = plan.operators == "shared" and share_operators(units) or {}
  local record = { name = plan.name, share = plan.share, shared = shared, models = {},
    sources = {} }
  for index, unit in ipairs(units) do
    job.lower(unit.module, unit.target, unit.options)
    unit.files, unit.record = job.files(unit.module, unit.target)
    record.models[index] = unit.record
    record.sources[unit.module.name] = sources_of(unit)
  end
  record.pools = shared_pools(units)
  record.bytes = working_bytes(units, record.pools)
  local own = application_symbols(plan.name, record.pools, shared)
  local spelling = spell(own, plan.name, units)
  local records = check_links(units, { model = plan.name, symbols = own })
  local files = gather(units)
  write(files, record, spelling)
  if plan.example then add_example(files, record, spelling("file", "header")) end
  files["metadata.json"] = json.encode { version = metadata.version, application = plan.name,
    share = plan.share, workspace_bytes = record.bytes, pools = record.pools,
    models = record.models }
  files["symbols.json"] = json.encode { version = metadata.version, model = plan.name,
    application = plan.name, symbols = all_symbols(records) }
  return files, record
end

return M
