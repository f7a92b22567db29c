--- verdicts: why the offers of accelerators do not take a node.

local failure = require "aotlua.failure"
local matcher = require "aotlua.matcher"
local offload = require "aotlua.offload"
local sorted = require "aotlua.sorted"
local text = require "aotlua.text"

local M = {}

-- An attribute's value in words.
local function show_value(value)
  if type(value) ~= "table" then return value == nil and "not there" or tostring(value) end
  local words = {}
  for i, part in ipairs(value) do words[i] = show_value(part) end
  return ("[%s]"):format(table.concat(words, ", "))
end

-- Conditions of shapes ------------------------------------------------------------------------

-- What a shape asks beyond its nodes and how they hang together: { show, drop }. `show` says what
-- the match has instead, `drop` takes the condition out of a shape read from the same text.
local function conditions_of(shape)
  local list = {}
  for number, line in ipairs(shape.lines) do
    local result = line.results[1]
    for _, key in ipairs(sorted(line.attrs)) do
      list[#list + 1] = {
        show = function(m)
          local node = m.node[result:sub(2)]
          return ("%s of %s is %s"):format(key, node.op, show_value(node:get(key)))
        end,
        drop = function(other) other.lines[number].attrs[key] = nil end,
      }
    end
    if not shape.is_root[result] then
      list[#list + 1] = {
        show = function(m) return ("others read %%%s, too"):format(m[result:sub(2)].name) end,
        drop = function(other) other.is_root[result] = true end,
      }
    end
  end
  for _, key in ipairs(sorted(shape.types)) do
    list[#list + 1] = {
      show = function(m)
        return ("%%%s is %s"):format(m[key:sub(2)].name, text.show_type(m[key:sub(2)].type))
      end,
      drop = function(other) other.types[key] = nil end,
    }
  end
  return list
end

-- Structure -----------------------------------------------------------------------------------

local function list_ops(line) return table.concat(line.ops, " or ") end

-- What is wrong with the operands of the node of a line, or of the nodes that compute them.
local function describe_operands(shape, line, node)
  for i, input in ipairs(line.inputs) do
    local value, key = node.inputs[i], input.key
    local above = shape.computed[key]
    if not value and key and not input.optional then
      return ("%s has no operand %d"):format(node.op, i)
    elseif value and not key then
      return ("%s has an operand %d"):format(node.op, i)
    elseif value and key:byte() == 36 and value.kind ~= "const" then
      return ("%%%s is no constant"):format(value.name)
    elseif value and above and not (value.node and above.is[value.node.op]) then
      return ("%%%s comes from %s, not %s"):format(value.name,
        value.node and value.node.op or "outside", list_ops(above))
    end
    local deeper = value and above and describe_operands(shape, above, value.node)
    if deeper then return deeper end
  end
  if not line.more and #node.inputs > #line.inputs then
    return ("%s has %d operands, not %d"):format(node.op, #node.inputs, #line.inputs)
  end
  return nil
end

-- Which line of the shape reads a result of `line`.
local function reader_of(shape, line)
  for _, other in ipairs(shape.lines) do
    for _, input in ipairs(other.inputs) do
      if shape.computed[input.key] == line then return other end
    end
  end
end

-- Why the node is not computed with what follows it in the shape; a second result is the name of
-- the value that it is followed by.
local function describe_inner(shape, line, node)
  local reader = reader_of(shape, line)
  for _, user in ipairs(reader and node:output():users() or {}) do
    local name = reader.is[user.op] and user:output().name
    if name then return ("see %%%s"):format(name), name end
  end
  return reader and ("no %s reads %%%s"):format(list_ops(reader), node:output().name)
    or "it stands elsewhere in the shape"
end

-- Offers --------------------------------------------------------------------------------------

-- What an offer says of nodes: the whole shape, with its condition, and the shape by parts.
local function new_judge(device, offer, target)
  local judge = { device = device, offer = offer, whole = matcher.compile(offer.match),
    condition = offload.condition(device, offer, target), loose = {},
    bare = matcher.compile(offer.match) }
  judge.conditions = conditions_of(judge.whole)
  for i, condition in ipairs(judge.conditions) do
    condition.drop(judge.bare)
    judge.loose[i] = matcher.compile(offer.match) -- with this condition alone
    for k, other in ipairs(judge.conditions) do
      if k ~= i then other.drop(judge.loose[i]) end
    end
  end
  return judge
end

-- The conditions that do not hold, in words; nil if the shape does not fit without them either.
local function describe_conditions(judge, node)
  local m, words = matcher.at(judge.bare, node), {}
  if not m then return nil end
  for i, condition in ipairs(judge.conditions) do
    if not matcher.at(judge.loose[i], node) then words[#words + 1] = condition.show(m) end
  end
  return #words > 0 and table.concat(words, "; ") or "no way to read it meets all conditions"
end

-- Why the offer does not take the node; nil if it would, false if it has nothing to do with it. A
-- second result is the name of the value that tells more.
local function refusal(judge, node)
  local said
  local fits = matcher.at(judge.whole, node, judge.condition and function(m)
    local takes, why = judge.condition(m)
    said = not takes and (why and tostring(why) or "its condition says no") or said
    return takes
  end)
  if fits then return nil end
  local shape = judge.whole
  if said then return said end
  if shape.last.is[node.op] then
    return describe_conditions(judge, node) or describe_operands(shape, shape.last, node)
      or "another shape"
  end
  for _, line in ipairs(shape.lines) do
    if line.is[node.op] then return describe_inner(shape, line, node) end
  end
  return false
end

--- Asks all offers of a target about all nodes of @main: for each node, by the name of its first
-- result, a list of { device, offer, why, see }: names, why not (nil where the offer would take
-- it), and the name of a value that has more about it. An offer that has nothing to do with the op
-- of a node says nothing of it.
function M.of(module, target)
  local verdicts = {}
  for _, device in ipairs(target.accelerators or {}) do
    for _, offer in ipairs(device.offers) do
      local judge = failure.within("model", new_judge, device, offer, target)
      for node in module:main():nodes() do
        local name, why, see = node:output().name, refusal(judge, node)
        verdicts[name] = verdicts[name] or {}
        if why ~= false then
          table.insert(verdicts[name], { device = device.name, offer = offer.name, why = why,
            see = see })
        end
      end
    end
  end
  return verdicts
end

return M
