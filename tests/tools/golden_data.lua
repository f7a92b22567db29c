--- golden_data: the networks beside the repository, judged by their recorded numbers.
local data = require "aot.data"
local import = require "aotlua.import"
local json = require "aot.json"
local npy = require "aotlua.import.npy"

local golden_data = {}

local MODELS = os.getenv "AOT_MODELS" or "../shared/models"

local function read_json(path)
  local view = data.open(path)
  return json.decode(view:string(0, #view))
end

local function read_all(folder, entries)
  local list = {}
  for i, entry in ipairs(entries) do
    list[i] = npy.read(folder .. "/" .. entry.file)
  end
  return list
end

--- Where a file of the networks is, or nil and a line that says it is missing.
function golden_data.find(file)
  local path = MODELS .. "/" .. file
  local found <close> = io.open(path, "rb")
  if not found then
    return nil, "no " .. path
  end
  return path
end

-- The tensors of one step of a set: whole files, or one entry of their leading axis.
local function step_of(tensors, steps, step)
  if steps == 1 then
    return tensors
  end
  local list = {}
  for i, tensor in ipairs(tensors) do
    list[i] = tensor:rows(step, 1):reshape({ table.unpack(tensor.type.shape, 2) })
  end
  return list
end

local function initial_states(module)
  local list = {}
  for i, state in ipairs(module:states()) do
    list[i] = state.data
  end
  return list
end

local function check_outputs(results, wanted, tolerance, where)
  assert(#wanted == #results, where)
  for k, want in ipairs(wanted) do
    local found = results[k]:compare(want, tolerance)
    if not found.equal then
      error(("%s output %d: %d differ, by at most %s"):format(where, k - 1, found.count_bad,
        found.worst_abs), 0)
    end
  end
end

--- Imports the model at `path` and evaluates it on at most `most` sets of `file`'s golden data,
-- a model with state step by step from a fresh one.
-- Fails if an output differs by more than golden.json allows.
function golden_data.check(path, file, most)
  local module = import.load(path)
  module:verify()
  module:infer()
  local folder = MODELS .. "/golden/" .. file
  local golden = read_json(folder .. "/golden.json")
  local tolerance = { atol = golden.compare.atol or 0, rtol = golden.compare.rtol or 0 }
  for i = 1, math.min(#golden.sets, most or #golden.sets) do
    local set = golden.sets[i]
    local where = folder .. "/" .. set.dir
    local inputs, wanted = read_all(where, set.inputs), read_all(where, set.outputs)
    local states = initial_states(module)
    for step = 1, golden.steps do
      local results, after = module:main():eval(step_of(inputs, golden.steps, step), states)
      check_outputs(results, step_of(wanted, golden.steps, step), tolerance, where)
      states = after
    end
  end
end

return golden_data
