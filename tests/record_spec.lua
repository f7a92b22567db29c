--- record_spec: header, metadata.json and symbols.json of a model say the same, and README.md says
--- what the keys of metadata.json mean.

local emit = require "aot.emit"
local generated = require "tests.tools.generated"
local header_of = require "tests.tools.header"
local json = require "aotlua.json"
local library = require "tests.tools.library"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local writers = require "aotlua.writers"

-- An operator that a device computes, and what only models from files have.
local offloaded = [[
module kws { source = { format = onnx, sha256 = "]] .. ("ab"):rep(32) .. [[" } }
graph @main(%x : f32[4]) {
  %y = clamp %x { lo = 0.0, origin = "node 0 Relu" } : f32[4]
  return %y
}
]]

-- A target that says where in the image its memory lies.
local c = require "targets.c"
local sectioned = {
  name = "board", pipeline = c.pipeline, kernels = c.kernels, schedules = c.schedules,
  memory = { pools = { { name = "sram", section = ".bss.sram" } } }, names = c.names, cc = c.cc,
}

-- What the models are compiled with: of all that shapes the header, each once.
local CHOICES = {
  { set = { workspace = "static" } },
  { set = { workspace = "caller", pools = "fast:65536,slow" } },
  { set = { arena = "separate", weights = "incbin" } },
  { set = { workspace = "static" }, target = sectioned },
  { set = { workspace = "caller", io = "pools", constants = "pool" } },
  { set = { workspace = "caller", pointers = "void" } },
  { set = { workspace = "static", io = "pools", files = "single" } },
  { set = { workspace = "static" }, interface = "packed" },
  { set = { workspace = "caller" }, interface = "packed", calls = "packed" },
  { source = offloaded, target = "c," .. program.root .. "/examples/own_accelerator/acme_npu.lua" },
}

local function compiled(options)
  local model = library.compiled(options.source or generated.source, options, options.target)
  local files = writers.files(model.module, model.target)
  local record = json.decode(files["metadata.json"])
  return {
    record = record, symbols = json.decode(files["symbols.json"]).symbols, files = files,
    header = header_of.read(files["include/" .. record.header]),
  }
end

local function is_public(symbol) return symbol.linkage == "exported" or symbol.linkage == "hook" end

