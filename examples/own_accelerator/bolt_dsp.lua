--- bolt_dsp: what the vendor of a signal processor writes so that aotlua calls it.
--
-- The processor finds the largest of windows and moves int8 numbers. What follows one another is
-- handed over at once (`regions`), as it takes long to open.

local accelerator = require "aotlua.accelerator"

local here = debug.getinfo(1, "S").source:match "^@(.*)/" or "."

-- The description of a job, which C compilers put beside the code.
local function job(kind, numbers)
  return ("static const struct %s job = {\n    %s\n};\n"):format(kind, numbers)
end

local function is_int8(m)
  if m.x.type.dtype ~= "i8" then return false, "only int8" end
  if #m.x.type.shape > 4 then return false, "at most 4 axes" end
  return true
end

local function pool_job(m)
  local attrs, x, y = m.node.y.attrs, m.x.type.shape, m.y.type.shape
  return job("bolt_pool", table.concat({ x[2], x[3], x[4], y[2], y[3], attrs.window[1],
    attrs.window[2], attrs.pad[1], attrs.pad[2], attrs.stride[1], attrs.stride[2] }, ", "))
end

local function move_job(m)
  local from, perm = m.x.type.shape, m.node.y:get "perm"
  local extents, steps, strides, bytes = { 1, 1, 1, 1 }, { 0, 0, 0, 0 }, {}, 1
  for axis = #from, 1, -1 do
    strides[axis], bytes = bytes, bytes * from[axis]
  end
  for axis, other in ipairs(perm) do
    extents[4 - #from + axis], steps[4 - #from + axis] = from[other + 1], strides[other + 1]
  end
  return job("bolt_move", ("{ %s }, { %s }, %d"):format(table.concat(extents, ", "),
    table.concat(steps, ", "), bytes))
end

return accelerator {
  name = "bolt_dsp",
  device = true,
  regions = true,
  align = 8,
  headers = { "bolt_dsp.h" },
  cc = { flags = { "-I", here }, link = { here .. "/bolt_dsp.c" } },
  offers = {
    {
      name = "pool",
      match = "%y = max_pool2d %x",
      when = function(m)
        if m.x.type.shape[1] ~= 1 then return false, "one image at a time" end
        return is_int8(m)
      end,
      emit = function(m)
        return pool_job(m) .. "status = bolt_dsp_pool(${context}, &job, ${x}, ${y});"
      end,
    },
    {
      name = "move",
      match = "%y = transpose %x",
      when = is_int8,
      emit = function(m)
        return move_job(m) .. "status = bolt_dsp_move(${context}, &job, ${x}, ${y});"
      end,
    },
  },
}
