--- onnx.lowering: the nodes of graphs, in the file's order, to core ops.
-- A graph within a node, or a function, is lowered in the node's place.
local calls = require "aotlua.import.onnx.calls"
local failure = require "aotlua.failure"
local limits = require "aotlua.import.limits"
local node = require "aotlua.import.onnx.node"
local operand = require "aotlua.import.onnx.operand"
local operators = require "aotlua.import.onnx.operators"
local signature = require "aotlua.import.onnx.signature"
local tensor = require "aotlua.import.onnx.tensor"
local words = require "aotlua.import.words"

local lowering = {}

local SHOWN = 100 -- problems in one message

local function fail(...)
  error(string.format(...), 0)
end

--- Adds the initializers of a graph as constants.
function lowering.add_initializers(import, graph)
  if #graph.sparse_initializer > 0 then
    fail("the model has sparse initializers, which are not supported")
  elseif #graph.initializer > limits.tensors then
    fail("the model has %d initializers; the limit is %d", #graph.initializer, limits.tensors)
  end
  for _, proto in ipairs(graph.initializer) do
    local name = signature.name(proto.name, "an initializer")
    local ok, data = pcall(tensor.read, proto, import.files)
    if not ok then
      error(failure.prefixed(("initializer %s: "):format(words.quote(name)), data), 0)
    elseif rawget(import.operands, name) then
      fail("there are two initializers %s", words.quote(name))
    end
    import.operands[name] = operand.constant(data, function()
      return import.module:const { name = name, data = data }
    end)
  end
end

-- Who computes each name, and how often it is used. Names are given once in a graph.
local function index_names(import, graph)
  local makers, uses = {}, {}
  for index, proto in ipairs(graph.node) do
    for _, name in ipairs(proto.input) do
      uses[name] = (uses[name] or 0) + 1
    end
    for _, name in ipairs(proto.output) do
      if name ~= "" then
        signature.name(name, "an output")
        if makers[name] or rawget(import.operands, name) then
          local before = makers[name]
          fail("%s computes %s, which is %s already", node.describe(index - 1, proto),
            words.quote(name), before and "computed by "
              .. node.describe(before - 1, graph.node[before]) or "an input or initializer")
        end
        makers[name] = index
      end
    end
  end
  for _, output in ipairs(graph.output) do
    local name = type(output) == "string" and output or output.name or ""
    uses[name] = (uses[name] or 0) + 1
  end
  import.uses = uses
  return makers
end

-- The operands of a node; nil if one comes from a node that could not be lowered.
local function find_inputs(import, n, makers, graph)
  local count = #n.proto.input
  while count > 0 and n.proto.input[count] == "" do
    count = count - 1
  end
  local inputs = {}
  for i = 1, count do
    local name = n.proto.input[i]
    if name == "" then
      inputs[i] = false
    elseif import.lost[name] then
      return nil
    elseif import.operands[name] then
      inputs[i] = import.operands[name]
    elseif makers[name] then
      local maker = makers[name]
      n:fail("it needs %s, which %s; nodes have to be in order of execution, without cycles",
        words.quote(name), maker == n.number and "it computes itself"
          or node.describe(maker - 1, graph.node[maker]) .. " computes later")
    else
      n:fail("it needs %s, which nothing computes", words.quote(name))
    end
  end
  return inputs
end

local function check_counts(n, operator)
  local least, most = operator.inputs[1], operator.inputs[2]
  if #n.inputs < least or #n.inputs > most then
    n:fail("it has %s; %s", words.count(#n.inputs, "input"), most == math.huge
      and least .. " or more are legal" or least .. " to " .. most .. " are legal")
  end
  for i, input in ipairs(n.inputs) do
    if not input and not operator.optional and (i <= least or most == math.huge) then
      n:fail("input %d is missing", i - 1)
    end
  end
  for i = (operator.outputs or 1) + 1, #n.proto.output do
    if n:uses(i) > 0 then
      n:unsupported("its output %d is used", i - 1)
    end
  end
end

local function lower(import, n, makers, graph)
  local key = n.domain == "ai.onnx" and n.op or n.domain .. "." .. n.op
  local operator = import.rules[key] or operators[key]
  local called = import.functions[("%s.%s"):format(n.proto.domain or "", n.op)]
  if called and not import.rules[key] then
    operator = calls.operator(called)
  elseif not operator then
    n:unsupported("there is no import for it")
  elseif operator.since and n.opset < operator.since then
    n:unsupported("it exists from operator set %d on", operator.since)
  end
  local inputs = find_inputs(import, n, makers, graph)
  if not inputs then
    return false
  end
  n.inputs = inputs
  check_counts(n, operator)
  if operator.attributes then
    n:read_attributes(operator.attributes)
  end
  operator.lower(n)
  return true
end

local function show(problems, intro)
  local lines = table.move(problems, 1, math.min(#problems, SHOWN), 1, {})
  if #problems > SHOWN then
    lines[#lines + 1] = ("and %d more"):format(#problems - SHOWN)
  end
  if #lines == 1 and not intro then
    error(lines[1], 0)
  end
  error((intro or words.count(#problems, "node") .. " cannot be imported:") .. "\n  "
    .. table.concat(lines, "\n  "), 0)
end

--- Lowers all nodes of the model's graph. Fails with all that is wrong or not supported.
function lowering.all(import, graph)
  if #graph.node > limits.nodes then
    fail("the model has %d nodes; the limit is %d", #graph.node, limits.nodes)
  end
  local makers = index_names(import, graph)
  local wrong, refused = {}, {}
  for index = 1, #graph.node do
    local proto = graph.node[index]
    local n = node.new(import, proto, index - 1)
    local ok, result = pcall(lower, import, n, makers, graph)
    if not ok and (type(result) ~= "table" or not result.problem) then
      error(result, 0)
    elseif not ok and result.unsupported then
      refused[#refused + 1] = ("%s (%s %d): %s"):format(n.origin, words.escape(n.domain), n.opset,
        result.problem)
    elseif not ok then
      wrong[#wrong + 1] = n.origin .. ": " .. result.problem
    end
    if not (ok and result) then
      for _, name in ipairs(proto.output) do
        import.lost[name] = true
      end
    end
  end
  if #wrong > 0 then
    show(wrong)
  elseif #refused > 0 then
    show(refused, #refused == 1 and "1 operator is not supported:"
      or #refused .. " operators are not supported:")
  end
end

-- Counts what subgraphs add, which may be lowered many times.
local function count_inlined(n, graph)
  local inlined = n.import.inlined
  inlined.nodes = inlined.nodes + #graph.node
  if inlined.depth >= limits.subgraph_depth then
    n:fail("graphs are nested more than %d deep", limits.subgraph_depth)
  elseif inlined.nodes > limits.inlined_nodes then
    n:unsupported("its graphs come to more than %d nodes", limits.inlined_nodes)
  end
end

local function lower_inner(n, scope, graph, makers)
  for index, proto in ipairs(graph.node) do
    local inner = node.new(scope, proto, index - 1)
    inner.origin = n.origin .. ", " .. inner.origin
    local ok, result = pcall(lower, scope, inner, makers, graph)
    if not ok and type(result) == "table" and result.problem then
      local problem = ("%s: %s"):format(node.describe(index - 1, proto), result.problem)
      error({ problem = problem, unsupported = result.unsupported }, 0)
    elseif not ok then
      error(result, 0)
    elseif not result then
      n:unsupported("%s needs what cannot be imported", node.describe(index - 1, proto))
    end
  end
end

--- Lowers a graph in the place of node `n`, with `bound`, Operands by name, for its inputs. It
-- sees the names around it unless `parts.closed`; `parts.attributes` are those of a function.
-- Gives the Operands of the names `parts.outputs`.
function lowering.inline(n, graph, parts)
  local around = n.import
  count_inlined(n, graph)
  local operands = parts.closed and {} or setmetatable({}, { __index = around.operands })
  local scope = setmetatable({
    operands = operands,
    lost = parts.closed and {} or setmetatable({}, { __index = around.lost }),
    attributes = parts.attributes or around.attributes,
    opsets = parts.opsets or around.opsets,
  }, { __index = around })
  for name, value in pairs(parts.bound) do -- order: irrelevant, into a table
    operands[name] = value
  end
  if graph.initializer then
    lowering.add_initializers(scope, graph)
  end
  around.inlined.depth = around.inlined.depth + 1
  lower_inner(n, scope, graph, index_names(scope, graph))
  around.inlined.depth = around.inlined.depth - 1
  local results = {}
  for i, name in ipairs(parts.outputs) do
    results[i] = operands[name] or n:fail("its graph does not compute %s", words.quote(name))
  end
  return results
end

return lowering
