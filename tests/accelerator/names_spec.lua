--- names_spec: what functions of accelerators are called, and what is passed to them.

local accelerator = require "aotlua.accelerator"
local job = require "aotlua.job"
local pipeline = require "aotlua.pipeline"
local symbols = require "aotlua.symbols"
local target = require "aotlua.target"
local text = require "aotlua.text"

local source = [[
module net { source = { format = tflite, inputs = ["conv 1"], outputs = [y] } }
const $k : f32[1] = dense [2.0]
graph @main(%x : f32[4]) {
  %a = neg %x : f32[4]
  %b = abs %a : f32[4]
  %m = mul %b, $k : f32[4]
  %y = abs %m : f32[4]
  return %y
}
]]

local function device(name, op, more)
  return accelerator { name = name, regions = more, offers = { {
    name = op, match = op == "mul" and "%y = mul %x, $w" or ("%%y = %s %%x"):format(op),
    emit = function(m)
      return ("f(${x}, ${y}%s);"):format(m.w and ", ${w}" or "")
    end } } }
end

local function compiled(devices, names, from)
  local module = text.parse(from or source, "in.ir")
  local machine = setmetatable({ accelerators = devices, names = names or "tvm" },
    { __index = target.load "c" })
  pipeline.run(module, { target = machine, pipeline = pipeline.new { "partition", "plan_memory",
    "interface", "names" } })
  return module, job.files(module, machine)
end

local function functions(module)
  local list = {}
  for _, symbol in ipairs(module:symbols()) do
    if symbol.attrs.kind == "operator" and symbol.attrs.by then
      list[#list + 1] = symbol.attrs.spelling
    end
  end
  return table.concat(list, " ")
end

describe("functions of accelerators", function()
  it("tvm 100: are called after model, accelerator and offer", function()
    local module = compiled { device("npu1", "neg"), device("npu2", "abs"), device("dsp", "mul") }
    assert.equal("tvmgen_net_npu1_neg_1 tvmgen_net_npu2_abs_2 tvmgen_net_dsp_mul_3",
      functions(module))
  end)

  it("tvm 100: are called `main` where they do several things", function()
    local one = device("npu", "neg", true)
    one.offers[2] = device("npu", "abs").offers[1]
    assert.equal("tvmgen_net_npu_main_1 tvmgen_net_npu_abs_3", functions(compiled { one }))
  end)

  it("follow every policy", function()
    assert.equal("net_npu_neg_1", functions(compiled({ device("npu", "neg") }, "plain")))
  end)

  it("keep clear of functions of other kinds", function()
    local quantized = source:gsub("f32%[4%]%) {", "f32[4]) {"):gsub("conv 1", "neg 1")
    local module = compiled({ device("quantize", "neg") }, "plain", quantized)
    local seen = {}
    for _, symbol in ipairs(module:symbols()) do
      local word = symbol.attrs.spelling
      if symbol.attrs.kind ~= "member" then
        assert.is_nil(seen[word], word)
        seen[word] = true
      end
    end
  end)

  it("defect D4: have one prefix, also of two accelerators, also from a dump", function()
    local devices = { device("npu1", "neg"), device("npu2", "abs") }
    local module, files = compiled(devices)
    local again, same = compiled(devices, nil, module:print())
    assert.equal(functions(module), functions(again))
    assert.same(files, same)
    for _, bytes in pairs(files) do -- order: irrelevant, each is looked at
      assert.is_nil(bytes:find "tvmgen_net_tvmgen")
    end
  end)

  it("are passed constants of one element, which other offers may call otherwise", function()
    local other = device("other", "mul")
    other.offers[1].match = "%y = mul %x, $factor"
    other.offers[1].when = function(m) return m.x.name == "b" end
    other.offers[1].emit = function(m)
      return ("f(${x}, ${y}, ${factor}, %g);"):format(m.factor.data:get(1))
    end
    local _, files = compiled({ other, device("dsp", "mul") }, nil,
      (source:gsub("abs %%m", "mul %%m, $k")))
    local code = files["src/net_lib1.c"]
    assert.is_truthy(code:find("f(x, y, factor, 2);", 1, true))
    assert.is_truthy(code:find("f(x, y, w);", 1, true))
  end)

  it("say in symbols.json and metadata.json who computes them", function()
    local module, files = compiled { device("npu", "neg") }
    assert.equal("net", module.name)
    assert.is_truthy(files["symbols.json"]:find('"by": "npu"', 1, true))
    assert.is_truthy(files["metadata.json"]:find('"by": "npu"', 1, true))
    assert.equal("tvmgen_net_run", symbols.spellings(module)("entry", "run"))
  end)

  it("tvm 61: are declared before they are called", function()
    local _, files = compiled { device("npu1", "neg"), device("npu2", "abs") }
    assert.is_truthy(files["src/net_lib.h"]:find("int32_t tvmgen_net_npu1_neg_1(const float *x",
      1, true))
    assert.is_truthy(files["src/net_lib0.c"]:find('#include "net_lib.h"', 1, true))
  end)
end)
