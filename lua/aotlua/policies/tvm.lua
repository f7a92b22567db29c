--- tvm: names as microTVM users know them, `tvmgen_<model>_run` in `tvmgen_<model>.h`.
--
-- Members are the sanitized names of the model, never renamed: two that come out the same are
-- refused. Only TFLite models name their outputs; others have `output`, `output2`, ...

local spelling = require "aotlua.spelling"

return spelling.policy("tvm", "tvmgen_", {
  refuses = { member = true },
  unnamed_outputs = { onnx = true },
})
