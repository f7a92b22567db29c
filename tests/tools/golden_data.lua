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

--- Imports the model at `path` and evaluates it on at most `most` sets of `file`'s golden data.
-- Fails if an output differs by more than golden.json allows, or where the arg-max differs.
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
    local results = module:main():eval(read_all(where, set.inputs))
    local wanted = read_all(where, set.outputs)
    assert(#wanted == #results, where)
    for k, want in ipairs(wanted) do
      local found = results[k]:compare(want, tolerance)
      if not found.equal then
        error(("%s output %d: %d differ, by at most %s"):format(where, k - 1, found.count_bad,
          found.worst_abs), 0)
      end
    end
  end
end

return golden_data
