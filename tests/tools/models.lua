--- models: the networks that whole-model specs run over: the examples', and those beside the
--- repository where they are.

local data = require "aot.data"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"

local models = {}

local FOLDER = os.getenv "AOT_MODELS" or "../shared/models"
local FILLED = program.root .. "/build/models" -- networks whose weights are made, not stored

-- Whether every model is wanted, or only those that are small.
models.all = os.getenv "AOT_TESTS" == "all"

-- Networks that must pass. The first ones stand for their kinds and are always taken, the
-- others only on demand: an int8 network, one that keeps state, another layout, ...
local FEW = {
  "hello_world_int8.tflite", "mlperf_kws_int8.tflite", "mww_vad_int8.tflite",
  "mlperf_kws_fp32.onnx", "mlperf_kws_qdq.onnx",
}
local MORE = {
  "hello_world_fp32.tflite", "mlperf_ad_fp32.onnx", "mlperf_ad_fp32.tflite",
  "mlperf_ad_int8.tflite", "mlperf_ic_fp32.onnx", "mlperf_ic_fp32.tflite",
  "mlperf_ic_int8.tflite", "mlperf_ic_qdq.onnx", "mlperf_kws_dynrange.tflite",
  "mlperf_kws_fp32.tflite", "mlperf_sww_int8.tflite", "mlperf_vww_fp32.onnx",
  "mlperf_vww_fp32.tflite", "mlperf_vww_int8.tflite", "mlperf_vww_qdq.onnx", "mnist_8.onnx",
  "mww_okay_nabu_v2_int8.tflite", "person_detect_int8.tflite",
  "magic_wand_fp32.tflite", "micro_speech_int8.tflite", "mnist_cnn_fp32.tflite",
  "mnist_cnn_int8.tflite", "mobilenet_v1_0.25_128_fp32.onnx",
  "mobilenet_v1_0.25_128_uint8.tflite", "mobilenet_v2_1.0_224_int8.tflite",
  "mobilenet_v2_1.0_224_qdq.onnx", "mobilenet_v2_1.0_224_wq8_fp32.onnx",
  "shufflenet_v2_12_int8.onnx", "simple_add_int8.tflite",
}
local LARGE = { "resnet50" }

-- The smallest by bytes, of all kinds: convolutions, recurrences, state, integers and floats.
local SMALLEST = {
  "simple_add_int8.tflite", "hello_world_int8.tflite", "hello_world_fp32.tflite",
  "mnist_cnn_int8.tflite", "mnist_cnn_fp32.tflite", "mnist_lstm_int8.tflite",
  "micro_speech_int8.tflite", "magic_wand_fp32.tflite", "syn_gru_tagger.onnx", "syn_tcn.onnx",
}

-- Networks that leave extents open, so that they want data.
local OPEN = { ["silero_vad.onnx"] = true, ["silero_vad_v3_micro.onnx"] = true,
  ["syn_bert_tiny.onnx"] = true, ["syn_gpt_kv.onnx"] = true }

-- Networks that are not compiled, and why.
local REFUSED = {
  ["audio_preprocessor_int8.tflite"] = "has operators for signals, which are not imported",
  ["syn_control_flow.onnx"] = "has a loop whose trip count is computed",
}
local EXAMPLES = { "digits_fp32.onnx", "digits_int8.onnx" }

local function add(list, names, folder, golden)
  for _, name in ipairs(names) do
    list[#list + 1] = { name = name, path = folder .. "/" .. name, open = OPEN[name],
      data = golden and { "--data", golden .. "/" .. name } or {} }
  end
end

-- Puts a network of recipes/ and its weights, which a script there makes, into FILLED.
local function fill(folder, name)
  local weights = ("%s/%s.weights.bin"):format(FILLED, name)
  if system.kind(weights) then return end
  system.make_folders(FILLED)
  local recipe = folder .. "/recipes/" .. name
  shell.must { "cp", "-f", recipe .. ".onnx", FILLED }
  local script = assert(loadfile(folder .. "/recipes/fill.lua", "t", setmetatable(
    { arg = { recipe .. ".weights.tsv", weights .. ".part" } }, { __index = _G })))
  script()
  assert(os.rename(weights .. ".part", weights))
end

local function add_large(list, folder)
  for _, name in ipairs(LARGE) do
    fill(folder, name)
    add(list, { name .. ".onnx" }, FILLED, folder .. "/golden")
    list[#list].weights = ("%s/%s.weights.bin"):format(FILLED, name)
  end
end

-- The folder of the shared networks; nil if it is not there.
local function folder_of_models()
  local folder = FOLDER:sub(1, 1) == "/" and FOLDER or program.root .. "/" .. FOLDER
  return system.kind(folder) == "folder" and folder or nil
end

--- The project's own, as models.list gives them.
function models.examples()
  local list = {}
  add(list, EXAMPLES, program.root .. "/examples/digits")
  return list
end

--- The models: { name, path, weights (the file beside it, or nil), data = words for `aotlua
-- verify` }, and a line that says what is missing, or nil. `options`: all (those of MORE too,
-- whatever was asked for).
function models.list(options)
  local list, missing = models.examples(), nil
  local folder = folder_of_models()
  if not folder then
    missing = FOLDER .. " is not there"
  else
    add(list, FEW, folder, folder .. "/golden")
    if models.all or options and options.all then add(list, MORE, folder, folder .. "/golden") end
    if models.all then add_large(list, folder) end
  end
  return list, missing
end

-- The networks in a folder, small ones first, but for those that are not compiled.
local function compiled_ones(folder)
  local list = {}
  for _, name in ipairs(system.entries(folder)) do
    if (name:find "%.tflite$" or name:find "%.onnx$") and not REFUSED[name] then
      list[#list + 1] = { name = name, bytes = #data.open(folder .. "/" .. name) }
    end
  end
  table.sort(list, function(a, b)
    if a.bytes ~= b.bytes then return a.bytes < b.bytes end
    return a.name < b.name
  end)
  for i, entry in ipairs(list) do list[i] = entry.name end
  return list
end

--- The twelve smallest models, or, if every model is wanted, all that are compiled and whose
-- weights are stored; as models.list gives them, with `open` where they want data.
function models.smallest()
  local list, missing = models.examples(), nil
  local folder = folder_of_models()
  if folder then
    add(list, models.all and compiled_ones(folder) or SMALLEST, folder, folder .. "/golden")
  else
    missing = FOLDER .. " is not there"
  end
  return list, missing
end

--- Whether there is a program at `path` and no source of the core is newer.
function models.is_current(path)
  return system.kind(path) ~= nil
    and shell.must { "find", program.root .. "/core", "-name", "*.[ch]", "-newer", path } == ""
end

--- Runs aotlua itself; see shell.run.
function models.aotlua(words, options)
  return shell.run(table.move(words, 1, #words, 2, { program.path }), options)
end

--- Runs aotlua where it is to succeed.
function models.must(words, options)
  return shell.must(table.move(words, 1, #words, 2, { program.path }), options)
end

--- Compiles a model into `folder`; `more`: further words.
function models.compile(model, folder, more, options)
  local words = { "compile", model.path, "-o", folder }
  return models.must(table.move(more or {}, 1, #(more or {}), #words + 1, words), options)
end

return models
