--- shared: the options that several verbs take.

local arguments = require "aotlua.arguments"
local failure = require "aotlua.failure"

local M = {}

--- How a model is read and compiled.
M.compiling = {
  { "--name", "N", "the model's name in C (default: from the file's name)" },
  { "--target", "T", "a target of targets/ or a FILE.lua, accelerators behind commas (c)" },
  { "--names", "POLICY", "a naming policy or a FILE.lua (the target's)" },
  { "--interface", "I", "c (the target's)" },
  { "--calls", "C", "unpacked (the target's)" },
  { "--set", "KEY=VALUE", "an option of the target or a pass; aotlua explain lists them",
    many = true },
  { "-d", "DIM=VALUE", "an extent that the model leaves open", many = true },
  { "--rounding", "R", "of TFLite models: tflm (default) or ruy" },
  { "--disable-pass", "PASS", "leaves out an optional pass", many = true },
  { "--bisect", "N", "runs only the first N optional passes" },
}

--- The options of a verb: its own, then those of `groups`.
function M.options(own, ...)
  local all = table.move(own, 1, #own, 1, {})
  for _, group in ipairs { ... } do table.move(group, 1, #group, #all + 1, all) end
  return all
end

--- Turns the texts of an option that is a number into one, at least `least`.
function M.number(options, key, least)
  local text = options[key]
  if text == nil then return nil end
  local number = tonumber(text)
  if not number or number < least then
    failure.raise("usage", "--%s wants a number of at least %d, not '%s'", key, least, text)
  end
  return number
end

--- Turns what the command line gave into what aotlua.job takes.
function M.job(options)
  local job = {}
  for key, value in pairs(options) do job[key] = value end -- order: irrelevant, a copy
  job.set = arguments.pairs_of("--set", options.set)
  job.dims = arguments.pairs_of("-d", options.d)
  job.bisect = M.number(options, "bisect", 0)
  return job
end

return M
