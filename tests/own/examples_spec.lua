--- examples_spec: the examples of ops, recipes and passes of one's own: right for every verb, and
--- what they say they do is in the C.

local command = require "tests.tools.command"
local ir = require "aot.ir"
local npy = require "aotlua.import.npy"
local own_models = require "tests.tools.own_models"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"

local examples = program.root .. "/examples/"

local function has(said, part) assert.is_truthy(said:find(part, 1, true), said) end

-- Swish by its definition, in double precision.
local function swish(x, alpha) return x / (1 + math.exp(-alpha * x)) end

describe("an op of one's own", function()
  local folder = command.folder()
  local build = examples .. "own_op/build.lua"
  teardown(function() folder:close() end)

  it("is in networks that the test tools wrote", function()
    assert.equal(own_models.onnx(), shell.read(examples .. "own_op/gate.onnx"))
    assert.equal(own_models.tflite(), shell.read(examples .. "own_op/gate.tflite"))
  end)

  it("is unknown without the script", function()
    local code, said = folder:run { examples .. "own_op/gate.onnx" }
    assert.equal(1, code)
    has(said, "node 1 'gate' com.acme.Swish (com.acme 1): there is no import for it")
  end)

  it("is fused with what stands around it", function()
    local said = folder:output { "explain", build }
    has(said, "%r_1: conv2d, mul, logistic, mul\n")
    has(said, "%gate: conv2d, requantize, clamp, dequantize, mul, logistic, mul, quantize\n")
  end)

  it("is compiled by its recipe where it has one", function()
    has(folder:output { "explain", build }, "%r: mul, logistic, mul\n  by recipe acme.swish")
    has(folder:output { "kernel", build, "r" }, "/ (expf(")
  end)

  it("is equal to the evaluator, layer by layer", function()
    local said = folder:output { "verify", build, "--per-layer", "--sanitize" }
    has(said, "acme_swish_")
    has(said, "node 1 'gate' com.acme.Swish")
  end)

  it("keeps its meaning in every pass", function()
    assert.is_nil(folder:output({ "check", build }):find "DIFFERENT")
  end)

  it("computes what it says", function()
    folder:write("tiny.onnx", own_models.alone(4, 1.5))
    folder:write("build.lua", ([[
      package.path = package.path .. ";%sown_op/?.lua"
      require "aotlua".build { model = "tiny.onnx", out = "out", ops = { (require "swish") },
        import = { onnx = { ["com.acme"] = { Swish = "acme.swish" } } } }
    ]]):format(examples))
    system.make_folders(folder.path .. "/data")
    local numbers = { -3.0, -0.5, 0.0, 2.0 }
    npy.write(folder.path .. "/data/input_0.npy", ir.tensor({ dtype = "f32", shape = { 4 } },
      numbers))
    folder:output { "run", "build.lua", "--data", "data" }
    local got = npy.read(folder.path .. "/tiny_out/output_0.npy"):list()
    for i, x in ipairs(numbers) do assert.near(swish(x, 1.5), got[i], 1e-6) end
  end)

  it("is compiled as its core ops from a text of which the target has no recipe", function()
    folder:write("gate.ir", [[
      module gate
      graph @main(%x : f32[3]) {
        %y = call @acme_swish_1 %x { own = acme.swish, params = { alpha = 1.0 } } : f32[3]
        return %y
      }
      graph @acme_swish_1(%x : f32[3]) {
        %s = logistic %x : f32[3]
        %y = mul %x, %s : f32[3]
        return %y
      }
    ]])
    folder:output { "verify", "gate.ir", "--per-layer" }
    has(folder:output { "explain", "gate.ir" }, "%y: logistic, mul\n  by portable recipe")
  end)

  it("can be what a pass finds", function()
    folder:write("found.ir", [[
      module found
      graph @main(%x : f32[1, 2, 2, 3]) {
        %s = logistic %x : f32[1, 2, 2, 3]
        %y = mul %x, %s : f32[1, 2, 2, 3]
        return %y
      }
    ]])
    folder:write("find.lua", ([[
      package.path = package.path .. ";%sown_op/?.lua"
      local c, swish = require "targets.c", require "swish"
      swish.recipe = require "recipe"
      local pass = { name = "find_swish", run = require "aotlua.rewrite".rules { {
        match = "%%s = logistic %%x\n%%y = mul %%x, %%s",
        replace = function(graph, m)
          local call = graph:outline({ m.node.s, m.node.y }, "swish_1")
          call:set("own", "acme.swish")
          call:set("params", { alpha = 1.0 })
        end,
      } } }
      require "aotlua".build { model = "found.ir", out = "found", ops = { swish },
        pipeline = c.pipeline:before("fuse", pass) }
    ]]):format(examples))
    has(folder:output { "explain", "find.lua" }, "by recipe acme.swish")
    folder:output { "check", "find.lua" }
    folder:output { "verify", "find.lua", "--per-layer" }
    folder:output { "find.lua" }
    has(folder:read "found/src/found_lib1.c", "/ (expf(")
  end)

  it("can be written as C, analyzed and timed by its script", function()
    folder:output { build, folder.path .. "/c" }
    has(folder:read "c/own/metadata.json", '"op": "acme_swish_')
    has(folder:output { "analyze", build, "--json" }, '"model": "gate_own"')
    has(folder:output { "bench", build, "--runs", "1", "--json" }, '"model": "gate_int8"')
  end)
end)

