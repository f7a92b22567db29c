--- describe: words of the header's comments about tensors.

local emit = require "aot.emit"

local describe = {}

--- Quotes a name of the model, made harmless.
function describe.quote(name)
  return "'" .. emit.comment(name) .. "'"
end

--- Tells element type, shape and quantization of a tensor's record.
function describe.type(tensor)
  local extents = table.concat(tensor.shape, ", ")
  local quant = ""
  if tensor.scale then
    local scale = emit.literal("f32", tensor.scale):gsub("f$", "")
    quant = (", real = %s * (stored - %d)"):format(scale, tensor.zero_point)
  end
  return ("%s[%s]%s"):format(tensor.dtype, extents, quant)
end

return describe
