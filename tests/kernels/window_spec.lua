--- window_spec: convolutions and pools compute what the evaluator computes, whatever window,
--- type and shape.

local one_op = require "tests.tools.one_op"

-- The geometries that convolutions and pools share: { image, window, attributes }.
local geometries = {
  { { 5, 5 }, { 3, 3 } },
  { { 5, 4 }, { 1, 1 } },
  { { 1, 1 }, { 1, 1 } },
  { { 5, 7 }, { 5, 7 } },
  { { 6, 5 }, { 2, 3 }, { stride = { 2, 1 } } },
  { { 9, 8 }, { 2, 2 }, { stride = { 4, 5 } } }, -- the stride passes over pixels
  { { 5, 5 }, { 3, 3 }, { pad = { 1, 1, 1, 1 } } },
  { { 5, 5 }, { 3, 3 }, { pad = { 2, 0, 1, 2 }, stride = { 2, 3 } } },
  { { 1, 2 }, { 4, 5 }, { pad = { 3, 3, 3, 2 } } }, -- the window is larger than the image
}

local function add_conv(batch, spec)
  local groups = spec.attrs and spec.attrs.groups or 1
  local image, window, channels = spec.image, spec.window, spec.channels or { 3, 4 }
  local x = ("%s[%d, %d, %d, %d]%s"):format(spec.x or "f32", spec.batch or 1, image[1], image[2],
    channels[1], spec.qx or "")
  local w = ("%s[%d, %d, %d, %d]%s"):format(spec.w or spec.x or "f32", channels[2], window[1],
    window[2], channels[1] // groups, spec.qw or "")
  local operands = { x, spec.constant and { constant = w } or w }
  if spec.bias then
    local bias = ("%s[%d]"):format(spec.bias, channels[2])
    operands[3] = spec.constant and { constant = bias, special = spec.special } or bias
  end
  batch:add { op = "conv2d", operands = operands, attrs = spec.attrs, special = spec.special }
end

local function add_pool(batch, op, type, window, attrs)
  local all = { window = window }
  for name, value in pairs(attrs or {}) do all[name] = value end -- order: irrelevant, a copy
  batch:add { op = op, operands = { type }, attrs = all, special = op == "max_pool2d" }
end

describe("convolution", function()
  it("of floats agrees at every geometry, with and without bias", function()
    local batch = one_op.new()
    for i, g in ipairs(geometries) do
      add_conv(batch, { image = g[1], window = g[2], attrs = g[3], bias = i % 2 == 0 and "f32" })
      add_conv(batch, { image = g[1], window = g[2], attrs = g[3], constant = true,
        bias = i % 2 == 1 and "f32", batch = 2 })
    end
    add_conv(batch, { image = { 4, 4 }, window = { 2, 3 }, x = "f64", bias = "f64" })
    assert.same({}, batch:run())
  end)

  it("of integers is exact, zero points, groups and dilation included", function()
    local batch = one_op.new()
    local kinds = {
      { x = "i8", qx = " q(0.5, -7)", bias = "i32" },
      { x = "u8", qx = " q(0.5, 131)", w = "u8", qw = " q(0.25, 9)", bias = "i32" },
      { x = "i8", w = "u8", qw = " q(0.25, 200)" },
      { x = "u8", qx = " q(0.5, 3)", w = "i8", qw = " q(0.5, -128)" },
      { x = "i16", w = "i8", bias = "i64" },
      { x = "i16", qx = " q(1.0, 300)", w = "i8", bias = "i32" },
    }
    for i, kind in ipairs(kinds) do
      for j, g in ipairs(geometries) do
        if (i + j) % 2 == 0 or i == 1 then
          kind.image, kind.window, kind.attrs = g[1], g[2], g[3]
          kind.special, kind.constant = true, j % 3 == 0
          add_conv(batch, kind)
        end
      end
    end
    assert.same({}, batch:run())
  end)

  it("has groups, depthwise ones too, and dilation", function()
    local batch = one_op.new()
    local kinds = { { x = "f32", bias = "f32" }, { x = "i8", qx = " q(0.5, 5)", bias = "i32" } }
    for _, kind in ipairs(kinds) do
      local function add(image, window, channels, attrs, constant)
        add_conv(batch, { image = image, window = window, channels = channels, attrs = attrs,
          x = kind.x, qx = kind.qx, bias = kind.bias, constant = constant })
      end
      add({ 5, 5 }, { 3, 3 }, { 4, 6 }, { groups = 2, pad = { 1, 1, 1, 1 } })
      add({ 5, 5 }, { 3, 3 }, { 4, 4 }, { groups = 4, stride = { 2, 2 }, pad = { 0, 0, 1, 1 } },
        true)
      add({ 5, 5 }, { 3, 2 }, { 3, 6 }, { groups = 3 }, true)
      add({ 1, 1 }, { 1, 1 }, { 8, 8 }, { groups = 8 })
      add({ 7, 6 }, { 3, 2 }, { 2, 3 }, { dilation = { 2, 3 } })
      add({ 7, 6 }, { 3, 3 }, { 2, 2 }, { dilation = { 2, 2 }, groups = 2,
        pad = { 2, 1, 3, 4 } }, true)
      add({ 3, 3 }, { 2, 2 }, { 2, 2 }, { dilation = { 5, 7 }, pad = { 4, 6, 4, 6 },
        stride = { 3, 2 } })
      add({ 2, 9 }, { 2, 1 }, { 1, 1 }, { dilation = { 4, 1 }, pad = { 3, 0, 3, 0 },
        stride = { 2, 4 } })
      add({ 4, 4 }, { 2, 2 }, { 2, 2 }, { pad = { 7, 6, 5, 4 } }) -- some windows see padding only
    end
    assert.same({}, batch:run())
  end)

  it("takes weights quantized along the output channels", function()
    local batch = one_op.new()
    local scales = { 0.5, 0.25, 0.125 }
    local w = { type = "i8[3, 2, 2, 4]", axis = 0, scales = scales, zero = 0 }
    batch:add { op = "conv2d", operands = { "i8[1, 4, 4, 4] q(0.5, 3)", w, "i32[3]" } }
    w = { type = "u8[3, 2, 2, 4]", axis = 0, scales = scales, zeros = { 3, 0, 255 } }
    batch:add { op = "conv2d", operands = { "u8[1, 4, 4, 4] q(0.5, 3)", w, "i32[3]" },
      attrs = { pad = { 1, 1, 0, 0 } }, special = true }
    w = { type = "u8[2, 2, 2, 3]", axis = 3, scales = scales, zeros = { 3, 0, 255 } }
    local x = { type = "u8[1, 4, 4, 3]", axis = 3, scales = scales, zeros = { 7, 0, 1 } }
    batch:add { op = "conv2d", operands = { x, w, "i32[2]" } }
    assert.same({}, batch:run())
  end)

  it("adds the bias last and saturates once", function()
    local batch = one_op.new()
    for _, kind in ipairs { { "i8", "i32", 2147483647 }, { "i16", "i64", math.maxinteger } } do
      for _, sign in ipairs { 1, -1 } do
        batch:add { op = "conv2d", special = true, operands = { kind[1] .. "[1, 3, 3, 2]",
          "i8[2, 2, 2, 2]", { constant = kind[2] .. "[2]",
            data = { sign * kind[3], sign * kind[3] - sign } } } }
      end
    end
    assert.same({}, batch:run())
  end)

  it("holds for extents of 0", function()
    local batch = one_op.new()
    for _, bias in ipairs { false, "f32" } do
      add_conv(batch, { image = { 3, 3 }, window = { 2, 2 }, batch = 0, bias = bias })
      add_conv(batch, { image = { 3, 3 }, window = { 2, 2 }, channels = { 0, 2 }, bias = bias })
      add_conv(batch, { image = { 3, 3 }, window = { 2, 2 }, channels = { 2, 0 }, bias = bias })
      add_conv(batch, { image = { 0, 3 }, window = { 2, 2 }, bias = bias,
        attrs = { pad = { 1, 1, 2, 1 } } })
    end
    assert.same({}, batch:run())
  end)
end)

describe("pools", function()
  it("of every type agree at every geometry whose windows see the image", function()
    for _, op in ipairs { "max_pool2d", "avg_pool2d" } do
      local batch = one_op.new()
      for i, g in ipairs(geometries) do
        local types = i % 3 == 1 and { "f32", "i8", "u64", "i16" }
          or i % 3 == 2 and { "i8", "f64", "i32", "u16" } or { "u8", "f32", "i64", "u32" }
        for _, dtype in ipairs(types) do
          local type = ("%s[2, %d, %d, 3]"):format(dtype, g[1][1], g[1][2])
          add_pool(batch, op, type, g[2], g[3])
        end
      end
      add_pool(batch, op, "f32[0, 3, 3, 2]", { 2, 2 })
      add_pool(batch, op, "f32[1, 3, 3, 0]", { 2, 2 })
      assert.same({}, batch:run())
    end
  end)

  it("count the padding where they are asked to, as the real value 0", function()
    local batch = one_op.new()
    for _, type in ipairs { "f32[1, 5, 4, 2]", "i8[1, 5, 4, 2] q(0.5, -9)", "i8[1, 5, 4, 2]",
                            "u8[1, 5, 4, 2] q(0.5, 200)", "u16[1, 5, 4, 2] q(0.5, 65535)",
                            "i32[1, 5, 4, 2] q(0.5, -77)", "i64[1, 5, 4, 2]" } do
      add_pool(batch, "avg_pool2d", type, { 3, 2 }, { count_pad = true, pad = { 1, 1, 2, 1 } })
      add_pool(batch, "avg_pool2d", type, { 3, 3 }, { count_pad = true, pad = { 2, 0, 2, 2 },
        stride = { 2, 3 } })
    end
    local zeros = { type = "u8[1, 3, 3, 2]", axis = 3, scales = { 0.5, 0.5 }, zeros = { 9, 250 } }
    batch:add { op = "avg_pool2d", operands = { zeros },
      attrs = { window = { 2, 2 }, pad = { 1, 1, 1, 1 }, count_pad = true } }
    assert.same({}, batch:run())
  end)

  it("do not overflow at the ends of the ranges", function()
    local batch = one_op.new()
    for _, dtype in ipairs { "i32", "u32", "i64", "u64", "i16", "u8" } do
      for _, count_pad in ipairs { false, true } do
        batch:add { op = "avg_pool2d", operands = { dtype .. "[1, 6, 6, 2]" }, special = true,
          attrs = { window = { 3, 3 }, pad = { 1, 1, 1, 1 }, count_pad = count_pad } }
      end
    end
    assert.same({}, batch:run())
  end)

  it("compile with clang and every optimization", function()
    local batch = one_op.new()
    for _, g in ipairs(geometries) do
      add_conv(batch, { image = g[1], window = g[2], attrs = g[3], bias = "f32", constant = true })
      add_conv(batch, { image = g[1], window = g[2], attrs = g[3], x = "i8", bias = "i32" })
      add_pool(batch, "max_pool2d", ("f32[1, %d, %d, 4]"):format(g[1][1], g[1][2]), g[2], g[3])
      add_pool(batch, "avg_pool2d", ("i8[1, %d, %d, 4]"):format(g[1][1], g[1][2]), g[2], g[3])
    end
    assert.same({}, batch:run("clang", { "-O2" }))
  end)

  it("refuse windows that would see no pixel", function()
    for _, attrs in ipairs { { window = { 2, 2 }, pad = { 2, 0, 0, 0 } }, { window = { 9, 9 } } } do
      local said = one_op.refusal { op = "max_pool2d", operands = { "f32[1, 3, 3, 1]" },
        attrs = attrs }
      assert.is_truthy(said:find "window")
    end
  end)
end)
