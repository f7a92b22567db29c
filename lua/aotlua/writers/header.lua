--- header: the public header. What an interface alone has comes from writers/<style>_header.lua:
--- `includes(record)`, `types(out, record, spelling)` and `functions(out, record, spelling)`.

local conversions = require "aotlua.writers.header.conversions"
local devices = require "aotlua.writers.header.devices"
local macros = require "aotlua.writers.header.macros"
local page = require "aotlua.writers.page"
local state = require "aotlua.writers.header.state"
local write_status = require "aotlua.writers.header.status"

local function each_tensor(record, visit)
  for _, owner in ipairs { "input", "output" } do
    for index, tensor in ipairs(record[owner .. "s"]) do
      visit(owner, index, tensor)
    end
  end
end

local function write_conversions(out, record, spelling)
  each_tensor(record, function(owner, index, tensor)
    local function macro(role)
      return spelling("macro", role, owner, index)
    end
    if tensor.quantize then
      conversions.quantize(out, tensor, macro)
    elseif tensor.dequantize then
      conversions.dequantize(out, tensor, macro)
    end
  end)
end

--- Gives the header's text; `images` is what the pools of constants hold (header/macros.lua).
return function(record, spelling, images)
  local out, guard = page.new(), spelling("guard", "h_")
  local style = require(("aotlua.writers.%s_header"):format(record.interface.style))
  out:head(record, ("The interface of model '%s'."):format(record.model))
  out:line("#ifndef %s\n#define %s\n", guard, guard)
  for _, name in ipairs(style.includes(record)) do
    out:line(name:find "^aotrt_" and "#include \"%s\"" or "#include <%s>", name)
  end
  out:line("\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n")
  out:doc "Version of this interface: it changes when callers have to"
  out:line("#define %s %d\n", spelling("macro", "abi_version"), record.abi_version)
  each_tensor(record, function(owner, index, tensor)
    macros.tensor(out, spelling, owner, index, tensor)
  end)
  style.types(out, record, spelling)
  state.struct(out, record)
  devices.types(out, record)
  write_status(out, spelling)
  devices.hooks(out, record)
  style.functions(out, record, spelling)
  state.functions(out, record)
  macros.memory(out, record, spelling)
  macros.constants(out, record, spelling, images)
  write_conversions(out, record, spelling)
  out:line("\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* %s */", guard)
  return out:text()
end
