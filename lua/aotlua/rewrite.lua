--- rewrite: rules that find a shape in a graph and change it.
--
-- A shape is IR text without types, one node a line, the root last:
--
--     %c = conv2d|matmul %x, $w, $b? { groups = 1 }      # either op; $b may be absent
--     %y = clamp %c                                      # further attributes are free
--
-- `%x` is any value, `$w` a constant, `_` an absent operand, `...` any further operands. A name
-- that comes twice is the same value. The results of the lines above the root feed nothing
-- else. `when(m)` decides, `replace(graph, m)` edits; they see the values of the match as `m.x`
-- and its nodes as `m.node.y`.

local text = require "aotlua.text"

local M = {}

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do -- order: irrelevant, all must hold
    if not equal(value, b[key]) then return false end
  end
  for key in pairs(b) do -- order: irrelevant, all must hold
    if a[key] == nil then return false end
  end
  return true
end

local function bind_attrs(line, node)
  for key, want in pairs(line.attrs or {}) do -- order: irrelevant, all must hold
    if not equal(node:get(key), want) then return false end
  end
  return true
end

-- Binds one operand of `line` and returns the line that computes it, if the shape has it.
local function bind_input(operand, value, lines, m)
  if not operand.key then return not value end
  if not value then return operand.optional or false end
  if operand.key:byte() == 36 and value.kind ~= "const" then return false end -- 36 is $
  local name = operand.key:sub(2)
  if m[name] and m[name] ~= value then return false end
  m[name] = value
  local inner = lines[operand.key]
  if not inner then return true end
  return value.node ~= nil and value.uses == 1 and inner or false
end

-- Binds the shape of `lines` with its root at `node`. Returns the match, or nil.
local function bind(lines, node)
  local m = { node = {} }
  local pending = { { lines[#lines], node } }
  while #pending > 0 do
    local line, at = table.unpack(table.remove(pending))
    if not line.is[at.op] or not bind_attrs(line, at) then return nil end
    local inputs, outputs = at.inputs, at.outputs
    if #outputs ~= #line.results or #inputs > #line.inputs and not line.more then return nil end
    for i, operand in ipairs(line.inputs) do
      local inner = bind_input(operand, inputs[i], lines, m)
      if not inner then return nil end
      if inner ~= true then pending[#pending + 1] = { inner, m[operand.key:sub(2)].node } end
    end
    for i = #line.inputs + 1, line.more and 0 or #inputs do
      if inputs[i] then return nil end
    end
    for i, key in ipairs(line.results) do
      m[key:sub(2)], m.node[key:sub(2)] = outputs[i], at
    end
  end
  return m
end

local function compile(rule, place)
  local lines = text.parse_pattern(rule.match)
  for _, line in ipairs(lines) do
    line.is = {}
    for _, op in ipairs(line.ops) do line.is[op] = true end
    for _, key in ipairs(line.results) do
      if key == "%node" then error("'node' names the nodes of a match, not a value", 0) end
      lines[key] = line
    end
  end
  return { rule = rule, lines = lines, place = place }
end

--- A function from a node to the match of the shape whose root it is, or nil.
function M.matcher(match)
  local lines = compile({ match = match }, 1).lines
  return function(node) return bind(lines, node) end
end

-- Rules by the op of their root, those with the longest shapes first.
local function by_root(rules)
  local index, order = {}, {}
  for i, rule in ipairs(rules) do order[i] = compile(rule, i) end
  table.sort(order, function(a, b)
    if #a.lines ~= #b.lines then return #a.lines > #b.lines end
    return a.place < b.place
  end)
  for _, entry in ipairs(order) do
    for _, op in ipairs(entry.lines[#entry.lines].ops) do
      index[op] = index[op] or {}
      table.insert(index[op], entry)
    end
  end
  return index
end

local function op_of(node) return node.op end

-- The op of a node, or nil if it was removed meanwhile.
local function alive(node)
  local ok, op = pcall(op_of, node)
  return ok and op or nil
end

-- Applies the first rule that fits. Returns it and the nodes that may fit anew after the edit:
-- those that used the results, those of the match, and what now stands before the old place.
local function apply(index, graph, node)
  for _, entry in ipairs(index[node.op] or {}) do
    local m = bind(entry.lines, node)
    if m and (not entry.rule.when or entry.rule.when(m)) then
      local near = {}
      for _, output in ipairs(node.outputs) do
        local users = output.uses <= 64 and output:users() or {} -- the next sweep sees the others
        table.move(users, 1, #users, #near + 1, near)
      end
      for _, inner in pairs(m.node) do near[#near + 1] = inner end -- order: sorted in settle
      local after = node.next
      entry.rule.replace(graph, m)
      local added = alive(after) and after.previous
      for _ = 1, 8 do
        if not added then break end
        near[#near + 1] = added
        added = added.previous
      end
      return entry.rule, near
    end
  end
end

-- Applies rules to `node` and to what that touches, until none fits.
local function settle(run, node)
  local pending = { node }
  while #pending > 0 do
    local next = table.remove(pending)
    local here = alive(next) and next.graph == run.graph
    local rule, near
    if here then rule, near = apply(run.index, run.graph, next) end
    if rule then
      run.changed, run.budget = true, run.budget - 1
      if run.budget < 0 then
        error(("this rule always finds something to change:\n%s"):format(rule.match), 0)
      end
      local still = {}
      for _, other in ipairs(near) do
        if alive(other) then still[#still + 1] = other end
      end
      table.sort(still, function(a, b) return a.id < b.id end)
      table.move(still, 1, #still, #pending + 1, pending)
    end
  end
end

--- Makes the body of a pass out of rules { match, when?, replace, name? }.
-- Nodes are visited from the last to the first; on each, the rules with the longest shapes are
-- tried first, then those that stand first. What an edit touched is looked at again, until no
-- rule applies. Fails if the rules do not come to an end.
function M.rules(rules)
  local index = by_root(rules)

  return function(graph)
    local run = { graph = graph, index = index, budget = 1000 }
    for _ in graph:nodes() do run.budget = run.budget + 10 end
    repeat
      run.changed = false
      for node in graph:backward() do
        if index[node.op] then settle(run, node) end
      end
    until not run.changed
  end
end

return M
