--- writers: the files of a compiled model, pure functions of the module after its last pass.

local content = require "aotlua.content"
local data = require "aotlua.writers.data"
local json = require "aotlua.json"
local lazy = require "aotlua.lazy"
local metadata = require "aotlua.metadata"
local operators = require "aotlua.operators"
local runtime = require "aotlua.writers.runtime"
local symbols = require "aotlua.symbols"
local write_build = require "aotlua.writers.build"
local write_entry = require "aotlua.writers.entry"
local write_header = require "aotlua.writers.header"
local write_internal = require "aotlua.writers.internal"
local write_operators = require "aotlua.writers.operators"
local write_single = require "aotlua.writers.single"

local writers = {}

-- The data of each array of constants, in the order of the record.
local function tensors_of(module, record)
  return lazy.map(record.constants, function(constant)
    return module:value("$" .. constant.names[1]).data
  end)
end

--- What the pools of constants hold: by the number of the pool, pieces { offset, view } in order.
local function images_of(record, tensors)
  local images, by_name = {}, {}
  for index, pool in ipairs(record.pools) do
    images[index] = {}
    by_name[pool.name] = images[index]
  end
  for index, constant in ipairs(record.constants) do
    if constant.pool then
      table.insert(by_name[constant.pool], { offset = constant.offset,
        view = tensors[index]:view() })
    end
  end
  return images
end

--- Adds the files of the constants. Returns the path of the binary one, if there is one.
local function add_data(files, sources, context, tensors)
  local record, spelling = context.record, context.spelling
  local source = spelling("file", "data")
  if source then
    files["src/" .. source] = data.c_source(record, tensors, context.internal_header)
    sources[#sources + 1] = "src/" .. source
    return
  end
  local assembler, blob = spelling("file", "assembler"), spelling("file", "blob")
  if assembler then
    files["src/" .. blob] = data.blob(record, tensors)
    files["src/" .. assembler] = data.assembler_source(record, blob)
    sources[#sources + 1] = "src/" .. assembler
    return "src/" .. blob
  end
end

local function add_operators(files, sources, context, functions, headers)
  local per_file = context.record.interface.operators_per_file
  for number = 1, (#functions + per_file - 1) // per_file do
    local name = context.spelling("file", "operators", nil, number)
    local range = { first = (number - 1) * per_file + 1, last = number * per_file }
    range.last = math.min(range.last, #functions)
    files["src/" .. name] = write_operators.source(context.record, functions, range,
      context.internal_header, headers)
    sources[#sources + 1] = "src/" .. name
  end
end

--- Adds the sources of a model in several files. Returns the path of the binary one, if there is
-- one. `parts`: the operators' `functions`, the constants' `tensors`, and `headers`, the set of
-- runtime headers that are needed.
local function add_split(files, sources, context, parts)
  add_operators(files, sources, context, parts.functions, parts.headers)
  local blob = add_data(files, sources, context, parts.tensors)
  files["src/" .. context.internal_header] = write_internal(context.record, context.spelling,
    parts.functions)
  return blob
end

-- The headers of runtime/: that of tensors stands beside the model's where that includes it.
local function add_runtime(files, record, headers)
  local packed = record.interface.style == "packed"
  headers["aotrt_packed.h"] = packed or record.interface.calls == "packed" or nil
  for name, text in pairs(runtime.needed(headers)) do -- order: irrelevant, into a table
    local folder = packed and name == "aotrt_packed.h" and "include/" or "src/"
    files[folder .. name] = text
  end
end

local function symbol_map(module, record)
  local list = lazy.map(module:symbols(), function(entry)
    local symbol = entry.attrs
    local of = {}
    for k, ref in ipairs(symbol.of or {}) do
      of[k] = ref.ref
    end
    return { kind = symbol.kind, role = symbol.role, owner = symbol.owner,
      index = symbol.index, scope = symbol.scope, hint = symbol.hint, of = #of > 0 and of or nil,
      linkage = symbol.linkage, by = symbol.by, application = symbol.application,
      spelling = symbol.spelling }
  end)
  return { version = metadata.version, model = record.model, sha256 = record.source.sha256,
    symbols = list }
end

local function as_json(value)
  return function(put) json.write(value, put) end
end

--- Adds the headers, the sources and how they are built. Returns the record of the model.
local function add_code(files, module, target, spelling)
  local list = operators.list(module:main(), target)
  local record, number_of = metadata.describe(module, target, list)
  local tensors = tensors_of(module, record)
  local context = { module = module, graph = module:main(), list = list, record = record,
    spelling = spelling, number_of = number_of, internal_header = spelling("file", "internal"),
    buffers = record.interface.arena == "separate" and {} or nil }
  local functions = write_operators.functions(list, spelling)
  local headers = { ["aotrt_align.h"] = true }
  local sources = { "src/" .. spelling("file", "entry") }
  local parts, blob = { functions = functions, headers = headers, tensors = tensors }, nil
  if record.interface.files == "single" then
    files[sources[1]] = write_single(context, parts)
  else
    files[sources[1]] = write_entry.source(context)
    blob = add_split(files, sources, context, parts)
  end
  files["include/" .. record.header] = write_header(record, spelling, images_of(record, tensors))
  add_runtime(files, record, headers)
  files["CMakeLists.txt"] = write_build { what = "model", name = record.model,
    library = record.library, groups = { { sources = sources, flags = record.flags,
      assembler = blob and sources[#sources], blob = blob } } }
  return record
end

--- Gives the contents (see aotlua.content) of the model's files, by path in its folder, and its
-- record. They hold as long as the module is not changed.
function writers.contents(module, target)
  local files = {}
  local record = add_code(files, module, target, symbols.spellings(module))
  files["metadata.json"] = as_json(record)
  files["symbols.json"] = as_json(symbol_map(module, record))
  return files, record
end

--- Gives the files whole: a string, a View, or a list of them; and the record.
function writers.files(module, target)
  local files, record = writers.contents(module, target)
  return content.all(files), record
end

return writers
