--- verify: compiles a model, builds it with strict flags, runs it, and compares its numbers with
--- given data or with the evaluator.

local cases = require "aotlua.cases"
local cc = require "aotlua.cc"
local harness = require "aotlua.harness"
local job = require "aotlua.job"
local judge = require "aotlua.judge"
local layers = require "aotlua.layers"
local offload = require "aotlua.offload"
local system = require "aot.system"
local words = require "aotlua.import.words"

local M = {}

-- The frames that sanitizers make say nothing of the code's own.
local SANITIZERS = {
  "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-Wno-frame-larger-than",
}

local function is_worse(found, before)
  if found.equal ~= before.equal then return before.equal end
  return (found.worst_abs or 0) > (before.worst_abs or 0)
end

-- The worst comparison over all steps, one an output.
local function compare_steps(case, got, options)
  local worst = {}
  for step, outputs in ipairs(case.outputs) do
    for k, want in ipairs(outputs) do
      local found = judge.compare(got[step][k], want, case.compare, options)
      found.step, found.dtype = step, want.type.dtype
      if not worst[k] or is_worse(found, worst[k]) then worst[k] = found end
    end
  end
  return worst
end

-- Runs one case, says how each output compares, and returns whether all are equal.
local function judge_case(built, case, options)
  local all_equal = true
  local got = built.layers and built.layers:run(built, case) or harness.run(built, case.inputs)
  for k, found in ipairs(compare_steps(case, got, options)) do
    local where = ("%s: output_%d"):format(case.name, k - 1)
    if #case.inputs > 1 then
      where = ("%s, %s"):format(where, found.equal and #case.inputs .. " steps"
        or "step " .. found.step)
    end
    options.say(("%s: %s, %s"):format(where, found.equal and "ok" or "DIFFERENT",
      judge.describe(found, found.dtype)))
    if not found.equal then options.say("  " .. found.problem) end
    all_equal = all_equal and found.equal
  end
  return all_equal
end

local function build(module, folder, options)
  local is_open = not (module:get "interface" or {}).arena -- its interface can be chosen
  if options.per_layer and is_open then
    options.calls, options.set.files = "unpacked", options.set.files and "split"
  end
  local target = job.target_of(module, options)
  job.lower(module, target, options)
  local flags = table.move(cc.strict, 1, #cc.strict, 1, {})
  if options.sanitize then table.move(SANITIZERS, 1, #SANITIZERS, #flags + 1, flags) end
  local looked_at = options.per_layer and layers.new(module, target, options)
  local files = job.files(module, target)
  local built = harness.build(module, target, {
    files = looked_at and looked_at:instrument(files) or files, folder = folder, flags = flags,
    kind = looked_at and "layers",
  })
  built.layers, built.loose = looked_at, offload.count_loose(module:main(), target)
  return built
end

-- Whether all cases of a group come out right; what they are judged by is computed from the
-- module as it was imported, before any pass.
local function verify_group(group, folder, options)
  for _, case in ipairs(group.cases) do
    if not options.data then case.outputs = cases.evaluate(group.module, case.inputs) end
    if not case.outputs then error(case.name .. ": there is no output_0.npy or .pb", 0) end
  end
  local built, all_equal = build(group.module, folder, options), true
  for _, case in ipairs(group.cases) do
    all_equal = judge_case(built, case, options) and all_equal
  end
  if not all_equal and not built.layers and built.loose > 0 then
    options.say(("%s of accelerators promised to be close, not exact: --per-layer judges each by "
      .. "its promise, --atol the whole"):format(words.count(built.loose, "operator")))
  end
  return (not built.layers or built.layers:report(options.say)) and all_equal
end

--- Verifies the model at `path`. `options`: those of aotlua.job, and `data` (a folder; nil:
-- samples judged by the evaluator), `steps`, `rtol`, `atol`, `sanitize`, `keep` (a folder for
-- what is built), `per_layer` (also judges each operator by itself), `say` (called with each line
-- of the result). Returns whether all is equal.
function M.run(path, options)
  local folder <close> = harness.folder(options.keep)
  if options.sanitize then options.set.arena = "separate" end
  local all_equal = true
  for group, number in cases.groups(path, options) do
    local place = ("%s/%d"):format(folder.path, number)
    system.make_folders(place)
    all_equal = verify_group(group, place, options) and all_equal
  end
  return all_equal
end

return M
