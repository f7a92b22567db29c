--- storage: whose bytes a value of @main occupies.
--
-- A view (reshape) occupies the bytes of what it views; its *root* is what owns them. Where a
-- root lives is in the IR: `at` of the node that computes it, or its kind. What the passes
-- decide, `places` reads back for the writers.

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

local function place_of_result(value, direct)
  local at = value.node:get "at"
  local own = at and at[value.index]
  if not own then
    error(("%%%s has no place: plan_memory has not run"):format(value.name), 0)
  end
  if #own == 0 then
    return direct[value]
  end
  return { kind = "pool", pool = own[1].ref:sub(2), offset = own[2] }
end

--- Lists the buffers that a planned @main has in pools, in order of execution, results before
-- scratch: { node, result = value or nil, pool, offset, size }.
function storage.buffers(graph)
  local buffers = {}
  for node in graph:nodes() do
    for index, own in ipairs(node:get "at" or {}) do
      if #own > 0 then
        local value = node:output(index)
        buffers[#buffers + 1] = { node = node, result = value, pool = own[1].ref:sub(2),
          offset = own[2], size = storage.byte_size(value.type) }
      end
    end
    local own = node:get "scratch"
    if own then
      buffers[#buffers + 1] = { node = node, pool = own[1].ref:sub(2), offset = own[2],
        size = own[3] }
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

--- Gives a function from the values of a planned @main to their places: { kind = "constant",
-- constant }, { kind = "input" or "output", index }, { kind = "state", state } or
-- { kind = "pool", pool, offset in bytes }.
function storage.places(graph)
  local inputs, direct = {}, {}
  for index, param in ipairs(graph.params) do
    inputs[param] = index
  end
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
      return { kind = "input", index = inputs[root] }
    elseif root.kind == "state" then
      return { kind = "state", state = root }
    end
    return place_of_result(root, direct)
  end
end

--- Proves that @main leaves every result where it belongs, and reads no state after its next
-- value was written over it. Fails with what is wrong, which is a bug of ours.
function storage.check(graph)
  local place_of, written = storage.places(graph), {}
  for _, result in ipairs(storage.results(graph)) do
    local place = place_of(result.value)
    if place.state ~= result.state or place.kind == "output" and place.index ~= result.output
      or place.kind ~= "output" and place.kind ~= "state" then
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
      written[place.state or value] = place.state and true
    end
  end
end

return storage
