--- header_spec: the public header has what callers of TVM's interface look for.

local accelerator = require "aotlua.accelerator"
local header_of = require "tests.tools.header"
local pipeline = require "aotlua.pipeline"
local target = require "aotlua.target"
local text = require "aotlua.text"
local writers = require "aotlua.writers"

local name = "ultimate_cat_spotter"
local prefix, upper = "tvmgen_" .. name, "TVMGEN_ULTIMATE_CAT_SPOTTER_"

local function device(own, op)
  return accelerator { name = own, device = true, offers = { { name = op,
    match = ("%%y = %s %%x"):format(op),
    emit = function() return "status = own(${x}, ${y});" end } } }
end

-- A model of the inputs and outputs called `inputs` and `outputs`: 48 bytes each. It takes
-- `negations` results of the same size in between.
local function model(inputs, outputs, negations)
  local params, lines, returned, last = {}, {}, {}, "%sum"
  for index = 1, #inputs do params[index] = ("%%i%d : f32[12]"):format(index) end
  lines[1] = "  %sum = abs %i1 : f32[12]"
  for index = 1, negations or 0 do
    lines[#lines + 1] = ("  %%n%d = neg %s : f32[12]"):format(index, last)
    last = "%n" .. index
  end
  for index = 1, #outputs do
    lines[#lines + 1] = ("  %%o%d = exp %s : f32[12]"):format(index, last)
    returned[index] = "%o" .. index
  end
  return ([[
module %s { source = { format = tflite, inputs = ["%s"], outputs = ["%s"] } }
graph @main(%s) {
%s
  return %s
}
]]):format(name, table.concat(inputs, '", "'), table.concat(outputs, '", "'),
    table.concat(params, ", "), table.concat(lines, "\n"), table.concat(returned, ", "))
end

-- The header of a model for callers of TVM's interface: its text, and what it declares. `parts`:
-- pools and accelerators of the target, and options.
local function header(source, parts)
  parts = parts or {}
  local module, options = text.parse(source, "in.ir"), { pointers = "void" }
  for key, value in pairs(parts.options or {}) do options[key] = value end -- order: irrelevant
  local own = setmetatable({ accelerators = parts.accelerators,
    memory = { pools = parts.pools or { { name = "workspace" } } } },
    { __index = target.load "c" })
  target.check(own)
  pipeline.run(module, { target = own, options = options, pipeline = pipeline.new {
    "partition", "plan_memory", "interface", "names" } })
  local said = writers.files(module, own)[("include/%s.h"):format(prefix)]
  return said, header_of.read(said)
end

local function members(read, struct)
  local lines = {}
  for index, member in ipairs(read.structs[("%s_%s"):format(prefix, struct)] or {}) do
    lines[index] = member.type .. member.name
  end
  return table.concat(lines, "; ")
end

local function parameters(read, name_of)
  local lines, own = {}, read.functions[("%s_%s"):format(prefix, name_of)]
  for index, parameter in ipairs(own.parameters) do
    lines[index] = parameter.type .. parameter.name
  end
  return own.type .. table.concat(lines, ", ")
end

local function struct(role) return ("struct %s_%s *"):format(prefix, role) end

local caller = { workspace = "caller" }

describe("the header", function()
  local plain = model({ "input" }, { "output" })
  local npus = { device("npu_1", "abs"), device("npu_2", "exp") }

  it("tvm 1: is guarded, includes stdint.h and is C to C++", function()
    local said = header(plain)
    local guard = upper .. "H_"
    assert.is_truthy(said:find(("#ifndef %s\n#define %s\n"):format(guard, guard), 1, true))
    assert.is_truthy(said:find("#include <stdint.h>\n", 1, true))
    assert.is_truthy(said:find('#ifdef __cplusplus\nextern "C" {\n#endif\n', 1, true))
    assert.matches("\n#ifdef __cplusplus\n}\n#endif\n\n#endif /%* " .. guard .. " %*/\n$", said)
  end)

  it("tvm 2: declares run, with a sentence for each parameter", function()
    local said, read = header(plain)
    assert.equal("int32_t " .. struct "inputs" .. "inputs, " .. struct "outputs" .. "outputs",
      parameters(read, "run"))
    local doc = said:match("/%*!\n([^/]*)%*/\nint32_t " .. prefix .. "_run%(")
    assert.matches("\\brief Runs model 'ultimate_cat_spotter'", doc)
    assert.matches("\\param inputs %a+.*\\param outputs %a+.*\\return " .. upper
      .. "OK, or a negative code of enum " .. prefix .. "_status\n", doc)
  end)

  it("tvm 3: hands devices to run", function()
    local said, read = header(plain, { accelerators = { npus[1] } })
    assert.equal("int32_t " .. struct "inputs" .. "inputs, " .. struct "outputs" .. "outputs, "
      .. struct "devices" .. "devices", parameters(read, "run"))
    assert.matches("\\param devices ", said)
    assert.matches("_status, or the first\n %* code of an accelerator that is not 0: ", said)
  end)

  it("tvm 4: hands pools to run", function()
    local said, read = header(model({ "input" }, { "output" }, 1), { options = caller })
    assert.equal("int32_t " .. struct "inputs" .. "inputs, " .. struct "outputs" .. "outputs, "
      .. struct "workspace_pools" .. "workspace_pools", parameters(read, "run"))
    assert.matches("\\param workspace_pools ", said)
  end)

  it("tvm 5: has pools of results and of constants in one struct, and what these hold", function()
    local said, read = header(([[
module %s { source = { format = tflite, inputs = [x, y], outputs = [a, b] } }
const $w : i32[2] = dense [287454020, 1]
const $v : f64[2] = dense [1.0, 2.0]
graph @main(%%x : i32[2], %%y : f64[2]) {
  %%n = neg %%x : i32[2]
  %%a = add %%n, $w : i32[2]
  %%b = add %%y, $v : f64[2]
  return %%a, %%b
}
]]):format(name), { options = { workspace = "caller", constants = "pool" }, pools = {
      { name = "workspace" }, { name = "flash", holds = "constants" } } })
    assert.equal("void *workspace; void *flash", members(read, "workspace_pools"))
    assert.equal("32", read.macros[upper .. "FLASH_CONSTANT_POOL_SIZE"])
    assert.is_truthy(said:find(upper .. "FLASH_CONSTANT_POOL_DATA \\\n"
      .. "    0x44, 0x33, 0x22, 0x11, 0x01, " .. ("0x00, "):rep(11) .. "\\\n"
      .. "    " .. ("0x00, "):rep(6) .. "0xf0, 0x3f, " .. ("0x00, "):rep(7) .. "0x40,\n", 1, true),
      said)
  end)

  it("tvm 6: has inputs, outputs, pools and devices in this order", function()
    local _, read = header(model({ "input" }, { "output" }, 1), { options = caller,
      accelerators = { npus[1] } })
    assert.equal("int32_t " .. struct "inputs" .. "inputs, " .. struct "outputs" .. "outputs, "
      .. struct "workspace_pools" .. "workspace_pools, " .. struct "devices" .. "devices",
      parameters(read, "run"))
  end)

  it("tvm 7: maps inputs and outputs in pools, and hands only these to run", function()
    local _, read = header(plain, { options = { workspace = "caller", io = "pools" } })
    local pools = struct "workspace_pools" .. "workspace_pools"
    assert.equal(("struct %s_inputs "):format(prefix) .. pools, parameters(read, "map_inputs"))
    assert.equal(("struct %s_outputs "):format(prefix) .. pools, parameters(read, "map_outputs"))
    assert.equal("int32_t " .. pools, parameters(read, "run"))
  end)

  -- Inputs, outputs, devices and pools each are members of a struct: TVM's cases of one member,
  -- of many, of a name that C does not take, and of two that C takes for one.
  local owners = {
    { 8, "inputs", function(names) return model(names, { "y" }) end },
    { 11, "outputs", function(names) return model({ "x" }, names) end },
    { 14, "devices", function(names)
      local list = {}
      for index, own in ipairs(names) do
        list[index] = device(own, index == 1 and "abs" or "exp")
      end
      return plain, { accelerators = list }
    end },
    { 18, "workspace_pools", function(names)
      local list = {}
      for index, own in ipairs(names) do
        list[index] = { name = own, size = index < #names and 64 or nil }
      end
      return model({ "x" }, { "y" }, 3), { options = caller, pools = list }
    end },
  }
  local function numbers(first, offset)
    return first < 14 and offset > 0 and first + offset - 1 or first + offset
  end
  for _, case in ipairs(owners) do
    local first, role, made = table.unpack(case)
    it(("tvm %s: %s are void pointers in a struct: one, or many"):format(
      first == 18 and "18, 19" or first, role), function()
      local _, read = header(made { "first" })
      assert.equal("void *first", members(read, role))
      _, read = header(made { "first", "second" })
      assert.equal("void *first; void *second", members(read, role))
    end)
    it(("tvm %d: names of %s are made members"):format(numbers(first, 2), role), function()
      if role == "devices" then
        assert.error_matches(function() device("input+1", "abs") end, "is part of names in C")
        return
      end
      local _, read = header(made { "input+1" })
      assert.equal("void *input_1", members(read, role))
    end)
    it(("tvm %d, defect D18: two names of %s that become one are refused, both named"):format(
      numbers(first, 3), role), function()
      if role == "devices" then -- which have no such names, and two of one name are one
        assert.error_matches(function() device("a-1", "abs") end, "accelerator a%-1: its name")
        return
      end
      local kind = role == "workspace_pools" and "pool" or role:sub(1, -2)
      assert.error_matches(function() header(made { "a+1", "a-1" }) end,
        ("names 'tvm': .* %s %%d 'a%%-1'.* becomes 'a_1', which .* %s %%d 'a%%+1'"):format(kind,
          kind))
    end)
  end

  it("tvm 9, 25: has the sizes of inputs and outputs as macros", function()
    local _, read = header(model({ "input+1" }, { "result" }))
    assert.equal("48", read.macros[upper .. "INPUT_1_SIZE"])
    assert.equal("48", read.macros[upper .. "RESULT_SIZE"])
  end)

  it("tvm 15: has a struct member and four hooks for each of many devices", function()
    local _, read = header(plain, { accelerators = npus })
    assert.equal("void *npu_1; void *npu_2", members(read, "devices"))
    for _, hook in ipairs { "Activate", "Open", "Close", "Deactivate" } do
      for _, own in ipairs { "Npu_1", "Npu_2" } do
        assert.same({ type = "int32_t ", parameters = { { type = "void *", name = "context" } } },
          read.functions["TVMDevice" .. own .. hook], own .. hook)
      end
    end
  end)

  it("tvm 22: has no struct of devices where there are none", function()
    local _, read = header(plain)
    assert.is_nil(read.structs[prefix .. "_devices"])
  end)

  it("tvm 23, 24: states the bytes of working memory, in all and of each pool", function()
    local _, read = header(model({ "x" }, { "y" }, 1), { options = caller })
    assert.equal("96", read.macros[upper .. "WORKSPACE_SIZE"])
    assert.equal("96", read.macros[upper .. "WORKSPACE_WORKSPACE_POOL_SIZE"])
    _, read = header(model({ "x" }, { "y" }, 1), { options = caller, pools = {
      { name = "fast", size = 64 }, { name = "slow" } } })
    assert.equal("48", read.macros[upper .. "FAST_WORKSPACE_POOL_SIZE"])
    assert.equal("48", read.macros[upper .. "SLOW_WORKSPACE_POOL_SIZE"])
  end)

  it("tvm 44: has one size for each input and output, and one of working memory", function()
    local _, read = header(model({ "a", "b" }, { "c" }))
    local sizes = {}
    for macro in pairs(read.macros) do -- order: sorted below
      sizes[#sizes + 1] = macro:match("^" .. upper .. "(%a+_SIZE)$")
    end
    table.sort(sizes)
    assert.same({ "A_SIZE", "B_SIZE", "C_SIZE", "WORKSPACE_SIZE" }, sizes)
  end)

  it("defect D5: has no empty struct, and no member that is a word of C", function()
    local _, read = header(([[
module %s { source = { format = tflite, inputs = [], outputs = [int] } }
const $w : f32[1] = dense [1.0]
graph @main() {
  %%y = neg $w : f32[1]
  return %%y
}
]]):format(name))
    assert.is_nil(read.structs[prefix .. "_inputs"])
    assert.equal("void *output_int", members(read, "outputs"))
    assert.equal("int32_t " .. struct "outputs" .. "outputs", parameters(read, "run"))
    _, read = header(model({ "default", "0", "" }, { "y" }))
    assert.equal("void *input_default; void *input_0; void *input_3", members(read, "inputs"))
  end)

  it("defect D6: has one macro for one name, whatever inputs and outputs are called", function()
    for _, names in ipairs { { { "workspace" }, { "y" } }, { { "x" }, { "x" } },
      { { "x" }, { "X" } }, { { "a", "a_SIZE" }, { "y" } } } do
      local said, seen = header(model(names[1], names[2])), {}
      for macro in said:gmatch "#define ([%w_]+)" do
        assert.is_nil(seen[macro], macro)
        seen[macro] = true
      end
    end
  end)
end)
