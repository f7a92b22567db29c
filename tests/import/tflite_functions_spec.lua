--- tflite_functions_spec: TFLite operators, and forms of them, that the recorded cases leave out.

local fb = require "tests.tools.flatbuffer_writer"
local networks = require "tests.tools.tflite_network"

local t, network, run = networks.t, networks.network, networks.run

local function i32(...)
  return t("i32", { select("#", ...) }, nil, { ... })
end

local function check_near(found, reals)
  for i, real in ipairs(reals) do
    assert(math.abs(found[i] - real) <= 1e-6 * math.max(1, math.abs(real)),
      ("element %d: %s, not %s"):format(i, found[i], real))
  end
end

-- The stored results of an operator on all of -128 to 127 are within `units` of the real function.
local function check_int8(op, fields)
  local from, to, xs = fields.from, fields.to, {}
  for x = -128, 127 do xs[#xs + 1] = x end
  local module = network(op, { t("i8", { 256 }, from) }, { t("i8", { 256 }, to) }, fields.options)
  local found = run(module, xs)[1]
  for i, x in ipairs(xs) do
    local real = fields.real((x - from[2]) * from[1]) / to[1] + to[2]
    local exact = math.max(-128, math.min(127, real))
    assert(math.abs(found[i] - exact) <= 1, ("%s of %d: %d, not %s"):format(op, x, found[i], exact))
  end
end

describe("TFLite functions of floats", function()
  it("are those of their names", function()
    local xs = { 0.25, 1.0, 2.5 }
    local functions = { SIN = math.sin, COS = math.cos, LOG = math.log, SQRT = math.sqrt,
      EXP = math.exp, SQUARE = function(x) return x * x end,
      TANH = function(x) return (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1) end,
      LOGISTIC = function(x) return 1 / (1 + math.exp(-x)) end }
    for op, real in pairs(functions) do -- order: irrelevant, each is checked alone
      local reals = {}
      for i, x in ipairs(xs) do reals[i] = real(x) end
      check_near(run(network(op, { t("f32", { 3 }) }, { t("f32", { 3 }) }), xs)[1], reals)
    end
  end)

  it("POW, PRELU and L2_NORMALIZATION", function()
    local module = network("POW", { t("f32", { 2 }), t("f32", { 2 }) }, { t("f32", { 2 }) })
    check_near(run(module, { 2, 9 }, { 3, 0.5 })[1], { 8, 3 })
    module = network("PRELU", { t("f32", { 1, 2 }), t("f32", { 2 }, nil, { 0.5, 2 }) },
      { t("f32", { 1, 2 }) })
    check_near(run(module, { -4, 3 })[1], { -2, 3 })
    module = network("L2_NORMALIZATION", { t("f32", { 2, 2 }) }, { t("f32", { 2, 2 }) },
      { [0] = fb.i8(0) })
    check_near(run(module, { 3, 4, 0, 0 })[1], { 0.6, 0.8, 0, 0 })
  end)
end)

describe("TFLite functions of int8", function()
  it("are within a unit of the real function", function()
    check_int8("TANH", { from = { 0.03, 5 }, to = { 1 / 128, 0 }, real = function(x)
      return (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1)
    end })
    check_int8("EXP", { from = { 0.02, 10 }, to = { 0.1, -128 }, real = math.exp })
    check_int8("LEAKY_RELU", { from = { 0.05, 3 }, to = { 0.04, -9 },
      options = { [0] = fb.f32(0.25) }, real = function(x) return x < 0 and x / 4 or x end })
    check_int8("LEAKY_RELU", { from = { 0.05, 3 }, to = { 0.04, -9 },
      options = { [0] = fb.f32(-0.5) }, real = function(x) return x < 0 and -x / 2 or x end })
    check_int8("HARD_SWISH", { from = { 0.05, -3 }, to = { 0.04, -100 }, real = function(x)
      return x * math.min(math.max(x + 3, 0), 6) / 6
    end })
  end)
end)

describe("TFLite logic, choices and reductions", function()
  it("LOGICAL_OR and SELECT", function()
    local module = network("LOGICAL_OR", { t("bool", { 4 }), t("bool", { 4 }) },
      { t("bool", { 4 }) })
    assert.same({ 0, 1, 1, 1 }, run(module, { 0, 0, 1, 1 }, { 0, 1, 0, 1 })[1])
    module = network("SELECT", { t("bool", { 2 }), t("i32", { 2 }), t("i32", { 2 }) },
      { t("i32", { 2 }) })
    assert.same({ 1, 4 }, run(module, { 1, 0 }, { 1, 2 }, { 3, 4 })[1])
  end)

  it("REDUCE_MIN, REDUCE_PROD, REDUCE_ANY and REDUCE_ALL", function()
    local function reduced(op, dtype, numbers)
      local module = network(op, { t(dtype, { 2, 2 }), i32(-1) }, { t(dtype, { 2 }) },
        { [0] = fb.u8(0) })
      return run(module, numbers)[1]
    end
    assert.same({ 1, -4 }, reduced("REDUCE_MIN", "i32", { 2, 1, 3, -4 }))
    assert.same({ 2, -12 }, reduced("REDUCE_PROD", "i32", { 2, 1, 3, -4 }))
    assert.same({ 1, 0 }, reduced("REDUCE_ANY", "bool", { 0, 1, 0, 0 }))
    assert.same({ 1, 0 }, reduced("REDUCE_ALL", "bool", { 1, 1, 0, 1 }))
  end)

  it("FLOOR_DIV and FLOOR_MOD of whole numbers go down", function()
    local both = { t("i32", { 3 }), t("i32", { 3 }) }
    local module = network("FLOOR_DIV", both, { t("i32", { 3 }) })
    assert.same({ -4, 3, -4 }, run(module, { -7, 7, 7 }, { 2, 2, -2 })[1])
    module = network("FLOOR_MOD", both, { t("i32", { 3 }) })
    assert.same({ 1, 1, -1 }, run(module, { -7, 7, 7 }, { 2, 2, -2 })[1])
  end)

  it("CAST of whole numbers keeps the lower bits", function()
    local module = network("CAST", { t("i32", { 4 }) }, { t("i8", { 4 }) })
    assert.same({ -128, 127, 0, -1 }, run(module, { 128, -129, 256, -1 })[1])
  end)
end)

describe("TFLite's STRIDED_SLICE", function()
  it("skips axes by an ellipsis and adds new ones", function()
    local function slice(ranges, masks, shape)
      local module = network("STRIDED_SLICE", { t("f32", { 2, 2, 2 }), i32(table.unpack(ranges[1])),
        i32(table.unpack(ranges[2])), i32(table.unpack(ranges[3])) }, { t("f32", shape) }, {
        [0] = fb.i32(0), fb.i32(0), fb.i32(masks.ellipsis or 0), fb.i32(masks.new or 0),
        fb.i32(masks.shrink or 0) })
      return run(module, { 1, 2, 3, 4, 5, 6, 7, 8 })[1]
    end
    local last = { { 0, 1 }, { 0, 2 }, { 1, 1 } }
    assert.same({ 2, 4, 6, 8 }, slice(last, { ellipsis = 1 }, { 2, 2, 1 }))
    assert.same({ 2, 4, 6, 8 }, slice(last, { ellipsis = 1, shrink = 2 }, { 2, 2 }))
    assert.same({ 5, 6, 7, 8 }, slice({ { 0, 1 }, { 0, 2 }, { 1, 1 } }, { new = 1 },
      { 1, 1, 2, 2 }))
    assert.error_matches(function() slice(last, { ellipsis = 3 }, { 2, 2, 2 }) end, "2 ellipses")
  end)
end)
