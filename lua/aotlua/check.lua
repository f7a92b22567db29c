--- check: evaluates a model before and after each pass, and holds every pass to its promise.

local cases = require "aotlua.cases"
local failure = require "aotlua.failure"
local ir = require "aot.ir"
local job = require "aotlua.job"
local judge = require "aotlua.judge"
local progress = require "aotlua.progress"
local text = require "aotlua.text"
local types = require "aotlua.types"
local words = require "aotlua.import.words"

local M = {}

local watched_bytes = 256 << 20 -- beyond it, only outputs are compared

-- What numbers depend on --------------------------------------------------------------------------

local attributes = {}
for _, op in ipairs(ir.ops()) do attributes[op.name] = op.attributes end

local function show(x)
  if type(x) ~= "table" then return math.type(x) == "float" and ("%a"):format(x) or tostring(x) end
  local shown = {}
  for i, item in ipairs(x) do shown[i] = show(item) end
  return ("[%s]"):format(table.concat(shown, " "))
end

local function add_ids(parts, values)
  for _, value in ipairs(values) do parts[#parts + 1] = value and value.id or "_" end
end

-- All that the evaluator reads of a module: where this stays the same, numbers do. Data are never
-- changed in place, so that a constant is its id.
local function fingerprint(module)
  local parts = {}
  for _, list in ipairs { module:consts(), module:states() } do add_ids(parts, list) end
  for _, graph in ipairs(module:graphs()) do
    parts[#parts + 1] = graph.name
    add_ids(parts, graph.params)
    for node in graph:nodes() do
      parts[#parts + 1] = node.op
      parts[#parts + 1] = node.body and node.body.name
      add_ids(parts, node.inputs)
      for _, name in ipairs(attributes[node.op]) do parts[#parts + 1] = show(node:get(name)) end
      for _, output in ipairs(node.outputs) do parts[#parts + 1] = text.show_type(output.type) end
    end
    add_ids(parts, graph.returns)
    for _, pair in ipairs(graph.next) do add_ids(parts, { pair.state, pair.value }) end
  end
  return table.concat(parts, " ")
end

-- Numbers -----------------------------------------------------------------------------------------

-- The values of @main that nodes compute, in order; none where their numbers take too much room.
local function watched(module, count)
  local values, bytes = {}, 0
  for node in module:main():nodes() do
    for _, output in ipairs(node.outputs) do
      values[#values + 1] = output
      bytes = bytes + types.bytes(output.type) * count
    end
  end
  return bytes <= watched_bytes and values or {}
end

-- The outputs of a case, by step, and the numbers of values: lists by step, by name.
local function evaluate(module, case, count)
  local values, seen = watched(module, count), {}
  local outputs, tensors = cases.evaluate(module, case.inputs, values)
  for i, value in ipairs(values) do
    seen[value.name] = {}
    for step in ipairs(outputs) do seen[value.name][step] = tensors[step][i] end
  end
  return { outputs = outputs, seen = seen, values = values }
end

local function compare(changes, before, after)
  local allowed = judge.tolerance(changes, before)
  return judge.compare(judge.plain(after), judge.plain(before), {}, allowed)
end

-- The first value whose numbers are others than those it had by this name, in words.
local function first_moved(changes, before, after)
  for _, value in ipairs(after.values) do
    for step, was in ipairs(before.seen[value.name] or {}) do
      local is = after.seen[value.name][step]
      local found = compare(changes, was, is)
      if not found.equal and found.worst_abs then
        return ("  the first value that changed is %%%s (%s), step %d: %s"):format(
          value.name, value.node.op, step, found.problem)
      end
    end
  end
end

-- Lines about the outputs of one case that moved further than promised, and the largest change.
local function complaints(case, changes, before, after)
  local lines, worst = {}, 0
  for step, outputs in ipairs(before.outputs) do
    if #after.outputs[step] ~= #outputs then
      return { ("  %s: it gives %s, not %d"):format(case.name,
        words.count(#after.outputs[step], "output"), #outputs) }, worst
    end
    for k, was in ipairs(outputs) do
      local found = compare(changes, was, after.outputs[step][k])
      worst = math.max(worst, found.worst_abs or 0)
      if not found.equal then
        lines[#lines + 1] = ("  %s: output_%d, step %d: %s"):format(case.name, k - 1, step,
          found.problem)
      end
    end
  end
  if #lines > 0 then lines[#lines + 1] = first_moved(changes, before, after) end
  return lines, worst
end

-- Passes ------------------------------------------------------------------------------------------

-- Evaluates all cases after a pass that changed something. Returns complaints and the largest
-- change.
local function judge_numbers(run, pass, module)
  local lines, worst = {}, 0
  for _, case in ipairs(run.cases) do
    progress.show(("evaluating %s after %s"):format(case.name, pass.name))
    local ok, after = pcall(evaluate, module, case, run.count)
    if not ok then
      local what = ("after pass %s the model cannot be evaluated: "):format(pass.name)
      error(failure.prefixed(what, after), 0)
    end
    local more, change = complaints(case, pass.changes or "nothing", run.numbers[case], after)
    table.move(more, 1, #more, #lines + 1, lines)
    run.numbers[case], worst = after, math.max(worst, change)
  end
  progress.clear()
  return lines, worst
end

-- Says how a pass kept its promise, and returns whether it did.
local function judge_pass(run, pass, module)
  local now = fingerprint(module)
  local lines, worst = {}, 0
  if now ~= run.fingerprint then lines, worst = judge_numbers(run, pass, module) end
  run.fingerprint = now
  run.say(("%s: %s, %s"):format(pass.name, #lines == 0 and "ok"
    or ("DIFFERENT, its promise is %s"):format(judge.show(pass.changes or "nothing")),
    worst == 0 and "no change" or ("largest change %.3g"):format(worst)))
  for _, line in ipairs(lines) do run.say(line) end
  return #lines == 0
end

local function count_steps(list)
  local count = 0
  for _, case in ipairs(list) do count = count + #case.inputs end
  return count
end

--- Runs the target's pipeline on the module and evaluates `run.cases` before and after each pass
-- that changes what is computed; `run.say` is called with each line of the result. `options`:
-- those of job.lower. Returns whether all passes changed no more than they promise.
function M.module(module, target, run, options)
  local all_right = true
  run.numbers, run.count, run.fingerprint = {}, count_steps(run.cases), fingerprint(module)
  for _, case in ipairs(run.cases) do
    run.numbers[case] = evaluate(module, case, run.count)
  end
  local observed = {}
  for key, value in pairs(options) do observed[key] = value end -- order: irrelevant, a copy
  function observed.watch(pass, now)
    all_right = judge_pass(run, pass, now) and all_right
  end
  job.lower(module, target, observed)
  return all_right
end

--- Checks the passes on the model at `path`; `options`: those of aotlua.cases and aotlua.job.
function M.run(path, options, say)
  local all_right = true
  for group in cases.groups(path, options) do
    local target = job.target_of(group.module, options)
    local run = { cases = group.cases, say = say }
    say(("%s for %s"):format(group.module.name, target.name))
    all_right = M.module(group.module, target, run, options) and all_right
  end
  return all_right
end

return M
