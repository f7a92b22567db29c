--- xnnpack_spec: a library of the host computes layers, each within what its offer promises.

local command = require "tests.tools.command"
local golden_data = require "tests.tools.golden_data"
local shell = require "tests.tools.shell"
local system = require "aot.system"

local floats = [[
module net
const $w : f32[6, 3, 3, 4] = splat 0.25
const $b : f32[6] = dense [1.0, -2.0, 3.0, 0.5, 0.0, -1.0]
const $d : f32[6, 3, 3, 1] = splat -0.5
const $e : f32[6, 3, 3, 1] = splat 0.75
const $g : f32[4, 1, 1, 3] = splat 0.125
const $f : f32[24, 5] = splat 0.0625
const $h : f32[3, 5] = splat 1.5
graph @main(%x : f32[1, 9, 8, 4]) {
  %c1 = conv2d %x, $w, $b { stride = [2, 1], pad = [1, 0, 1, 2] } : f32[1, 5, 8, 6]
  %c2 = clamp %c1 { lo = 0.0 } : f32[1, 5, 8, 6]
  %d1 = conv2d %c2, $d, _ { groups = 6, pad = [1, 1, 1, 1] } : f32[1, 5, 8, 6]
  %e1 = conv2d %d1, $e, _ { groups = 6, pad = [1, 1, 1, 1] } : f32[1, 5, 8, 6]
  %e2 = conv2d %e1, $e, _ { groups = 6, pad = [2, 2, 2, 2], dilation = [2, 2] } : f32[1, 5, 8, 6]
  %d2 = clamp %e2 { lo = -3.0, hi = 6.0 } : f32[1, 5, 8, 6]
  %g1 = conv2d %d2, $g, _ { groups = 2 } : f32[1, 5, 8, 4]
  %p1 = max_pool2d %g1 { window = [2, 2], stride = [2, 2], pad = [0, 0, 1, 0] } : f32[1, 3, 4, 4]
  %p2 = avg_pool2d %p1 { window = [3, 3], stride = [1, 2], pad = [1, 1, 1, 1] } : f32[1, 3, 2, 4]
  %r = reshape %p2 { shape = [1, 24] } : f32[1, 24]
  %m = matmul %r, $f, _ : f32[1, 5]
  %y = matmul %m, $h, _ { transpose_b = true } : f32[1, 3]
  return %y
}
]]

local bytes = [[
module net
const $w : i8[3, 3, 3, 2] = splat 5
const $s : f32[3] = dense [0.01, 0.02, 0.005]
const $b : i32[3] = dense [100, -200, 3000]
const $d : i8[3, 3, 3, 1] = splat -77
const $t : i32[1] = dense [1500000000]
const $u : i32[1] = dense [-6]
const $f : i8[27, 4] = splat 11
const $q : i32[4] = dense [1500000000, 1400000000, 1300000000, 1200000000]
const $v : i32[4] = dense [-7, -8, -6, -7]
graph @main(%x : i8[1, 6, 6, 2] q(0.5, -3)) {
  %c1 = conv2d %x, $w, $b { pad = [1, 1, 1, 1] } : i32[1, 6, 6, 3]
  %c2 = requantize %c1, $s { rounding = even } : i8[1, 6, 6, 3] q(0.5, 7)
  %d1 = conv2d %c2, $d, _ { groups = 3, pad = [1, 1, 1, 1] } : i32[1, 6, 6, 3]
  %d2 = requantize %d1, $t, $u { rounding = double } : i8[1, 6, 6, 3] q(0.5, -11)
  %p = max_pool2d %d2 { window = [2, 2], stride = [2, 2] } : i8[1, 3, 3, 3] q(0.5, -11)
  %r = reshape %p { shape = [1, 27] } : i8[1, 27] q(0.5, -11)
  %m = matmul %r, $f, _ : i32[1, 4]
  %y = requantize %m, $q, $v { rounding = double } : i8[1, 4] q(0.25, 1)
  return %y
}
]]

