--- resample_spec: resampling and transposed convolution compute what the evaluator computes.

local one_op = require "tests.tools.one_op"

describe("resampling", function()
  it("agrees along every axis, positions outside included", function()
    local batch = one_op.new()
    local rows = { constant = "i32[5, 1]", data = { 2, 0, -4, 9, 1 } }
    local pairs_ = { constant = "i32[2, 2]", data = { 0, 2, 1, 7 } }
    for axis = -3, 2 do
      batch:add { op = "resample", operands = { "i8[3, 4, 3] q(0.5, 3)", rows },
        attrs = { axis = axis } }
      batch:add { op = "resample", operands = { "f32[3, 4, 3]", pairs_, "f32[2, 2]" },
        attrs = { axis = axis } }
    end
    batch:add { op = "resample", operands = { "f64[6]", "i32[4, 1]" }, special = true }
    assert.same({}, batch:run())
  end)

  it("of integers is exact and saturates to the declared type", function()
    local batch = one_op.new()
    for _, dtype in ipairs { "i8", "u8", "i16", "u16", "i32", "u32" } do
      local weights = { constant = "i16[2, 3]", data = { 1024, -5, 32767, 1, 0, -32768 } }
      local index = { constant = "i32[2, 3]", data = { 0, 1, 1, 2, 0, 1 } }
      for _, result in ipairs { "i64", "i32", "i16" } do
        batch:add { op = "resample", operands = { dtype .. "[2, 3]", index, weights },
          attrs = { axis = 1 }, type = result .. "[2, 2]", special = true }
      end
    end
    assert.same({}, batch:run())
  end)
end)

describe("transposed convolution", function()
  local geometries = { -- image, window, attributes
    { { 3, 4 }, { 2, 2 }, { stride = { 2, 2 }, size = { 6, 8 } } },
    { { 3, 4 }, { 3, 3 }, { stride = { 2, 1 }, pad = { 1, 0 }, size = { 5, 9 } } },
    { { 2, 3 }, { 3, 2 }, { stride = { 3, 2 }, dilation = { 2, 3 }, pad = { 0, 2 },
      size = { 8, 7 } } },
    { { 1, 1 }, { 4, 4 }, { size = { 4, 4 } } },
    { { 2, 2 }, { 3, 3 }, { pad = { 2, 2 }, size = { 1, 0 } } },
    { { 2, 2 }, { 3, 3 }, { pad = { 32, 0 }, size = { 2, 4 } } }, -- no tap meets the image
  }

  it("of floats agrees at every geometry", function()
    local batch = one_op.new()
    for i, g in ipairs(geometries) do
      batch:add { op = "conv_transpose2d", attrs = g[3], operands = {
        ("f32[2, %d, %d, 3]"):format(g[1][1], g[1][2]),
        ("f32[4, %d, %d, 3]"):format(g[2][1], g[2][2]), i % 2 == 0 and "f32[4]" } }
    end
    assert.same({}, batch:run())
  end)

  it("of integers is exact, zero points and groups included", function()
    local batch = one_op.new()
    local kinds = { { "i8", " q(0.5, -7)", "i32" }, { "u8", " q(0.5, 131)", "i32" },
      { "i16", "", "i64" } }
    for i, g in ipairs(geometries) do
      local kind = kinds[i % 3 + 1]
      local attrs = { groups = 2 }
      for name, value in pairs(g[3]) do attrs[name] = value end -- order: irrelevant, a copy
      batch:add { op = "conv_transpose2d", attrs = attrs, special = true, operands = {
        ("%s[1, %d, %d, 4]%s"):format(kind[1], g[1][1], g[1][2], kind[2]),
        { constant = ("i8[6, %d, %d, 2]"):format(g[2][1], g[2][2]) },
        i % 2 == 1 and kind[3] .. "[6]" } }
    end
    assert.same({}, batch:run())
  end)
end)
