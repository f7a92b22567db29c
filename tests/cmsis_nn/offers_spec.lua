--- offers_spec: what is offered to CMSIS-NN, and why other layers are not.

local command = require "tests.tools.command"
local core = require "targets.cmsis_nn.core"

-- Lines of @main, and what explain says of the last; %y is the result.
local CONSTANTS = [[
const $w : i8[4, 3, 3, 4] q(0.5, 0) = splat 3
const $odd : i8[4, 3, 3, 4] q(0.5, 1) = splat 3
const $half : i8[4, 3, 3, 2] q(0.5, 0) = splat 3
const $deep : i8[4, 1, 1, 4] q(0.5, 0) = splat 127
const $row : i8[4, 1, 5, 4] q(0.5, 0) = splat 3
const $b : i32[4] = splat 2147480000
const $m : i32[1] = splat 1073741824
const $s : i32[1] = splat -9
const $up : i32[1] = splat 20
const $f : f32[1] = splat 0.5
const $rows : i32[2] = splat 1073741824
const $falls : i32[2] = splat -9
const $plane : i8[4, 3] q(0.5, 0) = splat 3
const $steps : i32[4] = dense [-9, -8, -7, -6]
]]

local cases = {
  { "weights around 1", "%a = conv2d %x, $odd, _ : i32[1, 2, 2, 4]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : i8[1, 2, 2, 4] q(0.5, 1)",
    "conv of cmsis_nn: weights of i8 around 0 only" },
  { "groups", "%a = conv2d %x, $half, _ { groups = 2 } : i32[1, 2, 2, 4]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : i8[1, 2, 2, 4] q(0.5, 1)",
    "conv of cmsis_nn: no groups" },
  { "single rounding", "%a = conv2d %x, $w, _ : i32[1, 2, 2, 4]\n"
    .. "%y = requantize %a, $m, $s { rounding = single } : i8[1, 2, 2, 4] q(0.5, 1)",
    "conv of cmsis_nn: it rounds twice, as TensorFlow Lite does, not 'single'" },
  { "factors of floats", "%a = conv2d %x, $w, _ : i32[1, 2, 2, 4]\n"
    .. "%y = requantize %a, $f, _ { rounding = even } : i8[1, 2, 2, 4] q(0.5, 1)",
    "conv of cmsis_nn: it rounds twice, as TensorFlow Lite does, not 'even'" },
  { "factors of another axis than the channels", "%a = conv2d %x, $w, _ : i32[1, 2, 2, 4]\n"
    .. "%y = requantize %a, $rows, $falls { axis = 1, rounding = double } : "
    .. "i8[1, 2, 2, 4] q(0.5, 1)",
    "conv of cmsis_nn: factors of channels only" },
  { "sums that overflow", "%a = conv2d %x, $w, $b : i32[1, 2, 2, 4]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : i8[1, 2, 2, 4] q(0.5, 1)",
    "conv of cmsis_nn: sums may not fit in 32 bits" },
  { "shifts that overflow", "%a = conv2d %x, $deep, _ : i32[1, 4, 4, 4]\n"
    .. "%y = requantize %a, $m, $up { rounding = double } : i8[1, 4, 4, 4] q(0.5, 1)",
    "conv of cmsis_nn: sums may not fit in 32 bits" },
  { "unsigned numbers", "%a = conv2d %u, $w, _ : i32[1, 2, 2, 4]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : u8[1, 2, 2, 4] q(0.5, 1)",
    "conv of cmsis_nn: only i8 and i16" },
  { "rows that Helium pads otherwise", "%a = conv2d %r, $row, _ { pad = [0, 0, 0, 3] } : "
    .. "i32[1, 1, 8, 4]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : i8[1, 1, 8, 4] q(0.5, 1)",
    "conv of cmsis_nn: a row that is not padded as TensorFlow Lite does" },
  { "single pixels with padding", "%a = conv2d %x, $deep, _ { pad = [0, 0, 1, 1] } : "
    .. "i32[1, 5, 5, 4]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : i8[1, 5, 5, 4] q(0.5, 1)",
    "conv of cmsis_nn: single pixels without padding only" },
  { "rows where Helium's variant takes what is beyond the end", "%a = conv2d %r, $row, _ "
    .. "{ pad = [0, 2, 0, 2], stride = [1, 2] } : i32[1, 1, 5, 4]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : i8[1, 1, 5, 4] q(0.5, 1)",
    "conv of cmsis_nn: a row where it would mistake other columns for padding" },
  { "tvm 107: zero points of 16 bits", "%p = cast %h : i32[2, 3]\n%q = cast %h : i32[2, 3]\n"
    .. "%a = mul %p, %q : i32[2, 3]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : i16[2, 3] q(0.5, 0)",
    "mul of cmsis_nn: 16 bits around 0 only" },
  { "operands of two shapes", "%p = cast %v : i32[1, 3]\n%q = cast %i : i32[2, 3]\n"
    .. "%a = mul %p, %q : i32[2, 3]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : i8[2, 3] q(0.5, 0)",
    "mul of cmsis_nn: operands of one shape" },
  { "sums of 8 bits that are raised by few", "%p = requantize %i, $m, $s { left_shift = 8, "
    .. "rounding = double } : i32[2, 3]\n%q = requantize %i, $m, $s { left_shift = 8, "
    .. "rounding = double } : i32[2, 3]\n%a = add %p, %q : i32[2, 3]\n"
    .. "%y = requantize %a, $m, $s { rounding = double } : i8[2, 3] q(0.5, 0)",
    "add of cmsis_nn: operands on a common, finer scale, rounded twice" },
  { "pools that count padding", "%y = avg_pool2d %x { count_pad = true, pad = [1, 1, 1, 1], "
    .. "window = [2, 2] } : i8[1, 5, 5, 4] q(0.5, 1)",
    "avg_pool of cmsis_nn: padding does not count" },
  { "tvm 109: pools of floats", "%y = max_pool2d %g { window = [2, 2] } : f32[1, 3, 3, 4]",
    "max_pool of cmsis_nn: only i8 and i16" },
  { "a softmax that shifts too far", "%y = softmax %i { diff_min = -248, "
    .. "multiplier = 1242899200, shift = 24 } : i8[2, 3] q(0.00390625, -128)",
    "softmax of cmsis_nn: differences may not fit in 32 bits" },
}

