--- shape: reads the shapes of rewrite rules and refuses those that could never fit.

local grammar = require "aotlua.text.grammar"
local ir = require "aot.ir"
local problem = require "aotlua.text.problem"
local sorted = require "aotlua.sorted"

local stop = problem.stop

local read_line = grammar.build().pattern

local known_ops, known_dtypes = {}, {}
for _, op in ipairs(ir.ops()) do known_ops[op.name] = op end
for _, dtype in ipairs(grammar.dtypes) do known_dtypes[dtype] = true end

-- What the compiler writes on nodes of any op.
local everywhere = {
  origin = true, schedule = true, at = true, scratch = true, operator = true, shared = true,
}

local function count(number, what)
  return ("%d %s%s"):format(number, what, number == 1 and "" or "s")
end

-- One line by itself ----------------------------------------------------------------------------

local function check_attributes(line, op)
  local known = {}
  for _, name in ipairs(op.attributes) do known[name] = true end
  for _, name in ipairs(sorted(line.attrs)) do
    if not known[name] and not everywhere[name] and not name:find(".", 1, true)
      and op.name ~= "call" then
      stop(("%s has no attribute '%s'; it has %s (one of your own has a dot in its name)"):format(
        op.name, name, #op.attributes > 0 and table.concat(op.attributes, ", ") or "none"), name)
    end
  end
end

local function check_operands(line, op)
  local given, most = #line.inputs, op.high < 0 and math.huge or op.high
  local wanted = op.low == most and count(op.low, "operand")
    or most == math.huge and ("at least %s"):format(count(op.low, "operand"))
    or ("%d to %s"):format(op.low, count(most, "operand"))
  if given > most or given < op.low and not line.more then
    stop(("%s takes %s, not %d%s"):format(op.name, wanted, given,
      given < op.low and "; '...' leaves further ones open" or ""), op.name)
  end
  if line.more and given == most then
    stop(("%s takes %s: '...' stands for none"):format(op.name, wanted), "...")
  end
  for i = 1, math.min(given, op.name == "call" and given or op.low) do
    local input = line.inputs[i]
    if not input.key then
      stop(("operand %d of %s is never absent"):format(i, op.name))
    elseif input.optional and #line.ops == 1 then
      stop(("operand %d of %s is never absent"):format(i, op.name), input.key)
    end
  end
end

local function check_type(outline)
  for _, dtype in ipairs(outline.dtypes) do
    if not known_dtypes[dtype] and (dtype ~= "_" or #outline.dtypes > 1) then
      stop(("there is no element type '%s'; there are %s"):format(dtype,
        table.concat(grammar.dtypes, ", ")), dtype)
    end
  end
  local open = 0
  for _, extent in ipairs(outline.shape) do
    if extent == "..." then open = open + 1 end
    if math.type(extent) == "integer" and extent < 0 then
      stop(("an extent is never negative, as %d is"):format(extent), tostring(extent))
    end
  end
  if open > 1 then stop("'...' stands once in a type: which extents were which?", "...") end
  if outline.quant and outline.quant.axis ~= nil and outline.quant.scale then
    stop("the scales of a type with an axis are a constant: '_' stands for them", "q(")
  end
end

local function check_line(line)
  for _, name in ipairs(line.ops) do
    local op = known_ops[name]
    if not op or name == "return" then
      stop(op and "a return is no line of a shape: 'return %a, %b' names its roots"
        or ("there is no op '%s' (aotlua list ops)"):format(name), name)
    end
    check_operands(line, op)
    check_attributes(line, op)
    if op.outputs >= 0 and #line.results ~= op.outputs then
      stop(("%s gives %s, not %d"):format(name, count(op.outputs, "result"), #line.results), name)
    end
  end
  if line.types and #line.types ~= #line.results then
    stop(("%s and %s"):format(count(#line.results, "result"), count(#line.types, "type")))
  end
  for _, outline in ipairs(line.types or {}) do check_type(outline) end
end

-- Lines together --------------------------------------------------------------------------------

-- Notes that `key` is spoken of: a value or a constant, not both.
local function mention(shape, key)
  local name = key:sub(2)
  if name == "node" then stop("'node' names the nodes of a match, not a value", key) end
  local before = shape.keys[name]
  if before and before ~= key then
    stop(("'%s' is both %s and %s here: a constant has $ wherever it stands"):format(name, before,
      key), key)
  end
  shape.keys[name] = key
end

local function mention_operand(shape, input)
  if not input.key then return end
  mention(shape, input.key)
  local optional = input.optional or false
  if shape.optional[input.key] == not optional then
    stop(("%s may be absent in one place, and not in another"):format(input.key), input.key)
  end
  shape.optional[input.key] = optional
  shape.uses[input.key] = (shape.uses[input.key] or 0) + 1
end

local function give_type(shape, key, outline)
  if shape.types[key] then stop(("%s has two types here"):format(key), key) end
  shape.types[key] = outline
end

local function add_line(shape, line)
  check_line(line)
  for _, input in ipairs(line.inputs) do mention_operand(shape, input) end
  for i, key in ipairs(line.results) do
    if shape.computed[key] then stop(key .. " is computed twice", key) end
    if shape.uses[key] then
      stop(("%s was used above: a line stands before those that use it"):format(key), key)
    end
    mention(shape, key)
    shape.computed[key] = line
    if line.types then give_type(shape, key, line.types[i]) end
  end
  shape.lines[#shape.lines + 1] = line
end

local add = { line = add_line }

function add.type(shape, statement)
  check_type(statement.type)
  give_type(shape, statement.key, statement.type)
  shape.typed[#shape.typed + 1] = statement
end

add["return"] = function(shape, statement)
  if shape.roots then stop("a shape has one return", "return") end
  for i, key in ipairs(statement.roots) do
    if not shape.computed[key] then
      stop(key .. " is no root: no line above computes it", key)
    end
    for earlier = 1, i - 1 do
      if statement.roots[earlier] == key then stop(key .. " is a root twice", key) end
    end
  end
  shape.roots = statement.roots
end

-- Whether some result of the line is used, or a root.
local function leads_on(shape, line, is_root)
  for _, key in ipairs(line.results) do
    if is_root[key] or shape.uses[key] then return true end
  end
end

-- What can be said only at the end; `at` is told where, before a refusal.
local function finish(shape, at)
  local last = shape.lines[#shape.lines]
  if not last then stop "a shape has a line that computes something: %y = add %a, %b" end
  for _, statement in ipairs(shape.typed) do
    at(statement)
    if shape.keys[statement.key:sub(2)] ~= statement.key then
      stop(("no line has %s"):format(statement.key), statement.key)
    end
  end
  local is_root = {}
  shape.roots = shape.roots or last.results
  for _, key in ipairs(shape.roots) do is_root[key] = true end
  for _, line in ipairs(shape.lines) do
    at(line)
    if not leads_on(shape, line, is_root) then
      stop(("%s does not lead to a root: no line uses it ('return %%a, %%b' names several roots)")
        :format(line.results[1]), line.results[1])
    end
  end
  shape.is_root = is_root
  return shape
end

-- Reads statement after statement; `reader.at` says where it is.
local function read(reader)
  local shape = { lines = {}, typed = {}, keys = {}, optional = {}, uses = {}, computed = {},
    types = {} }
  local at = 1
  while true do
    reader.at = at
    local statement, after = read_line:match(reader.source, at)
    if statement == nil then problem.unreadable() end
    if statement and statement.kind == "finish" then break end
    if statement then
      statement.at = at
      add[statement.kind](shape, statement)
    end
    at = after
  end
  return finish(shape, function(statement) reader.at = statement.at end)
end

--- Reads a shape: { lines = { { results, ops, inputs, more, attrs } }, roots = { key },
-- is_root, uses (how many operands have the key), computed (key to line), types (key to outline) }.
-- An input is { key = "%x" | "$w" | false, optional }; attributes are lists of alternatives.
return function(source)
  local reader = { source = source, chunk = "shape", rule = "pattern" }
  local ok, result = pcall(read, reader)
  if not ok then error(problem.locate(reader, result), 0) end
  return result
end
