--- matcher: finds the nodes and values that a shape (aotlua.text.shape) speaks of.
--
-- A match starts at the last root. From there operands lead to the lines above; a further root
-- is found among the users of a value that is known by then. Where more than one way is open (the
-- two orders of a commutative operation, several users) they are tried one after the other, until
-- all lines fit and the condition holds.

local grammar = require "aotlua.text.grammar"
local ir = require "aot.ir"
local text = require "aotlua.text"

local M = {}

local commutative = {}
for _, op in ipairs(ir.ops()) do commutative[op.name] = op.flags.commutative end

-- Conditions ------------------------------------------------------------------------------------

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

local function fits_one(value, wishes)
  for _, wish in ipairs(wishes) do
    if wish == grammar.absent then
      if value == nil then return true end
    elseif value ~= nil and equal(value, wish) then
      return true
    end
  end
  return false
end

local function fits_attributes(node, wanted)
  for key, wishes in pairs(wanted or {}) do -- order: irrelevant, all must hold
    if not fits_one(node:get(key), wishes) then return false end
  end
  return true
end

-- Extents, given from one end (`step` 1 or -1) up to "...".
local function fits_extents(shape, wanted, step)
  local first, last = step > 0 and 1 or #wanted, step > 0 and #wanted or 1
  local offset = step > 0 and 0 or #shape - #wanted
  for i = first, last, step do
    if wanted[i] == "..." then return true end
    local extent = shape[i + offset]
    if extent == nil or wanted[i] and wanted[i] ~= extent then return false end
  end
  return #shape == #wanted
end

local function fits_shape(shape, wanted)
  local fixed = #wanted
  for _, extent in ipairs(wanted) do
    if extent == "..." then fixed = fixed - 1 end
  end
  return #shape >= fixed and fits_extents(shape, wanted, 1) and fits_extents(shape, wanted, -1)
end

local function fits_quant(quant, wanted)
  if not quant or (quant.axis == nil) ~= (wanted.axis == nil) then return false end
  return (not wanted.scale or quant.scale == wanted.scale)
    and (not wanted.zero or quant.zero == wanted.zero)
    and (not wanted.axis or quant.axis == wanted.axis)
end

local function fits_type(t, wanted)
  local known = wanted.dtypes[1] == "_"
  for _, dtype in ipairs(wanted.dtypes) do known = known or t.dtype == dtype end
  return known and fits_shape(t.shape, wanted.shape)
    and (not wanted.quant or fits_quant(t.quant, wanted.quant))
end

-- Shapes, in the order of search ----------------------------------------------------------------