local PARAMS = "%x : i8[1, 4, 4, 4] q(0.5, 1), %u : u8[1, 4, 4, 4] q(0.5, 1), "
  .. "%r : i8[1, 1, 9, 4] q(0.5, 1), %h : i16[2, 3] q(0.5, 7), %v : i8[1, 3] q(0.5, 0), "
  .. "%i : i8[2, 3] q(0.5, 0), %g : f32[1, 4, 4, 4]"

describe("CMSIS-NN", function()
  local folder
  setup(function() folder = command.folder() end)
  teardown(function() folder:close() end)

  local function write(lines)
    folder:write("net.ir", ("module net\n%sgraph @main(%s) {\n%s\nreturn %%y\n}\n"):format(
      CONSTANTS, PARAMS, lines))
  end

  local function explained(lines, target)
    write(lines)
    local code, said = folder:run { "explain", "net.ir", "--target", target .. ",cmsis_nn" }
    assert.equal(0, code, said)
    return said
  end

  for _, case in ipairs(cases) do
    local number, name = case[1]:match "^(tvm %d+: )(.*)$"
    it(("%sdoes not get %s"):format(number or "", name or case[1]), function()
      local said = explained(case[2], "cortex_m55")
      assert.is_truthy(said:find("  not by " .. case[3] .. "\n", 1, true), said)
      assert.is_falsy(said:find("by accelerator", 1, true), said)
    end)
  end

  it("gets rows that only Helium refuses where there is none", function()
    assert.is_truthy(explained(cases[9][2], "cortex_m4"):find("by accelerator cmsis_nn (conv)", 1,
      true))
  end)

  it("tvm 107: gets a tensor that is added to itself", function()
    local raised = "requantize %i, $m, $s { left_shift = 20, rounding = double } : i32[2, 3]\n"
    local said = explained("%p = " .. raised .. "%q = " .. raised .. "%a = add %p, %q : i32[2, 3]\n"
      .. "%y = requantize %a, $m, $s { rounding = double } : i8[2, 3] q(0.5, 0)", "cortex_m4")
    assert.is_truthy(said:find("by accelerator cmsis_nn (add)", 1, true), said)
  end)

  it("gets the zero point of the sum, not what a clamp calls its result", function()
    write("%a = conv2d %x, $w, _ : i32[1, 2, 2, 4]\n"
      .. "%q = requantize %a, $m, $s { rounding = double } : i8[1, 2, 2, 4] q(0.5, 1)\n"
      .. "%y = clamp %q { lo = 0 } : i8[1, 2, 2, 4] q(0.5, 9)")
    assert.equal(0, (folder:run { "compile", "net.ir", "-o", "out", "--target", "c,cmsis_nn" }))
    assert.is_truthy(folder:read("out/src/net_lib1.c"):find("output_offset = 1,", 1, true))
  end)

  it("gets a factor for each result where shifts alone differ", function()
    write("%a = matmul %i, $plane, _ { transpose_b = true } : i32[2, 4]\n"
      .. "%y = requantize %a, $m, $steps { rounding = double } : i8[2, 4] q(0.5, 1)")
    assert.equal(0, (folder:run { "compile", "net.ir", "-o", "out", "--target", "c,cmsis_nn" }))
    local code = folder:read("out/src/net_lib1.c")
    assert.is_truthy(code:find("(int32_t *)multipliers, (int32_t *)shifts, 1\n", 1, true), code)
  end)

  it("is missed where its checkout is elsewhere", function()
    write "%y = max_pool2d %x { window = [2, 2] } : i8[1, 3, 3, 4] q(0.5, 1)"
    for _, path in ipairs { "", "/nowhere" } do
      local code, said = folder:run({ "verify", "net.ir", "--target", "c,cmsis_nn" },
        { "CMSIS_NN_ROOT=" .. path })
      assert.equal(4, code, said)
      assert.equal("aotlua: accelerator cmsis_nn: the compiler does not find its "
        .. "'arm_nnfunctions.h': CMSIS_NN_ROOT names no checkout of CMSIS-NN\n", said)
    end
  end)

  it("tvm 111: is told the variant by the flags that choose the processor", function()
    for flags, want in pairs { -- order: irrelevant, each is asked by itself
      ["-O2"] = "plain", ["-mcpu=cortex-m0plus"] = "plain", ["-mcpu=cortex-m3"] = "plain",
      ["-mcpu=cortex-m23"] = "plain", ["-mcpu=cortex-m4"] = "dsp", ["-mcpu=cortex-m7"] = "dsp",
      ["-mcpu=cortex-m33"] = "dsp", ["-mcpu=cortex-m33+nodsp"] = "plain",
      ["-mcpu=cortex-m55"] = "mve", ["-mcpu=cortex-m85+nomve.fp"] = "mve",
      ["-mcpu=cortex-m55+nodsp"] = "plain", ["-mcpu=cortex-m55+nomve"] = "dsp",
      ["-march=armv7e-m+fp"] = "dsp", ["-march=armv7-m"] = "plain",
      ["-march=armv8-m.main+dsp"] = "dsp",
      ["-march=armv8.1-m.main+mve"] = "mve", ["-march=armv8.1-m.main"] = "plain",
    } do
      assert.equal(want, core { cc = { flags = { flags, "-mfloat-abi=hard" } } }, flags)
    end
    assert.equal("dsp", core { cc = { flags = { "-mcpu=cortex-m55" } } })
    assert.equal("plain", core {})
  end)
end)
