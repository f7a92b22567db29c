--- onnx.reduce: means, sums and maxima along axes.

-- The axes: an attribute, or an input from operator set `moved` on. None given means all.
local function read_axes(n, rank, moved)
  local given
  if n.opset >= moved then
    given = n:integers(2, "axes")
  else
    given = n:attribute("axes")
  end
  if not given or #given == 0 then
    if n:flag("noop_with_empty_axes", false) then
      return nil
    end
    given = {}
    for axis = 1, rank do
      given[axis] = axis - 1
    end
  end
  return n:axes(given, rank)
end

local function reduction(op, moved)
  return {
    inputs = { 1, 2 },
    attributes = { axes = "ints", keepdims = "int", noop_with_empty_axes = "int" },
    lower = function(n)
      if n.opset < moved and n:operand(2) then
        n:fail("the axes are an input from operator set %d on; this is %d", moved, n.opset)
      end
      local value = n:value(1)
      local axes = read_axes(n, #value.type.shape, moved)
      if not axes or #axes == 0 then
        n:result(1, n:operand(1))
        return
      end
      n:result(1, n:emit {
        op = op,
        inputs = { value },
        attrs = { axes = axes, keep = n:flag("keepdims", true) },
        name = n:output_name(1),
      })
    end,
  }
end

return {
  ReduceMax = reduction("reduce_max", 18),
  ReduceMean = reduction("reduce_mean", 18),
  ReduceSum = reduction("reduce_sum", 13),
}
