--- plan_memory: gives every result of @main a place.
--
-- before:  %c = conv2d %x, $w, _ { ... } : i32[1, 8]
-- after:   pool @workspace { align = 16, bound = 32, size = 32 }
--          %c = conv2d %x, $w, _ { at = [[@workspace, 0]], ... } : i32[1, 8]
--
-- A result is alive from the node that computes it to the last that reads it, or a view of it.
-- What is written straight to an output or a state has the place []. With io = "pools" inputs
-- have places too (`inputs_at` of the module), alive from before the first node, and outputs
-- are alive to the end.

local alignment = require "aotlua.alignment"
local claim_results = require "aotlua.results"
local ir = require "aot.ir"
local kept_plan = require "aotlua.kept_plan"
local kernels = require "aotlua.kernels"
local memory = require "aotlua.pools"
local plan = require "aot.plan"
local storage = require "aotlua.storage"

local scratch_alignment = 64 -- what kernels may rely on

local function value_buffer(value, position, wish)
  return { name = "%" .. value.name, size = storage.byte_size(value.type),
    align = math.max(alignment.of_elements(value.type), wish or 1), first = position,
    last = position }
end

local function scratch_buffer(node, bytes, position, wish)
  return { node = node, name = "the scratch of %" .. node:output().name, size = bytes,
    align = math.max(scratch_alignment, wish), first = position, last = position }
end

