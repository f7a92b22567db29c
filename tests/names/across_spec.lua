--- across_spec: symbols of different models are never spelled alike, whatever the models and their
--- tensors are called: a search over all short names made of words that may be mistaken.

local names = require "aotlua.names"
local program = require "aot.program"
local reading = require "aotlua.reading"
local script = require "aotlua.script"
local spelling = require "aotlua.spelling"

local policies = {
  tvm = require "aotlua.policies.tvm",
  plain = require "aotlua.policies.plain",
  ["plain of 31 characters"] = spelling.policy("short", "", { limit = 31 }),
  ["of a company's own"] = script.table(program.root .. "/examples/own_names/names.lua"),
}

-- Words that are roles, begin hints, look like numbers of ours or like marks.
local words = { "a", "A", "b", "x", "input", "size", "inputs", "map", "workspace", "quantize",
  "op1", "lib", "h" .. spelling.hash("a", 8), "h" .. spelling.hash("A", 8) }
if os.getenv "AOT_TESTS" == "all" then
  table.move({ "1", "X", "SIZE", "run", "image", "state", "memory", "data1", "pool", "main",
    "h" .. spelling.hash("a_b", 8) }, 1, 11, #words + 1, words)
end

local function pairs_of_words()
  local list = { table.unpack(words) }
  for _, first in ipairs(words) do
    for _, second in ipairs(words) do list[#list + 1] = first .. "_" .. second end
  end
  return list
end

local function models()
  local list = {}
  for _, name in ipairs(pairs_of_words()) do
    if not names.model_problem(name) then list[#list + 1] = name end
  end
  for _, name in ipairs { "a_b_x", "a_b_X", "a_input_x", "a_map_inputs", "a_workspace_size",
    "a_quantize_x", "a_op1_x", "a_lib_h", "tvmgen_a", "tvmgen_a_lib", "a_b_x_size_run",
    ("n"):rep(39) .. "a", ("n"):rep(39) .. "b" } do
    list[#list + 1] = name
  end
  return list
end

local plain_kinds = {
  entry = { "run" }, guard = { "h_", "lib_h_" }, object = { "state_memory" },
  struct = { "inputs", "outputs", "state", "status", "devices", "workspace_pools" },
  ["function"] = { "reset", "save", "map_inputs", "map_outputs", "function", "metadata",
    "input_index" },
  macro = { "workspace_size", "state_size", "ok", "constant_pool_size", "abi_version" },
}

local hinted_kinds = {
  macro = { "size", "count", "zero_point", "workspace_pool_size" },
  ["function"] = { "quantize", "dequantize" }, object = { "memory" },
}

local inner = { object = true, operator = true, constant = true, buffer = true, library = true }

--- The symbols of a model whose tensors, pools and operators have the given names.
local function symbols_of(hints)
  local list = {}
  local function add(kind, roles, hint)
    for _, role in ipairs(roles) do
      list[#list + 1] = { kind = kind, role = role, hint = hint, owner = hint and "input",
        index = hint and 1 }
    end
  end
  for kind, roles in pairs(plain_kinds) do add(kind, roles) end -- order: irrelevant, a set
  for _, hint in ipairs(hints) do
    for kind, roles in pairs(hinted_kinds) do add(kind, roles, hint) end -- order: the same
    list[#list + 1] = { kind = "operator", role = "operator", index = 1, hint = hint }
    list[#list + 1] = { kind = "operator", role = "operator", index = 0, hint = "main",
      by = hint }
  end
  list[#list + 1] = { kind = "constant", role = "constant", index = 1 }
  list[#list + 1] = { kind = "buffer", role = "buffer", index = 1 }
  list[#list + 1] = { kind = "library", role = "library" }
  for _, role in ipairs { "header", "internal", "entry", "data", "assembler", "blob" } do
    list[#list + 1] = { kind = "file", role = role }
  end
  list[#list + 1] = { kind = "file", role = "operators", index = 1 }
  for _, symbol in ipairs(list) do
    symbol.linkage = inner[symbol.kind] and "internal" or "exported"
  end
  return list
end

local function any() return nil end

-- The first two models that have a name in common, as text; nil if none have.
local function clash(policy, all_models, symbols)
  local owners = {}
  for _, model in ipairs(all_models) do
    for _, symbol in ipairs(symbols) do
      local name = policy.spell(symbol, { model = model, format = "tflite", attempt = 1,
        limit = policy.limit or 63, problem = any })
      local key = names.key(symbol, name)
      if owners[key] and owners[key] ~= model then
        return ("%s of %s is also of %s: %s %s"):format(name, model, owners[key], symbol.kind,
          names.describe(symbol))
      end
      owners[key] = model
    end
  end
end

describe("names of models compiled apart", function()
  local all_models = models()
  local few = { "b", "x", "1", "input", "size", "b_x", "b_input", "x_input", "b_size", "x_run",
    "workspace", "b_workspace", "pool", "run", "b_state", "h" .. spelling.hash("a", 8) .. "_x",
    "h" .. spelling.hash("a_op1", 8) .. "_op1_x", ("n"):rep(70) }
  local symbols = symbols_of(few)
  for _, name in ipairs { "plain", "plain of 31 characters", "tvm", "of a company's own" } do
    it("are different by policy " .. name, function()
      assert.is_nil(clash(policies[name], all_models, symbols))
    end)
  end

  it("would not be without marks: the search finds what there is to find", function()
    local careless = { spell = function(symbol, context)
      return ("%s_%s_%s"):format(context.model, symbol.hint or "", symbol.role)
    end }
    assert.is_string(clash(careless, all_models, symbols))
  end)

  local function macro(model, hint)
    return policies.tvm.spell({ kind = "macro", role = "size", owner = "input", index = 1,
      hint = hint }, { model = model, attempt = 1, limit = 63, problem = any })
  end

  it("are as microTVM spelled them where nothing else could be meant", function()
    assert.equal("TVMGEN_ULTIMATE_CAT_SPOTTER_INPUT_1_SIZE", macro("ultimate_cat_spotter",
      "input_1"))
    assert.equal("TVMGEN_KWS_SERVING_DEFAULT_INPUT_1_0_SIZE", macro("kws",
      "serving_default:input_1:0"))
    assert.equal("TVMGEN_PERSON_DETECT_FRAME_SIZE", macro("person_detect", "frame"))
    assert.equal("TVMGEN_DEFAULT_X_SIZE", macro("default", "x"))
  end)

  it("are marked where another model's are meant", function()
    assert.equal("TVMGEN_A_B_X_SIZE", macro("a_b", "x"))
    assert.equal(("TVMGEN_A_H%s_B_X_SIZE"):format(spelling.hash("a", 8):upper()),
      macro("a", "b_x"))
  end)

  it("have a model's part that ends at the first mark", function()
    local mark = "h" .. spelling.hash("a", 8)
    assert.is_true(reading.is_plain("a_" .. mark, "run", "code"))
    assert.is_false(reading.is_plain("a", mark .. "_run", "code"))
    assert.equal("a_x" .. mark:sub(2), reading.without_marks("a_" .. mark))
    assert.equal("a_" .. mark:sub(1, -2), reading.without_marks("a_" .. mark:sub(1, -2)))
  end)
end)

describe("defect D2: a model in capitals", function()
  local function spell(model)
    return names.spell({ { kind = "file", role = "header" }, { kind = "guard", role = "h_" },
      { kind = "entry", role = "run" }, { kind = "file", role = "entry" } }, policies.tvm,
      { model = model })
  end

  it("defect D2: has one name everywhere, and none of a model that differs in case", function()
    local capital, small = spell "MyNet", spell "mynet"
    assert.equal("tvmgen_MyNet_run", capital[3])
    assert.same({ "tvmgen_mynet.h", "TVMGEN_MYNET_H_", "tvmgen_mynet_run", "mynet_lib0.c" }, small)
    for index, name in ipairs(capital) do
      assert.not_equal(index == 3 and small[index] or small[index]:lower(),
        index == 3 and name or name:lower())
    end
  end)

  it("defect D2: is told from one that looks as if it had a mark", function()
    local header = spell("MyNet")[1]
    local twin = header:match "^tvmgen_(.*)%.h$"
    assert.not_equal(header, spell(twin)[1])
  end)
end)
