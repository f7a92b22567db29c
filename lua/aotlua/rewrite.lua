--- rewrite: rules that find a shape in a graph and change it.
--
-- A shape is IR text, one node a line, the root last (passes/README.md says all of it):
--
--     %c = conv2d|matmul %x, $w, $b? { groups = 1|_ }    # either op; $b may be absent
--     %y = clamp %c : i8[...]                            # further attributes are free
--
-- What is computed above the roots feeds nothing else. `when(m)` decides, `replace(graph, m)`
-- edits; they see the values of the match as `m.x` and its nodes as `m.node.y`.

local fields = require "aotlua.fields"
local matcher = require "aotlua.matcher"
local ops = require "aotlua.ops"
local place = require "aotlua.place"

local M = {}

--- A function from a node to the match of the shape whose last root it is, or nil. `when`, if
-- given, decides as that of a rule.
function M.matcher(match, when)
  local shape = matcher.compile(match)
  return function(node) return matcher.at(shape, node, when) end
end

local function check(rule)
  fields.check("a rule", rule, {
    match = "any", when = "function?", replace = "function", name = "string?", ordered = "boolean?",
  })
  return type(rule.match) == "table" and rule.match or { rule.match }
end

-- Rules by the op of their last root, those with the longest shapes first.
local function by_root(rules)
  local index, order = {}, {}
  for _, rule in ipairs(rules) do
    for _, match in ipairs(check(rule)) do
      local shape = place.blame(matcher.compile, match, rule.ordered)
      order[#order + 1] = { rule = rule, shape = shape, place = #order }
    end
  end
  table.sort(order, function(a, b)
    if a.shape.size ~= b.shape.size then return a.shape.size > b.shape.size end
    return a.place < b.place
  end)
  for _, entry in ipairs(order) do
    for _, op in ipairs(entry.shape.ops) do
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

local REACH = 64 -- how far from an edit nodes are looked at anew; the next sweep sees the others

-- Applies the first rule that fits. Returns its shape and the nodes that may fit anew after the
-- edit: those that used the roots, those of the match, and what now stands before the old place.
local function apply(index, graph, node)
  local inputs = node.inputs
  for _, entry in ipairs(index[node.op] or {}) do
    local m = matcher.at(entry.shape, node, entry.rule.when, inputs)
    if m then
      local near, touched = {}, {}
      for _, key in ipairs(entry.shape.roots) do
        local root = m[key:sub(2)]
        local users = root.uses <= 64 and root:users() or {} -- the next sweep sees the others
        table.move(users, 1, #users, #near + 1, near)
      end
      for _, inner in pairs(m.node) do near[#near + 1] = inner end -- order: below
      local after = node.next
      entry.rule.replace(graph, m)
      for _, other in ipairs(near) do
        touched[other] = alive(other) and other.graph == graph or nil
      end
      local last = alive(after) and after.previous
      local added = last
      for _ = 1, 8 do
        if not added then break end
        touched[added] = true
        added = added.previous
      end
      return entry.shape, ops.in_order(touched, last, REACH)
    end
  end
end

-- Applies rules to `node` and to what that touches, until none fits.
local function settle(run, node)
  local pending = { node }
  while #pending > 0 do
    local next = table.remove(pending)
    local here = alive(next) and next.graph == run.graph
    local shape, near
    if here then shape, near = apply(run.index, run.graph, next) end
    if shape then
      run.changed, run.budget = true, run.budget - 1
      if run.budget < 0 then
        error(("this rule always finds something to change:\n%s"):format(shape.source), 0)
      end
      table.move(near, 1, #near, #pending + 1, pending)
    end
  end
end

--- Makes the body of a pass out of rules { match, when?, replace, name?, ordered? }; `match` is a
-- shape or a list of them.
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
