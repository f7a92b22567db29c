--- logic_spec: functions, comparisons, bits, places and rows compute what the evaluator does.

local one_op = require "tests.tools.one_op"

local floats = { "f32", "f64" }
local integers = { "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64" }
local numbers = { "f32", "f64", table.unpack(integers) }
local bits = { "bool", table.unpack(integers) }
local all = { "bool", table.unpack(numbers) }

-- Adds each op for each type; `shapes` are the operands' in words.
local function each(batch, names, dtypes, shapes, spec)
  for op in names:gmatch "%S+" do
    for _, dtype in ipairs(dtypes) do
      local operands = {}
      for i, shape in ipairs(shapes) do operands[i] = shape:gsub("T", dtype) end
      batch:add { op = op, operands = operands, attrs = spec and spec.attrs, special = true,
        tolerance = spec and spec.tolerance or 0, type = spec and spec.type }
    end
  end
end

describe("functions of one number", function()
  it("agree with the evaluator", function()
    local batch = one_op.new()
    each(batch, "sin cos tan asin acos atan sinh cosh asinh acosh atanh erf", floats, { "T[3, 7]" },
      { tolerance = 1e-5 })
    each(batch, "ceil round is_nan is_inf", floats, { "T[3, 7]" })
    each(batch, "is_inf", floats, { "T[29]" }, { attrs = { negative = false } })
    each(batch, "is_inf", floats, { "T[29]" }, { attrs = { positive = false } })
    each(batch, "sign", all, { "T[3, 7]" })
    assert.same({}, batch:run())
  end)
end)

describe("comparisons, bits and choices", function()
  it("agree with the evaluator", function()
    local batch = one_op.new()
    each(batch, "equal less less_equal", all, { "T[4, 1, 5]", "T[3, 1]" })
    each(batch, "bit_and bit_or bit_xor", bits, { "T[4, 1, 5]", "T[3, 1]" })
    each(batch, "bit_not", bits, { "T[29]" })
    each(batch, "mod", numbers, { "T[4, 1, 5]", "T[3, 1]" }, { tolerance = 1e-5 })
    each(batch, "mod", numbers, { "T[29]", "T[29]" },
      { attrs = { truncated = true }, tolerance = 1e-5 })
    each(batch, "select", all, { "bool[3, 1]", "T[4, 1, 5]", "T[]" })
    assert.same({}, batch:run())
  end)

  it("shift unsigned integers, also by all their bits", function()
    local batch = one_op.new()
    for _, dtype in ipairs { "u8", "u16", "u32", "u64" } do
      local counts = { constant = dtype .. "[5]", data = { 0, 1, 7, 8, 64 } }
      for _, op in ipairs { "shift_left", "shift_right" } do
        batch:add { op = op, operands = { dtype .. "[2, 5]", counts }, special = true }
      end
    end
    assert.same({}, batch:run())
    assert.truthy(one_op.refusal { op = "shift_left", operands = { "i8[2]", "i8[2]" } })
  end)
end)

describe("reductions and running totals", function()
  it("agree with the evaluator", function()
    local batch = one_op.new()
    each(batch, "reduce_min", all, { "T[3, 4, 5]" }, { attrs = { axes = { 1 } } })
    each(batch, "reduce_prod", numbers, { "T[3, 4]" }, { attrs = { axes = { 0, 1 }, keep = false },
      tolerance = 1e-5 })
    each(batch, "cum_sum cum_prod", numbers, { "T[3, 4, 2]" }, { attrs = { axis = 1 },
      tolerance = 1e-5 })
    each(batch, "cum_sum cum_prod", numbers, { "T[5]" },
      { attrs = { axis = 0, exclusive = true, reverse = true }, tolerance = 1e-5 })
    assert.same({}, batch:run())
  end)
end)

describe("places along an axis", function()
  it("agree with the evaluator", function()
    local batch = one_op.new()
    each(batch, "arg_max arg_min", all, { "T[3, 7, 2]" }, { attrs = { axis = 1 } })
    each(batch, "arg_max arg_min", all, { "T[3, 1, 2]" }, { attrs = { axis = 1, keep = false } })
    each(batch, "arg_max arg_min", all, { "T[3, 7]" },
      { attrs = { axis = 1, keep = false, last = true } })
    each(batch, "arg_max", { "i8" }, { "T[3, 7]" }, { attrs = { axis = 0 }, type = "i32[1, 7]" })
    each(batch, "arg_sort", all, { "T[3, 7, 2]" }, { attrs = { axis = 1 } })
    each(batch, "arg_sort", all, { "T[3, 7]" }, { attrs = { count = 3, descending = true } })
    each(batch, "arg_sort", { "f32" }, { "T[3, 7]" }, { attrs = { count = 0 } })
    assert.same({}, batch:run())
  end)

  it("agree with the evaluator where the axis has one", function()
    local batch = one_op.new()
    for _, op in ipairs { "arg_max arg_min", "arg_sort", "cum_sum cum_prod" } do
      each(batch, op, numbers, { "T[3, 1, 2]" }, { attrs = { axis = 1 } })
    end
    each(batch, "cum_sum", numbers, { "T[3, 1]" }, { attrs = { axis = 1, exclusive = true } })
    assert.same({}, batch:run())
  end)
end)

describe("rows by number", function()
  local numbers_of = { constant = "i64[2, 2]", data = { 0, -1, 2, 9 } }

  it("are gathered from the places that indices name, clamped", function()
    local batch = one_op.new()
    for _, dtype in ipairs(all) do
      batch:add { op = "gather", operands = { dtype .. "[4, 3, 2]", numbers_of },
        attrs = { axis = 1 }, tolerance = 0 }
    end
    batch:add { op = "gather", operands = { "f32[4]", "i32[]" }, attrs = { axis = 0 } }
    batch:add { op = "gather", operands = { "f32[4, 2]", "i32[0]" }, attrs = { axis = 0 } }
    batch:add { op = "gather", operands = { "f32[2, 4]", "i64[3]" }, attrs = { axis = -1 } }
    assert.same({}, batch:run())
  end)

  it("are scattered, replacing or changing what is there", function()
    local batch = one_op.new()
    local indices = { constant = "i64[4]", data = { 1, -1, 1, 0 } }
    for _, reduction in ipairs { "none", "add", "mul", "max", "min" } do
      for _, dtype in ipairs(numbers) do
        batch:add { op = "scatter", operands = { dtype .. "[3, 2]", indices, dtype .. "[4, 2]" },
          attrs = { reduction = reduction }, special = true }
      end
    end
    batch:add { op = "scatter", operands = { "f32[5]", "i32[3]", "f32[3]" } }
    assert.same({}, batch:run())
  end)
end)
