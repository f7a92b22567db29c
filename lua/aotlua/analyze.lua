--- analyze: what a compiled model needs of a machine, pool by pool and layer by layer.

local cc = require "aotlua.cc"
local harness = require "aotlua.harness"
local job = require "aotlua.job"
local json = require "aotlua.json"
local metadata = require "aotlua.metadata"
local progress = require "aotlua.progress"

local M = {}

-- A missing value is null in JSON, so that the key is always there.
local function known(value) return value == nil and json.null or value end

-- The pools of working memory: those of constants are not RAM.
local function pools_of(record)
  local pools = {}
  for _, pool in ipairs(record.pools) do
    if not pool.holds then
      pools[#pools + 1] = { name = pool.name, bytes = pool.bytes, bound = known(pool.bound),
        limit = known(pool.limit) }
    end
  end
  return pools
end

local function layers_of(record)
  local layers = {}
  for i, operator in ipairs(record.operators) do
    layers[i] = {
      name = operator.node, op = operator.op, target = operator.by or record.target,
      macs = operator.macs, origin = known(operator.origin), scratch = operator.scratch,
    }
  end
  return layers
end

local function sum(list, key)
  local total = 0
  for _, entry in ipairs(list) do
    if entry[key] == json.null then return json.null end
    total = total + entry[key]
  end
  return total
end

--- The costs of a module after the last pass. Bytes; what is not known is json.null:
-- { model, target, ram = { arena, bound, state, pools = { { name, bytes, bound, limit } } },
-- flash = { weights, code }, stack, macs, layers = { { name, op, target, macs, origin,
-- scratch } } }. `code` (null here) counts code and all constants but the weights.
function M.costs(module, target)
  local record = metadata.of(module, target)
  local pools = pools_of(record)
  return {
    model = record.model, target = record.target,
    ram = { arena = record.workspace_bytes, bound = sum(pools, "bound"),
      state = record.state_bytes, pools = pools },
    flash = { weights = record.weight_bytes, code = json.null },
    stack = json.null, macs = record.macs, layers = layers_of(record),
  }
end

--- Compiles the model at `path` and adds the size of its code, where the target's compiler is
-- there.
function M.run(path, options)
  local module, target = job.compile(path, options)
  local costs = M.costs(module, target)
  if not cc.is_here(target) then return costs end
  local folder <close> = harness.folder()
  progress.show "compiling C"
  local bytes = harness.code_bytes(target, { files = job.files(module, target),
    folder = folder.path })
  progress.clear()
  if bytes then costs.flash.code = math.max(0, bytes - costs.flash.weights) end
  return costs
end

local function shown(value) return value == json.null and "unknown" or tostring(value) end

--- The costs as text for people.
function M.text(costs)
  local ram, flash = costs.ram, costs.flash
  local lines = {
    ("%s for %s"):format(costs.model, costs.target),
    ("RAM      %d bytes: workspace %d (lower bound %s), state %d"):format(
      ram.arena + ram.state, ram.arena, shown(ram.bound), ram.state),
  }
  for _, pool in ipairs(ram.pools) do
    lines[#lines + 1] = ("  pool %s: %d bytes, lower bound %s, limit %s"):format(pool.name,
      pool.bytes, shown(pool.bound), pool.limit == json.null and "none" or pool.limit)
  end
  lines[#lines + 1] = ("flash    weights %d bytes, code %s"):format(flash.weights,
    flash.code == json.null and "unknown: that takes the target's compiler"
    or ("%d bytes"):format(flash.code))
  lines[#lines + 1] = ("MACs     %d"):format(costs.macs)
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("%12s %6s  %-24s %s"):format("MACs", "share", "operator", "result")
  for _, layer in ipairs(costs.layers) do
    lines[#lines + 1] = ("%12d %5.1f%%  %-24s %s"):format(layer.macs,
      costs.macs > 0 and 100 * layer.macs / costs.macs or 0, layer.op:sub(1, 24),
      #layer.name > 60 and layer.name:sub(1, 57) .. "..." or layer.name)
  end
  return table.concat(lines, "\n") .. "\n"
end

return M
