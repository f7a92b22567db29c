--- run: evaluates a model on data, without compiling it.

local cases = require "aotlua.cases"
local data = require "aot.data"
local failure = require "aotlua.failure"
local ir = require "aot.ir"
local npy = require "aotlua.import.npy"
local shared = require "aotlua.cli.shared"
local system = require "aot.system"
local words_of = require "aotlua.import.words"

-- Output k of all steps: the tensor itself, or with a leading dimension of steps.
local function stacked(outputs, k)
  if #outputs == 1 then return outputs[1][k] end
  local rows = {}
  for step, tensors in ipairs(outputs) do
    local type = tensors[k].type
    local plain = tensors[k]:with_type { dtype = type.dtype, shape = type.shape }
    rows[step] = plain:reshape { 1, table.unpack(type.shape) }
  end
  return ir.apply("concat", rows, { axis = 0 })
end

local function write(folder, outputs)
  failure.within("io", system.make_folders, folder)
  for k = 1, #outputs[1] do
    local path = ("%s/output_%d.npy"):format(folder, k - 1)
    failure.within("io", data.write, path, npy.encode(stacked(outputs, k)))
  end
end

-- The expected outputs are never written over.
local function check_folder(folder, options)
  if system.same(folder, options.data) then
    failure.raise("usage", "%s holds the data; -o names another folder for the outputs",
      words_of.escape(folder))
  end
end

local function evaluate(group, options)
  local folder = options.output or group.module.name .. "_out"
  check_folder(folder, options)
  for _, case in ipairs(group.cases) do
    local place = case.below and folder .. "/" .. case.name or folder
    write(place, cases.evaluate(group.module, case.inputs))
    io.stderr:write(("%s: %s in %s\n"):format(words_of.escape(case.name),
      words_of.count(#group.module:main().returns, "output"), words_of.escape(place)))
  end
end

return {
  about = "evaluates a model on data and writes output_K.npy\n\n"
    .. "The evaluator is the reference that compiled code is compared with, in no hurry.",
  usage = "MODEL|BUILD.lua --data DIR [-o DIR] [OPTIONS]",
  least = 1,
  options = shared.options({
    { "--output", "DIR", "the folder for the outputs (<name>_out)", short = "-o" },
  }, shared.data, shared.reading),
  run = function(words, options)
    if not options.data then failure.raise("usage", "run wants --data DIR") end
    if options.output then check_folder(options.output, options) end
    shared.each_model("run", words, options, function(path, settings)
      for group in cases.groups(path, settings) do evaluate(group, options) end
    end)
  end,
}
