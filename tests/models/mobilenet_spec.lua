--- mobilenet_spec: MobileNet in floats is right wherever its results lie.

local models = require "tests.tools.models"

local NAME = "mobilenet_v1_0.25_128_fp32.onnx"

describe("MobileNet", function()
  local list, missing = models.list { all = true }
  local model
  for _, one in ipairs(list) do model = one.name == NAME and one or model end
  for _, align in ipairs { 1, 16 } do
    it(("tvm 42: is right in a pool aligned to %d"):format(align), function()
      if missing then pending(missing) end
      local words = { "verify", model.path, "--set", "pools=workspace::" .. align }
      models.must(table.move(model.data, 1, #model.data, #words + 1, words))
    end)
  end
end)
