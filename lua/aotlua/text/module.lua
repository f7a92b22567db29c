--- module: reads the statements of a module straight into the graph.

local grammar = require "aotlua.text.grammar"
local ir = require "aot.ir"
local limits = require "aotlua.import.limits"
local numbers = require "aotlua.text.numbers"
local problem = require "aotlua.text.problem"
local sorted = require "aotlua.sorted"
local types = require "aotlua.types"
local words = require "aotlua.import.words"

local stop = problem.stop

local ATTRIBUTES_DEPTH = 32 -- what the core takes

local results_of = {} -- how many an op has
for _, op in ipairs(ir.ops()) do results_of[op.name] = op.name ~= "return" and op.outputs or nil end

-- Values, types and data ------------------------------------------------------------------------

local function look_up(reader, scope, key)
  if not key then return false end
  local value = key:byte() == 37 and scope[key] or reader.consts[key] -- 37 is %
  if not value then stop(("%s is not defined before it is used here"):format(key), key) end
  return value
end

local function look_up_all(reader, scope, keys)
  for i, key in ipairs(keys) do keys[i] = look_up(reader, scope, key) end
  return keys
end

local function check_type(t)
  if #t.shape > limits.rank then
    stop(("%d extents; a type has at most %d"):format(#t.shape, limits.rank))
  end
  for _, extent in ipairs(t.shape) do
    if extent < 0 or extent > limits.elements then
      stop(("an extent is 0 to %d, not %d"):format(limits.elements, extent), tostring(extent))
    end
  end
  local axis = t.quant and t.quant.axis
  if axis and (axis < 0 or axis >= #t.shape) then
    stop(("the type is quantized along axis %d and has %d"):format(axis, #t.shape))
  end
end

-- Checks the type and puts constants in the place of their names.
local function resolve(reader, t)
  check_type(t)
  local quant = t.quant
  if quant and type(quant.scales) == "string" then -- else the type was met before
    local zeros = quant.zeros and look_up(reader, {}, quant.zeros)
    quant.scales, quant.zeros = look_up(reader, {}, quant.scales), zeros
  end
  return t
end

local function resolve_all(reader, list)
  for _, t in ipairs(list) do resolve(reader, t) end
  return list
end

-- Statements of a module ------------------------------------------------------------------------

local function check_name(name, token)
  if name == "" then stop("a name has at least one character", token) end
  if name:find("\0", 1, true) then stop("a name has no zero byte", token) end
end

local function check_depth(attr, depth)
  if type(attr) ~= "table" then return end
  if depth > ATTRIBUTES_DEPTH then stop "attributes nest too deep" end
  for _, inner in pairs(attr) do check_depth(inner, depth + 1) end -- order: irrelevant, a check
end

local function checked_attributes(attrs)
  check_depth(attrs, 1)
  return attrs
end

local function claim(taken, key, what)
  check_name(key:sub(2), key)
  if taken[key] then stop(("there is a %s %s already"):format(what, key), key) end
end

local function check_op(op)
  if not results_of[op] then stop(("there is no op '%s'"):format(op), op) end
end

-- What is packed may be larger by what fills it up, not by orders of magnitude.
local function check_growth(made, source)
  local bytes, from = types.bytes(made), types.bytes(source)
  if bytes > limits.spread_bytes and bytes > 4 * from then
    stop(("%d bytes made of %d; the limit is %d"):format(bytes, from, limits.spread_bytes))
  end
end

-- Makes what `statement` declares.
local function declare(reader, statement, make)
  local spec = { name = statement.name:sub(2), type = resolve(reader, statement.type) }
  if statement.op then
    check_op(statement.op)
    spec.op, spec.attrs = statement.op, checked_attributes(statement.attrs or {})
    spec.source = look_up(reader, {}, statement.source)
    check_growth(spec.type, spec.source.type)
  else
    spec.data = numbers(statement, reader.blobs)
  end
  local value = make(reader.module, spec)
  if value.name ~= spec.name then
    stop(("%s: a constant or state has this name already"):format(statement.name), statement.name)
  end
  return value
end

local statements = {}

function statements.const(reader, statement)
  claim(reader.consts, statement.name, "constant")
  reader.consts[statement.name] = declare(reader, statement, reader.module.const)
end

function statements.state(reader, statement)
  claim(reader.states, statement.name, "state")
  reader.states[statement.name] = declare(reader, statement, reader.module.state)
end

function statements.pool(reader, statement)
  local name = statement.name:sub(2)
  check_name(name, statement.name)
  reader.module:pool(name, checked_attributes(statement.attrs))
end

function statements.symbol(reader, statement)
  reader.module:symbol(checked_attributes(statement.attrs))
end

local function begin_module(reader, statement)
  check_name(statement.name, statement.name)
  reader.module = ir.module(statement.name)
  local attrs = checked_attributes(statement.attrs) or {}
  for _, key in ipairs(sorted(attrs)) do reader.module:set(key, attrs[key]) end
end

-- Graphs ----------------------------------------------------------------------------------------

-- Creates a graph with its parameters. Its nodes, from `after` on, are read when all graphs are
-- known, so that calls may come before what they call.
local function head(reader, statement, after)
  claim(reader.graphs, statement.name, "graph")
  local graph = reader.module:graph(statement.name:sub(2))
  local scope = {}
  if statement.name == "@main" then
    for key, state in pairs(reader.states) do scope[key] = state end -- order: irrelevant, a set
  end
  for _, param in ipairs(statement.params) do
    claim(scope, param.name, "value")
    scope[param.name] = graph:param(param.name:sub(2), resolve(reader, param.type))
  end
  local entry = { name = statement.name, graph = graph, scope = scope, at = after }
  reader.graphs[statement.name] = entry
  table.insert(reader.order, entry)
end

-- The graph that `line` calls, if its nodes are still to be read.
local function unread(reader, line)
  if not line.body then return nil end
  local called = reader.graphs[line.body]
  if not called then stop(("there is no graph %s"):format(line.body), line.body) end
  if called.reading then stop(("%s calls itself"):format(line.body), line.body) end
  return called.at and called
end

-- Fails if the node has more or fewer results than its op, or the graph it calls, gives.
local function check_results(line, body)
  local count = body and #body.returns or results_of[line.op]
  for _, what in ipairs { "results", "types" } do
    local list = line[what]
    if #list ~= count then
      local name = line.body or line.op
      stop(("%s gives %s, here are %d %s"):format(name, words.count(count, "result"), #list, what),
        name)
    end
  end
end

local function append(reader, entry, line)
  local names, scope = line.results, entry.scope
  local body = line.body and reader.graphs[line.body].graph
  if not body then check_op(line.op) end
  check_results(line, body)
  for i, key in ipairs(names) do
    claim(scope, key, "value")
    names[i] = key:sub(2)
  end
  local node = entry.graph:append {
    op = line.op or "call", body = body, by = line.by,
    attrs = checked_attributes(line.attrs), inputs = look_up_all(reader, scope, line.inputs),
    names = names, types = resolve_all(reader, line.types),
  }
  for i, value in ipairs(node.outputs) do scope["%" .. names[i]] = value end
end

local function finish(reader, entry, line)
  if entry.returned then stop "the graph has returned already" end
  entry.returned = true
  entry.graph:set_returns(look_up_all(reader, entry.scope, line.inputs))
  for _, pair in ipairs(line.next) do
    local state = reader.states[pair[1]]
    if not state then stop(("%s is not a state"):format(pair[1]), pair[1]) end
    entry.graph:set_next(state, look_up(reader, entry.scope, pair[2]))
  end
end

-- Reads nodes of a graph. Returns the graph that must be read first, or nil at the end.
local function nodes(reader, entry)
  while true do
    reader.at = entry.at
    local line, after = reader.read.body:match(reader.source, entry.at)
    if line == nil then problem.unreadable() end
    local kind = line and line.kind
    if kind == "node" then
      if entry.returned then stop "a node stands before 'return'" end
      local first = unread(reader, line)
      if first then return first end
      append(reader, entry, line)
    elseif kind == "return" then
      finish(reader, entry, line)
    elseif kind == "end" then
      if not entry.returned then stop(("%s has no 'return'"):format(entry.name)) end
      entry.at = nil
      return nil
    end
    entry.at = after
  end
end

-- Reads the nodes of all graphs, each before those that call it.
local function bodies(reader)
  reader.rule = "body"
  for _, entry in ipairs(reader.order) do
    local open = entry.at and { entry } or {}
    while #open > 0 do
      open[#open].reading = true
      local first = nodes(reader, open[#open])
      if first then
        open[#open + 1] = first
      else
        open[#open].reading = false
        open[#open] = nil
      end
    end
  end
end

-- Reading ---------------------------------------------------------------------------------------

local function next_statement(reader, at)
  reader.at = at
  local statement, after = reader.read.top:match(reader.source, at)
  if statement == nil then problem.unreadable() end
  return statement, after
end

-- Where the line after the closing brace of a graph begins.
local function behind(source, after)
  local _, brace = source:find("\n[ \t\r]*}", after - 1)
  local ending = brace and source:find("\n", brace, true)
  return ending and ending + 1 or #source + 1
end

--- Reads the module of `reader`, a table with { source, chunk, blobs }. Keeps `reader.at` and
-- `reader.rule`, where it is and what it reads there, up to date for error messages.
return function(reader)
  reader.at, reader.rule, reader.read = 1, "top", grammar.build()
  reader.consts, reader.states, reader.graphs, reader.order = {}, {}, {}, {}
  local at = 1
  while true do
    local statement, after = next_statement(reader, at)
    local kind = statement and statement.kind
    if kind == "finish" then break end
    if kind == "module" then
      if reader.module then stop "there is a module line already" end
      begin_module(reader, statement)
    elseif kind and not reader.module then
      stop "the first statement names the module: module NAME"
    elseif kind == "graph" then
      head(reader, statement, after)
      after = behind(reader.source, after)
    elseif kind then
      if #reader.order > 0 then stop(("every %s stands before the first graph"):format(kind)) end
      statements[kind](reader, statement)
    end
    at = after
  end
  if not reader.module then stop "there is no module here" end
  bodies(reader)
  return reader.module
end
