--- packed_entry: the function that runs the model, of the `packed` interface, and look-up by name.

local arguments_of = require "aotlua.writers.packed_arguments"
local emit = require "aot.emit"
local new_types = require "aotlua.writers.packed_types"
local page = require "aotlua.writers.page"
local run = require "aotlua.writers.run"

local entry = {}

--- The expressions by which the calls reach what the function is given, or the program owns.
function entry.access(context)
  local record = context.record
  local function given(first)
    return function(index)
      return ("aotrt_tensor_data(arguments, %d)"):format(first + index - 1)
    end
  end
  return {
    input = given(0),
    output = given(#record.inputs),
    state = function(index) return "state->" .. record.states[index].member end,
    pool = function(index)
      return record.pools[index].given and "pool_" .. index
        or context.spelling("object", "memory", "pool", index)
    end,
    device = function(index) return "devices->" .. record.devices[index].member end,
  }
end

local function write_tensors(out, owner, tensors, types)
  if #tensors > 0 then
    out:line("    static const aotrt_tensor_metadata %ss[] = {", owner)
    for _, tensor in ipairs(tensors) do
      out:line("        { %s, %s,\n          %s, %d },", emit.string(tensor.name),
        emit.string(tensor.member), types:initializer(tensor), tensor.bytes)
    end
    out:line("    };")
  end
end

local function write_metadata(out, context, arguments)
  local record, types, tables = context.record, new_types "shapes", page.new()
  local positions = {}
  for _, argument in ipairs(arguments) do
    if argument.pool then
      positions[argument.index] = argument.position
    end
  end
  write_tensors(tables, "input", record.inputs, types)
  write_tensors(tables, "output", record.outputs, types)
  if #record.pools > 0 then
    tables:line("    static const aotrt_pool_metadata pools[] = {")
    for index, pool in ipairs(record.pools) do
      tables:line("        { %s, %d, %d, %d },", emit.string(pool.name), pool.bytes,
        pool.alignment, positions[index] or -1)
    end
    tables:line("    };")
  end
  local function counted(list)
    return #record[list], #record[list] > 0 and list or "NULL"
  end
  local inputs, input_table = counted "inputs"
  local outputs, output_table = counted "outputs"
  local pools, pool_table = counted "pools"
  out:line("\nconst aotrt_metadata *%s(void)\n{", context.spelling("function", "metadata"))
  types:write_shapes(out, "    ")
  out:line("%s    static const aotrt_metadata metadata = {", #tables > 0 and tables:text() or "")
  out:line("        1, %d, %d, %d, %s,\n        %s, %s, %s\n    };", inputs, outputs, pools,
    emit.string(record.model), input_table, output_table, pool_table)
  out:line("    return &metadata;\n}")
end

local function write_look_up(out, context)
  local spelling = context.spelling
  for _, owner in ipairs { "input", "output" } do
    out:line("\nint32_t %s(const char *name)\n{", spelling("function", owner .. "_index"))
    out:line("    const aotrt_metadata *const metadata = %s();", spelling("function", "metadata"))
    out:line("    return aotrt_tensor_index(metadata->%ss, metadata->num_%ss, name);\n}", owner,
      owner)
  end
  local run_name = context.record.entry
  out:line("\naotrt_packed_function %s(const char *name)\n{", spelling("function", "function"))
  out:line("    if (name == NULL)\n        return NULL;")
  out:line("    if (aotrt_text_equal(name, \"run\") || aotrt_text_equal(name, %s))",
    emit.string(run_name))
  out:line("        return %s;\n    return NULL;\n}", run_name)
end

-- Text that refuses the call if `condition` holds.
local function refuse(out, context, condition, role)
  out:line("    if (%s)\n        return %s;", condition, context.spelling("macro", role))
end

-- Text that sets `status` to what a function of the runtime says of arguments.
local function check(out, context, name, arguments)
  out:call("    ", "status = " .. name, { "arguments", "type_codes", table.unpack(arguments) }, ";")
  out:line("    if (status != %s)\n        return status;", context.spelling("macro", "ok"))
end

local function check_memory(out, context, argument)
  local wanted = argument.pool
    and { tostring(argument.pool.bytes), tostring(argument.pool.alignment) }
    or { ("sizeof(struct %s)"):format(argument.struct), ("sizeof(%s)"):format(argument.ctype) }
  check(out, context, "aotrt_check_memory", { tostring(argument.position), wanted[1], wanted[2] })
end

local function write_checks(out, context, arguments)
  local record = context.record
  out:line("#ifndef %s", context.spelling("macro", "no_checks"))
  refuse(out, context, "num_args != " .. #arguments, "error_arguments")
  if #arguments > 0 then
    refuse(out, context, "args == NULL || type_codes == NULL", "error_null")
  end
  if record.devices_type then
    refuse(out, context, "resource == NULL", "error_null")
  end
  for _, owner in ipairs { "input", "output" } do
    local tensors = record[owner .. "s"]
    if #tensors > 0 then
      check(out, context, "aotrt_check_tensors", {
        tostring(owner == "input" and 0 or #record.inputs),
        ("%s()->%ss"):format(context.spelling("function", "metadata"), owner), tostring(#tensors) })
    end
  end
  for _, argument in ipairs(arguments) do
    if not argument.tensor then
      check_memory(out, context, argument)
    end
  end
  out:line("#endif")
end

-- Names for what the arguments are, as far as they are no tensors.
local function write_names(out, arguments)
  for _, argument in ipairs(arguments) do
    if not argument.tensor then
      local name = argument.pool and "pool_" .. argument.index or "state"
      local ctype = not argument.pool and "struct " .. argument.struct
        or argument.pool.holds and "const uint8_t" or "uint8_t"
      out:line("    %s *const %s = aotrt_tensor_data(arguments, %d);", ctype, name,
        argument.position)
      out:line("    (void)%s;", name)
    end
  end
end

local function write_locals(out, record, arguments)
  if #arguments > 0 then
    out:line("    const aotrt_value *const arguments = args;")
  end
  if record.devices_type then
    out:line("    const struct %s *const devices = resource;", record.devices_type)
  end
  for _, name in ipairs { #arguments > 0 and "arguments" or "args", "type_codes", "num_args",
    "result", "result_code", record.devices_type and "devices" or "resource" } do
    out:line("    (void)%s;", name)
  end
end

--- Writes the functions.
function entry.write(out, context)
  local record = context.record
  local arguments, locals, prepare = arguments_of(record), page.new(), page.new()
  write_metadata(out, context, arguments)
  write_locals(locals, record, arguments)
  write_checks(prepare, context, arguments)
  write_names(prepare, arguments)
  out:line()
  out:prototype(record, "\n{")
  run.body(out, context, { pointers = {}, conditions = {}, locals = locals:text(),
    prepare = prepare:text() })
  write_look_up(out, context)
end

return entry
