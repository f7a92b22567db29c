--- explain: who computes each layer of a model, and why others do not.

local catalog = require "aotlua.catalog"
local job = require "aotlua.job"
local kernels = require "aotlua.kernels"
local ops = require "aotlua.ops"
local options = require "aotlua.options"
local pipeline = require "aotlua.pipeline"
local place = require "aotlua.place"
local sorted = require "aotlua.sorted"
local storage = require "aotlua.storage"
local verdicts = require "aotlua.verdicts"

local M = {}

-- Targets -----------------------------------------------------------------------------------

local function add(lines, format, ...) lines[#lines + 1] = format:format(...) end

local function add_options(lines, target, passes)
  local known = options.known(target, passes)
  local keys = sorted(known)
  add(lines, "options, --set KEY=VALUE:%s", #keys == 0 and " none" or "")
  for _, key in ipairs(keys) do
    local option = known[key]
    add(lines, "  %-24s %s (%s)", ("%s=%s"):format(key, tostring(option.default)), option.doc,
      option.owner)
  end
end

-- What a pass does, or, of one that is not ours, where it stands.
local function about(pass)
  local ours, where = catalog.about("passes", pass.name), place.of(pass.run)
  return ours ~= "" and ours or where and "of " .. where.shown or ""
end

--- What a target does, as lines: its passes in order, pools, accelerators, compiler, options.
function M.target(target)
  local lines, passes = {}, {}
  add(lines, "target %s: %s", target.name, catalog.about("targets", target.name:match "^[^,]*"))
  add(lines, "passes, in order:")
  for i, entry in ipairs(target.pipeline) do
    passes[i] = pipeline.resolve(entry)
    add(lines, "  %-16s %s%s", passes[i].name, about(passes[i]),
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

-- The nodes that are computed together: those of a body and of bodies within, or the node alone.
local function parts_of(node)
  if not node.body then return { node } end
  local list = {}
  for inner in node.body:nodes() do
    local parts = ops.constant[inner.op] and {} or parts_of(inner)
    table.move(parts, 1, #parts, #list + 1, list)
  end
  return list
end

local function list_ops(parts)
  local names = {}
  for i, part in ipairs(parts) do names[i] = part.op end
  return table.concat(names, ", ")
end

local function recipe_of(node, target)
  if node.by then return ("accelerator %s (%s)"):format(node.by, node:get "offer" or "region") end
  local anchor = ops.anchor(node)
  local name = ops.elementwise[anchor.op] and "elementwise" or anchor.op
  if kernels.is_own(node, target) then return "recipe " .. node:get "own" end
  if (target.kernels or {})[anchor.op] then return ("recipe %s of %s"):format(name, target.name) end
  return "portable recipe " .. name
end

local function show_schedule(schedule)
  local words = {}
  for i, key in ipairs(sorted(schedule)) do
    words[i] = ("%s = %s"):format(key, tostring(schedule[key]))
  end
  return #words > 0 and (" { %s }"):format(table.concat(words, ", ")) or ""
end

-- The calls of offers that a node of an accelerator consists of.
local function offers_of(node)
  if node:get "offer" then return { node } end
  local list = {}
  for inner in node.body:nodes() do list[#list + 1] = inner end
  return list
end

-- What accelerators say of a node that the host computes.
local function add_refusals(lines, parts, said)
  local here = {}
  for _, part in ipairs(parts) do here[part:output().name] = true end
  for _, part in ipairs(parts) do
    for _, verdict in ipairs(said[part:output().name] or {}) do
      if not here[verdict.see] then
        add(lines, "  not by %s of %s: %s", verdict.offer, verdict.device,
          verdict.why or "taken by an offer before it")
      end
    end
  end
end

-- What is computed in a call of an accelerator, and what other offers say of it.
local function add_takers(lines, node, said)
  for _, call in ipairs(offers_of(node)) do
    local taker, name = call:get "offer", call:output().name
    if call ~= node then
      add(lines, "  of it %%%s by %s: %s", name, taker, list_ops(parts_of(call)))
    end
    for _, verdict in ipairs(said[name] or {}) do
      if verdict.device ~= node.by or verdict.offer ~= taker then
        add(lines, "  not by %s of %s: %s", verdict.offer, verdict.device,
          verdict.why or ("taken by %s of %s before it"):format(taker, node.by))
      end
    end
  end
end

local function add_node(lines, node, target, said)
  local parts = parts_of(node)
  if storage.is_view(node) then
    add(lines, "%%%s: %s\n  by nobody: the bytes of %%%s", node:output().name, node.op,
      storage.root(node:output()).name)
    return
  end
  add(lines, "%%%s: %s", node:output().name, list_ops(parts))
  add(lines, "  by %s%s", recipe_of(node, target), show_schedule(node:get "schedule"))
  if node.by then
    add_takers(lines, node, said)
  else
    add_refusals(lines, parts, said)
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
  local target, found = job.target_of(module, settings), {}
  local last, watched = find_pass(target, "partition"), {}
  for key, value in pairs(settings) do watched[key] = value end -- order: irrelevant, a copy
  watched.stop = select(2, find_pass(target, "schedule"))
  function watched.watch(pass, now)
    if pass.name == last then found = verdicts.of(now, target) end
  end
  job.lower(module, target, watched)
  local lines = {}
  add(lines, "%s for %s", module.name, target.name)
  for node in module:main():nodes() do
    add_node(lines, node, target, found)
  end
  return lines
end

return M
