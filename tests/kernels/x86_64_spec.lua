--- Products of floats on x86-64 are exact for every size: pixels, depth, columns, borders.
--
-- Inputs and weights are small integers, whose sums floats hold exactly in any order.

local harness = require "tests.kernels.harness"
local ir = require "aot.ir"
local kernels = require "aotlua.kernels"
local pipeline = require "aotlua.pipeline"
local processor = require "tests.tools.processor"
local text = require "aotlua.text"
local types = require "aotlua.types"

local v3, v4 = require "targets.x86_64_v3", require "targets.x86_64_v4"

local function integers(count, factor)
  local list = {}
  for i = 1, count do list[i] = (i * factor + i // 7) % 15 - 7.0 end
  return list
end

local function dense(shape, factor)
  local list = integers(types.count { shape = shape }, factor)
  for i, number in ipairs(list) do list[i] = ("%.1f"):format(number) end
  return ("f32[%s] = dense [%s]"):format(table.concat(shape, ", "), table.concat(list, ", "))
end

-- The module as the target's passes leave it for its kernels, and what the evaluator makes of
-- the one before.
local function add(cases, title, source)
  local module, inputs = text.parse(source, title), {}
  for i, param in ipairs(module:main().params) do
    inputs[i] = ir.tensor(param.type, integers(types.count(param.type), 2 * i + 3))
  end
  local expected = module:main():eval(inputs)
  pipeline.run(module, { target = cases.target, stop = "pack_weights" })
  cases:add(title, module, { inputs = inputs, expected = expected })
  return module
end

local function matmul(cases, m, k, n, options)
  options = options or {}
  local batch = options.batch and options.batch .. ", " or ""
  local w = dense(options.transpose_b and { n, k } or { k, n }, 11)
  return add(cases, ("matmul of %s%d, %d, %d"):format(batch, m, k, n), ([[
module t
const $w : %s
const $b : %s
graph @main(%%x : f32[%s%d, %d]) {
  %%c = matmul %%x, $w, %s%s : f32[%s%d, %d]
  %%y = clamp %%c { lo = -5.0 } : f32[%s%d, %d]
  return %%y
}
]]):format(w, dense({ n }, 5), batch, m, k, options.no_bias and "_" or "$b",
    options.transpose_b and " { transpose_b = true }" or "", batch, m, n, batch, m, n))
end

-- A convolution with a residual and a broadcast operand behind it.
local function conv2d(cases, c)
  local attrs, groups = c.attrs or "", c.groups or 1
  local shape = ("f32[%d, %d, %d, %d]"):format(c.n or 1, c.out[1], c.out[2], c.o)
  return add(cases, ("conv2d of %s, %dx%d to %d {%s}"):format(table.concat(c.x, "x"), c.k[1],
    c.k[2], c.o, attrs), ([[
module t
const $w : %s
const $b : %s
graph @main(%%x : f32[%d, %d, %d, %d], %%r : %s, %%s : f32[1, %d, 1, 1]) {
  %%c = conv2d %%x, $w, $b { groups = %d%s } : %s
  %%a = add %%c, %%r : %s
  %%d = mul %%a, %%s : %s
  %%l = less %%d, %%r : bool[%s
  %%e = select %%l, %%a, %%d : %s
  %%f = clamp %%e { hi = 90.0, lo = -90.0 } : %s
  %%y = %s %%f : %s
  return %%y
}
]]):format(dense({ c.o, c.k[1], c.k[2], c.x[3] // groups }, 13), dense({ c.o }, 3), c.n or 1,
    c.x[1], c.x[2], c.x[3], shape, c.out[1], groups, attrs, shape, shape, shape,
    shape:sub(5), shape, shape, c.last or "neg", shape))
end

-- Of two operands that are no constants.
local function product(cases, batch, m, k, n)
  add(cases, ("product of %s%d, %d, %d"):format(batch, m, k, n), ([[
module t
graph @main(%%x : f32[%s%d, %d], %%w : f32[%s%d, %d]) {
  %%y = matmul %%x, %%w, _ : f32[%s%d, %d]
  return %%y
}
]]):format(batch, m, k, batch, k, n, batch, m, n))
end

local function matmuls(target)
  local cases = harness.new { name = "matmul", target = target }
  for _, m in ipairs { 1, 2, 5, 13 } do
    for _, n in ipairs { 1, 9, 33 } do matmul(cases, m, 1 + m * n % 9, n) end
  end
  matmul(cases, 3, 5, 70)
  matmul(cases, 6, 4, 16, { no_bias = true })
  matmul(cases, 6, 4, 19, { no_bias = true, transpose_b = true })
  matmul(cases, 5, 3, 20, { batch = 3, transpose_b = true })
  product(cases, "", 7, 5, 31)
  product(cases, "2, 3, ", 5, 9, 16)
  product(cases, "3, ", 1, 4, 3)
  return cases
end

local function convolutions(target)
  local cases = harness.new { name = "conv2d", target = target }
  local same = ", pad = [1, 1, 1, 1]"
  conv2d(cases, { n = 2, x = { 5, 3, 7 }, k = { 1, 1 }, o = 19, out = { 5, 3 } })
  conv2d(cases, { x = { 7, 13, 3 }, k = { 3, 3 }, o = 17, out = { 7, 13 }, attrs = same })
  conv2d(cases, { n = 2, x = { 4, 3, 2 }, k = { 3, 3 }, o = 8, out = { 4, 3 }, attrs = same })
  conv2d(cases, { x = { 8, 29, 4 }, k = { 3, 5 }, o = 16, out = { 4, 15 },
    attrs = ", pad = [1, 2, 0, 2], stride = [2, 2]" })
  conv2d(cases, { x = { 9, 20, 3 }, k = { 3, 3 }, o = 24, out = { 9, 20 },
    attrs = ", dilation = [2, 2], pad = [2, 2, 2, 2]" })
  conv2d(cases, { x = { 6, 11, 5 }, k = { 1, 1 }, o = 9, out = { 3, 6 },
    attrs = ", stride = [2, 2]" })
  conv2d(cases, { x = { 1, 40, 2 }, k = { 1, 9 }, o = 5, out = { 1, 40 },
    attrs = ", pad = [0, 8, 0, 0]" })
  conv2d(cases, { x = { 2, 2, 3 }, k = { 5, 5 }, o = 3, out = { 2, 2 },
    attrs = ", pad = [2, 2, 2, 2]" })
  -- depthwise: whole panels, and narrower vectors down to one lane
  for _, channels in ipairs { 3, 8, 23, 47 } do
    conv2d(cases, { x = { 6, 9, channels }, k = { 3, 3 }, o = channels, groups = channels,
      out = { 6, 9 }, attrs = same })
  end
  conv2d(cases, { x = { 7, 13, 21 }, k = { 3, 3 }, o = 21, groups = 21, out = { 4, 7 },
    attrs = same .. ", stride = [2, 2]" })
  conv2d(cases, { x = { 9, 9, 12 }, k = { 3, 3 }, o = 12, groups = 12, out = { 9, 9 },
    attrs = ", dilation = [2, 2], pad = [2, 2, 2, 2]" })
  -- what has no vector form is done lane by lane
  conv2d(cases, { x = { 5, 5, 3 }, k = { 1, 1 }, o = 11, out = { 5, 5 }, last = "abs" })
  -- neither: the portable recipe
  conv2d(cases, { x = { 4, 5, 6 }, k = { 3, 3 }, o = 4, groups = 2, out = { 4, 5 }, attrs = same })
  return cases
end

-- Vectors wider than the machine's lie on the stack, and so do those that sanitizers watch.
local without = { "-O1", "-Wno-frame-larger-than" }
local checked = { "-O0", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
  "-Wno-frame-larger-than", "-mavx2", "-mfma" }
local fast = { "-O2", "-mavx2", "-mfma" }
if not processor.has { "avx2", "fma" } then checked, fast = without, without end

describe("x86_64 products", function()
  it("of matrices are the evaluator's on AVX2", function()
    local cases = matmuls(v3)
    assert.same({}, cases:run("gcc", checked))
    assert.same({}, cases:run("clang", fast))
  end)

  it("of images are the evaluator's on AVX2", function()
    local cases = convolutions(v3)
    assert.same({}, cases:run("gcc", checked))
    assert.same({}, cases:run("clang", fast))
  end)

  it("are the evaluator's for AVX-512, computed without it", function()
    assert.same({}, matmuls(v4):run("gcc", without))
    assert.same({}, convolutions(v4):run("clang", without))
  end)

  it("take a user's parameters, and refuse those that cannot be", function()
    local target = {}
    for key, value in pairs(v3) do target[key] = value end -- order: irrelevant, a copy
    local function small(parameters)
      target.schedules = { conv2d = parameters }
      local cases = harness.new { name = "conv2d", target = target }
      conv2d(cases, { x = { 3, 5, 2 }, k = { 1, 1 }, o = 19, out = { 3, 5 } })
      -- one pixel a tile, so many tiles reach beyond the image that the portable recipe serves
      conv2d(cases, { x = { 1, 29, 2 }, k = { 1, 27 }, o = 5, out = { 1, 29 },
        attrs = ", pad = [0, 13, 0, 13]" })
      return cases
    end
    assert.same({}, small({ mr = 1, nr = 8, lanes = 4 }):run("gcc", fast))
    for said, parameters in pairs { -- order: irrelevant, each is a case
      ["nr = 12; it is a multiple of lanes, 8"] = { mr = 2, nr = 12, lanes = 8 },
      ["mr = 0; it is an integer from 1"] = { mr = 0, nr = 16, lanes = 8 },
      ["mr = 257; it is an integer from 1 to 256"] = { mr = 257, nr = 16, lanes = 8 },
      ["lanes = nil; it is an integer from 1"] = { mr = 2, nr = 16 },
      ["nr = 8.5; it is an integer from 1"] = { mr = 2, nr = 8.5, lanes = 8 },
    } do
      local ok, why = pcall(small, parameters)
      assert.is_false(ok)
      assert.truthy(tostring(why):find("the schedule of %c has " .. said, 1, true), tostring(why))
    end
  end)

  it("take a kilobyte of stack at most, with functions behind them or of one channel", function()
    if not processor.has { "sse2" } then pending "this is no x86-64" end
    for _, target in ipairs { v3, v4 } do
      local cases = harness.new { name = "frames", target = target }
      conv2d(cases, { x = { 2, 28, 8 }, k = { 1, 1 }, o = 32, out = { 2, 28 }, last = "erf" })
      conv2d(cases, { x = { 28, 28, 1 }, k = { 5, 5 }, o = 8, out = { 28, 28 },
        attrs = ", pad = [2, 2, 2, 2]" })
      for _, compiler in ipairs { "gcc", "clang" } do
        assert.same({}, cases:compile(compiler, target.cc.flags))
      end
    end
  end)

  it("are held in registers, with whatever follows", function()
    local cases = harness.new { name = "conv2d", target = v3 }
    local module = conv2d(cases, { x = { 8, 8, 4 }, k = { 1, 1 }, o = 16, out = { 8, 8 } })
    local node = module:main():nodes()()
    assert.equal("call", node.op)
    local code = kernels.build(node, v3):definition "f"
    assert.truthy(code:find("sum0_1 = aotrt_fma_f32x8(x0, w1, sum0_1);", 1, true))
    assert.truthy(code:find("aotrt_max_f32x8(", 1, true))
  end)
end)
