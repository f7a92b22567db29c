--- read: opens a Model Library Format archive and checks that it is one.

local data = require "aot.data"
local failure = require "aotlua.failure"
local json = require "aotlua.json"
local library = require "aotlua.archive.library"
local sorted = require "aotlua.sorted"
local ustar = require "aotlua.archive.ustar"

local MOST_METADATA = 64 * 1024 * 1024 -- bytes; a record of a model has some thousands

local model_keys = {
  { "model_name", "string" }, { "export_datetime", "string" }, { "memory", "table" },
  { "target", "table" }, { "executors", "table" }, { "style", "string" },
}

local function check_keys(object, keys, where)
  if type(object) ~= "table" then error(("%s is no object"):format(where), 0) end
  for _, key in ipairs(keys) do
    local name, kind = key[1], key[2]
    if type(object[name]) ~= kind then error(("%s: '%s' is no %s"):format(where, name, kind), 0) end
  end
end

local function check_modules(modules)
  for _, name in ipairs(sorted(modules)) do
    local where = ("metadata.json: module '%s'"):format(name)
    check_keys(modules[name], model_keys, where)
    if modules[name].model_name ~= name then
      error(("%s: 'model_name' is '%s'"):format(where, modules[name].model_name), 0)
    end
  end
end

local function check_metadata(record)
  check_keys(record, {}, "metadata.json")
  if record.version ~= library.version then
    error(("metadata.json is of version %s, this reads version %d"):format(
      tostring(record.version), library.version), 0)
  elseif record.style == "operator" then
    return check_keys(record, model_keys, "metadata.json")
  end
  check_keys(record, { { "modules", "table" } }, "metadata.json")
  check_modules(record.modules)
end

local function read(view)
  local members, files = ustar.unpack(view), {}
  for _, member in ipairs(members) do files[member.path] = member.content end
  local text = files["metadata.json"]
  if not text then error("there is no metadata.json: this is no Model Library Format", 0) end
  if #text > MOST_METADATA then
    error(("metadata.json has %d bytes, more than any library's"):format(#text), 0)
  end
  local ok, record = pcall(json.decode, text:string(0, #text))
  if not ok then error(failure.prefixed("metadata.json: ", record), 0) end
  check_metadata(record)
  return { members = members, files = files, metadata = record }
end

--- Reads the archive at `path`: { members = list of { path, content = View }, files = { [path] =
-- View }, metadata = metadata.json decoded }, paths without "./" ahead.
-- Raises an I/O failure if it cannot be opened; fails, with the path, if it is damaged, holds
-- what could do harm when unpacked, or is no Model Library Format of our version.
return function(path)
  local view = failure.within("io", data.open, path)
  local ok, result = pcall(read, view)
  if not ok then error(failure.prefixed(path .. ": ", result), 0) end
  return result
end
