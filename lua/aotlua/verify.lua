--- verify: compiles a model, builds it with strict flags, runs it, and compares its numbers with
--- given data or with the evaluator.

local cc = require "aotlua.cc"
local dataset = require "aotlua.dataset"
local harness = require "aotlua.harness"
local job = require "aotlua.job"
local judge = require "aotlua.judge"
local samples = require "aotlua.samples"
local system = require "aot.system"
local words = require "aotlua.import.words"

local M = {}

local SANITIZERS = { "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all" }

local STEPS_WITHOUT_DATA = 3 -- of a model that keeps state

-- The steps of a set as lists of tensors.
local function steps_of(arrays, steps)
  local list = {}
  for step = 1, steps or 1 do list[step] = dataset.step(arrays, steps, step) end
  return list
end

local function check_count(set, what, have, want)
  if have ~= want then
    error(("%s: the data has %s, the model %s"):format(set.name, words.count(have, what),
      words.count(want, what)), 0)
  end
end

local function check_inputs(set, params, steps)
  check_count(set, "input", #set.inputs, #params)
  for k, tensor in ipairs(steps[1] or {}) do
    local have, want = tensor.type, params[k].type
    if have.dtype ~= want.dtype or words.list(have.shape) ~= words.list(want.shape) then
      error(("%s: input_%d is %s%s, the model's input is %s%s"):format(set.name, k - 1,
        have.dtype, words.list(have.shape), want.dtype, words.list(want.shape)), 0)
    end
  end
end

-- The evaluator's outputs for the steps of inputs, from fresh state.
local function evaluate(module, inputs)
  local graph, states, outputs = module:main(), nil, {}
  for step, tensors in ipairs(inputs) do
    outputs[step], states = graph:eval(tensors, states)
  end
  return outputs
end

-- The sets to judge by: { name, inputs, outputs (lists a step), compare }.
local function read_cases(module, options)
  local cases = {}
  for i, set in ipairs(dataset.read(options.data)) do
    local steps = options.steps or set.steps
    local inputs = steps_of(set.inputs, steps)
    check_inputs(set, module:main().params, inputs)
    check_count(set, "output", #set.outputs, #module:main().returns)
    cases[i] = { name = set.name, inputs = inputs, outputs = steps_of(set.outputs, steps),
      compare = set.compare }
  end
  return cases
end

local function make_cases(module)
  local types, cases = {}, {}
  for i, param in ipairs(module:main().params) do types[i] = param.type end
  local steps = #module:states() > 0 and STEPS_WITHOUT_DATA or 1
  for i, set in ipairs(samples.of(types)) do
    local inputs = {}
    for step = 1, steps do inputs[step] = set.inputs end
    cases[i] = { name = set.name, inputs = inputs, outputs = evaluate(module, inputs),
      compare = {} }
  end
  return cases
end

-- The worst comparison over all steps, one an output.
local function compare_case(case, got, options)
  local worst = {}
  for step, outputs in ipairs(case.outputs) do
    for k, want in ipairs(outputs) do
      local found = judge.compare(got[step][k], want, case.compare, options)
      found.step, found.dtype = step, want.type.dtype
      local before = worst[k]
      if not before or (before.equal and not found.equal)
          or before.equal == found.equal and (found.worst_abs or 0) > (before.worst_abs or 0) then
        worst[k] = found
      end
    end
  end
  return worst
end

--- Verifies the model at `path`. `options`: those of aotlua.job, and `data` (a folder; nil:
-- samples judged by the evaluator), `steps`, `rtol`, `atol`, `sanitize`, `keep` (a folder for
-- what is built), `say` (called with each line of the result). Returns whether all is equal.
function M.run(path, options)
  local folder = options.keep or system.temporary_folder()
  local _ <close> = setmetatable({}, { __close = function()
    if not options.keep then system.remove(folder) end
  end })
  if options.keep then system.make_folders(folder) end
  local module = job.load(path, options)
  local cases = options.data and read_cases(module, options) or make_cases(module)
  local target = job.target(options.target or module:get "target" or "c", options)
  if options.sanitize then options.set.arena = "separate" end
  job.lower(module, target, options)
  local flags = table.move(cc.strict, 1, #cc.strict, 1, {})
  if options.sanitize then table.move(SANITIZERS, 1, #SANITIZERS, #flags + 1, flags) end
  local built = harness.build(module, target, job.files(module, target), folder, flags)
  local all_equal = true
  for _, case in ipairs(cases) do
    local got = harness.run(built, case.inputs)
    for k, found in ipairs(compare_case(case, got, options)) do
      local where = ("%s: output_%d"):format(case.name, k - 1)
      if #case.inputs > 1 then where = ("%s, step %d"):format(where, found.step) end
      options.say(("%s: %s, %s"):format(where, found.equal and "ok" or "DIFFERENT",
        judge.describe(found, found.dtype)))
      if not found.equal then options.say("  " .. found.problem) end
      all_equal = all_equal and found.equal
    end
  end
  return all_equal
end

return M