-- A step is a line and how its node is found: `from`, the key of a result that an operand named
-- before, or `among`, the key of a value that has it as a user; neither for the first.
local function place(plan, line, step)
  step.line = line
  plan.steps[#plan.steps + 1], plan.placed[line] = step, true
  for _, key in ipairs(line.results) do plan.known[key] = true end
  for _, input in ipairs(line.inputs) do
    if input.key then plan.known[input.key] = true end
  end
  for _, input in ipairs(line.inputs) do
    local above = plan.shape.computed[input.key]
    if above and not plan.placed[above] then place(plan, above, { from = input.key }) end
  end
end

-- A line that has no place yet and an operand that is known, which is returned too.
local function next_line(plan)
  for i = #plan.shape.lines, 1, -1 do
    local line = plan.shape.lines[i]
    for _, input in ipairs(plan.placed[line] and {} or line.inputs) do
      if input.key and not input.optional and plan.known[input.key] then return line, input.key end
    end
  end
end

local function check_connected(shape, plan)
  for _, line in ipairs(shape.lines) do
    if not plan.placed[line] then
      error(("shape: %s and %s share no value, so that nothing says which belong together\n  %s")
        :format(line.results[1], shape.last.results[1], shape.source:gsub("\n%s*", "\n  ")), 0)
    end
  end
end

local function plan_steps(shape)
  local plan = { shape = shape, steps = {}, placed = {}, known = {} }
  place(plan, shape.last, {})
  for _ = 1, #shape.lines do
    local line, key = next_line(plan)
    if line then place(plan, line, { among = key }) end
  end
  check_connected(shape, plan)
  return plan.steps
end

--- Reads a shape and prepares the search: { ops (of the last root), size (lines), roots }.
-- `ordered`: operands of commutative operations stand as written.
function M.compile(source, ordered)
  local shape = text.parse_pattern(source)
  shape.source, shape.ordered, shape.size = source, ordered, #shape.lines
  for _, line in ipairs(shape.lines) do
    line.is = {}
    for _, op in ipairs(line.ops) do line.is[op] = true end
    for _, key in ipairs(line.results) do
      if shape.is_root[key] then shape.last = line end
    end
  end
  shape.ops, shape.steps = shape.last.ops, plan_steps(shape)
  return shape
end

-- The search ------------------------------------------------------------------------------------

-- Binds a key to a value (false: an absent operand) until it is undone. Fails if it has another.
local function bind(search, key, value)
  local bound = search.values[key]
  if bound ~= nil then return bound == value end
  local wanted = search.shape.types[key]
  if value and wanted and not fits_type(value.type, wanted) then return false end
  search.values[key] = value
  search.trail[#search.trail + 1] = key
  return true
end

local function bind_input(search, input, value)
  if not input.key then return not value end
  return bind(search, input.key, value or false)
end

local function bind_line(search, line, node, inputs)
  local shape, outputs = search.shape, node.outputs
  for i, input in ipairs(line.inputs) do
    if not bind_input(search, input, inputs[i]) then return false end
  end
  for i = #line.inputs + 1, line.more and 0 or #inputs do
    if inputs[i] then return false end
  end
  if #outputs ~= #line.results then return false end
  for i, key in ipairs(line.results) do
    local seen_elsewhere = not shape.is_root[key] and outputs[i].uses ~= (shape.uses[key] or 0)
    if seen_elsewhere or not bind(search, key, outputs[i]) then return false end
  end
  return true
end

local function undo(search, mark)
  for i = #search.trail, mark + 1, -1 do
    search.values[search.trail[i]], search.trail[i] = nil, nil
  end
end

local function found(search)
  local m = { node = {} }
  for key, value in pairs(search.values) do -- order: irrelevant, into a table
    m[key:sub(2)] = value or nil
  end
  for line, node in pairs(search.nodes) do -- order: irrelevant, into a table
    for _, key in ipairs(line.results) do m.node[key:sub(2)] = node end
  end
  if search.when and not search.when(m) then return nil end
  return m
end

-- Whether operands are constants and computed by ops where the line wants that: what most nodes
-- fail by, before anything is bound.
local function plausible(shape, line, inputs)
  for i, input in ipairs(line.inputs) do
    local value, key = inputs[i], input.key
    if value and key then
      local above = shape.computed[key]
      if key:byte() == 36 and value.kind ~= "const" then return false end -- 36 is $
      if above and not (value.node and above.is[value.node.op]) then return false end
    elseif key and not input.optional then
      return false
    end
  end
  return true
end

local solve

local function try(search, number, node, inputs)
  local mark, line = #search.trail, search.shape.steps[number].line
  local m
  if bind_line(search, line, node, inputs) then
    search.nodes[line], search.taken[node] = node, true
    m = solve(search, number + 1)
    search.nodes[line], search.taken[node] = nil, nil
  end
  undo(search, mark)
  return m
end

-- The orders of operands in which the node could be the line's, none or up to two.
local function orders(shape, line, node, inputs)
  if not line.is[node.op] or not fits_attributes(node, line.attrs) then return nil end
  local first, second = plausible(shape, line, inputs) and inputs, nil
  if not shape.ordered and commutative[node.op] and inputs[1] ~= inputs[2] then
    local swapped = { inputs[2], inputs[1] }
    second = plausible(shape, line, swapped) and swapped
  end
  return first or second, first and second
end

local function try_orders(search, number, node)
  if search.taken[node] then return nil end
  local first, second = orders(search.shape, search.shape.steps[number].line, node, node.inputs)
  return first and try(search, number, node, first) or second and try(search, number, node, second)
    or nil
end

-- Binds the lines from the step `number` on. Returns the match, or nil.
function solve(search, number)
  local step = search.shape.steps[number]
  if not step then return found(search) end
  if step.among then
    for _, user in ipairs(search.values[step.among]:users()) do
      local m = user.graph == search.graph and try_orders(search, number, user)
      if m then return m end
    end
    return nil
  end
  local value = search.values[step.from]
  if not value then return solve(search, number + 1) end -- an absent operand has no line
  return value.node and try_orders(search, number, value.node) or nil
end

--- Gives the match of a compiled shape whose last root is `node`, or nil: its values by name, and
-- `node`, its nodes by the names of their results. `when(m)`, if given, must hold. `inputs`: those
-- of the node, where the caller has them.
function M.at(shape, node, when, inputs)
  local first, second = orders(shape, shape.last, node, inputs or node.inputs)
  if not first then return nil end
  local search = { shape = shape, graph = node.graph, when = when, values = {}, nodes = {},
    taken = {}, trail = {} }
  return try(search, 1, node, first) or second and try(search, 1, node, second) or nil
end

return M