--- The table of README.md, { [key] = list of macros' roles }.
local function documented()
  local text = shell.read(program.root .. "/lua/README.md")
  local keys = {}
  for row in text:match "\n## metadata.json\n(.-)\n## ":gmatch "\n(| `[^\n]*)" do
    local key, roles = row:match "^| `([%w_.%[%]]+)` |[^|]*| ?([%w_`, ]*) |$"
    assert(key, row)
    keys[key] = {}
    for role in roles:gmatch "[%w_]+" do table.insert(keys[key], role) end
  end
  return keys
end

-- Whose keys are those of options, which targets and passes have.
local of_options = { interface = true, options = true }

--- Collects the keys of a decoded value into `found`: inputs[].shape.
local function collect(value, path, found)
  local is_list = type(value) == "table" and #value > 0
  if of_options[path] or type(value) ~= "table" or is_list and type(value[1]) ~= "table" then
    found[path] = true
  elseif is_list then
    for _, one in ipairs(value) do collect(one, path .. "[]", found) end
  else
    for key, one in pairs(value) do -- order: irrelevant, into a table
      collect(one, path == "" and key or path .. "." .. key, found)
    end
  end
  return found
end

-- Macros that stand for no number of the record.
local without_value = { no_checks = true, constant_pool_data = true }

-- What the header has to say of a value of metadata.json.
local function spelled(value, role)
  if role == "state_size" then return ("sizeof(struct %s)"):format(value) end
  if role == "scale" then return emit.literal("f32", value + 0.0) end
  return type(value) == "table" and ("{ %s }"):format(table.concat(value, ", ")) or tostring(value)
end

-- The value that a macro's symbol stands for, by the key of its role.
local function value_of(record, symbol, key)
  local list, field = key:match "^(%l+)%[%]%.([%l_]+)$"
  if not list then return record[key] end
  return symbol.owner and record[symbol.owner .. "s"][symbol.index][field]
end

describe("the record of a model", function()
  local models = {}
  setup(function()
    for index, options in ipairs(CHOICES) do models[index] = compiled(options) end
  end)

  it("is what every macro of the header says", function()
    local keys_of = {}
    for key, roles in pairs(documented()) do -- order: irrelevant, each is tried
      for _, role in ipairs(roles) do
        keys_of[role] = keys_of[role] or {}
        table.insert(keys_of[role], key)
      end
    end
    for _, model in ipairs(models) do
      local constants = {}
      for _, values in pairs(model.header.enums) do -- order: irrelevant, into a table
        for name in pairs(values) do constants[name] = true end -- order: irrelevant, into a table
      end
      for _, symbol in ipairs(model.symbols) do
        local said = model.header.macros[symbol.spelling]
        if symbol.kind == "macro" and not without_value[symbol.role]
          and not constants[symbol.spelling] then
          local matching
          for _, key in ipairs(keys_of[symbol.role] or {}) do
            local value = value_of(model.record, symbol, key)
            if value ~= nil then matching = spelled(value, symbol.role) end
          end
          assert.equal(matching, said, symbol.spelling)
        end
      end
    end
  end)

  it("lists every name of the header, and no other", function()
    for _, model in ipairs(models) do
      local wanted, got = {}, {}
      local structs = {}
      for _, symbol in ipairs(model.symbols) do
        if symbol.kind == "struct" then structs[symbol.role] = symbol.spelling end
      end
      for _, symbol in ipairs(model.symbols) do
        local inside = symbol.scope and structs[symbol.scope]
        if symbol.scope and not inside then
          assert.equal("packed", model.record.interface.style) -- it has no structs of tensors
        elseif is_public(symbol) and symbol.kind ~= "file" and symbol.role ~= "no_checks" then
          wanted[#wanted + 1] = (inside and inside .. "." or "") .. symbol.spelling
        end
      end
      local header = model.header
      for _, room in ipairs { header.macros, header.functions, header.structs, header.enums } do
        for name in pairs(room) do got[#got + 1] = name end -- order: sorted below
      end
      for name, members in pairs(header.structs) do -- order: sorted below
        for _, member in ipairs(members) do got[#got + 1] = name .. "." .. member.name end
      end
      for _, constants in pairs(header.enums) do -- order: sorted below
        for name in pairs(constants) do got[#got + 1] = name end -- order: sorted below
      end
      table.sort(wanted)
      table.sort(got)
      assert.same(wanted, got)
    end
  end)

  it("has the members of the structs in order, with their types", function()
    for _, model in ipairs(models) do
      local record, structs = model.record, model.header.structs
      for _, room in ipairs { "inputs", "outputs", "states" } do
        local struct = record[room == "states" and "state_type" or room .. "_type"]
        local members = struct and structs[struct] or {}
        for index, tensor in ipairs(struct and record[room] or {}) do
          local member = members[index]
          local type = room == "states" and ("%s [%d]"):format(tensor.ctype, tensor.length)
            or record.interface.pointers == "void" and "void *"
            or ("%s%s *"):format(room == "inputs" and record.interface.io == "caller" and "const "
              or "", tensor.ctype)
          assert.same({ name = tensor.member, type = type }, member)
        end
        assert.equal(struct and #record[room] or 0, #members)
      end
    end
  end)

  it("has the functions with their parameters", function()
    for _, model in ipairs(models) do
      local record, functions = model.record, model.header.functions
      assert.same({ type = "int32_t ", parameters = record.parameters }, functions[record.entry])
      for _, key in ipairs { "reset", "save", "restore" } do
        assert.equal(record[key] ~= nil, functions[record[key] or ""] ~= nil)
      end
      for _, room in ipairs { "inputs", "outputs" } do
        for _, tensor in ipairs(record[room]) do
          local function_of = functions[tensor.quantize or tensor.dequantize or ""]
          local own = tensor.ctype .. " "
          assert.same(tensor.quantize and { type = "static inline " .. own,
            parameters = { { type = "float ", name = "real" } } } or tensor.dequantize
            and { type = "static inline float ", parameters = { { type = own, name = "stored" } } }
            or nil, function_of)
        end
      end
    end
  end)

  it("names the functions and constants that the sources define", function()
    for _, model in ipairs(models) do
      local single = model.record.interface.files == "single"
      local text = model.files[single and "src/kws_lib0.c" or "src/kws_lib.h"]
      for _, operator in ipairs(model.record.operators) do
        local prototype = (single and "\nstatic int32_t %s(" or "\nint32_t %s("):format(
          operator["function"])
        assert.is_truthy(text:find(prototype, 1, true), prototype)
      end
      for _, constant in ipairs(model.record.constants) do
        local declaration = (single and " const %s %s[%d] = {" or "extern const %s %s[%d];")
          :format(constant.ctype, constant.symbol, constant.length)
        assert.equal(constant.pool == nil, text:find(declaration, 1, true) ~= nil)
      end
    end
  end)

  it("has no key that README.md does not explain, which explains no other", function()
    local keys, found = documented(), {}
    for _, model in ipairs(models) do collect(model.record, "", found) end
    for key in pairs(found) do assert.is_not_nil(keys[key], key) end -- order: irrelevant
    for key in pairs(keys) do assert.is_true(found[key], key) end -- order: irrelevant
  end)
end)