--- The buffers that need room: { name, size, align, first, last }, and `node` with `result` or
-- (for scratch) without it, or `input`. `straight` are the values that need none.
local function find_buffers(graph, ctx, straight, pooled)
  local buffers, by_root, position = {}, {}, 0
  local aligned = alignment.of_roots(graph, ctx.target)
  local function add(buffer, value)
    buffers[#buffers + 1] = buffer
    by_root[value or buffer] = buffer
    return buffer
  end
  for index, param in ipairs(pooled and graph.params or {}) do
    add(value_buffer(param, position, aligned[param]), param).input = index
  end
  for node in graph:nodes() do
    position = position + 1
    if not storage.is_view(node) then
      local scratch = kernels.build(node, ctx.target).scratch_bytes
      if scratch > 0 then
        add(scratch_buffer(node, scratch, position, alignment.of_node(node, ctx.target)))
      end
      for _, value in ipairs(node.inputs) do
        local read = value and by_root[storage.root(value)]
        if read then
          read.last = position
        end
      end
      for index, value in ipairs(node.outputs) do
        if not straight[value] then
          local buffer = add(value_buffer(value, position, aligned[value]), value)
          buffer.node, buffer.result = node, index
        end
      end
    end
  end
  for _, value in ipairs(pooled and graph.returns or {}) do
    by_root[storage.root(value)].last = position
  end
  return buffers
end

-- What lives in the pool of that index, as `homes` says.
local function residents(buffers, homes, index)
  local list = {}
  for number, buffer in ipairs(buffers) do
    list[#list + 1] = homes[number] == index and buffer or nil
  end
  return list
end

-- The names and sizes of the buffers alive at a position, the largest first.
local function describe_alive(buffers, position)
  local alive = {}
  for _, buffer in ipairs(buffers) do
    if buffer.size > 0 and buffer.first <= position and position <= buffer.last then
      alive[#alive + 1] = buffer
    end
  end
  table.sort(alive, function(a, b)
    return a.size > b.size or (a.size == b.size and a.name < b.name)
  end)
  local names = {}
  for index = 1, math.min(#alive, 8) do
    names[index] = ("%s (%d)"):format(alive[index].name, alive[index].size)
  end
  names[#names + 1] = #alive > 8 and ("%d more"):format(#alive - 8) or nil
  return table.concat(names, ", ")
end

--- Fails unless the last pool, which takes what the others do not, is within its limit.
local function check_limit(pools, buffers, totals)
  local last = pools[#pools]
  if not last.limit or totals[#pools] <= last.limit then
    return
  end
  local bound, position = plan.bound(buffers)
  local planned, sizes = {}, {}
  for index, pool in ipairs(pools) do
    planned[index] = #pools == 1 and tostring(totals[index])
      or ("%d in @%s"):format(totals[index], pool.name)
    sizes[index] = ("pool @%s has %d"):format(pool.name, pool.limit)
  end
  error(("%s need %d bytes at once, the plan has %s; %s"):format(
    describe_alive(buffers, position), bound, table.concat(planned, ", "),
    table.concat(sizes, ", ")), 0)
end

--- Lets the target's own planner plan, or ours. Fails if its plan is not legal, with the names
-- of the buffers; ours is verified by the core.
local function make_plan(ctx, buffers, pools)
  local own = ctx.target.memory.plan
  if not own then
    return plan.assign(buffers, pools)
  end
  local offsets, homes, totals = own(buffers, pools)
  local legal, why = pcall(plan.verify, buffers, pools, offsets, homes, totals)
  if not legal then
    error("the target's own planner: " .. kept_plan.named(why, buffers), 0)
  end
  return offsets, homes, totals
end

local function write_places(graph, pooled, buffers, place_of)
  local inputs = pooled and {} or nil
  for node in graph:nodes() do
    if not storage.is_view(node) then
      local at = {}
      for index in ipairs(node.outputs) do
        at[index] = {}
      end
      node:set("at", at)
    end
  end
  for number, buffer in ipairs(buffers) do
    local ref, offset = place_of(number)
    if buffer.input then
      inputs[buffer.input] = { ref, offset }
    elseif buffer.result then
      local at = buffer.node:get "at"
      at[buffer.result] = { ref, offset }
      buffer.node:set("at", at)
    else
      buffer.node:set("scratch", { ref, offset, buffer.size })
    end
  end
  graph.module:set("inputs_at", inputs)
end

--- Notes a pool and what it must hold; `known` are the module's pools of an earlier run by name.
local function set_pool(module, known, pool, buffers, total)
  local align = 1
  for _, buffer in ipairs(buffers) do
    align = math.max(align, buffer.align, pool.align)
  end
  local attrs = { align = align, bound = plan.bound(buffers), limit = pool.limit,
    section = pool.section, size = total }
  local entry = known[pool.name]
  if not entry then
    module:pool(pool.name, attrs)
    return
  end
  for _, key in ipairs { "align", "bound", "limit", "section", "size" } do
    entry:set(key, attrs[key])
  end
end

--- Empties the pools that an earlier run left, and gives them by name; forgets its places.
local function clear_plan(module)
  local known = {}
  for _, graph in ipairs(module:graphs()) do
    for node in graph:nodes() do
      if node:get "at" then node:set("at", nil) end
      if node:get "scratch" then node:set("scratch", nil) end
    end
  end
  for _, pool in ipairs(module:pools()) do
    known[pool.name] = pool
    if not pool:get "holds" then
      pool:set("size", 0)
      pool:set("bound", 0)
    end
  end
  return known
end

local function check_io(word)
  if word ~= "caller" and word ~= "pools" then
    error(("--set io=%s: it is one of caller, pools"):format(word), 0)
  end
  return word
end

-- Fails where the text has a plan that is not legal.
local function check_kept(graph, ctx)
  local pooled = check_io(ctx.options.io) == "pools"
  local buffers = find_buffers(graph, ctx, kept_plan.straight(graph), pooled)
  kept_plan.check(graph, buffers, pooled)
end

return {
  name = "plan_memory",
  changes = "nothing",
  leaves_no = {},
  options = {
    io = { "caller", "inputs and outputs are the caller's, or live in the pools: caller, pools" },
    pools = { "", "memory for results, in order of preference: name[:[bytes][:align]],..." },
  },
  kept = check_kept,
  run = function(graph, ctx)
    local io = check_io(ctx.options.io)
    local pools = memory.of(ctx.target, ctx.options.pools)
    alignment.copy_operands(graph, ctx.target, io == "pools")
    local _, apart = alignment.of_roots(graph, ctx.target)
    local straight = claim_results(graph, io, apart)
    local buffers = find_buffers(graph, ctx, straight, io == "pools")
    local offsets, homes, totals = make_plan(ctx, buffers, pools)
    check_limit(pools, buffers, totals)
    local known, refs = clear_plan(graph.module), {}
    for index, pool in ipairs(pools) do
      set_pool(graph.module, known, pool, residents(buffers, homes, index), totals[index])
      refs[index] = ir.ref("@" .. pool.name)
    end
    write_places(graph, io == "pools", buffers, function(number)
      return refs[homes[number]], offsets[number]
    end)
    storage.check(graph)
  end,
}
