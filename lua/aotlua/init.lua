--- aotlua: what a build script requires: `aot.build { model = "kws.tflite", ... }`.

local archive = require "aotlua.archive"
local fields = require "aotlua.fields"
local job = require "aotlua.job"
local output = require "aotlua.output"
local report = require "aotlua.report"
local script = require "aotlua.script"
local words = require "aotlua.import.words"

local M = {}

local function resolve(path)
  return path:find "^/" and path or script.folder .. "/" .. path
end

-- A target or policy may be a name, a FILE.lua beside the script, or a table.
local function part(given)
  if type(given) == "string" and given:find "%.lua$" then return resolve(given) end
  return given
end

--- Compiles `model` into the folder `out`, into the Model Library Format archive `mlf`, or into
-- both; paths are relative to the build script. Returns the module and its target. `style`: of
-- the archive, "full-model" (default) or "operator". `target`: a name, FILE.lua or target table;
-- `names`: a policy in the same way; `set`: options, { key = value }; `dims`: extents that the
-- model leaves open; `pipeline`: instead of the target's.
function M.build(given)
  fields.check("aot.build", given, {
    model = "string", out = type(given) == "table" and given.mlf and "string?" or "string",
    mlf = "string?", style = "string?", name = "string?", target = "string|table?",
    names = "string|table?", interface = "string?", calls = "string?", set = "table?",
    dims = "table?", rounding = "string?", pipeline = "table?",
  })
  local options = {}
  for key, value in pairs(given) do options[key] = value end -- order: irrelevant, a copy
  options.names = part(given.names)
  local module = job.load(resolve(given.model), options)
  local target = job.target(part(given.target) or "c", options)
  if script.instead then
    script.instead(module, target, options)
    return module, target
  end
  job.lower(module, target, options)
  local files = job.files(module, target)
  if given.mlf then
    archive.write(resolve(given.mlf), { { module = module, target = target, files = files } },
      { style = given.style })
  end
  if given.out then output.write(resolve(given.out), files) end
  io.stderr:write(words.escape_lines(report.summary(module, target)), "\n")
  return module, target
end

return M
