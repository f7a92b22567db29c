--- cases: what a model is run on: inputs, step by step, from a data folder or made up.
--
-- A case is { name, below, inputs, outputs, compare }: `below` tells whether its folder is one of
-- several, `inputs` and `outputs` are lists, one entry a step, of lists of Tensors, `compare` is
-- that of golden.json, or `evaluated` where the numbers are the evaluator's. A group is
-- { module, cases }: sets whose inputs have other shapes need a module of their own where the
-- model leaves extents open.

local dataset = require "aotlua.dataset"
local job = require "aotlua.job"
local samples = require "aotlua.samples"
local words = require "aotlua.import.words"

local M = {}

local STEPS_WITHOUT_DATA = 3 -- of a model that keeps state

local function show(type) return type.dtype .. words.list(type.shape) end

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

local function check_inputs(set, params, tensors)
  check_count(set, "input", #tensors, #params)
  for k, tensor in ipairs(tensors) do
    local have, want = show(tensor.type), show(params[k].type)
    if have ~= want then
      error(("%s: input_%d is %s, the model's input '%s' is %s"):format(set.name, k - 1, have,
        words.escape(params[k].name), want), 0)
    end
  end
end

-- The arrays that are inputs of the module: not those that became constants because shapes
-- depend on them.
local function of_params(module, arrays)
  local fixed, list = {}, {}
  for _, index in ipairs((module:get "source" or {}).fixed or {}) do fixed[index] = true end
  for index, array in ipairs(arrays) do
    if not fixed[index - 1] then list[#list + 1] = array end
  end
  return list
end

local function case_of(module, set, steps)
  local inputs = steps_of(of_params(module, set.inputs), steps)
  check_inputs(set, module:main().params, inputs[1])
  if #set.outputs > 0 then check_count(set, "output", #set.outputs, #module:main().returns) end
  return { name = set.name, below = set.below, inputs = inputs, compare = set.compare,
    outputs = #set.outputs > 0 and steps_of(set.outputs, steps) or nil }
end

-- The sets by the shapes of their inputs, in order: { examples, sets }.
local function by_shape(sets, steps)
  local groups, known = {}, {}
  for _, set in ipairs(sets) do
    local examples, shapes = dataset.step(set.inputs, steps or set.steps, 1), {}
    for i, tensor in ipairs(examples) do shapes[i] = show(tensor.type) end
    local key = table.concat(shapes, " ")
    if not known[key] then
      known[key] = { examples = examples, sets = {} }
      groups[#groups + 1] = known[key]
    end
    table.insert(known[key].sets, set)
  end
  return groups
end

-- Leaves in the group the sets whose numbers agree with its examples where these became constants
-- of the module. Gives a group of the others, nil if there are none.
local function split(group, module, steps)
  local fixed, kept, others = (module:get "source" or {}).fixed or {}, {}, {}
  for _, set in ipairs(group.sets) do
    local numbers, same = dataset.step(set.inputs, steps or set.steps, 1), true
    for _, index in ipairs(fixed) do
      same = same and numbers[index + 1]:equal(group.examples[index + 1])
    end
    table.insert(same and kept or others, set)
  end
  group.sets = kept
  return others[1] and { sets = others,
    examples = dataset.step(others[1].inputs, steps or others[1].steps, 1) }
end

local function copy_with(options, examples)
  local new = { examples = examples }
  for key, value in pairs(options) do new[key] = value end -- order: irrelevant, a copy
  return new
end

--- Iterates over the groups, and their numbers, of the model at `path` on the data in
-- `options.data`, with `options.steps` calls a set (default: as golden.json says); the other
-- options are those of aotlua.job.load. The model takes extents it leaves open, and operands
-- that fix a shape, from the data. Without data: one group, inputs made up. `outputs` is nil
-- where nothing is expected.
function M.groups(path, options)
  local found = options.data and by_shape(dataset.read(options.data), options.steps) or { false }
  local next = 0
  return function()
    next = next + 1
    local group = found[next]
    if group == nil then return nil end
    local module = job.load(path, copy_with(options, group and group.examples or nil))
    local others = group and split(group, module, options.steps)
    if others then table.insert(found, next + 1, others) end
    local cases = group and {} or M.made(module)
    for i, set in ipairs(group and group.sets or {}) do
      cases[i] = case_of(module, set, options.steps or set.steps)
    end
    return { module = module, cases = cases }, next
  end
end

--- Cases of made-up inputs, the same in every run.
function M.made(module)
  local types, cases = {}, {}
  for i, param in ipairs(module:main().params) do types[i] = param.type end
  local steps = #module:states() > 0 and STEPS_WITHOUT_DATA or 1
  for i, set in ipairs(samples.of(types)) do
    local inputs = {}
    for step = 1, steps do inputs[step] = set.inputs end
    cases[i] = { name = set.name, inputs = inputs, compare = { evaluated = true } }
  end
  return cases
end

--- The evaluator's outputs for the steps of inputs, from fresh state, and the numbers of the
-- Values in `watch` (by default none): lists by step.
function M.evaluate(module, inputs, watch)
  local graph, states, outputs, seen = module:main(), nil, {}, {}
  for step, tensors in ipairs(inputs) do
    outputs[step], states, seen[step] = graph:eval(tensors, states, watch)
  end
  return outputs, seen
end

return M
