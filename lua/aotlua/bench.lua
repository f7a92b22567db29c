--- bench: times a compiled model on the target's runner.

local cases = require "aotlua.cases"
local harness = require "aotlua.harness"
local job = require "aotlua.job"
local progress = require "aotlua.progress"
local metadata = require "aotlua.metadata"

local M = {}

-- The numbers that the program wrote, sorted.
local function read_times(view)
  local times = {}
  for line in view:string(0, #view):gmatch "[^\n]+" do times[#times + 1] = tonumber(line) end
  table.sort(times)
  return times
end

local function median(times)
  local middle = #times // 2
  return #times % 2 == 1 and times[middle + 1] or (times[middle] + times[middle + 1]) / 2
end

--- Compiles the model at `path`, builds it with the target's flags and times calls on random
-- inputs. `options`: those of aotlua.job, and `runs` (nil: for up to three seconds).
-- Returns { model, target, runs, min_us, median_us }, microseconds a call, and its MACs.
function M.run(path, options)
  local module, target = job.compile(path, options)
  local folder <close> = harness.folder()
  progress.show "compiling C"
  local built = harness.build(module, target, { files = job.files(module, target),
    folder = folder.path, kind = "measure" })
  progress.show "timing"
  local written = harness.execute(built, cases.made(module)[1].inputs, options.runs or 0)
  progress.clear()
  local times = read_times(written)
  return {
    model = module.name, target = target.name, runs = #times, min_us = times[1],
    median_us = median(times),
  }, metadata.of(module, target).macs
end

return M
