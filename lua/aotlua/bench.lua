--- bench: times a compiled model on the target's runner, or counts its instructions.
--
-- An emulator tells no time that says something of the machine. One whose target says `clock =
-- "instructions"` lets a nanosecond pass with each instruction.

local cases = require "aotlua.cases"
local harness = require "aotlua.harness"
local job = require "aotlua.job"
local json = require "aot.json"
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
-- inputs. `options`: those of aotlua.job, and `runs` (nil: for up to three seconds, or one where
-- instructions are counted: all have as many).
-- Returns { model, target, runs, min_us, median_us }, microseconds a call, with `instructions` of
-- a call in the place of both times where these are counted; and the MACs of a call.
function M.run(path, options)
  local module, target = job.compile(path, options)
  local folder <close> = harness.folder()
  local counts = target.cc.clock == "instructions"
  progress.show "compiling C"
  local built = harness.build(module, target, { files = job.files(module, target),
    folder = folder.path, kind = "measure" })
  progress.show(counts and "counting" or "timing")
  local written = harness.execute(built, cases.made(module)[1].inputs,
    options.runs or counts and 1 or 0)
  progress.clear()
  local times = read_times(written)
  local result = { model = module.name, target = target.name, runs = #times }
  if counts then
    result.min_us, result.median_us = json.null, json.null
    result.instructions = math.floor(1000 * median(times) + 0.5)
  else
    result.min_us, result.median_us = times[1], median(times)
  end
  return result, metadata.of(module, target).macs
end

return M
