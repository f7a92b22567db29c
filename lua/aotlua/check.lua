--- check: evaluates a model before and after each pass, and holds every pass to its promise.

local cases = require "aotlua.cases"
local job = require "aotlua.job"
local judge = require "aotlua.judge"
local progress = require "aotlua.progress"

local M = {}

-- Lines about the outputs of one case that moved further than promised; `worst` is noted.
local function complaints(case, pass, numbers)
  local lines, changes = {}, pass.changes or "nothing"
  for step, outputs in ipairs(numbers.before) do
    for k, before in ipairs(outputs) do
      local after, allowed = numbers.after[step][k], judge.tolerance(changes, before)
      local found = judge.compare(judge.plain(after), judge.plain(before), {}, allowed)
      numbers.worst = math.max(numbers.worst or 0, found.worst_abs or 0)
      if not found.equal then
        lines[#lines + 1] = ("  %s: output_%d, step %d: %s"):format(case.name, k - 1, step,
          found.problem)
      end
    end
  end
  return lines
end

-- Evaluates all cases after a pass, says how it went, and returns whether it kept its word.
local function judge_pass(run, pass, module)
  local lines, worst = {}, 0
  for _, case in ipairs(run.cases) do
    progress.show(("evaluating %s after %s"):format(case.name, pass.name))
    local numbers = { before = run.numbers[case], after = cases.evaluate(module, case.inputs) }
    local more = complaints(case, pass, numbers)
    table.move(more, 1, #more, #lines + 1, lines)
    run.numbers[case], worst = numbers.after, math.max(worst, numbers.worst or 0)
  end
  progress.clear()
  run.say(("%s: %s, %s"):format(pass.name, #lines == 0 and "ok"
    or ("DIFFERENT, its promise is %s"):format(judge.show(pass.changes or "nothing")),
    worst == 0 and "no change" or ("largest change %.3g"):format(worst)))
  for _, line in ipairs(lines) do run.say(line) end
  return #lines == 0
end

--- Runs the target's pipeline on the module and evaluates `run.cases` before and after each
-- pass; `run.say` is called with each line of the result. `options`: those of job.lower.
-- Returns whether all passes changed no more than they promise.
function M.module(module, target, run, options)
  local all_right = true
  run.numbers = {}
  for _, case in ipairs(run.cases) do
    run.numbers[case] = cases.evaluate(module, case.inputs)
  end
  local watched = {}
  for key, value in pairs(options) do watched[key] = value end -- order: irrelevant, a copy
  function watched.watch(pass, now)
    all_right = judge_pass(run, pass, now) and all_right
  end
  job.lower(module, target, watched)
  return all_right
end

--- Checks the passes on the model at `path`; `options`: those of aotlua.cases and aotlua.job.
function M.run(path, options, say)
  local all_right = true
  for group in cases.groups(path, options) do
    local target = job.target_of(group.module, options)
    local run = { cases = group.cases, say = say }
    all_right = M.module(group.module, target, run, options) and all_right
  end
  return all_right
end

return M
