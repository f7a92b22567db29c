--- names_spec: every symbol gets one legal spelling, and no two the same one.

local names = require "aotlua.names"
local plain = require "aotlua.policies.plain"
local tvm = require "aotlua.policies.tvm"

local function member(hint, index, owner)
  return { kind = "member", role = "data", scope = (owner or "input") .. "s",
    owner = owner or "input", index = index or 1, hint = hint }
end

local function macro(role, hint, owner)
  return { kind = "macro", role = role, owner = hint and (owner or "input"), index = hint and 1,
    hint = hint }
end

local function spell(symbols, policy, context)
  return names.spell(symbols, policy or tvm, context or { model = "kws", format = "tflite" })
end

describe("a model's name", function()
  it("is a C identifier of modest length", function()
    for _, good in ipairs { "kws", "MyNet", "a", "resnet50_v1" } do
      assert.is_nil(names.model_problem(good))
    end
    for _, bad in ipairs { "", "1abc", "a-b", "a b", "_x", "int", "class", "printf", "a__b", "é",
      "a*/b", ("a"):rep(300) } do
      assert.is_string(names.model_problem(bad), bad)
    end
  end)
end)

describe("policy tvm", function()
  it("spells names as microTVM did", function()
    assert.same({ "tvmgen_kws_run", "TVMGEN_KWS_H_", "tvmgen_kws_inputs",
      "TVMGEN_KWS_WORKSPACE_SIZE", "TVMGEN_KWS_AUDIO_SIZE", "audio", "tvmgen_kws.h", "kws_lib0.c",
      "kws_lib2.c", "tvmgen_kws_op3_conv2d_clamp" }, spell {
      { kind = "entry", role = "run" }, { kind = "guard", role = "h_" },
      { kind = "struct", role = "inputs" }, macro "workspace_size", macro("size", "audio"),
      member "audio", { kind = "file", role = "header" }, { kind = "file", role = "entry" },
      { kind = "file", role = "operators", index = 2 },
      { kind = "operator", role = "operator", index = 3, hint = "conv2d_clamp" },
    })
  end)

  it("makes identifiers of what the model says", function()
    local hints = { "serving_default:0", "int", "0", "", "x*/y", "a::b", "é", "memcpy", "NULL" }
    local wanted = { "serving_default_0", "input_int", "input_0", "input_4", "x_y", "a_b",
      "input_7", "input_memcpy", "input_NULL" }
    for index, hint in ipairs(hints) do
      assert.equal(wanted[index], spell({ member(hint, index) })[1])
    end
  end)

  it("refuses members that come out the same, naming both", function()
    assert.error_matches(function()
      spell { member("input::-2", 1), member("input:--2", 2) }
    end, "data member of input 2 'input:%-%-2' becomes 'input_2', which is also the "
      .. "data member of input 1 'input::%-2'")
  end)

  it("lets an input and an output share a member's name, not a macro's", function()
    assert.same({ "x", "x", "TVMGEN_KWS_X_SIZE", "TVMGEN_KWS_X_2_SIZE" }, spell {
      member("x"), member("x", 1, "output"), macro("size", "x"), macro("size", "x", "output") })
    assert.same({ "TVMGEN_KWS_WORKSPACE_SIZE", "TVMGEN_KWS_WORKSPACE_2_SIZE" },
      spell { macro "workspace_size", macro("size", "workspace") })
  end)

  it("numbers the outputs of models that do not name them", function()
    local outputs = { member("probabilities", 1, "output"), member("boxes", 2, "output") }
    assert.same({ "output", "output2" }, spell(outputs, tvm, { model = "m", format = "onnx" }))
    assert.same({ "probabilities", "boxes" }, spell(outputs))
  end)

  it("keeps models apart that differ in case only", function()
    local symbols = { { kind = "file", role = "header" }, { kind = "guard", role = "h_" },
      { kind = "entry", role = "run" } }
    local upper = spell(symbols, tvm, { model = "Foo" })
    local lower = spell(symbols, tvm, { model = "foo" })
    assert.same({ "tvmgen_foo.h", "TVMGEN_FOO_H_", "tvmgen_foo_run" }, lower)
    assert.equal("tvmgen_Foo_run", upper[3])
    for index, spelling in ipairs(upper) do
      assert.not_equal(spelling:lower(), index < 3 and lower[index]:lower() or nil)
    end
  end)

  it("cuts long names to the significant length and keeps them apart", function()
    local long = ("n"):rep(70000)
    local spellings = spell { macro("size", long .. "a"), macro("size", long .. "b"),
      member(long .. "a", 1), member(long .. "b", 2) }
    local seen = {}
    for _, spelling in ipairs(spellings) do
      assert.is_true(#spelling <= 63)
      assert.is_nil(seen[spelling])
      seen[spelling] = true
    end
    assert.matches("_SIZE$", spellings[1])
  end)
end)

describe("policy plain", function()
  it("makes members unique instead of refusing them", function()
    assert.same({ "a_b", "a_b_2", "a_b_3", "kws_run" }, spell({ member("a.b", 1),
      member("a/b", 2), member("a:b", 3), { kind = "entry", role = "run" } }, plain))
  end)
end)

describe("a policy of a user", function()
  local function fixed(spelling, refuses)
    return { name = "mine", refuses = refuses, spell = function()
      return spelling
    end }
  end

  it("may not spell what C does not take", function()
    for _, bad in ipairs { "1a", "a-b", "while", "class", "_X", "memcpy", "a__b", "" } do
      assert.error_matches(function()
        spell({ { kind = "entry", role = "run" } }, fixed(bad))
      end, "names 'mine': the run entry becomes '" .. bad:gsub("%p", "%%%0") .. "', which ")
    end
    assert.error_matches(function()
      spell({ { kind = "entry", role = "run" } }, fixed(7))
    end, "is a number")
  end)

  it("may not spell file names that lead elsewhere", function()
    for _, bad in ipairs { "../x.h", "/etc/passwd", "a b.h", "con.h", "x.", ".h", "" } do
      assert.error_matches(function()
        spell({ { kind = "file", role = "header" } }, fixed(bad))
      end, "names 'mine'")
    end
  end)

  it("is refused where it has one spelling for two", function()
    assert.error_matches(function()
      spell({ { kind = "entry", role = "run" }, { kind = "struct", role = "inputs" } },
        fixed "same")
    end, "the inputs struct becomes 'same', which is also the run entry")
  end)

  it("that goes round in a circle is refused", function()
    local circle = { name = "circle", spell = function(_, context)
      return "name" .. (context.attempt == 1 and 0 or context.attempt % 2 + 1)
    end }
    assert.error_matches(function()
      spell({ { kind = "entry", role = "run" }, { kind = "struct", role = "inputs" },
        { kind = "struct", role = "outputs" }, { kind = "struct", role = "state" } }, circle)
    end, "the state struct becomes 'name0', which is also the run entry")
  end)
end)

describe("many names that come out the same", function()
  it("are numbered in no more time than others take", function()
    local members = {}
    for index = 1, 6000 do members[index] = member(("x%s"):format(("."):rep(index % 7)), index) end
    local before = os.clock()
    local spellings = spell(members, plain)
    assert.is_true(os.clock() - before < 5)
    assert.same({ "x", "x_2", "x_3", "x_6000" }, { spellings[1], spellings[2], spellings[3],
      spellings[6000] })
  end)
end)
