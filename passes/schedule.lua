--- schedule: asks the target for the parameters of each kernel.
--
-- before:  %y = call @conv2d_clamp_1 %x, $w, $b
-- after:   %y = call @conv2d_clamp_1 %x, $w, $b { schedule = { mr = 4, nr = 8 } }
--
-- `target.schedules[op]`, or `target.schedules` itself, is a function of (anchor, target, node):
-- the node that gives the kernel its shape, in the graph or in the body of a call, and that call
-- or again the node itself. It returns a flat dict, which the recipe reads, or nil. A table in its
-- place is that dict. An entry `["%conv_1"]` is for the kernel that computes that value, and adds
-- to what its op has.

local kernels = require "aotlua.kernels"
local ops = require "aotlua.ops"

local function ask(rule, context)
  if type(rule) == "function" then return rule(context.anchor, context.target, context.node) end
  return rule
end

local function add(parameters, more)
  local all = {}
  for key, value in pairs(parameters or {}) do all[key] = value end -- order: irrelevant, a copy
  for key, value in pairs(more) do all[key] = value end -- order: irrelevant, into a table
  return all
end

-- The names of what a node computes, also of what is fused in it.
local function each_name(node, visit)
  visit("%" .. node:output().name)
  if not node.body then return end
  for inner in node.body:nodes() do
    for _, output in ipairs(inner.outputs) do visit("%" .. output.name) end
  end
end

-- Notes in `found` which entries of `schedules` name values of the node; returns their parameters.
local function by_name(schedules, parameters, context)
  local node = context.node
  each_name(node, function(name)
    if schedules[name] and not node.by then
      context.found[name] = true
      parameters = add(parameters, ask(schedules[name], context) or {})
    end
  end)
  return parameters
end

local function check_found(schedules, found)
  local missing = {}
  for name in pairs(schedules) do -- order: sorted below
    if name:find "^%%" and not found[name] then missing[#missing + 1] = name end
  end
  table.sort(missing)
  if #missing > 0 then
    error(("schedules: no kernel of ours computes %s (aotlua explain lists them)"):format(
      table.concat(missing, ", ")), 0)
  end
end

return {
  name = "schedule",
  changes = "nothing",
  optional = true,
  run = function(graph, ctx)
    local target, schedules, found = ctx.target, ctx.target.schedules or {}, {}
    for node in graph:nodes() do
      local anchor = ops.anchor(node)
      local name = kernels.is_own(node, target) and node:get "own" or anchor.op
      local rule = schedules
      if type(schedules) == "table" then rule = schedules[name] end
      local context = { anchor = anchor, target = target, node = node, found = found }
      local parameters = ask(rule, context)
      if type(schedules) == "table" then parameters = by_name(schedules, parameters, context) end
      if parameters ~= nil and type(parameters) ~= "table" then
        error(("the schedule of %%%s is %s, no table of parameters"):format(node:output().name,
          tostring(parameters)), 0)
      end
      if parameters and not node.by then node:set("schedule", parameters) end
    end
    if type(schedules) == "table" then check_found(schedules, found) end
  end,
}
