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

-- Puts constants in the place of their names. False where one of them comes later.
local function resolve(reader, t)
  local quant = t.quant
  if not quant or type(quant.scales) ~= "string" then return true end
  local scales, zeros = reader.consts[quant.scales], quant.zeros and reader.consts[quant.zeros]
  if not scales or quant.zeros and not zeros then return false end
  quant.scales, quant.zeros = scales, zeros
  return true
end

local function resolve_all(reader, types)
  for _, t in ipairs(types) do
    if not resolve(reader, t) then
      stop(("%s is not a constant of this module"):format(t.quant.scales), t.quant.scales)
    end
  end
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

-- Makes what `statement` declares, typed at once or, where its type needs a later constant, then.
local function declare(reader, statement, make)
  local spec = { name = statement.name:sub(2) }
  if statement.op then
    spec.op, spec.attrs = statement.op, statement.attrs or {}
    spec.source = look_up(reader, {}, statement.source)
  else
    spec.data = tensor(reader, statement)
  end
  spec.type = statement.type
  if not resolve(reader, spec.type) then
    spec.type = { dtype = spec.type.dtype, shape = spec.type.shape }
    table.insert(reader.untyped, { statement = statement, at = reader.at })
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

-- Creates a graph with its parameters; its nodes are read later, when all graphs are known.
local function head(reader, statement)
  claim(reader.graphs, statement.name, "graph")
  local graph = reader.module:graph(statement.name:sub(2))
  local scope = {}
  if statement.name == "@main" then
    for key, state in pairs(reader.states) do scope[key] = state end -- order: irrelevant, a set
  end
  for _, param in ipairs(statement.params) do
    claim(scope, param.name, "value")
    local types = resolve_all(reader, { param.type })
    scope[param.name] = graph:param(param.name:sub(2), types[1])
  end
  reader.graphs[statement.name] = { graph = graph, scope = scope }
end

local function append(reader, graph, scope, line)
  local names = line.results
  for i, key in ipairs(names) do
    claim(scope, key, "value")
    names[i] = key:sub(2)
  end
  local called = line.body and reader.graphs[line.body]
  if line.body and not called then stop(("there is no graph %s"):format(line.body), line.body) end
  local node = graph:append {
    op = line.op or "call", body = called and called.graph, by = line.by, attrs = line.attrs,
    inputs = look_up_all(reader, scope, line.inputs), names = names,
    types = resolve_all(reader, line.types),
  }
  for i, value in ipairs(node.outputs) do scope["%" .. names[i]] = value end
end

local function finish(reader, graph, scope, line)
  graph:set_returns(look_up_all(reader, scope, line.inputs))
  for _, pair in ipairs(line.next) do
    local state = reader.states[pair[1]]
    if not state then stop(("%s is not a state"):format(pair[1]), pair[1]) end
    graph:set_next(state, look_up(reader, scope, pair[2]))
  end
end

-- Reads the nodes of a graph from `at` on. Returns where its closing brace ended.
local function nodes(reader, name, at)
  local graph, scope = reader.graphs[name].graph, reader.graphs[name].scope
  local returned = false
  reader.rule = "body"
  while true do
    reader.at = at
    local line, after = reader.read.body:match(reader.source, at)
    if line == nil then problem.unreadable() end
    at = after
    if line and line.kind == "end" then break end
    if line and returned then stop "the graph has returned already" end
    if line and line.kind == "node" then append(reader, graph, scope, line) end
    if line and line.kind == "return" then
      finish(reader, graph, scope, line)
      returned = true
    end
  end
  if not returned then stop(("graph %s returns nothing: 'return' is missing"):format(name)) end
  reader.rule = "top"
  return at
end

-- Reading ---------------------------------------------------------------------------------------

local function next_statement(reader, at)
  reader.at = at
  local statement, after = reader.read.top:match(reader.source, at)
  if statement == nil then problem.unreadable() end
  return statement, after
end

-- Creates all graphs from here on, in the order of the text, so that calls may come before
-- what they call.
local function heads(reader, at)
  while true do
    local statement = next_statement(reader, at)
    if statement and statement.kind == "graph" then head(reader, statement) end
    local found = reader.source:find("\n[ \t\r]*graph", at)
    if not found then return end
    at = found + 1
  end
end

local function late_types(reader)
  for _, late in ipairs(reader.untyped) do
    reader.at = late.at
    local name = late.statement.name
    local value = reader.consts[name] or reader.states[name]
    value:set_type(resolve_all(reader, { late.statement.type })[1])
  end
end

--- Reads the module of `reader`, a table with { source, chunk, blobs }. Keeps `reader.at` and
-- `reader.rule`, where it is and what it reads there, up to date for error messages.
return function(reader)
  reader.at, reader.rule, reader.read = 1, "top", grammar.build()
  reader.consts, reader.states, reader.graphs, reader.untyped = {}, {}, {}, {}
  local at, in_graphs = 1, false
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
      if not in_graphs then
        late_types(reader)
        heads(reader, at)
        in_graphs = true
      end
      after = nodes(reader, statement.name, after)
    elseif kind then
      if in_graphs then stop(("every %s stands before the first graph"):format(kind)) end
      statements[kind](reader, statement)
    end
    at = after
  end
  if not reader.module then stop "there is no module here" end
  if not in_graphs then late_types(reader) end
  return reader.module
end
