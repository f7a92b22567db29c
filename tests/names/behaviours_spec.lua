--- behaviours_spec: what microTVM's users know of names, and what went wrong there.

local generated = require "tests.tools.generated"
local hostile = require "tests.tools.hostile"
local json = require "aotlua.json"
local names = require "aotlua.names"
local pass = require "passes.names"
local plain = require "aotlua.policies.plain"
local spelling = require "aotlua.spelling"
local target = require "aotlua.target"
local text = require "aotlua.text"
local tflite = require "tests.tools.tflite_writer"
local tvm = require "aotlua.policies.tvm"

local function member(hint, index, owner)
  return { kind = "member", role = "data", scope = (owner or "input") .. "s", linkage = "exported",
    owner = owner or "input", index = index or 1, hint = hint }
end

local function macro(role, hint, owner)
  return { kind = "macro", role = role, owner = hint and (owner or "input"), index = hint and 1,
    hint = hint, linkage = "exported" }
end

local function spell(symbols, policy, model)
  return names.spell(symbols, policy or tvm, { model = model or "kws", format = "tflite" })
end

local function one(symbol, policy, model) return spell({ symbol }, policy, model)[1] end

local function run_of(model) return one({ kind = "entry", role = "run" }, tvm, model) end

-- The files of a model of two inputs.
local function files_of(first, second, options)
  local _, files = generated.compiled(options or {}, ([[
module kws { source = { format = tflite, inputs = [%q, %q], outputs = ["out:0"] } }
graph @main(%%a : f32[2], %%b : f32[2]) {
  %%y = add %%a, %%b : f32[2]
  return %%y
}]]):format(first, second))
  return files
end

describe("spelling", function()
  it("tvm 26: makes identifiers of any name", function()
    assert.equal("input_1", spelling.sanitize "input+1")
    assert.equal("woof_1", spelling.sanitize "woof:1")
    assert.equal("a_b", spelling.sanitize "a::--b")
    assert.equal("", spelling.sanitize "+_+ ")
    assert.equal("input_1", one(member "+_+ "))
  end)

  it("tvm 26: has styles of types, functions and macros", function()
    assert.equal("TargetT", spelling.camel "target_t")
    assert.equal("WoofWoof", spelling.camel "woof_woof")
    assert.equal("Woof_1", spelling.camel "woof_1")
    assert.equal("TVMDeviceTargetOpen", one { kind = "hook", role = "open", hint = "target",
      owner = "device", index = 1, linkage = "hook" })
    assert.equal("tvmgen_model_devices", one({ kind = "struct", role = "devices" }, tvm, "model"))
    assert.equal("TVMGEN_MODEL_WORKSPACE_SIZE", one(macro "workspace_size", tvm, "model"))
  end)

  it("tvm 26: keeps different words different in Pascal case", function()
    local seen = {}
    for _, words in ipairs { "a_b", "ab", "aB", "Ab", "a_B", "a1", "a_1", "A_b", "AB" } do
      local name = spelling.camel(words)
      assert.is_nil(seen[name], name)
      seen[name] = true
    end
  end)

  it("tvm 27: numbers what is there already, and skips numbers that are taken", function()
    assert.same({ "name_2", "name", "name_3", "name_4" }, spell({ member("name_2", 1),
      member("name", 2), member("name.", 3), member("name!", 4) }, plain))
    assert.same({ "name", "name_2", "name" }, spell({ member("name", 1), member("name:", 2),
      member("name", 1, "output") }, plain))
  end)

  it("tvm 27: gives the same name for the same symbols, in any order of models", function()
    local symbols = { macro("size", "x"), macro("size", "X"), macro("size", "x.") }
    local first = spell(symbols)
    spell(symbols, tvm, "other")
    assert.same(first, spell(symbols))
  end)

  it("tvm 28: puts tvmgen and the model's name before everything", function()
    assert.equal("tvmgen_default_run", run_of "default")
    assert.equal("tvmgen_ccompiler_run", run_of "ccompiler")
    assert.is_string(names.model_problem "")
    assert.is_string(names.model_problem "gr\u{fc}n")
  end)

  it("tvm 29: calls operators after what they compute, others' after who does", function()
    local operator = { kind = "operator", role = "operator", index = 1, hint = "add" }
    assert.equal("tvmgen_test_op1_add", one(operator, tvm, "test"))
    operator.by, operator.hint, operator.index = "ethos-u", "main", 0
    assert.equal("tvmgen_test_ethos_u_main_0", one(operator, tvm, "test"))
  end)

  it("tvm 51: of an input called input-x::2 builds", function()
    local files = files_of("input-x::2", "y")
    assert.equal("input_x_2", json.decode(files["metadata.json"]).inputs[1].member)
    local code, said = generated.build_and_run("gcc", files, [[
#include "tvmgen_kws.h"
int main(void)
{
    const float x[2] = { 1.0f, 2.0f }, y[2] = { 3.0f, 4.0f };
    float z[2];
    struct tvmgen_kws_inputs inputs;
    struct tvmgen_kws_outputs outputs;
    inputs.input_x_2 = x;
    inputs.y = y;
    outputs.out_0 = z;
    return tvmgen_kws_run(&inputs, &outputs) == 0 && z[0] == 4.0f && z[1] == 6.0f ? 0 : 1;
}
]])
    assert.equal("", said)
    assert.equal(0, code)
  end)

  it("tvm 52: of inputs that come out the same is refused, not of others", function()
    assert.error_matches(function() files_of("input::-2", "input:--2") end,
      "input 2 'input:%-%-2' becomes 'input_2', which is also the data member of input 1 "
      .. "'input::%-2'")
    assert.is_table(files_of("input::-1", "input::-2"))
  end)

  it("tvm 55: has the outputs' names of a TFLite model", function()
    local files = hostile.compiles(tflite.write { tflite.small() }, { name = "net.tflite" })
    assert.equal("scores", json.decode(files["metadata.json"]).outputs[1].member)
    assert.matches("int8_t %*scores;", files["include/tvmgen_net.h"])
    assert.matches("TVMGEN_NET_SCORES_SIZE 3\n", files["include/tvmgen_net.h"])
    assert.matches("outputs%->scores", files["src/net_lib0.c"])
  end)
end)

