--- import: model files and IR text to Modules.
--
-- What a file is, is told by its content, never by its name. Opening a model runs no code from
-- its folder.

local data = require "aot.data"
local depends = require "aotlua.depends"
local failure = require "aotlua.failure"
local fields = require "aotlua.fields"
local held = require "aotlua.held"
local limits = require "aotlua.import.limits"
local names = require "aotlua.names"
local words = require "aotlua.import.words"

local M = {}

-- Recognition -------------------------------------------------------------------------------

-- What files that are no models begin with, and what to say about them.
local STRANGERS = {
  { "^version https://git%-lfs", "a Git LFS pointer, not the model: run `git lfs pull`" },
  { "^\x1f\x8b", "compressed with gzip: unpack it first" },
  { "^PK\3\4", "a zip archive (perhaps a PyTorch or Keras file): export to ONNX or TFLite first" },
  { "^BZh", "compressed with bzip2: unpack it first" },
  { "^\xfd7zXZ", "compressed with xz: unpack it first" },
  { "^%\x28\xb5\x2f\xfd", "compressed with zstd: unpack it first" },
  { "^\x89HDF", "an HDF5 file (Keras): export to ONNX or TFLite first" },
  { "^[\xff\xfe][\xfe\xff]", "UTF-16 text: IR text is ASCII" },
  { "^\xef\xbb\xbf", "UTF-8 text with a byte order mark: IR text is ASCII" },
  { "^%s*<!", "an HTML page, not a model: the download went wrong" },
  { "^%s*<[hH][tT][mM][lL]", "an HTML page, not a model: the download went wrong" },
  { "^....TFL[^3]", "a TFLite file of an old format; TFL3 is supported" },
  { "^........TFL3", "a TFLite file with a size before it: remove the first 4 bytes" },
}

-- The first byte of an ONNX ModelProto: the tag of any of its fields.
local ONNX_TAGS = "[\x08\x12\x1a\x22\x28\x32\x3a\x42\x72\xa2\xca]"

-- Spaces, blank lines and comments, then "module".
local function is_text(head)
  local at = 1
  repeat
    local before = at
    at = head:match("^%s+()", at) or head:match("^#[^\n]*\n()", at) or at
  until at == before
  return head:find("^module%f[^%w_]", at) ~= nil
end

local function hexadecimal(bytes)
  return (bytes:gsub(".", function(byte)
    return string.format("%02x ", byte:byte())
  end):gsub(" $", ""))
end

