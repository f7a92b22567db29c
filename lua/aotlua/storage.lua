--- storage: whose bytes a value of @main occupies.
--
-- A view (reshape) occupies the bytes of what it views; its *root* is what owns them. Where a
-- root lives is in the IR: `at` of the node that computes it, the module's `inputs_at` where
-- inputs and outputs live in pools, or its kind. What the passes decide, `places` reads back for
-- the writers.

local ir = require "aot.ir"

local views = {}
for _, op in ipairs(ir.ops()) do
  views[op.name] = op.flags.view or nil
end

local storage = {}

--- Tells whether the node computes nothing: its result is its operand's bytes.
function storage.is_view(node)
  return views[node.op] == true
end

--- Gives the value that owns the bytes of `value`.
function storage.root(value)
  while value.kind == "result" and views[value.node.op] do
    value = value.node.inputs[1]
  end
  return value
end

--- Lists what the graph returns: { value, output = index } or { value, state }, in order.
function storage.results(graph)
  local results = {}
  for index, value in ipairs(graph.returns) do
    results[#results + 1] = { value = value, output = index }
  end
  for _, pair in ipairs(graph.next) do
    results[#results + 1] = { value = pair.value, state = pair.state }
  end
  return results
end

-- The place that [@pool, offset] stands for.
local function in_pool(entry)
  return { kind = "pool", pool = entry[1].ref:sub(2), offset = entry[2] }
end

local function place_of_result(value, direct)
  local at = value.node:get "at"
  local own = at and at[value.index]
  if not own then
    error(("%%%s has no place: plan_memory has not run"):format(value.name), 0)
  end
  if #own == 0 then
    return direct[value]
  end
  return in_pool(own)
end

--- Lists the buffers that a planned @main has in pools: first inputs, then in order of execution,
-- results that have elements before scratch: { pool, offset, size } and what it is for: `input` =
-- index, `node` and `result`, or `node` alone for scratch.
function storage.buffers(graph)
  local buffers = {}
  local function add(entry, size, fields)
    fields.pool, fields.offset, fields.size = entry[1].ref:sub(2), entry[2], size
    buffers[#buffers + 1] = fields
  end
  for index, entry in ipairs(graph.module:get "inputs_at" or {}) do
    add(entry, storage.byte_size(graph.params[index].type), { input = index })
  end
  for node in graph:nodes() do
    for index, own in ipairs(node:get "at" or {}) do
      local value = node:output(index)
      local size = storage.byte_size(value.type)
      if #own > 0 and size > 0 then
        add(own, size, { node = node, result = value })
      end
    end
    local own = node:get "scratch"
    if own then
      add(own, own[3], { node = node })
    end
  end
  return buffers
end

--- Gives the bytes of a value of `type`.
function storage.byte_size(type)
  local size = ir.dtype(type.dtype).bits
  for _, extent in ipairs(type.shape) do
    size = size * extent
  end
  return (size + 7) // 8
end

-- The place of every parameter.
local function places_of_inputs(graph)
  local places, at = {}, graph.module:get "inputs_at"
  for index, param in ipairs(graph.params) do
    places[param] = at and in_pool(at[index]) or { kind = "input", index = index }
  end
  return places
end

--- Gives a function from the values of a planned @main to their places: { kind = "constant",
-- constant }, { kind = "input" or "output", index }, { kind = "state", state } or
-- { kind = "pool", pool, offset in bytes }.
function storage.places(graph)
  local inputs, direct = places_of_inputs(graph), {}
  for _, result in ipairs(storage.results(graph)) do
    local root = storage.root(result.value)
    if root.kind == "result" and not direct[root] then
      direct[root] = result.output and { kind = "output", index = result.output }
        or { kind = "state", state = result.state }
    end
  end
  return function(value)
    local root = storage.root(value)
    if root.kind == "const" then
      return { kind = "constant", constant = root }
    elseif root.kind == "param" then
      return inputs[root]
    elseif root.kind == "state" then
      return { kind = "state", state = root }
    end
    return place_of_result(root, direct)
  end
end

-- Tells whether a result of @main is where the caller looks for it; `seen`: the outputs in pools.
local function is_home(result, place, pooled, seen)
  if result.state then
    return place.state == result.state
  elseif not pooled then
    return place.kind == "output" and place.index == result.output
  end
  local root = storage.root(result.value)
  local own = place.kind == "pool" and root.kind == "result" and not seen[root]
  seen[root] = true
  return own
end

--- Proves that @main leaves every result where it belongs, and reads no state after its next
-- value was written over it. Fails with what is wrong, which is a bug of ours.
function storage.check(graph)
  local place_of, written, seen = storage.places(graph), {}, {}
  local pooled = graph.module:get "inputs_at" ~= nil
  for _, result in ipairs(storage.results(graph)) do
    local place = place_of(result.value)
    if not place or not is_home(result, place, pooled, seen) then
      error(("%%%s is not where it is returned"):format(result.value.name), 0)
    end
  end
  for node in graph:nodes() do
    for _, value in ipairs(storage.is_view(node) and {} or node.inputs) do
      if value and written[storage.root(value)] then
        error(("%%%s reads state %%%s after it was overwritten"):format(node:output().name,
          storage.root(value).name), 0)
      end
    end
    for _, value in ipairs(storage.is_view(node) and {} or node.outputs) do
      local place = place_of(value)
      if not place then
        error(("%%%s has an empty place, and is not returned"):format(value.name), 0)
      end
      written[place.state or value] = place.state and true
    end
  end
end

return storage
