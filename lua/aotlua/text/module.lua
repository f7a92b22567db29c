--- module: reads the statements of a module straight into the graph.

local data = require "aot.data"
local grammar = require "aotlua.text.grammar"
local ir = require "aot.ir"
local problem = require "aotlua.text.problem"

local stop = problem.stop

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

-- Puts constants in the place of their names.
local function resolve(reader, t)
  local quant = t.quant
  if quant and type(quant.scales) == "string" then -- else the type was met before
    local zeros = quant.zeros and look_up(reader, {}, quant.zeros)
    quant.scales, quant.zeros = look_up(reader, {}, quant.scales), zeros
  end
  return t
end

local function resolve_all(reader, types)
  for _, t in ipairs(types) do resolve(reader, t) end
  return types
end

local function byte_count(t)
  local bits = ir.dtype(t.dtype).bits
  local count = 1
  for _, extent in ipairs(t.shape) do
    if extent < 0 then stop(("extent %d is negative"):format(extent)) end
    if extent > 0 and count > 2 ^ 48 // extent then stop "there are too many elements" end
    count = count * extent
  end
  return (count * bits + 7) // 8
end

local function from_bits(t, words)
  local width = ir.dtype(t.dtype).bits // 8
  local bytes = {}
  for i, digits in ipairs(words) do
    if #digits > 2 * width then
      stop(("%s has more than %d bytes"):format(digits, width), digits)
    end
    bytes[i] = ("<I" .. width):pack(tonumber(digits, 16))
  end
  return data.from_string(table.concat(bytes))
end

local function tensor(reader, statement)
  local t = statement.type
  local plain = { dtype = t.dtype, shape = t.shape }
  local size = byte_count(plain)
  if statement.blob then
    if not reader.blobs then
      stop "its data is in a blob file, and there is none beside this text"
    end
    return ir.tensor(plain, reader.blobs:sub(statement.blob, size))
  end
  if statement.bits then return ir.tensor(plain, from_bits(t, statement.bits)) end
  return ir.tensor(plain, statement.dense or statement.splat)
end

-- Statements of a module ------------------------------------------------------------------------

local function claim(taken, key, what)
  if #key < 2 then stop("a name has at least one character", key) end
  if taken[key] then stop(("there is a %s %s already"):format(what, key), key) end
end

-- Makes what `statement` declares.
local function declare(reader, statement, make)
  local spec = { name = statement.name:sub(2), type = resolve(reader, statement.type) }
  if statement.op then
    spec.op, spec.attrs = statement.op, statement.attrs or {}
    spec.source = look_up(reader, {}, statement.source)
  else
    spec.data = tensor(reader, statement)
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
  reader.module:pool(statement.name:sub(2), statement.attrs)
end

function statements.symbol(reader, statement) reader.module:symbol(statement.attrs) end

local function begin_module(reader, statement)
  reader.module = ir.module(statement.name)
  local keys = {}
  for key in pairs(statement.attrs or {}) do keys[#keys + 1] = key end -- order: sorted below
  table.sort(keys)
  for _, key in ipairs(keys) do reader.module:set(key, statement.attrs[key]) end
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

local function append(reader, entry, line)
  local names, scope = line.results, entry.scope
  for i, key in ipairs(names) do
    claim(scope, key, "value")
    names[i] = key:sub(2)
  end
  local node = entry.graph:append {
    op = line.op or "call", body = line.body and reader.graphs[line.body].graph, by = line.by,
    attrs = line.attrs, inputs = look_up_all(reader, scope, line.inputs), names = names,
    types = resolve_all(reader, line.types),
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
