--- surroundings: what every main function around a model has: memory, structs and the call.

local emit = require "aot.emit"
local lines_of = require "aotlua.harness.lines"
local packed = require "aotlua.harness.packed"

local each, join = lines_of.each, lines_of.join

-- The arrays of inputs or outputs; where these live in pools, pointers to them.
local function arrays_of(record, role)
  local in_pools = record.interface.io == "pools"
  return each(record[role .. "s"], function(tensor, k)
    return (in_pools and "static %s *%s_%d;" or "static %s %s_%d[%d];"):format(tensor.ctype, role,
      k, tensor.length)
  end)
end

local function pool_arrays(record)
  return each(record.pools, function(pool, k)
    local aligned = ("static __attribute__((aligned(%d)))"):format(pool.alignment)
    if pool.holds then
      return ("%s const uint8_t pool_%d[] = { %s };"):format(aligned, k, pool.data_macro)
    end
    return pool.given and ("%s uint8_t pool_%d[%d];"):format(aligned, k, pool.bytes) or nil
  end)
end

-- Statements that set members of structs which the caller fills to its arrays.
local function members_of(record, role)
  if not record[role .. "s_type"] or record.interface.io == "pools" then return {} end
  return each(record[role .. "s"], function(tensor, k)
    return ("%ss.%s = %s_%d;"):format(role, tensor.member, role, k)
  end)
end

-- Statements that ask where inputs and outputs are.
local function mapped(record)
  local lines = {}
  local given = record.interface.workspace == "caller" and record.pools_type
  for _, role in ipairs { "input", "output" } do
    local map = record["map_" .. role .. "s"]
    lines[#lines + 1] = map and ("%ss = %s(%s);"):format(role, map,
      given and "&workspace_pools" or "")
    for k, tensor in ipairs(map and record[role .. "s"] or {}) do
      lines[#lines + 1] = ("%s_%d = %ss.%s;"):format(role, k - 1, role, tensor.member)
    end
  end
  return lines
end

-- Statements that hand over the pools. A constant one is an object that C may not write to, and
-- a struct of void pointers has no const.
local function pools_of(record)
  local lines = {}
  for k, pool in ipairs(record.pools) do
    local cast = pool.holds and record.interface.pointers == "void" and "(void *)(uintptr_t)" or ""
    lines[#lines + 1] = pool.given
      and ("workspace_pools.%s = %spool_%d;"):format(pool.member, cast, k - 1) or nil
    lines[#lines + 1] = pool.size_member
      and ("workspace_pools.%s = sizeof pool_%d;"):format(pool.size_member, k - 1)
  end
  return lines
end

-- The structs that the entry takes, declared and filled.
local function structs(record)
  local declared, arguments = {}, {}
  for i, parameter in ipairs(record.parameters) do
    local struct = parameter.type:match "struct ([%w_]+)"
    declared[i] = ("static struct %s %s;"):format(struct, parameter.name)
    arguments[i] = "&" .. parameter.name
  end
  for _, role in ipairs { "inputs", "outputs" } do
    declared[#declared + 1] = record["map_" .. role]
      and ("static struct %s %s;"):format(record[role .. "_type"], role)
  end
  local filled = record.pools_type and pools_of(record) or {}
  for _, lines in ipairs { mapped(record), members_of(record, "input"),
    members_of(record, "output") } do
    table.move(lines, 1, #lines, #filled + 1, filled)
  end
  return declared, filled, table.concat(arguments, ", ")
end

local function reset_call(record)
  if not record.state_type then return {} end
  local owned = record.interface.workspace == "caller"
  return { ("%s(%s);"):format(record.reset, owned and "&state" or "") }
end

--- Gives the values of the holes `model`, `header`, `arrays`, `structs` and `reset` of a main
-- function's template for a metadata record, and the call of the entry. Inputs are input_0, ...,
-- outputs output_0, ...
return function(record)
  local hand_over = record.interface.style == "packed" and packed or structs
  local declared, filled, arguments = hand_over(record)
  return {
    model = emit.comment(record.model), header = record.header,
    arrays = join(arrays_of(record, "input"), arrays_of(record, "output"), pool_arrays(record)),
    structs = join(declared), reset = join(filled, reset_call(record)),
  }, ("%s(%s)"):format(record.entry, arguments)
end
