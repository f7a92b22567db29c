--- verify_spec: wrong numbers are found, wherever they come from.

local command = require "tests.tools.command"
local generated = require "tests.tools.generated"
local ir = require "aot.ir"
local layers = require "aotlua.layers"
local npy = require "aotlua.import.npy"
local processor = require "tests.tools.processor"
local program = require "aot.program"
local system = require "aot.system"
local target = require "aotlua.target"

local function has(text, part)
  assert.is_truthy(text:find(part, 1, true), text)
end

describe("verify", function()
  local folder
  before_each(function()
    folder = command.folder()
    system.make_folders(folder.path .. "/data")
  end)
  after_each(function() folder:close() end)

  local function tensor(name, dtype, shape, numbers)
    npy.write(("%s/data/%s.npy"):format(folder.path, name),
      ir.tensor({ dtype = dtype, shape = shape }, numbers))
  end

  -- Data for tiny.ir, `z` its first output.
  local function write_data(z)
    tensor("input_0", "f32", { 2, 4 }, { 1, 1, 1, 1, 2, 2, 2, 2 })
    tensor("input_1", "i8", { 3 }, { 1, 2, 3 })
    tensor("output_0", "f32", { 2, 4 }, z or { -1, -2, -3, -4, -2, -4, -6, -8 })
    tensor("output_1", "i8", { 3 }, { -1, -2, -3 })
  end

  local function verify(...) return folder:run { "verify", ... } end

  it("says how each output of each set compares", function()
    write_data()
    local code, said = verify("tiny.ir", "--data", "data")
    assert.equal("data: output_0: ok, largest error 0 (0 ULP)\n"
      .. "data: output_1: ok, largest error 0 LSB\n", said)
    assert.equal(0, code)
  end)

  it("finds what differs", function()
    write_data { -1, -2, -3, -4, -2, -4, -6.5, -8 }
    local code, said = verify("tiny.ir", "--data", "data")
    assert.equal(3, code)
    has(said, "data: output_0: DIFFERENT, largest error 0.5 ")
    has(said, "  1 of 8 elements differ; the worst, element 6, is -6.0 instead of -6.5\n")
    has(said, "data: output_1: ok")
    assert.equal(0, (verify("tiny.ir", "--data", "data", "--atol", "0.5")))
    assert.equal(0, (verify("tiny.ir", "--data", "data", "--rtol", "0.1")))
    assert.equal(3, (verify("tiny.ir", "--data", "data", "--atol", "0.4")))
  end)

  it("says which of those that differ is the worst", function()
    write_data { -1000, -2, -3, -4, -2, -4, 0.5, -8 }
    local code, said = verify("tiny.ir", "--data", "data", "--rtol", "1.0", "--atol", "0")
    assert.equal(3, code)
    has(said, "largest error 999 ")
    has(said, "  1 of 8 elements differ; the worst, element 6, is -6.0 instead of 0.5\n")
  end)

  it("lets a sum that cancels out be as far off as those beside it", function()
    folder:write("sums.ir", [[
module sums
graph @main(%x : f32[512]) {
  %r = slice %x { start = [511], step = [-1], stop = [-1] } : f32[512]
  %a = reduce_sum %x { axes = [0] } : f32[1]
  %b = reduce_sum %r { axes = [0] } : f32[1]
  %d = sub %a, %b : f32[1]
  %y = concat %a, %d { axis = 0 } : f32[2]
  return %y
}
]])
    local code, said = verify "sums.ir"
    assert.equal(0, code, said)
    assert.equal(3, (verify("sums.ir", "--atol", "1e-8")))
  end)

  it("takes modes, tolerances and steps from golden.json", function()
    tensor("input_0", "i32", { 2, 1 }, { 5, 6 })
    tensor("output_0", "i32", { 2, 1 }, { -5, -12 })
    folder:write("data/golden.json",
      '{ "steps": 2, "sets": [], "compare": { "mode": "exact" } }')
    local code, said = verify("counter.ir", "--data", "data")
    assert.equal(3, code)
    has(said, "data: output_0, step 2: DIFFERENT, largest error 1 LSB")
    folder:write("data/golden.json",
      '{ "steps": 2, "sets": [], "compare": { "mode": "close", "atol": 1 } }')
    code, said = verify("counter.ir", "--data", "data")
    assert.equal("data: output_0, 2 steps: ok, largest error 1 LSB\n", said)
    assert.equal(0, code)
  end)

  it("refuses data that do not fit, in words", function()
    write_data()
    tensor("input_0", "f32", { 4, 2 }, { 1, 1, 1, 1, 2, 2, 2, 2 })
    local code, said = verify("tiny.ir", "--data", "data")
    assert.equal(1, code)
    has(said, "data: input_0 is f32[4, 2], the model's input 'x' is f32[2, 4]")
    code, said = verify("counter.ir", "--data", "data")
    assert.equal(1, code)
    has(said, "data: the data has 2 inputs, the model 1 input")
    folder:write("data/golden.json", '{ "steps": 0, "sets": [] }')
    code, said = verify("tiny.ir", "--data", "data")
    assert.equal(4, code)
    has(said, "data/golden.json: steps is a whole number from 1 on")
    folder:write("data/golden.json", "{ nonsense")
    code, said = verify("tiny.ir", "--data", "data")
    assert.equal(4, code)
    has(said, "data/golden.json: this is no JSON")
    folder:write("data/input_0.npy", "nonsense")
    os.remove(folder.path .. "/data/golden.json")
    code, said = verify("tiny.ir", "--data", "data")
    assert.equal(4, code)
    has(said, "data/input_0.npy: this is not a .npy file")
  end)

  it("judges by the evaluator where there are no data", function()
    local code, said = verify "counter.ir"
    assert.equal(0, code, said)
    has(said, "lowest: output_0, 3 steps: ok, largest error 0 LSB\n")
  end)

  it("runs under sanitizers, one array a buffer", function()
    local code, said = verify("counter.ir", "--sanitize", "--keep", "kept")
    assert.equal(0, code, said)
    assert.equal("file", system.kind(folder.path .. "/kept/1/main.c"))
  end)

  it("finds a recipe that is wrong", function()
    folder:write("wrong.lua", [[
      local c = require "targets.c"
      local wrong = {}
      for key, value in pairs(c) do wrong[key] = value end
      wrong.name = "wrong"
      wrong.kernels = { max_pool2d = function(k, op)
        for i in k:loop("i", op.type.shape[2]) do
          op:store({ 0, i, 0, 0 }, op.inputs[1](0, i, 0, 0))
        end
      end }
      return wrong
    ]])
    folder:write("pool.ir", [[
      module pool
      graph @main(%x : f32[1, 4, 2, 1]) {
        %y = max_pool2d %x { window = [1, 2] } : f32[1, 4, 1, 1]
        return %y
      }
    ]])
    local code, said = verify "pool.ir"
    assert.equal(0, code, said)
    code, said = verify("pool.ir", "--target", "wrong.lua")
    assert.equal(3, code, said)
    has(said, "random: output_0: DIFFERENT")
  end)

  it("finds the layer that is wrong, among those that share its recipe and those behind", function()
    folder:write("wrong.lua", [[
      local c = require "targets.c"
      local right = require "aotlua.kernels.max_pool2d"
      local wrong = {}
      for key, value in pairs(c) do wrong[key] = value end
      wrong.name = "wrong"
      wrong.kernels = { max_pool2d = function(k, op)
        if op.type.shape[2] ~= 2 then return right(k, op) end
        for i in k:loop("i", 2) do op:store({ 0, i, 0, 0 }, op.inputs[1](0, 2 * i, 0, 0)) end
      end }
      return wrong
    ]])
    folder:write("pools.ir", [[
      module pools
      state %last : i8[1, 2, 1, 1] = splat 1
      graph @main(%x : i8[1, 8, 1, 1], %z : f32[3]) {
        %a = max_pool2d %x { origin = "first", stride = [2, 1], window = [2, 1] } : i8[1, 4, 1, 1]
        %v = reshape %a { shape = [4] } : i8[4]
        %n = neg %v : i8[4]
        %b = max_pool2d %a { origin = "second", stride = [2, 1], window = [2, 1] } : i8[1, 2, 1, 1]
        %c = add %b, %last : i8[1, 2, 1, 1]
        %d = max_pool2d %c { window = [2, 1] } : i8[1, 1, 1, 1]
        %e = softmax %z : f32[3]
        return %d, %n, %e, next %last = %c
      }
    ]])
    local code, said = verify("pools.ir", "--per-layer")
    assert.equal(0, code, said)
    has(said, "\nlayers of pools, each with its largest error:\n   1  %a  ")
    code, said = verify("pools.ir", "--per-layer", "--target", "wrong.lua", "--sanitize")
    assert.equal(3, code, said)
    assert.matches("\n   1  %%a +max_pool2d +ok +0 LSB +first\n", said)
    assert.matches("\n   2  %%n_1 +neg +ok ", said)
    assert.matches("\n   3  %%c +max_pool2d_add_1 +DIFFERENT +%d+ LSB +second\n", said)
    assert.matches("\n   4  %%d +max_pool2d +ok ", said)
    assert.matches("\n   5  %%e +softmax +ok +%g+ %(%d+ ULP%)\n", said)
    assert.matches("\nthe first that differs is %%c, max_pool2d_add_1 %(second%)\n"
      .. "  %w+, step %d: %d of 2 elements differ; the worst, element %d, is %-?%d+ "
      .. "instead of %-?%d+\n$", said)
  end)

  it("looks at layers through every interface", function()
    for _, asked in ipairs {
      { "--set", "workspace=caller" }, { "--set", "arena=separate" },
      { "--set", "files=single" }, { "--set", "io=pools", "--set", "constants=pool" },
      { "--interface", "packed", "--calls", "packed" },
    } do
      local code, said = verify("counter.ir", "--per-layer", table.unpack(asked))
      assert.equal(0, code, said)
      has(said, "layers of counter, each with its largest error:\n   1  ")
    end
  end)

  it("does not look at layers whose text was compiled without functions of their own", function()
    folder:run { "compile", "counter.ir", "--calls", "packed", "--stop=names", "-o", "packed.ir" }
    local code, said = verify("packed.ir", "--per-layer")
    assert.equal(1, code, said)
    has(said, "layers are looked at with operators called unpacked and files=split")
    code, said = verify("packed.ir", "--calls", "unpacked")
    assert.equal(2, code, said)
    has(said, "the text was compiled with --calls packed, not unpacked")
    for asked, refusal in pairs { -- order: irrelevant, each by itself
      ["--names=plain"] = "the text was compiled with --names tvm, not plain",
      ["--set=files=single"] = "--set files=single comes too late: pass 'interface' has run, with",
      ["--set=io=pools"] = "--set io=pools comes too late: pass 'plan_memory' has run, with io=",
    } do
      code, said = verify("packed.ir", asked)
      assert.equal(2, code, said)
      has(said, refusal)
    end
    assert.equal(0, (verify("packed.ir", "--names=tvm", "--set=files=split")))
  end)

  it("holds the layers of an accelerator to what its offers promise", function()
    -- One that gives the next odd number.
    local function verify_with(changes)
      folder:write("acme.lua", ([[
        return require "aotlua.accelerator" { name = "acme", offers = { {
          name = "neg", match = "%%y = neg %%x : i8[3]", changes = %s, emit = function()
            return "for (int i = 0; i < 3; i++) {\n    "
              .. "${y}[i] = (int8_t)((${x}[i] == -128 ? 127 : -${x}[i]) | 1);\n}"
          end,
        } } }
      ]]):format(changes))
      return verify("tiny.ir", "--per-layer", "--target", "c,acme.lua")
    end
    local code, said = verify_with "nil"
    assert.equal(3, code, said)
    assert.matches("\n   2  %%m +neg_%d +DIFFERENT 1 LSB\n", said)
    assert.matches("\nthe first that differs is %%m, neg_%d\n", said)
    code, said = verify_with "{ lsb = 1 }"
    assert.equal(3, code, said) -- the output is off all the same
    assert.matches("\n   2  %%m +neg_%d +ok +1 LSB\n$", said)
  end)

  it("has no layers to look at where nothing is computed", function()
    folder:write("bare.ir", "module bare\ngraph @main(%x : f32[2]) {\n  return\n}\n")
    local code, said = verify("bare.ir", "--per-layer")
    assert.equal(0, code, said)
  end)

  it("looks at layers though the entry is so long that it is written in pieces", function()
    local module, files = generated.compiled()
    files["src/kws_lib0.c"] = { "first\n", "second\n" }
    local entry = layers.new(module, target.load "c", {}):instrument(files)["src/kws_lib0.c"]
    assert.matches("^#define tvmgen_kws_op1_[%w_]+ aotlua_probe_1\n", entry[1])
    assert.same({ "first\n", "second\n" }, { entry[2], entry[3] })
  end)

  it("names the package of a compiler that is missing", function()
    local code, said = folder:run({ "verify", "tiny.ir" }, { "CC=clang-99" })
    assert.equal(4, code)
    has(said, "the C compiler 'clang-99' is not here; Debian's package is ")
  end)

  it("holds a compiler's own vectors to the stack that there may be", function()
    if not processor.has { "avx2", "fma" } then pending "this machine has no AVX2" end
    local model = program.root .. "/examples/digits/digits_int8.onnx"
    local code, said = folder:run({ "verify", model, "--target", "x86_64_v3" }, { "CC=clang" })
    assert.equal(0, code, said)
  end)

  it("says that there is no room to build in", function()
    local code, said = folder:run({ "verify", "tiny.ir" }, { "TMPDIR=/nowhere" })
    assert.equal(4, code)
    has(said, "/nowhere/aotlua-")
  end)

  it("shows what a compiler refuses", function()
    local code, said = folder:run({ "verify", "tiny.ir" }, { "CFLAGS=-Dstatic=frob" })
    assert.equal(1, code, said)
    has(said, "did not compile the generated code")
  end)
end)
