--- softmax: CMSIS-NN's softmax of 8-bit numbers along the last axis.

local match = require "targets.cmsis_nn.match"
local text = require "targets.cmsis_nn.text"

local CALLS = { i8 = "arm_softmax_s8", i16 = "arm_softmax_s8_s16" } -- by the result

return {
  name = "softmax",
  match = "%y = softmax %x",
  when = function(m)
    if m.x.type.dtype ~= "i8" then return false, "only i8" end
    local node = m.node.y
    if math.min(-node:get "diff_min", 255) << node:get "shift" >= 1 << 31 then
      return false, "differences may not fit in 32 bits"
    end
    return match.count(m.x.type.shape) > 0, "no empty results"
  end,
  emit = function(m)
    local shape, node = m.x.type.shape, m.node.y
    return text.call("", CALLS[m.y.type.dtype], {
      "${x}", match.count(shape, 1, #shape - 1), shape[#shape], node:get "multiplier",
      node:get "shift", node:get "diff_min", "${y}",
    })
  end,
}
