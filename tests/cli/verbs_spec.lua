--- verbs_spec: what each verb does with a model that is right.

local command = require "tests.tools.command"
local ir = require "aot.ir"
local json = require "aotlua.json"
local npy = require "aotlua.import.npy"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"

local DIGITS = program.root .. "/examples/digits/digits_int8.onnx"

local function has(text, part)
  assert.is_truthy(text:find(part, 1, true), text)
end

local function keys_of(object)
  local keys = {}
  for key in pairs(object) do keys[#keys + 1] = key end -- order: sorted on the next line
  table.sort(keys)
  return table.concat(keys, " ")
end

describe("aotlua", function()
  local folder
  before_each(function() folder = command.folder() end)
  after_each(function() folder:close() end)

  local function run(...)
    local code, said = folder:run { ... }
    assert.equal(0, code, said)
    return said
  end

  it("says what there is", function()
    local help = folder:output { "--help" }
    for _, verb in ipairs { "compile", "run", "verify", "check", "analyze", "bench", "opt",
                            "kernel", "explain", "list" } do
      has(help, "\n  " .. verb .. " ")
      has(folder:output { verb, "--help" }, "usage: aotlua " .. verb .. " ")
    end
    assert.equal("aotlua " .. program.version .. "\n", folder:output { "--version" })
  end)

  it("compiles into <name>_c, with or without the verb", function()
    has(run "tiny.ir", "tiny for c: RAM 0 bytes, weights 16 bytes, 2 operators, 8 MACs\n")
    local manifest = folder:read "tiny_c/manifest.txt"
    run("compile", "tiny.ir", "-o", "other/place")
    assert.equal(manifest, folder:read "other/place/manifest.txt")
    assert.equal("file", system.kind(folder.path .. "/tiny_c/include/tvmgen_tiny.h"))
    run("compile", DIGITS, "--name", "zahl", "--names", "plain")
    assert.equal("file", system.kind(folder.path .. "/zahl_c/include/zahl.h"))
  end)

  it("writes what the output depends on", function()
    run("compile", "tiny.ir", "-o", "o ut", "--depfile", "deps")
    local deps = folder:read "deps"
    assert.matches("^o\\ ut/manifest.txt: \\\n  ", deps)
    for _, needed in ipairs { "  tiny.ir", "/passes/fuse.lua \\\n", "/runtime/aotrt_align.h",
      "  " .. program.path } do
      has(deps, needed)
    end
    run("compile", "tiny.ir", "--stop", "fuse", "-o", "half.ir", "--depfile", "deps")
    assert.matches("^half.ir: \\\n", folder:read "deps")
    folder:write("policy.lua", 'return require "aotlua.policies.plain"')
    run("compile", "half.ir", "-o", "half", "--names", "policy.lua", "--depfile", "deps")
    deps = folder:read "deps"
    has(deps, "  half.bin")
    has(deps, "  policy.lua")
  end)

  it("is run by build systems when something changed, and then no more", function()
    folder:write("build.ninja", ([[
rule aotlua
  command = %s $in -o made --depfile made.d
  depfile = made.d
build made/manifest.txt: aotlua tiny.ir
]]):format(program.path))
    local function build() return shell.must({ "ninja" }, { folder = folder.path }) end
    has(build(), "tiny for c")
    has(build(), "no work to do")
    shell.must({ "touch", "-d", "2001-01-01", "made/manifest.txt" }, { folder = folder.path })
    has(build(), "tiny for c")
    has(build(), "no work to do")
  end)

  it("stops after a pass and goes on from there", function()
    run("compile", "tiny.ir", "--stop", "fuse", "-o", "half.ir")
    has(folder:read "half.ir", "after = fuse")
    assert.equal("file", system.kind(folder.path .. "/half.bin"))
    run("compile", "half.ir", "-o", "a")
    run("compile", "tiny.ir", "-o", "b")
    assert.equal(folder:read "b/src/tiny_lib1.c", folder:read "a/src/tiny_lib1.c")
  end)

  it("prints texts and times of passes on standard error", function()
    local said = run("compile", "tiny.ir", "--dump=fuse", "--time-passes")
    has(said, "# after fuse\nmodule tiny { after = fuse")
    assert.is_nil(said:find("# after layout", 1, true))
    assert.matches("plan_memory +%d+%.%d+ ms\n", said)
    has(run("compile", "tiny.ir", "--dump"), "# after layout\n")
  end)

  it("takes a target and a policy from files, beside which they may require", function()
    folder:write("mine.lua", [[
      local c = require "targets.c"
      local mine = {}
      for key, value in pairs(c) do mine[key] = value end
      mine.name = "mine"
      return mine
    ]])
    folder:write("acme.lua",
      'return require "aotlua.spelling".policy("acme", "acme_", { refuses = {} })')
    has(run("compile", "tiny.ir", "--target", "mine.lua", "--names", "acme.lua"), "tiny for mine: ")
    assert.equal("file", system.kind(folder.path .. "/tiny_c/include/acme_tiny.h"))
  end)

  it("runs build scripts, whose paths count from their folder", function()
    system.make_folders(folder.path .. "/project")
    folder:write("project/part.lua", "return { name = ... }")
    folder:write("project/build.lua", [[
      local aot = require "aotlua"
      assert(require("part").name == "part")
      local module = aot.build { model = "../tiny.ir", out = ..., set = { arena = "separate" } }
      assert(module.name == "tiny")
    ]])
    has(run("project/build.lua", "out"), "tiny for c: ")
    assert.equal("file", system.kind(folder.path .. "/project/out/manifest.txt"))
    has(run("check", "project/build.lua", "out"), "tiny for c\ncanonicalize: ok")
  end)

  it("evaluates data, step by step where there is state", function()
    system.make_folders(folder.path .. "/data")
    npy.write(folder.path .. "/data/input_0.npy",
      ir.tensor({ dtype = "i32", shape = { 3, 1 } }, { 5, 6, 7 }))
    run("run", "counter.ir", "--data", "data", "--steps", "3")
    local out = npy.read(folder.path .. "/counter_out/output_0.npy")
    assert.same({ 3, 1 }, out.type.shape)
    assert.same({ -5, -11, -18 }, out:list())
    local code, said = folder:run { "run", "counter.ir", "--data", "data", "-o", "data/." }
    assert.equal(2, code)
    has(said, "data/. holds the data; -o names another folder")
  end)

  it("runs passes on text, text in and text out", function()
    local text = folder:output { "opt", "canonicalize,fuse", "tiny.ir" }
    has(text, "module tiny { after = fuse, target = c }")
    has(text, "call @mul_neg_1 %x, $w")
    run("opt", "fuse", "tiny.ir", "-o", "fused.ir")
    assert.equal("file", system.kind(folder.path .. "/fused.bin"))
    run("opt", "fuse", "fused.ir")
  end)

  it("prints the kernel of a node", function()
    has(folder:output { "kernel", "tiny.ir", "%z" }, "y[i] = -x[i];")
    has(folder:output { "kernel", "tiny.ir", "y" }, "a[i * 4 + j] * b[j]")
    has(folder:output { "kernel", DIGITS, "scores" }, "int32_t kernel(")
  end)

  it("holds each pass to its promise", function()
    local said = folder:output { "check", "tiny.ir" }
    has(said, "canonicalize: ok, no change\n")
    has(said, "names: ok, no change\n")
  end)

  it("says what a model needs", function()
    local costs = json.decode(folder:output { "analyze", DIGITS, "--json" })
    assert.equal("flash layers macs model ram stack target", keys_of(costs))
    assert.equal("arena bound pools state", keys_of(costs.ram))
    assert.equal("bound bytes limit name", keys_of(costs.ram.pools[1]))
    assert.equal("code weights", keys_of(costs.flash))
    assert.equal("macs name op origin scratch target", keys_of(costs.layers[1]))
    assert.is_true(costs.flash.code > 500 and costs.flash.weights > 1000)
    local sum = 0
    for _, layer in ipairs(costs.layers) do sum = sum + layer.macs end
    assert.equal(costs.macs, sum)
    has(folder:output { "analyze", "counter.ir" }, "workspace 4 (lower bound 4), state 4\n")
    local blind = { "CC=no-such-cc" }
    has(folder:output({ "analyze", "counter.ir" }, blind), "code unknown: that takes the target's")
    costs = json.decode(folder:output({ "analyze", "counter.ir", "--json" }, blind))
    assert.equal(json.null, costs.flash.code)
  end)

  it("times a model", function()
    local times = json.decode(folder:output { "bench", DIGITS, "--runs", "3", "--json" })
    assert.equal("median_us min_us model runs target", keys_of(times))
    assert.equal(3, times.runs)
    assert.is_true(times.min_us > 0 and times.median_us >= times.min_us)
    assert.matches("^counter for c: min [%d.]+ us, median [%d.]+ us of 2 runs",
      folder:output { "bench", "counter.ir", "--runs", "2" })
  end)

  it("explains targets", function()
    local said = folder:output { "explain", "c" }
    has(said, "target c: portable C99")
    has(said, "\n  fuse             computes chains")
    has(said, "\n  arena=shared ")
  end)

  it("explains who computes what, and why others do not", function()
    folder:write("acme.lua", [[
      return require "aotlua.accelerator" { name = "acme", offers = {
        { name = "negate", match = "%y = neg %x", when = function(m)
          return m.x.type.dtype == "i8"
        end },
      } }
    ]])
    local said = folder:output { "explain", "tiny.ir", "--target", "c,acme.lua" }
    has(said, "%z: mul, neg\n  by portable recipe elementwise\n"
      .. "  not by negate of acme: its condition says no\n")
    has(said, "%m: neg\n  by accelerator acme")
  end)

  it("asks a condition for each order of operands before it says no", function()
    folder:write("acme.lua", [[
      return require "aotlua.accelerator" { name = "acme", offers = {
        { name = "scale", match = "%y = mul %k, %x", when = function(m)
          return m.k.kind == "const", "no constant"
        end },
        { name = "never", match = "%y = mul %k, %x", when = function() return false, "never" end },
      } }
    ]])
    local said = folder:output { "explain", "tiny.ir", "--target", "c,acme.lua" }
    has(said, "%y: mul\n  by accelerator acme")
    assert.is_nil(said:find("no constant", 1, true))
  end)

  it("writes a main.c to start from", function()
    run("compile", "counter.ir", "-o", "started", "--example")
    local path = folder.path .. "/started/"
    assert.equal(0, (system.run { "gcc", "-std=c99", "-Wall", "-Werror", "-I", path .. "include",
      path .. "main.c", "-c", "-o", path .. "main.o" }))
  end)

  it("lists what there is to choose from, as JSON too", function()
    assert.equal("call", json.decode(folder:output { "list", "ops", "--json" })[1].name)
    has(folder:output { "list", "ops" }, "\nconv2d ")
    has(folder:output { "list", "passes" }, "\nfuse             computes chains")
    has(folder:output { "list", "targets" }, "c                portable C99")
    has(folder:output { "list", "policies" }, "\ntvm              names as microTVM users know")
  end)
end)
