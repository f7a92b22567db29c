--- tensor_spec: tensors, element types and single ops from Lua.

local ir, data = require "aot.ir", require "aot.data"

local function ty(dtype, shape, quant)
  return { dtype = dtype, shape = shape, quant = quant }
end

local function refusal(...)
  local ok, message = pcall(...)
  assert.is_false(ok)
  return message
end

describe("a tensor", function()
  it("is made from a list, a number or bytes", function()
    local t = ir.tensor(ty("i8", { 2, 3 }, { scale = 0.5, zero = 3 }), { 1, 2, 3, 4, 5, -6 })
    assert.same({ 1, 2, 3, 4, 5, -6 }, t:list())
    assert.equal(-6, t:get(6))
    assert.equal(6, #t)
    assert.same(ty("i8", { 2, 3 }, { scale = 0.5, zero = 3 }), t.type)
    assert.same({ 7, 7 }, ir.tensor(ty("u16", { 2 }), 7):list())
    assert.same({ 1.0 }, ir.tensor(ty("f32", {}), data.from_string "\0\0\128\63"):list())
    assert.is_true(t:equal(ir.tensor(t.type, t:view())))
    assert.equal(math.mininteger, ir.tensor(ty("u64", { 1 }), 1 << 63):get(1))
    assert.equal(0, #ir.tensor(ty("f32", { 3, 0 }), {}))
  end)

  it("refuses what its type cannot hold", function()
    assert.equal("element 1: 300 does not fit i8", refusal(ir.tensor, ty("i8", { 1 }), { 300 }))
    assert.equal("element 2: 0.5 does not fit i8",
      refusal(ir.tensor, ty("i8", { 2 }), { 1, 0.5 }))
    assert.equal("the list has 2 numbers, the type needs 1",
      refusal(ir.tensor, ty("i8", { 1 }), { 1, 2 }))
    assert.equal("shape[1] is 2147483648, not in [0, 2147483647]",
      refusal(ir.tensor, ty("i8", { 1 << 31 }), 0))
    assert.equal("shape[2] is -1, not in [0, 2147483647]",
      refusal(ir.tensor, ty("i8", { 1, -1 }), 0))
    assert.equal("there is no element type 'q8'", refusal(ir.tensor, ty("q8", {}), 0))
    assert.equal("a type has no field 'rank'; there are: dtype, shape, quant",
      refusal(ir.tensor, { dtype = "i8", shape = {}, rank = 0 }, 0))
    local huge = (1 << 31) - 1
    assert.has_error(function() ir.tensor(ty("i8", { huge, huge, huge }), 0) end)
    assert.has_error(function() ir.tensor(ty("i8", { 1, 1, 1, 1, 1, 1, 1, 1, 1 }), 0) end)
    assert.has_error(function() ir.tensor(ty("f32", { 1 }), data.from_string "abc") end)
  end)

  it("is viewed as another shape or type, transposed and cut into rows", function()
    local t = ir.tensor(ty("i8", { 2, 3 }), { 1, 2, 3, 4, 5, 6 })
    assert.same({ 3, 2 }, t:reshape({ 3, 2 }).type.shape)
    assert.has_error(function() t:reshape { 7 } end)
    assert.same({ 1, 4, 2, 5, 3, 6 }, t:transpose({ 1, 0 }):list())
    assert.has_error(function() t:transpose { 0, 0 } end)
    assert.has_error(function() t:transpose { 0 } end)
    assert.same({ 4, 5, 6 }, t:rows(2, 1):list())
    assert.same({}, t:rows(3, 0):list())
    assert.has_error(function() t:rows(2, 2) end)
    local half = ir.tensor(ty("i4", { 3, 3 }), { 1, 2, 3, 4, 5, 6, 7, -8, -1 })
    assert.same({ 4, 5, 6 }, half:rows(2, 1):list())
    assert.same({ 7, -8, -1 }, half:rows(3, 1):list())
    local bits = ir.tensor(ty("f32", { 1 }), 1):with_type(ty("u32", { 1 }))
    assert.equal(0x3f800000, bits:get(1))
  end)
end)

describe("a comparison", function()
  local function floats(...)
    return ir.tensor(ty("f32", { select("#", ...) }), { ... })
  end

  it("takes NaN for NaN and infinities by sign", function()
    local nan, inf = 0 / 0, math.huge
    assert.is_true(floats(nan, inf, -inf):compare(floats(nan, inf, -inf)).equal)
    local found = floats(nan, inf, inf):compare(floats(0, -inf, 0), { atol = 1e30 })
    assert.same({ false, inf, inf, 1, 3 }, { found.equal, found.worst_abs, found.worst_ulp,
      found.worst_index, found.count_bad })
  end)

  it("adds the absolute to the relative tolerance", function()
    local a, b = floats(100.0, 1.0), floats(101.0, 1.25)
    assert.is_false(a:compare(b).equal)
    assert.equal(2, a:compare(b).count_bad)
    assert.equal(1, a:compare(b, { rtol = 0.01 }).count_bad)
    assert.is_true(a:compare(b, { rtol = 0.01, atol = 0.25 }).equal)
    assert.equal(1.0, a:compare(b).worst_abs)
    assert.equal(1, a:compare(b).worst_index)
  end)

  it("counts steps of the element type", function()
    local next_up = ir.tensor(ty("u32", { 2 }), { 0x3f800001, 0x80000001 })
    local near = next_up:with_type(ty("f32", { 2 }))
    assert.equal(1.0, near:compare(floats(1.0, -0.0)).worst_ulp)
    assert.equal(0.0, floats(0.0, -0.0):compare(floats(-0.0, 0.0)).worst_ulp)
    for dtype, bits in pairs { f64 = 52, f32 = 23, f16 = 10, bf16 = 7 } do -- order: irrelevant
      local one = ir.tensor(ty(dtype, { 1 }), 1.0)
      local more = ir.tensor(ty(dtype, { 1 }), 1.0 + 2.0 ^ -bits)
      local minus = ir.tensor(ty(dtype, { 1 }), -1.0 - 2.0 ^ -bits)
      assert.equal(1.0, one:compare(more).worst_ulp)
      assert.equal(1.0, more:compare(one).worst_ulp)
      assert.equal(1.0, minus:compare(ir.tensor(ty(dtype, { 1 }), -1.0)).worst_ulp)
    end
  end)

  it("is exact for integers of 64 bits", function()
    local a = ir.tensor(ty("i64", { 2 }), { math.maxinteger, math.mininteger })
    local b = ir.tensor(ty("i64", { 2 }), { math.maxinteger - 1, math.mininteger })
    assert.equal(1, a:compare(b).count_bad)
    assert.is_true(a:compare(b, { atol = 1 }).equal)
    assert.is_true(a:compare(a).equal)
  end)

  it("refuses tensors of other types and unknown tolerances", function()
    assert.has_error(function() floats(1):compare(floats(1, 2)) end)
    assert.has_error(function() floats(1):compare(floats(1), { tol = 1 }) end)
    assert.has_error(function() floats(1):compare(floats(1), { atol = -1 }) end)
  end)
end)

describe("a single op", function()
  it("is applied to tensors", function()
    local two, one = ir.tensor(ty("f32", { 2 }), { 1, 2 }), ir.tensor(ty("f32", { 1 }), 1)
    assert.same({ 2.0, 3.0 }, ir.apply("add", { two, one }):list())
    local cast = ir.apply("cast", { ir.tensor(ty("f32", { 2 }), { 3.7, -4.2 }) }, {},
      { dtype = "i8" })
    assert.same({ 3, -4 }, cast:list())
    assert.same({ 2 }, cast.type.shape)
    assert.has_error(function() ir.apply("add", { two }) end)
    assert.has_error(function() ir.apply("call", {}) end)
    assert.has_error(function() ir.apply("nothing", {}) end)
  end)

  it("is listed with its operands and flags", function()
    local by_name = {}
    for _, op in ipairs(ir.ops()) do
      by_name[op.name] = op
    end
    assert.same({ name = "conv2d", low = 2, high = 3, outputs = 1, flags = {},
      attributes = { "stride", "dilation", "pad", "groups" } }, by_name.conv2d)
    assert.same({ view = true }, by_name.reshape.flags)
    assert.same({ bits = 4, class = "signed", min = -8, max = 7 }, ir.dtype "i4")
    assert.same({ bits = 16, class = "float" }, ir.dtype "bf16")
  end)
end)
