--- onnx.softmax: Softmax in its two meanings.

-- Before operator set 13 the input is a matrix: the axes before `axis` are its rows, the others
-- its columns, over all of which the softmax goes.
local function lower_flattened(n, value, axis)
  local shape = value.type.shape
  local rows, columns = 1, 1
  for i, extent in ipairs(shape) do
    if i <= axis then
      rows = rows * extent
    else
      columns = columns * extent
    end
  end
  local flat = n:reshape(value, { rows, columns })
  local result = n:emit { op = "softmax", inputs = { flat }, attrs = { axis = 1 } }
  return n:reshape(result, shape, n:output_name(1))
end

local function lower_softmax(n)
  local value = n:value(1)
  local rank = #value.type.shape
  local axis = n:axis(n:attribute("axis", n.opset < 13 and 1 or -1), rank)
  if n.opset < 13 and axis < rank - 1 then
    n:result(1, lower_flattened(n, value, axis))
  else
    n:result(1, n:emit {
      op = "softmax",
      inputs = { value },
      attrs = { axis = axis },
      name = n:output_name(1),
    })
  end
end

return { Softmax = { inputs = { 1, 1 }, attributes = { axis = "int" }, lower = lower_softmax } }
