--- kept_plan: whether a text's plan of memory, made by an earlier run or by hand, is legal.
--
-- The core has checked that places have their form and lie in pools of the module.

local plan = require "aot.plan"
local storage = require "aotlua.storage"

local M = {}

--- Gives the set of the values of @main that are in no pool, because their places are empty.
function M.straight(graph)
  local straight = {}
  for node in graph:nodes() do
    local at = node:get "at"
    for index, value in ipairs(storage.is_view(node) and {} or node.outputs) do
      if not at then error(("%%%s has no place"):format(value.name), 0) end
      straight[value] = #at[index] == 0 or nil
    end
  end
  return straight
end

-- The pools of results as planners know them, the bytes they have, what they start at a multiple
-- of, and their places by name.
local function pools_of(module)
  local pools, totals, aligns, index_of = {}, {}, {}, {}
  for _, entry in ipairs(module:pools()) do
    local attrs = entry.attrs
    for _, key in ipairs { "align", "bound", "size" } do
      if math.type(attrs[key]) ~= "integer" or attrs[key] < 0 then
        error(("pool @%s has no '%s' in bytes"):format(entry.name, key), 0)
      end
    end
    if not attrs.holds then
      local index = #pools + 1
      pools[index], totals[index], aligns[index] = {}, attrs.size, attrs.align
      index_of["@" .. entry.name] = index
    end
  end
  return pools, totals, aligns, index_of
end

-- Where the module says that inputs are: a list of places, if they are in pools.
local function inputs_at(graph, pooled)
  local at = graph.module:get "inputs_at"
  local fits = pooled == (at ~= nil) and (not at or type(at) == "table" and #at == #graph.params)
  for _, place in ipairs(fits and at or {}) do
    fits = fits and type(place) == "table" and type(place[1]) == "table"
      and math.type(place[2]) == "integer" and place[2] >= 0
  end
  if not fits then
    error(("the attribute 'inputs_at' has no place for each input%s"):format(
      pooled and "" or ", which are the caller's"), 0)
  end
  return at
end

-- The place of a buffer, [@pool, offset] or more, if it has one.
local function place_of(buffer, at)
  if buffer.input then return at[buffer.input] end
  return buffer.result and buffer.node:get "at"[buffer.result] or buffer.node:get "scratch"
end

--- Fails unless each of the buffers (those of plan_memory) is in a pool, aligned as it wants, and
-- none is where another is alive. `pooled`: whether inputs and outputs are in pools.
function M.check(graph, buffers, pooled)
  local at = inputs_at(graph, pooled)
  local pools, totals, aligns, index_of = pools_of(graph.module)
  local offsets, homes = {}, {}
  for number, buffer in ipairs(buffers) do
    local place = place_of(buffer, at)
    local home = place and index_of[place[1].ref]
    if not home or place[3] and place[3] < buffer.size then
      error(("%s has no place"):format(buffer.name), 0)
    elseif buffer.align > aligns[home] then
      error(("%s is to start at a multiple of %d bytes, its pool does at one of %d"):format(
        buffer.name, buffer.align, aligns[home]), 0)
    end
    offsets[number], homes[number] = place[2], home
  end
  local legal, why = pcall(plan.verify, buffers, pools, offsets, homes, totals)
  if not legal then error(M.named(why, buffers), 0) end
  storage.check(graph)
end

--- What plan.verify says, with the names of the buffers.
function M.named(why, buffers)
  return (tostring(why):gsub("buffer (%d+)", function(index)
    local buffer = buffers[math.tointeger(index) + 1]
    return buffer and buffer.name
  end))
end

return M
