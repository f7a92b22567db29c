--- shared: the options that several verbs take, and what they do.

local arguments = require "aotlua.arguments"
local data = require "aot.data"
local failure = require "aotlua.failure"
local script = require "aotlua.script"

local M = {}

--- How a model is read.
M.reading = {
  { "--name", "N", "the model's name in C (default: from the file's name)" },
  { "-d", "DIM=VALUE", "an extent that the model leaves open", many = true },
  { "--rounding", "R", "of TFLite models: tflm (default) or ruy" },
}

--- How it is compiled.
M.compiling = {
  { "--target", "T", "a target of targets/ or a FILE.lua, accelerators behind commas (c)" },
  { "--names", "POLICY", "a naming policy or a FILE.lua (the target's)" },
  { "--interface", "I", "c or packed (the target's)" },
  { "--calls", "C", "how operators are called: unpacked or packed (the target's)" },
  { "--set", "KEY=VALUE", "an option of the target or a pass; aotlua explain lists them",
    many = true },
  { "--disable-pass", "PASS", "leaves out an optional pass", many = true },
  { "--bisect", "N", "runs only the first N optional passes" },
}

--- What is seen of it.
M.watching = {
  { "--dump", "[=PASS]", "prints the IR text after each pass, or after one, on stderr" },
  { "--time-passes", nil, "prints what each pass took, and compile what all did, on stderr" },
}

--- The data a model is run on.
M.data = {
  { "--data", "DIR", "a folder of input_K and output_K (.npy, .pb), or of such folders" },
  { "--steps", "N", "arrays have a leading dimension of N calls (models with state)" },
}

--- Prints what the processor took since the program began.
function M.say_time()
  io.stderr:write(("%-16s %9.3f ms, from the program's start to the last file\n"):format("all",
    1000 * os.clock()))
end

--- The options of a verb: its own, then those of `groups`.
function M.options(own, ...)
  local all = table.move(own, 1, #own, 1, {})
  for _, group in ipairs { ... } do table.move(group, 1, #group, #all + 1, all) end
  return all
end

local function check(options, key, number, least)
  local text = options[key]
  if text ~= nil and (not number or number < least) then
    failure.raise("usage", "--%s wants a %snumber of at least %d, not '%s'", key,
      math.type(least) == "integer" and "whole " or "", least, text)
  end
  return number
end

--- The number that the text of an option stands for, nil where it was not given.
function M.number(options, key, least)
  return check(options, key, tonumber(options[key]), least + 0.0)
end

--- The same for whole numbers.
function M.whole_number(options, key, least)
  return check(options, key, math.tointeger(tonumber(options[key])), least)
end

--- Turns what the command line gave into what aotlua.job and aotlua.cases take.
function M.job(options)
  local job = { asked = "usage" }
  for key, value in pairs(options) do job[key] = value end -- order: irrelevant, a copy
  job.set = arguments.pairs_of("--set", options.set)
  job.dims = arguments.pairs_of("-d", options.d)
  job.bisect = M.whole_number(options, "bisect", 0)
  job.steps = M.whole_number(options, "steps", 1)
  return job
end

-- What a build script says of a model, changed by what the command line says.
local function merged(own, asked)
  local all = {}
  for key, value in pairs(own) do all[key] = value end -- order: irrelevant, a copy
  for key, value in pairs(asked) do -- order: irrelevant, into a table
    all[key] = value
    if type(value) == "table" and type(own[key]) == "table" then
      all[key] = {}
      for name, entry in pairs(own[key]) do all[key][name] = entry end -- order: irrelevant, a copy
      for name, entry in pairs(value) do all[key][name] = entry end -- order: irrelevant, a copy
    end
  end
  return all
end

--- Calls `visit(path, settings)` for the model that `words` name, or, where they name a build
-- script and its arguments, for each model that the script would compile, as it would, but for
-- what the command line says otherwise.
function M.each_model(verb, words, options, visit)
  local settings = M.job(options)
  if words[1]:find "%.lua$" then
    return script.run(words[1], table.move(words, 2, #words, 1, {}), function(path, own)
      visit(path, merged(own, settings))
    end)
  elseif #words > 1 then
    failure.raise("usage", "%s takes one model, not %d", verb, #words)
  end
  visit(words[1], settings)
end

--- Writes IR text to `path` and the numbers to the .bin file beside it, which comes first: text
-- without its numbers is of no use.
function M.write_text(module, path)
  failure.within("io", function()
    module:write_blobs((path:gsub("%.ir$", "")) .. ".bin")
    data.write(path, module:print())
  end)
end

return M
