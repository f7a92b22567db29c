--- archive: compiled models as one file, a Model Library Format archive (version 7).
--
-- ./metadata.json                     what the archive holds: library.lua
-- ./codegen/host/include/<header>.h   the public headers
-- ./codegen/host/src/<m>_lib0.c ...   the sources
-- ./runtime/include/aotrt_*.h         what the sources include, once for all models
-- ./src/<m>.ir, <m>.bin               the compiled model as text, which can be compiled again,
--                                     and the numbers that belong to it
-- ./src/<m>.symbols.json              what `aotlua link` reads
--
-- Constants are linked into the sources, so there is no parameters/. The same models give the
-- same bytes: nothing in the archive tells who wrote it, where, or when.

local data = require "aot.data"
local failure = require "aotlua.failure"
local fields = require "aotlua.fields"
local json = require "aotlua.json"
local library = require "aotlua.archive.library"
local metadata = require "aotlua.metadata"
local read = require "aotlua.archive.read"
local script = require "aotlua.script"
local sorted = require "aotlua.sorted"
local system = require "aot.system"
local ustar = require "aotlua.archive.ustar"
local writers = require "aotlua.writers"

local M = { read = read }

local FULL, OPERATOR = "full-model", "operator" -- the styles

local LATEST = (1 << 33) - 1 -- seconds that a tar header holds

-- The time that the archive says it was made: the start of time, unless SOURCE_DATE_EPOCH, which
-- tools for reproducible builds agree on, names another; the clock would make every archive differ.
local function export_time()
  local text = os.getenv "SOURCE_DATE_EPOCH"
  local seconds = not text and 0 or text:find "^%d+$" and math.tointeger(tonumber(text))
  if not seconds or seconds > LATEST then
    failure.raise("usage", "SOURCE_DATE_EPOCH is '%s': it is a number of seconds since 1970", text)
  end
  return seconds
end

-- The bytes of the file that goes with the text of a module.
local function blobs_of(module)
  local folder <close> = setmetatable({ path = failure.within("io", system.temporary_folder) }, {
    __close = function(self) system.remove(self.path) end })
  return failure.within("io", function()
    module:write_blobs(folder.path .. "/blobs")
    return data.open(folder.path .. "/blobs")
  end)
end

-- Where a file of the output folder stands in an archive; nil: nowhere.
local function place_of(path, name)
  local room, file = path:match "^(%l+)/([^/]+)$"
  if room and file:find "^aotrt_" then return "runtime/include/" .. file end
  if room then return ("codegen/host/%s/%s"):format(room, file) end
  return path == "symbols.json" and ("src/%s.symbols.json"):format(name) or nil
end

-- The files of a folder as members, { [path] = content }.
local function placed(files, name)
  local members = {}
  for path, content in pairs(files) do -- order: irrelevant, into a table
    local place = place_of(path, name)
    if place then members[place] = content end
  end
  return members
end

-- The members of one model.
local function members_of(module, files)
  local members = placed(files, module.name)
  members[("src/%s.ir"):format(module.name)] = module:print()
  members[("src/%s.bin"):format(module.name)] = blobs_of(module)
  return members
end

local function origin(record)
  local source = record.source
  return source.sha256 and ("%s, SHA-256 %s..."):format(source.format or "unknown format",
    source.sha256:sub(1, 12)) or "made from text"
end

local function check_models(compiled)
  if #compiled == 0 then error("an archive holds at least one model", 0) end
  for _, model in ipairs(compiled) do
    fields.check("a model of an archive", model, { module = "userdata", target = "table",
      files = "table?", options = "table?", record = "table?" })
    if not model.module:get "interface" then
      error(("model '%s' is not compiled: pass interface has not run"):format(model.module.name), 0)
    end
  end
end

local function check_names(records)
  local first = {}
  for _, record in ipairs(records) do
    local other = first[record.model]
    if other then
      error(("two models of the archive are called '%s': one is %s, the other %s; give one of "
        .. "them another name"):format(record.model, origin(other), origin(record)), 0)
    end
    first[record.model] = record
  end
end

-- Adds a model's members; files are shared where they are the same. Folders that ignore case are
-- where archives are unpacked, too.
local function merge(all, owners, members, name)
  for _, path in ipairs(sorted(members)) do
    local key, content = path:lower(), members[path]
    local owner = owners[key]
    if owner and (owner.path ~= path or all[path] ~= content) then
      error(("'%s' and '%s' both have a file %s: give one of them another name, or "
        .. "another naming policy"):format(owner.name, name, path), 0)
    end
    all[path], owners[key] = content, { name = name, path = path }
  end
end

--- Fails unless there is such a style of archives (nil: whole models) and it suits that many.
function M.check_style(style, count)
  if style == OPERATOR and count ~= 1 then
    error(("an archive of style operator holds one operator, not %d models"):format(count), 0)
  elseif style and style ~= OPERATOR and style ~= FULL then
    error(("there is no style '%s' of archives; there are: %s, %s"):format(style, FULL,
      OPERATOR), 0)
  end
end

local function sorted_members(all)
  local members = {}
  for index, path in ipairs(sorted(all)) do
    members[index] = { path = "./" .. path, content = all[path] }
  end
  return members
end

--- Writes an archive of the compiled models, a list of { module, target, files = what
-- writers.files gave, if that is known } (or units of aotlua.application). `options`: `style`,
-- "full-model" (default), or "operator", for one model of one operator; `shared`, { name, files },
-- what the models have in common. Writes all or nothing, and nothing where a build script's
-- models are not compiled but checked.
-- Fails if two models have the same name or file, or do not suit the style; raises an I/O failure
-- if the file cannot be written.
function M.write(path, compiled, options)
  options = fields.check("archive.write", options, { style = "string?", shared = "table?" })
  local style, shared = options.style, options.shared
  M.check_style(style, #compiled)
  if script.instead then return end
  check_models(compiled)
  local seconds, records, all, owners = export_time(), {}, {}, {}
  for index, model in ipairs(compiled) do
    records[index] = metadata.of(model.module, model.target)
  end
  check_names(records)
  for index, model in ipairs(compiled) do
    local files = model.files or writers.files(model.module, model.target)
    merge(all, owners, members_of(model.module, files), records[index].model)
  end
  if shared then merge(all, owners, placed(shared.files, shared.name), shared.name) end
  local date = os.date("!%Y-%m-%d %H:%M:%SZ", seconds)
  all["metadata.json"] = json.encode(style == OPERATOR and library.operator(records[1], date)
    or library.full_models(records, date))
  failure.within("io", data.write, path, ustar.pack(sorted_members(all), seconds))
end

return M