-- Returns "tflite", "onnx" or "text", or raises what the file is instead.
local function recognize(view)
  if #view == 0 then error("the file is empty", 0) end
  local head = view:string(0, math.min(#view, 4096))
  for _, stranger in ipairs(STRANGERS) do
    if head:find(stranger[1]) then error("this is " .. stranger[2], 0) end
  end
  if head:sub(258, 262) == "ustar" then error("this is a tar archive: unpack it first", 0) end
  if is_text(head) then return "text" end
  if #view < 8 then
    error(string.format("%s %s too short for a model", words.count(#view, "byte"),
      #view == 1 and "is" or "are"), 0)
  end
  if head:sub(5, 8) == "TFL3" then return "tflite" end
  if head:find("^" .. ONNX_TAGS) then return "onnx" end
  error(string.format("unknown format; the file begins with %s; TFLite, ONNX and IR text are "
    .. "known", hexadecimal(head:sub(1, 8))), 0)
end

local NAME_BYTES = 32 -- of a file's name in the model's, with room for more before it

-- Loading -----------------------------------------------------------------------------------

local LOAD = {}

local function fail(...)
  error(string.format(...), 0)
end

-- Whether `path` can be opened at all: the blob file of a module without bulk data is missing.
local function exists(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil
end

function LOAD.text(view, path, options)
  local dimension = next(options.dims or {})
  if dimension then
    fail("IR text leaves no extent open; there is no %s", words.quote(tostring(dimension)))
  end
  local blob_path = path:gsub("%.ir$", "") .. ".bin"
  local blobs = exists(blob_path) and data.open(depends.on(blob_path)) or nil
  local source = view:string(0, #view)
  local module = require "aotlua.text".parse(source, words.escape(path), blobs)
  held.check(module)
  if options.name and options.name ~= module.name then
    fail("the text has the name %s, not %s", words.quote(module.name), words.quote(options.name))
  end
  return module
end

function LOAD.tflite(view, _, options)
  return require "aotlua.import.tflite".load(view, {
    name = options.name, dims = options.dims, rounding = options.rounding,
    examples = options.examples, rules = options.rules and options.rules.tflite,
  })
end

function LOAD.onnx(view, path, options)
  return require "aotlua.import.onnx".load(view, path, {
    name = options.name, dims = options.dims, values = options.values,
    examples = options.examples, rules = options.rules and options.rules.onnx,
  })
end

--- Returns the name a model has by its path: the last component without suffix, reduced to what
-- a model's name may be.
function M.name(path)
  local name = path:match "([^/]*)$":gsub("%.[^.]*$", ""):gsub("[^A-Za-z0-9]+", "_")
  name = name:gsub("^_", ""):sub(1, NAME_BYTES):gsub("_$", "")
  if name == "" then return "model" end
  return names.model_problem(name) and "model_" .. name or name
end

local function names_of(values)
  local list = {}
  for i, value in ipairs(values) do list[i] = value.name end
  return list
end

local function load_file(path, options)
  local view = data.open(depends.on(path))
  if #view > limits.file_bytes then
    error(string.format("%d bytes; the limit is %d", #view, limits.file_bytes), 0)
  end
  local format = recognize(view)
  if options.rounding and format ~= "tflite" then
    error("a rounding can be chosen for TFLite models only", 0)
  end
  local module = LOAD[format](view, path, {
    name = options.name or format ~= "text" and M.name(path) or nil,
    dims = options.dims,
    rounding = options.rounding,
    values = options.values,
    examples = options.examples,
    rules = options.rules,
  })
  if format ~= "text" then
    local source = module:get "source" or {}
    local main = module:main()
    module:set("source", {
      format = format,
      sha256 = view:sha256(),
      inputs = source.inputs or names_of(main.params),
      outputs = source.outputs or names_of(main.returns),
      fixed = source.fixed,
    })
  end
  return module
end

--- Returns the Module of the file `path`: TFLite, ONNX, or IR text with its blob file beside it
-- (FILE.ir, FILE.bin). `options`: `name` of the module (default: from the path), `dims`, extents
-- by name for what the model leaves open, `values`, Tensors by name for inputs of ONNX models
-- that fix shapes, `examples`, a Tensor for each input in the model's order, which tell both
-- where nothing else does, `rounding` of TFLite models (tflm or ruy), and `rules`, what
-- aotlua.own knows of operators that users import themselves, by format. The attribute `source`
-- of models tells format, sha256, inputs, outputs, and `fixed`: which of the model file's inputs
-- (from 0) became constants.
-- Fails with a message that begins with the path and says where in the file what is wrong.
function M.load(path, options)
  options = options or {}
  fields.check("import.load", options,
    { name = "string?", dims = "table?", values = "table?", examples = "table?",
      rounding = "string?", rules = "table?" })
  local ok, result = pcall(load_file, path, options)
  if ok then return result end
  local shown = words.escape(path)
  if failure.code(result) == failure.internal then
    error(failure.prefixed(shown .. ": ", result), 0)
  end
  result = tostring(result)
  for _, prefix in ipairs { path, shown } do -- some messages begin with it already
    if result:sub(1, #prefix + 1) == prefix .. ":" then
      error(shown .. result:sub(#prefix + 1), 0)
    end
  end
  error(shown .. ": " .. result, 0)
end

return M
