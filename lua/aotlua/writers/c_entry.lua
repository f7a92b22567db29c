--- c_entry: the function that runs the model, of the `c` interface, and those that tell where
--- inputs and outputs are in pools.

local header = require "aotlua.writers.c_header"
local page = require "aotlua.writers.page"
local places = require "aotlua.writers.places"
local run = require "aotlua.writers.run"

local entry = {}

-- The address of a pool as bytes, and as the pointer that it is.
local function pool_expression(context, pool, index)
  if not pool.given then
    return context.spelling("object", "memory", "pool", index)
  end
  local pointer, cast = "workspace_pools->" .. pool.member, ""
  if context.record.interface.pointers == "void" then
    cast = pool.holds and "(const uint8_t *)" or "(uint8_t *)"
  end
  return cast .. pointer, pointer
end

--- The expressions by which the calls reach what the function is given, or the program owns.
function entry.access(context)
  local record = context.record
  return {
    input = function(index) return "inputs->" .. record.inputs[index].member end,
    output = function(index) return "outputs->" .. record.outputs[index].member end,
    state = function(index) return "state->" .. record.states[index].member end,
    pool = function(index) return pool_expression(context, record.pools[index], index) end,
    device = function(index) return "devices->" .. record.devices[index].member end,
  }
end

-- Notes that the pointers of inputs or outputs, which the caller gives, are checked.
local function check_tensors(record, owner, pointer)
  if record.interface.io == "pools" or not record[owner .. "_type"] then
    return
  end
  pointer(owner)
  for _, tensor in ipairs(record[owner]) do
    local wide = not tensor.ctype:find "int8_t$"
    if tensor.bytes > 0 then
      pointer(("%s->%s"):format(owner, tensor.member),
        wide and ("sizeof(%s)"):format(tensor.ctype))
    end
  end
end

--- The conditions under which the call is refused: lists of C expressions.
local function conditions(record)
  local null, misaligned, short = {}, {}, {}
  local function pointer(expression, alignment)
    null[#null + 1] = expression .. " == NULL"
    if alignment then
      misaligned[#misaligned + 1] = ("(uintptr_t)%s %% %s != 0"):format(expression, alignment)
    end
  end
  check_tensors(record, "inputs", pointer)
  check_tensors(record, "outputs", pointer)
  if record.pools_type then
    pointer "workspace_pools"
  end
  for _, pool in ipairs(record.pools_type and record.pools or {}) do
    if pool.given then
      pointer("workspace_pools->" .. pool.member, tostring(pool.alignment))
    end
    if pool.size_member then
      short[#short + 1] = ("workspace_pools->%s < %d"):format(pool.size_member, pool.bytes)
    end
  end
  if record.state_type and record.interface.workspace == "caller" then
    pointer "state"
  end
  if record.devices_type then
    pointer "devices"
  end
  return { { null, "error_null" }, { misaligned, "error_alignment" },
    { short, "error_workspace" } }
end

--- Writes the function that gives the addresses of inputs or outputs (`owner`) in pools.
local function write_map(out, context, owner, values)
  local record, lines, address_of = context.record, page.new(), places.of_value(context)
  for index, tensor in ipairs(record[owner]) do
    local ctype = record.interface.pointers == "typed" and tensor.ctype or "void"
    lines:line("    %s.%s = %s;", owner, tensor.member, address_of(values[index], ctype .. " *"))
  end
  local text = lines:text()
  out:line()
  header.map(out, record, owner, "\n{")
  out:line("    struct %s %s;", record[owner .. "_type"], owner)
  if record.interface.workspace == "caller" and record.pools_type
    and not text:find("workspace_pools", 1, true) then
    out:line("    (void)workspace_pools;")
  end
  out:line("%s    return %s;\n}", text, owner)
end

--- Writes the functions.
function entry.write(out, context)
  local record, pointers = context.record, {}
  for index, parameter in ipairs(record.parameters) do
    pointers[index] = parameter.name
  end
  if record.map_inputs then
    write_map(out, context, "inputs", context.graph.params)
  end
  if record.map_outputs then
    write_map(out, context, "outputs", context.graph.returns)
  end
  out:line()
  out:prototype(record, "\n{")
  run.body(out, context, { pointers = pointers, conditions = conditions(record) })
end

return entry
