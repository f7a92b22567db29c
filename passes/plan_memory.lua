--- plan_memory: gives every result of @main a place.
--
-- before:  %c = conv2d %x, $w, _ { ... } : i32[1, 8]
-- after:   pool @workspace { align = 16, bound = 32, size = 32 }
--          %c = conv2d %x, $w, _ { at = [[@workspace, 0]], ... } : i32[1, 8]
--
-- A result is alive from the node that computes it to the last that reads it, or a view of it.
-- What is written straight to an output or a state has the place [].

local claim_results = require "aotlua.results"
local ir = require "aot.ir"
local kernels = require "aotlua.kernels"
local plan = require "aot.plan"
local storage = require "aotlua.storage"

local default_alignment = 16
local scratch_alignment = 64 -- what kernels may rely on

local function widest(buffers)
  local align = 1
  for _, buffer in ipairs(buffers) do
    align = math.max(align, buffer.align)
  end
  return align
end

--- The buffers that need room in the pool: { node, name, size, align, first, last, and the
-- `result` or nothing for scratch }.
local function find_buffers(graph, ctx, align, straight)
  local buffers, by_root, position = {}, {}, 0
  for node in graph:nodes() do
    position = position + 1
    if not storage.is_view(node) then
      local scratch = kernels.build(node, ctx.target).scratch_bytes
      if scratch > 0 then
        buffers[#buffers + 1] = { node = node, name = "the scratch of %" .. node:output().name,
          size = scratch, align = math.max(align, scratch_alignment),
          first = position, last = position }
      end
      for _, value in ipairs(node.inputs) do
        local read = value and by_root[storage.root(value)]
        if read then
          read.last = position
        end
      end
      for index, value in ipairs(node.outputs) do
        if not straight[value] then
          by_root[value] = { node = node, name = "%" .. value.name, result = index,
            size = storage.byte_size(value.type), align = align, first = position, last = position }
          buffers[#buffers + 1] = by_root[value]
        end
      end
    end
  end
  return buffers
end

local function check_limit(pool, buffers, total)
  if not pool.size or total <= pool.size then
    return
  end
  local bound, position = plan.bound(buffers)
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
  error(("%s need %d bytes at once, the plan has %d; pool @%s has %d"):format(
    table.concat(names, ", "), bound, total, pool.name, pool.size), 0)
end

local function write_places(graph, pool, buffers, offsets)
  local ref = ir.ref("@" .. pool.name)
  for node in graph:nodes() do
    if not storage.is_view(node) then
      local at = {}
      for index in ipairs(node.outputs) do
        at[index] = {}
      end
      node:set("at", at)
    end
  end
  for index, buffer in ipairs(buffers) do
    if buffer.result then
      local at = buffer.node:get "at"
      at[buffer.result] = { ref, offsets[index] }
      buffer.node:set("at", at)
    else
      buffer.node:set("scratch", { ref, offsets[index], buffer.size })
    end
  end
end

local function set_pool(module, name, attrs)
  for _, pool in ipairs(module:pools()) do
    if pool.name == name then
      for _, key in ipairs { "align", "bound", "limit", "size" } do
        pool:set(key, attrs[key])
      end
      return
    end
  end
  module:pool(name, attrs)
end

return {
  name = "plan_memory",
  changes = "nothing",
  leaves_no = {},
  run = function(graph, ctx)
    local pool = ctx.target.memory.pools[1]
    local straight = claim_results(graph)
    local buffers = find_buffers(graph, ctx, pool.align or default_alignment, straight)
    local offsets, total = plan.assign(buffers)
    check_limit(pool, buffers, total)
    set_pool(graph.module, pool.name, { align = widest(buffers), bound = plan.bound(buffers),
      limit = pool.size, size = total })
    write_places(graph, pool, buffers, offsets)
    storage.check(graph)
  end,
}
