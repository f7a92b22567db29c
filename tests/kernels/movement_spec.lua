--- movement_spec: ops that move elements compute what the evaluator computes, for every type
--- and rank.

local one_op = require "tests.tools.one_op"

local dtypes = { "f32", "f64", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "bool" }

-- Adds the op once for every type; the operands' shapes are in words.
local function each_type(batch, op, shapes, attrs)
  for _, dtype in ipairs(dtypes) do
    local operands = {}
    for i, shape in ipairs(shapes) do operands[i] = dtype .. shape end
    batch:add { op = op, operands = operands, attrs = attrs, special = true, tolerance = 0 }
  end
end

local function add(batch, op, shapes, attrs)
  local operands = {}
  for i, shape in ipairs(shapes) do operands[i] = "f32" .. shape end
  batch:add { op = op, operands = operands, attrs = attrs, tolerance = 0 }
end

local deep = "[2, 1, 3, 1, 2, 1, 2, 2]" -- the highest rank

describe("transpose", function()
  it("moves every axis to any place", function()
    local batch = one_op.new()
    each_type(batch, "transpose", { "[2, 3, 4]" }, { perm = { 2, 0, 1 } })
    for _, perm in ipairs { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 1, 0 } } do
      add(batch, "transpose", { "[2, 3, 4]" }, { perm = perm })
      add(batch, "transpose", { "[1, 3, 1]" }, { perm = perm })
    end
    add(batch, "transpose", { "[]" }, { perm = {} })
    add(batch, "transpose", { "[5]" }, { perm = { 0 } })
    add(batch, "transpose", { "[2, 0, 3]" }, { perm = { 1, 2, 0 } })
    add(batch, "transpose", { deep }, { perm = { 7, 3, 5, 0, 1, 6, 2, 4 } })
    assert.same({}, batch:run())
  end)
end)

describe("concat", function()
  it("puts operands behind one another along any axis", function()
    local batch = one_op.new()
    each_type(batch, "concat", { "[2, 3]", "[2, 1]", "[2, 4]" }, { axis = 1 })
    for axis = -3, 2 do add(batch, "concat", { "[2, 3, 4]", "[2, 3, 4]" }, { axis = axis }) end
    add(batch, "concat", { "[2, 3]" }, { axis = 0 })
    add(batch, "concat", { "[0, 3]", "[2, 3]", "[0, 3]" }, { axis = 0 })
    add(batch, "concat", { "[0, 3]", "[0, 3]" }, { axis = 0 })
    add(batch, "concat", { deep, deep }, { axis = 3 })
    batch:add { op = "concat", operands = { "i8[3]", { constant = "i8[2]" } },
      attrs = { axis = 0 } }
    assert.same({}, batch:run())
  end)
end)

describe("slice", function()
  it("steps forward and backward", function()
    local batch = one_op.new()
    each_type(batch, "slice", { "[7, 5]" }, { start = { 1, 4 }, stop = { 6, 0 }, step = { 2, -1 } })
    local function slice(shape, start, stop, step)
      add(batch, "slice", { shape }, { start = start, stop = stop, step = step })
    end
    slice("[7]", { 0 }, { 7 })
    slice("[7]", { 2 }, { 3 })
    slice("[7]", { 3 }, { 3 })
    slice("[7]", { 7 }, { 7 })
    slice("[7]", { 6 }, { -1 }, { -1 })
    slice("[7]", { 6 }, { -1 }, { -4 })
    slice("[7]", { 1 }, { 7 }, { 2147483647 })
    slice("[7]", { 5 }, { -1 }, { -2147483647 })
    slice("[7]", { 2 }, { 2 }, { -1 })
    slice("[0]", { 0 }, { 0 })
    slice("[]", {}, {})
    slice("[2, 3, 4]", { 1, 2, 0 }, { 2, 0, 4 }, { 1, -1, 3 })
    slice("[4, 2, 3, 1, 2, 1, 2, 2]", { 3, 0, 2, 0, 0, 0, 1, 0 }, { -1, 2, 0, 1, 2, 1, 2, 1 },
      { -2, 1, -1, 1, 1, 1, 1, 1 })
    assert.same({}, batch:run())
  end)
end)

describe("pad", function()
  it("puts a border of one value around", function()
    local batch = one_op.new()
    each_type(batch, "pad", { "[2, 3]" }, { before = { 1, 0 }, after = { 0, 2 } })
    local function pad(type, before, after, value)
      batch:add { op = "pad", operands = { type }, tolerance = 0,
        attrs = { before = before, after = after, value = value } }
    end
    for _, value in ipairs { 1.5, -1 / 0, 0 / 0 } do
      pad("f32[2, 3]", { 1, 2 }, { 2, 1 }, value)
      pad("f64[3]", { 5 }, { 0 }, value)
    end
    for _, dtype in ipairs { "i8", "i16", "i32", "i64" } do
      pad(dtype .. "[2, 3]", { 1, 2 }, { 2, 1 }, -128)
    end
    pad("u64[2]", { 1 }, { 1 }, math.maxinteger)
    pad("i64[2]", { 1 }, { 1 }, math.mininteger)
    pad("bool[2]", { 1 }, { 1 }, 1)
    pad("i8[2, 2] q(0.5, -7)", { 1, 0 }, { 0, 1 }, -7)
    pad("f32[]", {}, {}, 3.0)
    pad("f32[0, 2]", { 2, 0 }, { 1, 1 }, 3.0)
    pad("f32[2, 0]", { 0, 0 }, { 0, 0 })
    pad("f32[3]", { 0 }, { 0 })
    pad("f32[1, 2, 1, 1, 2, 1, 1, 2]", { 1, 0, 0, 1, 0, 0, 0, 1 }, { 0, 0, 1, 0, 0, 1, 0, 0 })
    assert.same({}, batch:run())
  end)
end)

describe("broadcast and reshape", function()
  it("repeat axes of extent 1 and put new ones in front", function()
    local batch = one_op.new()
    each_type(batch, "broadcast", { "[3, 1]" }, { shape = { 2, 3, 4 } })
    local function broadcast(from, ...) add(batch, "broadcast", { from }, { shape = { ... } }) end
    broadcast("[]", 2, 3)
    broadcast("[]")
    broadcast("[1]", 0)
    broadcast("[0, 1]", 2, 0, 3)
    broadcast("[1, 1, 1]", 2, 3, 4)
    broadcast("[2, 3]", 2, 3)
    broadcast("[1, 2, 1]", 2, 1, 2, 1, 2, 2, 2, 3)
    assert.same({}, batch:run())
  end)

  it("keep the elements of a reshape where they are", function()
    local batch = one_op.new()
    each_type(batch, "reshape", { "[2, 6]" }, { shape = { 3, 1, 4 } })
    add(batch, "reshape", { "[1, 1]" }, { shape = {} })
    add(batch, "reshape", { "[0, 4]" }, { shape = { 5, 0 } })
    assert.same({}, batch:run())
  end)
end)