describe("names", function()
  it("defect D3: of models are refused where C would not take them, with the reason", function()
    for name, why in pairs { ["a-b"] = "must be a letter", ["a b"] = "must be a letter",
      ["1a"] = "must be a letter", ["a.b"] = "must be a letter", ["*/"] = "must be a letter",
      ["a_"] = "ends in an underscore", ["a__b"] = "C%+%+ reserves", int = "word of C",
      [("a"):rep(41)] = "41 characters; at most 40" } do -- order: irrelevant, each alone
      assert.matches(why, names.model_problem(name))
    end
  end)

  it("defect D4: are the same when they are given again", function()
    local module = generated.compiled()
    local once = module:print()
    pass.run(module:main(), { target = target.load "c", options = { significant = 63 } })
    assert.equal(once, module:print())
    local dump = text.parse(once, "dump.ir")
    pass.run(dump:main(), { target = target.load "c", options = { significant = 63 } })
    assert.equal(once, dump:print())
  end)

  it("defect D4: have no device twice, whatever its graph is called", function()
    local function operator(hint)
      return one { kind = "operator", role = "operator", index = 3, hint = hint, by = "npu" }
    end
    assert.equal("tvmgen_kws_npu_conv_3", operator "conv")
    assert.equal("tvmgen_kws_npu_conv_3", operator "npu_conv")
    assert.equal("tvmgen_kws_npu_3", operator "")
  end)

  it("defect D5: of inputs may be words of C, digits, or nothing", function()
    assert.same({ "input_int", "input_default", "input_0", "input_4", "input_F", "input_CONFIG_A" },
      spell { member("int", 1), member("default", 2), member("0", 3), member("", 4),
        member("F", 5), member("CONFIG_A", 6) })
  end)

  it("defect D6: have no macro twice, whatever inputs and outputs are called", function()
    local macros = spell { macro "workspace_size", macro "state_size", macro("size", "workspace"),
      macro("size", "x"), macro("size", "x", "output"), macro("size", "X"), macro("size", "state"),
      macro("size", "x.2"), macro("size", "x", "state") }
    local seen = {}
    for _, name in ipairs(macros) do
      assert.is_nil(seen[name], name)
      seen[name] = true
    end
    assert.same({ "TVMGEN_KWS_WORKSPACE_SIZE", "TVMGEN_KWS_STATE_SIZE" },
      { macros[1], macros[2] })
  end)

  it("defect D6: of members are none of a macro", function()
    assert.equal("input_A_X_SIZE", one(member "A_X_SIZE", plain))
    assert.equal("A_X_SIZE", one(member "A_X_SIZE"))
    assert.equal("input_TVMGEN_A_X_SIZE", one(member "TVMGEN_A_X_SIZE"))
    assert.equal("MFCC_IN", one(member "MFCC_IN", plain))
  end)

  it("defect D10: of hooks keep their digits", function()
    local function hook(device, role)
      return one { kind = "hook", role = role or "open", hint = device, owner = "device", index = 1,
        linkage = "hook" }
    end
    assert.equal("TVMDeviceEthosUOpen", hook "ethos-u")
    assert.equal("TVMDeviceNpu1Deactivate", hook("npu1", "deactivate"))
    assert.equal("TVMDeviceNpu2Deactivate", hook("npu2", "deactivate"))
    assert.not_equal(hook "npu1", hook "npu_1")
    assert.not_equal(hook "npu", hook "NPU")
    assert.error_matches(function()
      spell { { kind = "hook", role = "open", hint = "a-b", owner = "device", index = 1 },
        { kind = "hook", role = "open", hint = "a_b", owner = "device", index = 2 } }
    end, "the open hook of device 2 'a_b' becomes 'TVMDeviceABOpen', which is also the open hook "
      .. "of device 1 'a%-b'")
  end)

  it("defect D13: are hashed as everywhere else", function()
    assert.equal("ca978112ca1bbdca", spelling.hash("a", 16)) -- SHA-256
    assert.equal("TVMGEN_MYNET_H8B5962B6_OK", one(macro "ok", tvm, "MyNet"))
  end)

  it("defect D14: that are too long are cut when they are made, not by linkers", function()
    local long = ("conv2d_"):rep(40)
    for _, limit in ipairs { 31, 63 } do
      local list = names.spell({ { kind = "operator", role = "operator", index = 1, hint = long },
        { kind = "operator", role = "operator", index = 2, hint = long }, macro("size", long),
        macro("count", long), { kind = "entry", role = "run" } }, tvm,
        { model = ("m"):rep(40), significant = limit })
      local seen = {}
      for _, name in ipairs(list) do
        assert.is_true(#name <= limit, name)
        assert.is_nil(seen[name])
        seen[name] = true
      end
    end
  end)

  it("defect D14: of a policy beyond the limit are refused", function()
    local endless = { name = "endless", spell = function() return ("a"):rep(64) end }
    assert.error_matches(function() one({ kind = "entry", role = "run" }, endless) end,
      "longer than the characters that compilers tell apart")
    for _, wrong in ipairs { 30, 64, 0 } do
      assert.error_matches(function() generated.compiled { significant = wrong } end,
        "%-%-set significant=" .. wrong .. ": it is from 31 to 63")
    end
    local _, files = generated.compiled { significant = 31 }
    for _, symbol in ipairs(json.decode(files["symbols.json"]).symbols) do
      assert.is_true(#symbol.spelling <= 31, symbol.spelling)
    end
  end)

  it("defect D18: that clash are told with kind, both originals and what they become", function()
    for _, owner in ipairs { "input", "output", "device", "pool" } do
      assert.error_matches(function()
        spell { member("a:b", 1, owner), member("a/b", 2, owner) }
      end, ("names 'tvm': the data member of %s 2 'a/b' becomes 'a_b', which is also the data "
        .. "member of %s 1 'a:b'"):format(owner, owner))
    end
  end)

  it("defect D18: that clash are told with the layer they come from", function()
    local module = generated.compiled()
    local same = { name = "same", spell = function(symbol, context)
      return symbol.kind == "operator" and "same" or tvm.spell(symbol, context)
    end }
    local c = {}
    for key, value in pairs(target.load "c") do c[key] = value end -- order: irrelevant, a copy
    c.names = same
    assert.error_matches(function()
      pass.run(module:main(), { target = c, options = { significant = 63 } })
    end, "the operator 2 '%w+' %(of layer '%w+'%) becomes 'same', which is also the operator 1 "
      .. "'%w+' %(of layer '%w+'%)")
  end)
end)
