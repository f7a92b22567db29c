--- calls_spec: the C that calls CMSIS-NN, as calls_<target>.golden has it. AOT_BLESS=1 writes it.
--
-- That the calls compile, and what they compute, tests/cross/cmsis_nn_spec.lua shows where there is
-- a checkout of the library.

local command = require "tests.tools.command"
local root = (require "aot.program").root
local shell = require "tests.tools.shell"

-- A layer of each kind.
local NET = [[
module net
const $scales : f32[8] = splat 0.5
const $w : i8[8, 3, 3, 4] q($scales, 0, axis 0) = splat 3
const $d : i8[8, 5, 5, 1] q($scales, 0, axis 0) = splat 3
const $row : i8[8, 1, 3, 4] q($scales, 0, axis 0) = splat 3
const $f : i8[8, 12] q(0.5, 0) = splat 3
const $b : i32[8] = dense [1, 2, 3, 4, 5, 6, 7, 8]
const $long : i64[8] = dense [1, 2, 3, 4, 5, 6, 7, 8]
const $m : i32[8] = splat 1073741824
const $s : i32[8] = splat -9
const $m1 : i32[1] = splat 1073741824
const $s1 : i32[1] = splat -9
const $minus3 : i32[] = dense [-3]
graph @main(%x : i8[1, 6, 6, 4] q(0.5, -3), %y : i8[1, 6, 6, 8] q(0.5, 7),
            %line : i8[1, 1, 9, 4] q(0.5, -3), %vector : i8[2, 12] q(0.5, -3),
            %wide : i16[1, 6, 6, 8] q(0.5, 0), %words : i16[2, 12] q(0.5, 0)) {
  %a = conv2d %x, $w, $b { pad = [1, 1, 1, 1], stride = [2, 2] } : i32[1, 3, 3, 8]
  %conv = requantize %a, $m, $s { rounding = "double" } : i8[1, 3, 3, 8] q(0.5, -5)
  %c = conv2d %line, $row, _ { pad = [0, 1, 0, 1] } : i32[1, 1, 9, 8]
  %d = requantize %c, $m1, $s1 { rounding = "double" } : i8[1, 1, 9, 8] q(0.5, -5)
  %row = clamp %d { hi = 90, lo = -5 } : i8[1, 1, 9, 8] q(0.5, -5)
  %e = conv2d %y, $d, $b { groups = 8, pad = [2, 2, 2, 2] } : i32[1, 6, 6, 8]
  %depthwise = requantize %e, $m, $s { rounding = "double" } : i8[1, 6, 6, 8] q(0.5, -5)
  %g = conv2d %wide, $d, $long { groups = 8, pad = [2, 2, 2, 2] } : i64[1, 6, 6, 8]
  %wide_depthwise = requantize %g, $m, $s { rounding = "double" } : i16[1, 6, 6, 8] q(0.5, 0)
  %h = matmul %vector, $f, $b { transpose_b = true } : i32[2, 8]
  %full = requantize %h, $m1, $s1 { rounding = "double" } : i8[2, 8] q(0.5, -5)
  %i = matmul %words, $f, $long { transpose_b = true } : i64[2, 8]
  %wide_full = requantize %i, $m1, $s1 { rounding = "double" } : i16[2, 8] q(0.5, 0)
  %most = max_pool2d %x { stride = [2, 2], window = [2, 2] } : i8[1, 3, 3, 4] q(0.5, -3)
  %mean = avg_pool2d %wide { pad = [0, 1, 0, 1], window = [6, 3] } : i16[1, 1, 6, 8] q(0.5, 0)
  %j = requantize %vector, $m1, $s1 { left_shift = 20, rounding = "double" } : i32[2, 12]
  %k = requantize %vector, $m1, $s1 { left_shift = 20, rounding = "double" } : i32[2, 12]
  %l = add %j, %k : i32[2, 12]
  %sum = requantize %l, $m1, $s1 { rounding = "double" } : i8[2, 12] q(0.5, -5)
  %n = cast %vector : i32[2, 12]
  %o = sub %n, $minus3 : i32[2, 12]
  %p = cast %vector : i32[2, 12]
  %q = sub %p, $minus3 : i32[2, 12]
  %r = mul %o, %q : i32[2, 12]
  %product = requantize %r, $m1, $s1 { rounding = "double" } : i8[2, 12] q(0.5, -5)
  %soft = softmax %vector { diff_min = -124, multiplier = 1242899200, shift = 24 }
    : i8[2, 12] q(0.00390625, -128)
  return %conv, %row, %depthwise, %wide_depthwise, %full, %wide_full, %most, %mean, %sum,
    %product, %soft
}
]]

-- Functions without what stands before the first, by name.
local function functions_of(text)
  return text:match "\n(/%* .*)$" or text
end

describe("CMSIS-NN", function()
  for _, target in ipairs { "cortex_m3", "cortex_m4", "cortex_m55" } do
    it(("tvm 107, 108, 109: is called as before on %s"):format(target), function()
      local folder = command.folder()
      folder:write("net.ir", NET:gsub(",\n +", ", "):gsub("\n +: ", " : "))
      local code, said = folder:run { "compile", "net.ir", "--name", "net", "-o", "out",
        "--target", target .. ",cmsis_nn" }
      assert.equal(0, code, said)
      local found = functions_of(folder:read "out/src/net_lib1.c")
      folder:close()
      local path = ("%s/tests/cmsis_nn/calls_%s.golden"):format(root, target)
      if os.getenv "AOT_BLESS" == "1" then shell.write(path, found) end
      assert.equal(shell.read(path), found)
    end)
  end
end)
