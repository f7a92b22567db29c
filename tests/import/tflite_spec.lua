--- tflite_spec: TFLite models give the numbers that the reference gives.
--
-- The networks and their golden data lie beside the repository; without them the spec says so.

local golden_data = require "tests.tools.golden_data"

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

describe("TFLite models", function()
  for _, case in ipairs(CASES) do
    it("agree with the reference: " .. case[1], function()
      local file = case[1] .. ".tflite"
      local path, missing = golden_data.find(file)
      if not path then
        pending(missing)
        return
      end
      golden_data.check(path, file, case[2])
    end)
  end
end)