describe("a recipe of one's own", function()
  local folder = command.folder()
  local build = examples .. "own_kernel/build.lua"
  teardown(function() folder:close() end)

  it("is taken for the layers that it is for, with their parameters", function()
    local said = folder:output { "explain", build }
    has(said, "%relu3_q: matmul, requantize\n  by recipe matmul of c { unroll = 8 }")
    has(said, "%gemm2_dq: matmul, requantize, dequantize\n  by recipe matmul of c { unroll = 4 }")
    local c = folder:output { "kernel", build, "%relu3_q" }
    has(c, "p += 8")
    has(c, "a[p + 7]")
  end)

  it("is equal to the evaluator", function()
    folder:output { "verify", build, "--per-layer" }
  end)

  it("can be that of a model of an application, and for another target", function()
    folder:write("app.lua", ([[
      local aot = require "aotlua"
      local function product(k, op)
        local a, b = op.inputs[1], op.inputs[2]
        for i in k:loop("i", op.type.shape[1]) do
          for j in k:loop("j", op.type.shape[2]) do
            local sum = op:sum(a.shape[2], j)
            for p in k:loop("mine", a.shape[2]) do
              k:add(sum, op:centered(1, sum.dtype, { i, p }) * op:centered(2, sum.dtype, { j, p }))
            end
            op:store({ i, j }, op:total(sum, j))
          end
        end
      end
      local int8, fp32 = "%sdigits/digits_int8.onnx", "%sdigits/digits_fp32.onnx"
      aot.application { name = "both", out = "both", models = {
        { model = int8, name = "own", kernels = { matmul = product } },
        { model = fp32, name = "plain" },
      } }
    ]]):format(examples, examples))
    folder:output { "app.lua" }
    has(folder:read "both/src/own_lib1.c", "int32_t mine = 0")
    has(folder:output { "kernel", "app.lua", "relu3_q" }, "int32_t mine = 0")
    folder:output { "verify", "app.lua", "--target", "x86_64_v3" }
  end)

  it("has a schedule by name that is held against the names that there are", function()
    folder:write("build.lua", ([[
      require "aotlua".build { model = "%sdigits/digits_int8.onnx", out = "out",
        schedules = { ["%%relu9"] = { unroll = 2 } } }
    ]]):format(examples))
    local code, said = folder:run { "verify", "build.lua" }
    assert.equal(1, code)
    has(said, "schedules: no kernel of ours computes %relu9")
  end)

  it("gives way to that of the target where it is for another type", function()
    local said = folder:output { "kernel", build, "gemm2_dq" }
    has(said, "p += 4")
    folder:write("build.lua", ([[
      require "aotlua".build { model = "%sdigits/digits_fp32.onnx", out = "out", kernels = {
        { op = "matmul", when = function(op) return op.types[1].dtype == "i8" end,
          record = function() error "not for floats" end },
        conv2d = { when = function(op) return op.attrs.groups > 1 end,
          record = function() error "not for one group" end },
      } }
    ]]):format(examples))
    folder:output { "verify", "build.lua" }
  end)
end)

describe("a pass of one's own", function()
  local folder = command.folder()
  local build = examples .. "own_pass/build.lua"
  teardown(function() folder:close() end)

  it("fuses, and lowers in another order", function()
    local said = folder:output { "explain", build }
    has(said, "%conv1_nhwc: conv2d, clamp\n")
    has(said, "%maxpool1_nhwc: max_pool2d, clamp\n")
    has(said, "%relu3: matmul, clamp\n")
  end)

  it("is taken up as it was edited last, and timed", function()
    for name, bytes in pairs(shell.files(examples .. "own_pass")) do -- order: irrelevant
      folder:write(name, bytes)
    end
    folder:write("own.lua", [[
      local own = {}
      for key, value in pairs(require "targets.c") do own[key] = value end
      own.name, own.pipeline = "own", own.pipeline:before("fuse", dofile "late_clamp.lua")
      return own
    ]])
    local model = examples .. "digits/digits_fp32.onnx"
    local function compile()
      local code, said = folder:run { model, "--target", "own.lua", "-o", "out", "--time-passes" }
      assert.equal(0, code, said)
      assert.matches("late_clamp +[%d.]+ ms\n", said)
      assert.matches("all +[%d.]+ ms", said)
      return folder:read "out/src/digits_fp32_lib1.c"
    end
    has(compile(), "max_pool2d_clamp")
    local pass = folder:read "late_clamp.lua"
    folder:write("late_clamp.lua", (pass:gsub("max_pool2d %%c", "avg_pool2d %%c", 1)))
    assert.is_nil(compile():find("max_pool2d_clamp", 1, true))
  end)

  it("keeps its promise", function()
    local said = folder:output { "check", build }
    has(said, "late_clamp: ok, no change\nfuse_products: ok, no change\n")
    folder:output { "verify", build }
  end)
end)