describe("xnnpack", function()
  local folder = command.folder()
  teardown(function() folder:close() end)
  folder:write("floats.ir", floats)
  folder:write("bytes.ir", bytes)
  folder:write("probe.c", "#include <xnnpack.h>\nint main(void) { return 0; }\n")

  local is_here = shell.run({ "cc", "probe.c", "-lXNNPACK", "-o", "probe" },
    { folder = folder.path }) == 0

  -- Verifies a model: how many layers it has, each within what is promised, and all that is said of
  -- it. Without the library the test is skipped, and gets nothing.
  local function layers(model, ...)
    if not is_here then
      pending "XNNPACK is not here; Debian's packages are libxnnpack-dev and libpthreadpool-dev"
      return nil
    end
    local _, said = folder:run { "verify", model, "--per-layer", "--target", "c,xnnpack", ... }
    local count = 0
    for line in said:gmatch "[^\n]+" do
      if line:find "^ *%d+  %%" then
        count = count + 1
        assert.matches(" ok ", line)
      end
    end
    return count, said
  end

  it("takes convolutions, products and pooling of floats", function()
    local said = folder:output { "explain", "floats.ir", "--target", "c,xnnpack" }
    assert.equal(9, select(2, said:gsub("by accelerator xnnpack", "")))
    assert.is_nil(said:find("portable", 1, true))
  end)

  it("takes convolutions, products and pooling of int8", function()
    local said = folder:output { "explain", "bytes.ir", "--target", "c,xnnpack" }
    assert.equal(4, select(2, said:gsub("by accelerator xnnpack", "")))
    assert.is_nil(said:find("portable", 1, true))
  end)

  it("is called like this", function()
    folder:output { "bytes.ir", "--target", "c,xnnpack", "--name", "net", "-o", "called" }
    local code = folder:read "called/src/net_lib1.c"
    assert.is_truthy(code:find([[
{
    int32_t status = 0;
    static aotlua_xnnpack_layer layers;
    static const struct aotlua_xnnpack_conv conv = {
        { 1, 6, 6, 2, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1 },
        1, -HUGE_VALF, HUGE_VALF, -3, 7
    };
    status = aotlua_xnnpack_conv_s8(&layers, &conv, x, w, b, factors, y);
    return status;
}]], 1, true), code)
  end)

  it("computes floats within their order", function()
    assert.equal(is_here and 9 or nil, layers("floats.ir"))
  end)

  it("computes integers to within one", function()
    assert.equal(is_here and 4 or nil, layers("bytes.ir"))
  end)

  it("leaves what it would compute otherwise", function()
    local said = folder:output { "explain", "floats.ir", "--target", "c,xnnpack" }
    assert.is_truthy(said:find("%d1: conv2d", 1, true))
    folder:write("odd.ir", (bytes:gsub("0%.005", "256.0")))
    said = folder:output { "explain", "odd.ir", "--target", "c,xnnpack" }
    assert.is_truthy(said:find("not by conv2d_even of xnnpack: scales beyond those of XNNPACK", 1,
      true))
    folder:write("odd.ir", (bytes:gsub("%$w : i8(%S+ %S+ %S+ %S+) =", "$w : i8%1 q(0.1, 3) =")))
    said = folder:output { "explain", "odd.ir", "--target", "c,xnnpack" }
    assert.is_truthy(said:find("not by conv2d_even of xnnpack: weights around 0 only", 1, true))
  end)

  -- The paths of a network beside the repository and of its data, where it is.
  local function network(file)
    local path, missing = golden_data.find(file)
    if not path then
      pending(missing)
      return nil
    end
    path = shell.must({ "realpath", path }):gsub("\n", "")
    return path, (path:gsub("[^/]*$", "golden/%0"))
  end

  it("computes MobileNet v1 of floats within the golden tolerance", function()
    local path, data = network "mobilenet_v1_0.25_128_fp32.onnx"
    local count, said
    if path then count, said = layers(path, "--data", data) end
    if count then
      assert.equal(31, count)
      assert.is_nil(said:find("DIFFERENT", 1, true))
    end
  end)

  -- The first is MobileNet v1, the others v2.
  for index, case in ipairs { { "person_detect_int8.tflite", 30 },
    { "mobilenet_v2_1.0_224_int8.tflite", 67 }, { "mobilenet_v2_1.0_224_qdq.onnx", 69 } } do
    local file, nodes = table.unpack(case)
    it(("computes each layer of %s to within one, and the same answer"):format(file), function()
      if index > 1 and os.getenv "AOT_TESTS" ~= "all" then
        pending "one of the slow models: tests/run all"
        return
      end
      local path, data = network(file)
      if not path then return end
      shell.must { "cp", "-r", data, folder.path .. "/data" }
      folder:write("data/golden.json",
        '{ "sets": [{ "dir": "set0" }], "compare": { "mode": "quant_close", "atol": 10 } }')
      local count, said = layers(path, "--data", "data")
      system.remove(folder.path .. "/data")
      assert.equal(is_here and nodes or nil, count)
      assert.is_nil((said or ""):find("DIFFERENT", 1, true))
    end)
  end
end)
