--- models: whole networks agree with their data on other machines.

local cross = require "tests.tools.cross"
local models = require "tests.tools.models"

local TARGETS = {
  "cortex_m0plus", "cortex_m3", "cortex_m4", "cortex_m7", "cortex_m33", "cortex_m55", "aarch64",
  "riscv64",
}

-- The networks of each target; the examples' are for all.
local MICRO = {
  "hello_world_fp32.tflite", "hello_world_int8.tflite", "micro_speech_int8.tflite",
  "mlperf_ic_int8.tflite", "mlperf_kws_fp32.onnx", "mlperf_kws_int8.tflite",
  "mww_vad_int8.tflite", "person_detect_int8.tflite",
}
local NETWORKS = {
  cortex_m0plus = { "mlperf_kws_int8.tflite" }, cortex_m4 = MICRO, cortex_m55 = MICRO,
  aarch64 = { "mlperf_kws_fp32.onnx" }, riscv64 = { "mlperf_kws_fp32.onnx" },
}

local function is_wanted(target, model)
  if model.name:find "^digits_" then return true end
  for _, name in ipairs(NETWORKS[target] or {}) do
    if name == model.name then return true end
  end
  return false
end

local list, without = models.list { all = true }

local function describe_target(target)
  local missing = cross.missing(target)
  if missing then
    it("has what it takes", function() pending(missing) end)
    return
  end
  for _, model in ipairs(list) do
    if is_wanted(target, model) then
      it("gives the numbers of " .. model.name, function()
        local words = { "verify", model.path, "--target", target }
        models.must(table.move(model.data, 1, #model.data, #words + 1, words))
      end)
    end
  end
end

describe("networks", function()
  if without then it("of all kinds", function() pending(without) end) end
  for _, target in ipairs(TARGETS) do
    describe("on " .. target, function() describe_target(target) end)
  end
end)
