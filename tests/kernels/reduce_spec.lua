--- reduce_spec: reductions and softmax compute what the evaluator computes, along any axes of
--- any type.

local one_op = require "tests.tools.one_op"

local integers = { "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "bool" }

local function add(batch, op, operand, axes, more)
  more = more or {}
  batch:add { op = op, operands = { operand }, special = more.special, type = more.type,
    attrs = { axes = axes, keep = more.keep } }
end

describe("reductions", function()
  for _, op in ipairs { "reduce_mean", "reduce_sum", "reduce_max" } do
    it(("%s folds any set of axes"):format(op), function()
      local batch = one_op.new()
      for i, axes in ipairs { {}, { 0 }, { 1 }, { -1 }, { 0, 2 }, { 2, 0 }, { 0, 1, 2 }, { -2 } } do
        add(batch, op, "f32[2, 3, 4]", axes, { keep = i % 2 == 0 })
        add(batch, op, "i8[2, 3, 4] q(0.5, 3)", axes, { keep = i % 2 == 1 })
        add(batch, op, "f32[1, 3, 1]", axes)
      end
      add(batch, op, "f32[]", {})
      add(batch, op, "i32[]", {}, { keep = false })
      add(batch, op, "f64[2, 1, 2, 1, 2, 1, 2, 3]", { 1, 3, 6 }, { keep = false })
      add(batch, op, "f32[2, 1, 2, 1, 2, 1, 2, 3]", { 0, 1, 2, 3, 4, 5, 6, 7 }, { keep = false })
      assert.same({}, batch:run())
    end)

    it(("%s takes every type to the ends of its range"):format(op), function()
      local batch = one_op.new()
      for _, dtype in ipairs(integers) do
        add(batch, op, dtype .. "[3, 9]", { 1 }, { special = true })
        add(batch, op, dtype .. "[40, 2]", { 0 }, { special = true, keep = false })
      end
      add(batch, op, "f64[3, 9]", { 1 })
      add(batch, op, "i8[130, 130]", { 0, 1 }) -- more than 2^14 elements
      add(batch, op, "u16[16500]", { 0 }, { special = true })
      assert.same({}, batch:run())
    end)
  end

  it("let NaN and infinity spread", function()
    local batch = one_op.new()
    for _, dtype in ipairs { "f32", "f64" } do
      add(batch, "reduce_max", dtype .. "[7, 5]", { 1 }, { special = true })
      add(batch, "reduce_max", dtype .. "[7, 1]", { 1 }, { special = true })
    end
    assert.same({}, batch:run())
  end)

  it("sum into the integer type that is declared", function()
    local batch = one_op.new()
    for _, from in ipairs(integers) do
      for _, to in ipairs { "i8", "u8", "i32", "u32", "i64", "u64", "bool" } do
        add(batch, "reduce_sum", from .. "[2, 5]", { 1 }, { special = true, keep = false,
          type = to .. "[2]" })
      end
    end
    assert.same({}, batch:run())
  end)

  it("hold for extents of 0", function()
    local batch = one_op.new()
    add(batch, "reduce_sum", "f32[3, 0]", { 1 })
    add(batch, "reduce_sum", "i8[3, 0]", { 1 }, { keep = false })
    add(batch, "reduce_mean", "f32[3, 0]", { 1 })
    add(batch, "reduce_mean", "f32[3, 0]", { 0 })
    add(batch, "reduce_max", "i32[0, 3]", { 1 })
    assert.same({}, batch:run())
    for _, case in ipairs { { "reduce_max", "f32[3, 0]" }, { "reduce_mean", "i8[3, 0]" } } do
      local said = one_op.refusal { op = case[1], operands = { case[2] }, attrs = { axes = { 1 } } }
      assert.is_truthy(said:find "no elements to reduce")
    end
  end)
end)

describe("softmax", function()
  it("of floats works along any axis", function()
    local batch = one_op.new()
    local function softmax(type, attrs, special)
      batch:add { op = "softmax", operands = { type }, attrs = attrs, special = special,
        tolerance = type:find "f64" and 1e-14 or 1e-5 }
    end
    for axis = -3, 2 do softmax("f32[2, 5, 3]", { axis = axis }) end
    softmax("f32[7]", {}, true)
    softmax("f64[2, 9]", { beta = 0.25 }, true)
    softmax("f32[2, 9]", { beta = 2.0, axis = 0 })
    softmax("f32[4, 1]")
    softmax("f32[4, 0]")
    softmax("f32[0, 4]")
    softmax("f32[3, 2, 1, 2, 1, 2, 1, 2]", { axis = 1 })
    assert.same({}, batch:run())
  end)

  it("of integers is exact", function()
    local batch = one_op.new()
    local parameters = { { 1073741824, 20, -248 }, { 1717986918, 24, -31 }, { 2147483647, 31, 0 },
                         { 1, 0, -255 }, { 1518500250, 22, -100 }, { 1430511474, 26, -10 } }
    for i, p in ipairs(parameters) do
      local attrs = { multiplier = p[1], shift = p[2], diff_min = p[3] }
      local operands = { "i8[3, 10] q(0.1, 5)", "u8[10] q(0.1, 9)", "i8[2, 2, 1]", "i8[1, 300]" }
      for _, type in ipairs(operands) do
        batch:add { op = "softmax", operands = { type }, attrs = attrs, special = i % 2 == 0 }
      end
      batch:add { op = "softmax", operands = { "i8[2, 12]" }, attrs = attrs, special = true,
        type = "i16[2, 12] q(0.0000152587890625, -32768)" }
      batch:add { op = "softmax", operands = { { constant = "i8[1, 5000]", data = 7 } },
        attrs = attrs }
    end
    batch:add { op = "softmax", operands = { "i8[0, 12]" },
      attrs = { multiplier = 1, shift = 1, diff_min = -1 } }
    assert.same({}, batch:run())
  end)

  it("refuses integers of 16 bits", function()
    local said = one_op.refusal { op = "softmax", operands = { "i16[4]" },
      attrs = { multiplier = 1, shift = 1, diff_min = -1 } }
    assert.is_truthy(said:find "i16")
  end)
end)
