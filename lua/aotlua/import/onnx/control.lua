--- onnx.control: If, Loop and Scan: graphs within nodes, chosen or unrolled while importing.
local compose = require "aotlua.import.onnx.compose"
local limits = require "aotlua.import.limits"
local operand = require "aotlua.import.onnx.operand"
local words = require "aotlua.import.words"

local op = compose.op

local control = {}

local function names_of(list)
  local names = {}
  for i, value in ipairs(list) do
    names[i] = value.name or ""
  end
  return names
end

-- Lowers a graph with Operands for its inputs, in order; those without one are left out.
local function run(n, graph, inputs)
  local bound = {}
  for i, info in ipairs(graph.input) do
    bound[info.name or ""] = inputs[i]
  end
  return n.import.inline(n, graph, { bound = bound, outputs = names_of(graph.output) })
end

-- A scalar that is known while importing, or nil.
local function known(given)
  local data = given and given:tensor()
  return data and #data == 1 and data:get(1)
end

local function same_type(a, b)
  return a.dtype == b.dtype and words.list(a.shape) == words.list(b.shape)
end

-- Both branches, and a choice between each pair of results: that needs results of equal types.
local function lower_both(n, yes, no)
  local ok, results = pcall(function()
    return { run(n, yes, {}), run(n, no, {}) }
  end)
  if not ok and (type(results) ~= "table" or not results.problem) then
    error(results, 0)
  end
  local condition = n:reshape(n:value(1), {})
  local chosen = {}
  for i = 1, ok and #results[1] or 0 do
    local a, b = results[1][i]:value(), results[2][i]:value()
    chosen[i] = same_type(a.type, b.type) and op(n, "select", { condition, a, b })
    ok = ok and chosen[i] ~= false
  end
  if not ok then
    n:tensor(1, "the condition of branches that differ") -- fails
  end
  for i, value in ipairs(chosen) do
    n:result(i, value)
  end
end

control.If = {
  inputs = { 1, 1 },
  outputs = math.huge,
  attributes = { then_branch = "graph", else_branch = "graph" },
  lower = function(n)
    local yes, no = n:required("then_branch"), n:required("else_branch")
    local condition = known(n:operand(1))
    if #yes.output ~= #no.output then
      n:fail("its branches have %d and %d results", #yes.output, #no.output)
    elseif not condition then
      lower_both(n, yes, no)
      return
    end
    for i, result in ipairs(run(n, condition ~= 0 and yes or no, {})) do
      n:result(i, result)
    end
  end,
}

local function scalar(n, dtype, x)
  return operand.plain(compose.number(n, dtype, x))
end

-- Results of all steps along a new axis.
local function stacked(n, parts, axis)
  local values = {}
  for i, part in ipairs(parts) do
    values[i] = compose.unsqueeze(n, part:value(), axis)
  end
  if #values == 0 then
    n:unsupported("a graph that runs no times gives its results no shape")
  end
  return #values == 1 and values[1] or op(n, "concat", values, { axis = axis })
end

-- The most steps of a Loop: its trip count, or the limit.
local function read_trips(n)
  local given = n:operand(1)
  if not given then
    return limits.unrolled_steps
  end
  local trips = n:tensor(1, "the trip count"):get(1)
  if trips > limits.unrolled_steps then
    n:unsupported("%d steps, %d is the most that is unrolled", trips, limits.unrolled_steps)
  end
  return trips
end

-- Whether the next step runs: a condition that has to be known.
local function goes_on(n, condition)
  local value = known(condition)
  if condition and value == nil then
    n:unsupported("its condition is computed when the network runs; only a known one is unrolled")
  end
  return value ~= 0
end

control.Loop = {
  inputs = { 0, math.huge },
  outputs = math.huge,
  optional = true,
  attributes = { body = "graph" },
  lower = function(n)
    local body, carried, parts = n:required("body"), {}, {}
    local trips, condition, step = read_trips(n), n:operand(2), 0
    local count = n:input_count() - 2
    for i = 1, count do
      carried[i] = n:operand(i + 2)
    end
    for i = count + 2, #body.output do
      parts[i - count - 1] = {}
    end
    while step < trips and goes_on(n, condition) do
      local results = run(n, body, { scalar(n, "i64", step), condition or scalar(n, "bool", 1),
        table.unpack(carried, 1, count) })
      condition = n:operand(2) and results[1] or condition
      table.move(results, 2, count + 1, 1, carried)
      for i, list in ipairs(parts) do
        list[#list + 1] = results[count + 1 + i]
      end
      step = step + 1
    end
    if step == limits.unrolled_steps then
      n:unsupported("more than %d steps", step)
    end
    for i = 1, count do
      n:result(i, carried[i])
    end
    for i, list in ipairs(parts) do
      if n:uses(count + i) > 0 then
        n:result(count + i, stacked(n, list, 0))
      end
    end
  end,
}

local function direction_of(n, name, i)
  local list = n:attribute(name, {})
  return list[i] == 1
end

-- The scanned inputs: { value, axis, backward }, and the number of steps.
local function read_scanned(n, count, first)
  local scanned, steps = {}, nil
  for i = 1, count do
    local value = n:value(first + i)
    local axes = n:attribute("scan_input_axes", {})
    local axis = n:axis(axes[i] or 0, #value.type.shape)
    local extent = value.type.shape[axis + 1]
    if steps and steps ~= extent then
      n:fail("its inputs have %d and %d steps", steps, extent)
    end
    steps = extent
    scanned[i] = { value = value, axis = axis,
      backward = direction_of(n, "scan_input_directions", i) }
  end
  if steps > limits.unrolled_steps then
    n:unsupported("%d steps, %d is the most that is unrolled", steps, limits.unrolled_steps)
  end
  return scanned, steps
end

control.Scan = {
  since = 9,
  inputs = { 1, math.huge },
  outputs = math.huge,
  attributes = {
    body = "graph",
    num_scan_inputs = "int",
    scan_input_axes = "ints",
    scan_input_directions = "ints",
    scan_output_axes = "ints",
    scan_output_directions = "ints",
  },
  lower = function(n)
    local body, count = n:required("body"), n:required("num_scan_inputs")
    local states, state, parts = n:input_count() - count, {}, {}
    if count < 1 or states < 0 or #body.output < states then
      n:fail("attribute 'num_scan_inputs' is %d; it has %d inputs", count, n:input_count())
    end
    local scanned, steps = read_scanned(n, count, states)
    for i = 1, states do
      state[i] = n:operand(i)
    end
    for i = states + 1, #body.output do
      parts[i - states] = {}
    end
    for step = 0, steps - 1 do
      local inputs = table.move(state, 1, states, 1, {})
      for i, given in ipairs(scanned) do
        local at = given.backward and steps - 1 - step or step
        local slice = compose.slice(n, given.value, given.axis, at, at + 1)
        inputs[states + i] = operand.plain(compose.squeeze(n, slice, given.axis))
      end
      local results = run(n, body, inputs)
      table.move(results, 1, states, 1, state)
      for i, list in ipairs(parts) do
        local backward = direction_of(n, "scan_output_directions", i)
        table.insert(list, backward and 1 or #list + 1, results[states + i])
      end
    end
    for i = 1, states do
      n:result(i, state[i])
    end
    for i, list in ipairs(parts) do
      local axis = n:attribute("scan_output_axes", {})[i] or 0
      local rank = list[1] and #list[1]:value().type.shape + 1 or 1
      n:result(states + i, stacked(n, list, n:axis(axis, rank)))
    end
  end,
}

return control
