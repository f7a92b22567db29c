--- results: sees to it that everything @main returns is written by a node of its own.
--
-- A result can be written straight to the caller's output, or to the state it is the next value
-- of where nobody reads the old one afterwards. The rest (a returned input, constant or state,
-- a value returned twice, the next value of a state that is still read) gets a copying node
-- before the return: an ordinary `slice` of everything. Outputs that live in pools need a node
-- of their own just as well, which then has a place like any other. What accelerators compute that
-- want a better alignment than that of the caller's memory is copied, too.

local storage = require "aotlua.storage"

local function copy(graph, value, name)
  local start, step = {}, {}
  for axis in ipairs(value.type.shape) do
    start[axis], step[axis] = 0, 1
  end
  local attrs = { start = start, stop = value.type.shape, step = step }
  return graph:append({ op = "slice", inputs = { value }, attrs = attrs, name = name }):output()
end

--- The positions of nodes, and the last position where each root is read.
local function reads(graph)
  local position, last, count = {}, {}, 0
  for node in graph:nodes() do
    count = count + 1
    position[node] = count
    for _, value in ipairs(storage.is_view(node) and {} or node.inputs) do
      if value then
        last[storage.root(value)] = count
      end
    end
  end
  return position, last
end

--- Splits what is returned: a set of roots that can be written straight, and lists of the
-- others by where they go. A state that returns itself is in none of them.
local function sort(graph, outputs, apart)
  local position, last = reads(graph)
  local results = storage.results(graph)
  for _, result in ipairs(results) do
    result.root = storage.root(result.value)
    if result.root.kind == "state" and result.root ~= result.state then
      last[result.root] = math.huge
    end
  end
  local straight, to_outputs, to_states = {}, {}, {}
  for _, result in ipairs(results) do
    local root, state = result.root, result.state
    local copied = apart[root] and (state or outputs ~= "pools")
    if root.kind == "result" and not straight[root] and not copied
      and (not state or (last[state] or 0) < position[root.node]) then
      straight[root] = true
    elseif root ~= state then
      table.insert(state and to_states or to_outputs, result)
    end
  end
  return straight, to_outputs, to_states
end

local function copy_outputs(graph, list, straight)
  local returns = graph.returns
  for _, result in ipairs(list) do
    local value = copy(graph, result.value, result.value.name)
    returns[result.output], straight[value] = value, true
  end
  graph:set_returns(returns)
end

--- Copies next values to their states, each after all that read the state's old value.
local function copy_states(graph, list, straight)
  local waiting, count = {}, {}
  for _, result in ipairs(list) do
    waiting[result.state] = result
    count[result.root] = (count[result.root] or 0) + 1
  end
  local function finish(result)
    while result and (count[result.state] or 0) == 0 do
      local value = copy(graph, result.value, result.state.name)
      graph:set_next(result.state, value)
      straight[value], waiting[result.state] = true, nil
      count[result.root] = count[result.root] - 1
      result = waiting[result.root]
    end
  end
  for _, result in ipairs(list) do
    finish(waiting[result.state])
  end
  -- What still waits are circles of states, each read by one other: save one old value of each.
  local readers = {}
  for _, result in ipairs(list) do
    readers[result.root] = waiting[result.state] and result or readers[result.root]
  end
  for _, result in ipairs(list) do
    if waiting[result.state] then
      local reader = readers[result.state]
      reader.value = copy(graph, reader.value, result.state.name)
      count[result.state] = 0
      finish(result)
    end
  end
end

--- Adds the copying nodes that @main needs. Returns the set of the values that are written
-- straight to an output or a state; with `outputs` = "pools" no output is written straight.
-- `apart`: the set of values that must not be written to the caller's memory.
return function(graph, outputs, apart)
  local straight, to_outputs, to_states = sort(graph, outputs, apart)
  copy_outputs(graph, to_outputs, straight)
  copy_states(graph, to_states, straight)
  for _, value in ipairs(outputs == "pools" and graph.returns or {}) do
    straight[storage.root(value)] = nil
  end
  return straight
end
