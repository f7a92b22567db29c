--- tflite_spec: TFLite models give the numbers that the reference gives.
--
-- The networks and their golden data lie beside the repository; without them the spec says so.

local import = require "aotlua.import"
local data = require "aot.data"
local json = require "aot.json"
local npy = require "aotlua.import.npy"

local MODELS = (os.getenv "AOT_MODELS" or "../shared/models")

-- What is evaluated: file -> number of golden sets (nil: all of them).
local CASES = {
  { "hello_world_fp32" }, { "hello_world_int8" }, { "simple_add_int8" }, { "micro_speech_int8" },
  { "mlperf_kws_int8" }, { "mlperf_kws_fp32" }, { "mlperf_kws_dynrange" },
  { "mlperf_ic_int8", 1 }, { "mlperf_ic_fp32", 1 }, { "mlperf_vww_int8", 1 },
  { "mlperf_vww_fp32", 1 }, { "mlperf_ad_int8" }, { "mlperf_ad_fp32" }, { "mlperf_sww_int8" },
  { "person_detect_int8", 1 }, { "mobilenet_v1_0.25_128_uint8", 1 },
  { "mobilenet_v2_1.0_224_int8", 1 }, { "magic_wand_fp32" },
  { "mnist_cnn_int8" }, { "mnist_cnn_fp32" }, { "mww_okay_nabu_v2_int8" },
  { "mww_vad_int8" },
}

local function read_json(path)
  local view = data.open(path)
  return json.decode(view:string(0, #view))
end

local function exists(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil
end

-- The tensors of one step of a set: whole files, or one entry of their leading axis.
local function step_of(tensors, golden, step)
  if golden.steps == 1 then return tensors end
  local list = {}
  for i, tensor in ipairs(tensors) do
    local shape = table.move(tensor.type.shape, 2, #tensor.type.shape, 1, {})
    list[i] = tensor:rows(step, 1):reshape(shape)
  end
  return list
end

local function read_all(folder, entries)
  local list = {}
  for i, entry in ipairs(entries) do list[i] = npy.read(folder .. "/" .. entry.file) end
  return list
end

local function initial_states(module)
  local list = {}
  for i, state in ipairs(module:states()) do list[i] = state.data end
  return list
end

local function plain(tensor)
  return tensor:with_type { dtype = tensor.type.dtype, shape = tensor.type.shape }
end

local function check_set(module, golden, set, folder)
  local inputs, outputs = read_all(folder, set.inputs), read_all(folder, set.outputs)
  local compare, states = golden.compare, initial_states(module)
  local tolerance = { atol = compare.atol or 0, rtol = compare.rtol or 0 }
  for step = 1, golden.steps do
    local results
    results, states = module:main():eval(step_of(inputs, golden, step), states)
    local expected = step_of(outputs, golden, step)
    assert.equal(#expected, #results)
    for k, want in ipairs(expected) do
      local found = plain(results[k]):compare(want, tolerance)
      assert(found.equal, string.format("%s step %d output %d: %d differ, by at most %s", folder,
        step, k - 1, found.count_bad, found.worst_abs))
    end
  end
end

describe("TFLite models", function()
  for _, case in ipairs(CASES) do
    local name, most = case[1], case[2]
    it("agree with the reference: " .. name, function()
      local path = string.format("%s/%s.tflite", MODELS, name)
      if not exists(path) then
        pending("no " .. path)
        return
      end
      local module = import.load(path)
      module:verify()
      module:infer()
      local folder = string.format("%s/golden/%s.tflite", MODELS, name)
      local golden = read_json(folder .. "/golden.json")
      for i, set in ipairs(golden.sets) do
        if not most or i <= most then
          check_set(module, golden, set, folder .. "/" .. set.dir)
        end
      end
    end)
  end
end)
