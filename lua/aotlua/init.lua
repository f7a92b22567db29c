--- aotlua: what a build script requires: `aot.build { model = "kws.tflite", ... }`.

local fields = require "aotlua.fields"
local job = require "aotlua.job"
local output = require "aotlua.output"
local report = require "aotlua.report"
local words = require "aotlua.import.words"

local M = {}

local folder = "."

--- Says where the running build script lies: relative paths in it count from there.
function M.set_folder(path) folder = path end

local function resolve(path) return path:find "^/" and path or folder .. "/" .. path end

-- A target may be a name, a FILE.lua beside the script, or a table.
local function target_of(target)
  if type(target) == "string" and target:find "%.lua$" then return resolve(target) end
  return target
end

--- Compiles `model` into the folder `out`; paths are relative to the build script. Returns the
-- module. `target`: a name, FILE.lua or target table; `set`: options, { key = value };
-- `dims`: extents that the model leaves open.
function M.build(given)
  fields.check("aot.build", given, {
    model = "string", out = "string", name = "string?", target = "string|table?",
    names = "any?", interface = "string?", calls = "string?", set = "table?", dims = "table?",
    rounding = "string?", pipeline = "table?",
  })
  local options = {}
  for key, value in pairs(given) do options[key] = value end -- order: irrelevant, a copy
  local module = job.load(resolve(given.model), options)
  local target = job.target(target_of(given.target) or "c", options)
  job.lower(module, target, options)
  output.write(resolve(given.out), job.files(module, target))
  io.stderr:write(words.escape_lines(report.summary(module, target)), "\n")
  return module
end

return M
