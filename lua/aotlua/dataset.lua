--- dataset: folders of inputs and expected outputs.
--
-- A set is a folder with input_K and output_K (.npy, or .pb as in the ONNX test suite), K from 0
-- in the model's order. A golden.json in it or above it says how to compare, and how many steps
-- the leading dimension of every array counts (models that keep state).

local data = require "aot.data"
local failure = require "aotlua.failure"
local json = require "aotlua.json"
local judge = require "aotlua.judge"
local npy = require "aotlua.import.npy"
local pb_data = require "aotlua.import.pb_data"
local system = require "aot.system"
local words = require "aotlua.import.words"

local M = {}

local function read_pb(path)
  local view = data.open(path)
  local ok, tensor = pcall(pb_data.read, view)
  if not ok then error(failure.prefixed(words.escape(path) .. ": ", tensor), 0) end
  return tensor
end

-- The arrays role_0, role_1, ... of a folder, up to the first number that is not there.
local function read_arrays(folder, role)
  local list = {}
  for k = 0, math.huge do
    local stem = ("%s/%s_%d"):format(folder, role, k)
    local read = system.kind(stem .. ".npy") and npy.read or read_pb
    local path = stem .. (read == npy.read and ".npy" or ".pb")
    if not system.kind(path) then return list end
    list[k + 1] = failure.within("io", read, path)
  end
end

local function is_tolerance(x) return x == nil or type(x) == "number" and x >= 0 end

-- What is wrong with the contents of a golden.json, or nil.
local function problem_of(golden)
  local compare = type(golden) == "table" and (golden.compare or {})
  if type(compare) ~= "table" or type(golden.sets) ~= "table" then
    return "an object with 'sets' and 'compare' is wanted"
  elseif compare.mode ~= nil and not judge.modes[compare.mode] then
    return ("there is no mode %s"):format(words.quote(tostring(compare.mode)))
  elseif not is_tolerance(compare.rtol) or not is_tolerance(compare.atol) then
    return "rtol and atol are numbers from 0 on"
  elseif golden.steps and (math.type(golden.steps) ~= "integer" or golden.steps < 1) then
    return "steps is a whole number from 1 on"
  end
  for i, set in ipairs(golden.sets) do
    local name = type(set) == "table" and set.dir
    if type(name) ~= "string" or not name:find "^[%w_-]+$" then
      return ("entry %d of 'sets' names no folder below it"):format(i)
    end
  end
end

-- The contents of a folder's golden.json; nil where there is none.
local function read_golden(folder)
  local path = folder .. "/golden.json"
  if system.kind(path) ~= "file" then return nil end
  return failure.within("io", function()
    local view = data.open(path)
    local ok, golden = pcall(json.decode, view:string(0, #view))
    local why = not ok and golden or problem_of(golden)
    if why then error(failure.prefixed(words.escape(path) .. ": ", why), 0) end
    return golden
  end)
end

-- The names of the sets below a folder: those golden.json lists, else test_data_set_0, ...
local function set_names(folder, golden)
  local names = {}
  for i, set in ipairs(golden and golden.sets or {}) do names[i] = set.dir end
  while not golden and system.kind(("%s/test_data_set_%d"):format(folder, #names)) do
    names[#names + 1] = ("test_data_set_%d"):format(#names)
  end
  return names
end

-- One set; `compare` and `steps` are golden.json's.
local function read_set(folder, name, golden)
  return {
    name = name, inputs = read_arrays(folder, "input"), outputs = read_arrays(folder, "output"),
    compare = golden and golden.compare or {}, steps = golden and golden.steps or nil,
  }
end

--- Reads the set in `folder`, or all sets below it: { name, below (whether it is one of these),
-- inputs, outputs (Tensors), compare, steps or nil }. Raises an I/O failure if there is none.
function M.read(folder)
  if system.kind(folder) ~= "folder" then
    failure.raise("io", "%s: no such folder", words.escape(folder))
  end
  local has_arrays = system.kind(folder .. "/input_0.npy") or system.kind(folder .. "/input_0.pb")
    or system.kind(folder .. "/output_0.npy") or system.kind(folder .. "/output_0.pb")
  if has_arrays then
    local golden = read_golden(folder) or read_golden(folder .. "/..")
    return { read_set(folder, folder:match "([^/]*)/*$", golden) }
  end
  local golden, sets = read_golden(folder), {}
  for i, name in ipairs(set_names(folder, golden)) do
    sets[i] = read_set(folder .. "/" .. name, name, golden)
    sets[i].below = true
  end
  if #sets == 0 then
    failure.raise("io", "%s: there is no input_0.npy or .pb, and no set below it",
      words.escape(folder))
  end
  return sets
end

--- The arrays of step `index` (from 1) of a set that has steps, else the arrays themselves.
-- Raises an error if an array has no leading dimension of `steps`.
function M.step(arrays, steps, index)
  if not steps or steps == 1 then return arrays end
  local list = {}
  for i, array in ipairs(arrays) do
    if array.type.shape[1] ~= steps then
      error(("array %d of the data is %s%s, without a leading dimension of %d steps"):format(
        i - 1, array.type.dtype, words.list(array.type.shape), steps), 0)
    end
    local shape = table.move(array.type.shape, 2, #array.type.shape, 1, {})
    list[i] = array:rows(index, 1):reshape(shape)
  end
  return list
end

return M
