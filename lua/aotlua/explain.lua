--- explain: who computes each layer of a model, and why others do not.

local catalog = require "aotlua.catalog"
local job = require "aotlua.job"
local offload = require "aotlua.offload"
local ops = require "aotlua.ops"
local options = require "aotlua.options"
local pipeline = require "aotlua.pipeline"
local rewrite = require "aotlua.rewrite"
local storage = require "aotlua.storage"

local M = {}

-- Targets -----------------------------------------------------------------------------------

local function add(lines, format, ...) lines[#lines + 1] = format:format(...) end

local function add_options(lines, target, passes)
  local known, keys = options.known(target, passes), {}
  for key in pairs(known) do keys[#keys + 1] = key end -- order: sorted on the next line
  table.sort(keys)
  add(lines, "options, --set KEY=VALUE:%s", #keys == 0 and " none" or "")
  for _, key in ipairs(keys) do
    local option = known[key]
    add(lines, "  %-24s %s (%s)", ("%s=%s"):format(key, tostring(option.default)), option.doc,
      option.owner)
  end
end

--- What a target does, as lines: its passes in order, pools, accelerators, compiler, options.
function M.target(target)
  local lines, passes = {}, {}
  add(lines, "target %s: %s", target.name, catalog.about("targets", target.name))
  add(lines, "passes, in order:")
  for i, entry in ipairs(target.pipeline) do
    passes[i] = pipeline.resolve(entry)
    add(lines, "  %-16s %s%s", passes[i].name, catalog.about("passes", passes[i].name),
      passes[i].optional and " (optional)" or "")
  end
  for _, pool in ipairs(target.memory.pools) do
    add(lines, "pool %s: aligned to %d, %s", pool.name, pool.align or 1,
      pool.size and ("at most %d bytes"):format(pool.size) or "no limit")
  end
  for _, device in ipairs(target.accelerators or {}) do
    local names = {}
    for i, offer in ipairs(device.offers) do names[i] = offer.name end
    add(lines, "accelerator %s offers: %s", device.name, table.concat(names, ", "))
  end
  local names, cc, interface = target.names, target.cc or {}, target.interface or {}
  add(lines, "names: %s; interface: %s, operators are called %s",
    type(names) == "table" and names.name or names, interface.kind or "c",
    interface.calls or "unpacked")
  add(lines, "compiler: %s %s", cc.command or "cc", table.concat(cc.flags or {}, " "))
  add_options(lines, target, passes)
  return lines
end

-- Models ------------------------------------------------------------------------------------

-- A function of a node that tells why an offer does not take it, or nil if it would; of the ways
-- in which the shape fits, what the condition says of the last.
local function refusals(device, offer)
  local condition, verdict = offload.condition(device, offer), nil
  local takes = rewrite.matcher(offer.match, function(m)
    if not condition then return true end
    local fits, why = condition(m)
    verdict = why and tostring(why) or "its condition says no"
    return fits
  end)
  return function(node)
    verdict = "another shape"
    return not takes(node) and verdict or nil
  end
end

-- For each node of @main that an accelerator does not take, by the name of its result: lines of
-- what each offer says. Only offers for the node's op are worth a line.
local function judge_offers(module, accelerators)
  local verdicts = {}
  for _, device in ipairs(accelerators) do
    for _, offer in ipairs(device.offers) do
      local refusal = refusals(device, offer)
      for node in module:main():nodes() do
        local name = node:output().name
        local why = refusal(node)
        if why ~= "another shape" then
          verdicts[name] = verdicts[name] or {}
          add(verdicts[name], "%s of %s: %s", offer.name, device.name,
            why or "taken by an offer before it")
        end
      end
    end
  end
  return verdicts
end

-- The nodes that are computed together: those of a body, or the node alone.
local function parts_of(node)
  if not node.body then return { node } end
  local list = {}
  for inner in node.body:nodes() do
    if not ops.constant[inner.op] then list[#list + 1] = inner end
  end
  return list
end

local function recipe_of(node, target)
  local anchor = ops.anchor(node)
  local name = ops.elementwise[anchor.op] and "elementwise" or anchor.op
  if node.by then return "accelerator " .. node.by end
  if (target.kernels or {})[anchor.op] then return ("recipe %s of %s"):format(name, target.name) end
  return "portable recipe " .. name
end

local function show_schedule(schedule)
  local keys, words = {}, {}
  for key in pairs(schedule or {}) do keys[#keys + 1] = key end -- order: sorted on the next line
  table.sort(keys)
  for i, key in ipairs(keys) do words[i] = ("%s = %s"):format(key, tostring(schedule[key])) end
  return #words > 0 and ("{ %s }"):format(table.concat(words, ", ")) or ""
end

local function add_node(lines, node, target, verdicts)
  local names, parts = {}, parts_of(node)
  for i, part in ipairs(parts) do names[i] = part.op end
  add(lines, "%%%s: %s", node:output().name, table.concat(names, ", "))
  add(lines, "  by %s %s", recipe_of(node, target), show_schedule(node:get "schedule"))
  for _, part in ipairs(node.by and {} or parts) do
    for _, verdict in ipairs(verdicts[part:output().name] or {}) do
      add(lines, "  not by %s", verdict)
    end
  end
end

-- The name of the pass before `name`, and of `name` itself, where the target has them.
local function find_pass(target, name)
  local last
  for _, entry in ipairs(target.pipeline) do
    local here = type(entry) == "table" and entry.name or entry
    if here == name then return last, here end
    last = here
  end
end

--- Runs the passes on the model at `path` until its layers are chosen, and says, as lines, what
-- is fused in each and who computes it. `settings` are those of aotlua.job.
function M.model(path, settings)
  local module = job.load(path, settings)
  local target, verdicts = job.target_of(module, settings), {}
  local last, watched = find_pass(target, "partition"), {}
  for key, value in pairs(settings) do watched[key] = value end -- order: irrelevant, a copy
  watched.stop = select(2, find_pass(target, "schedule"))
  function watched.watch(pass, now)
    if pass.name == last then verdicts = judge_offers(now, target.accelerators or {}) end
  end
  job.lower(module, target, watched)
  local lines = {}
  add(lines, "%s for %s", module.name, target.name)
  for node in module:main():nodes() do
    if not storage.is_view(node) then add_node(lines, node, target, verdicts) end
  end
  return lines
end

return M
