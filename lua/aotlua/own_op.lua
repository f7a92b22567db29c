--- own_op: ops that a script defines, each a body of core ops.
--
--     { name = "acme.swish", params = { alpha = 1.0 }, body = [[
--         %a = mul %x, $alpha
--         %s = logistic %a
--         %y = mul %x, %s
--     ]] }
--
-- The body is written like the shape of a rewrite rule. What no line computes are the operands, in
-- the order in which they come up; the last line is the result. A parameter is a constant of one
-- element, of the element type of the operand beside it. So an op of one's own is nothing new to
-- passes, evaluator and targets. One with a recipe stays a call of its body: numbers are the
-- body's, code is the recipe's.

local failure = require "aotlua.failure"
local fields = require "aotlua.fields"
local grammar = require "aotlua.text.grammar"
local ir = require "aot.ir"
local ops = require "aotlua.ops"
local text = require "aotlua.text"

local M = {}

local Op = {}
Op.__index = Op

-- Definitions -----------------------------------------------------------------------------------

local function is_name(name)
  local fits = type(name) == "string" and name:find "^%a[%w_]*%.[%w_.]*%w$" ~= nil
  return fits, ("is %s: a word of yours, a dot and the op's name, as in acme.swish"):format(
    tostring(name))
end

local function refuse(op, problem, ...)
  error(("op %s: "):format(op.name) .. problem:format(...), 0)
end

local function check_params(op)
  for key, default in pairs(op.params) do -- order: irrelevant, any will do
    if type(key) ~= "string" or not math.type(default) then
      refuse(op, "parameter %s is %s: its default is a number", tostring(key), tostring(default))
    end
  end
end

-- The type that a line declares, without its shape; nil where it is inferred.
local function declared(op, outline)
  if not outline then return nil end
  local quant = outline.quant
  if #outline.dtypes > 1 or quant and not (quant.scale and quant.zero and quant.axis == nil) then
    refuse(op, "a type in its body has one element type, and one scale and zero point or none")
  end
  return { dtype = outline.dtypes[1] or nil,
    quant = quant and { scale = quant.scale, zero = quant.zero } }
end

-- A line of a shape as what is to be made: one op, one value for each attribute.
local function line_of(op, line, shape)
  local result = line.results[1]
  if #line.ops > 1 or #line.results > 1 or line.more or line.ops[1] == "call" then
    refuse(op, "%s is no line of a body: one op of one result makes it, with its operands",
      result)
  end
  local made = { op = line.ops[1], result = result, attrs = {}, inputs = {},
    type = declared(op, shape.types[result]) }
  for name, choice in pairs(line.attrs or {}) do -- order: irrelevant, into a table
    if #choice ~= 1 or choice[1] == grammar.absent then
      refuse(op, "attribute '%s' of %s has one value", name, result)
    end
    made.attrs[name] = choice[1]
  end
  for i, input in ipairs(line.inputs) do
    if input.optional then refuse(op, "operand %s of %s is there or not", input.key, result) end
    made.inputs[i] = input.key
  end
  return made
end

local function read_body(op, body)
  local ok, shape = pcall(text.parse_pattern, body)
  if not ok then refuse(op, "its body: %s", shape) end
  if #shape.roots > 1 or shape.roots[1] ~= shape.lines[#shape.lines].results[1] then
    refuse(op, "its body has one result, that of the last line")
  end
  op.lines, op.operands = {}, {}
  local known = {}
  for i, line in ipairs(shape.lines) do
    op.lines[i] = line_of(op, line, shape)
    for _, key in ipairs(op.lines[i].inputs) do
      local param = key and key:match "^%$(.*)"
      if param and not op.params[param] then
        refuse(op, "its body reads %s, which is none of its params", key)
      elseif key and not param and not shape.computed[key] and not known[key] then
        known[key] = true
        op.operands[#op.operands + 1] = key
      end
    end
  end
end

--- Checks a definition, { name, params, body, recipe }, and returns the op: with `operands`, the
-- names of those in order, and `append`. Fails with what is wrong with it.
function M.define(definition)
  fields.check("an op of your own", definition, {
    name = is_name, params = "table?", body = "string", recipe = "function?",
  })
  local op = setmetatable({ name = definition.name, params = definition.params or {},
    recipe = definition.recipe }, Op)
  check_params(op)
  read_body(op, definition.body)
  return op
end

-- Uses ------------------------------------------------------------------------------------------

-- A constant for a parameter, of the element type of the first value beside it.
local function constant_of(graph, param, number, beside)
  local dtype = beside and beside.type.dtype or "f32"
  local plain = { dtype = dtype, shape = {} }
  if ir.dtype(dtype).class == "float" then number = number + 0.0 end
  return graph.module:const { name = param, data = ir.tensor(plain, { number }) }
end

local function operands_of(graph, line, values, params)
  local inputs, beside = {}, nil
  for _, key in ipairs(line.inputs) do beside = beside or values[key] end
  for i, key in ipairs(line.inputs) do
    local param = key and key:match "^%$(.*)"
    inputs[i] = param and constant_of(graph, param, params[param], beside)
      or key and values[key] or false
  end
  return inputs
end

-- Makes the nodes of the body in `graph`. `how`: inputs, params, origin, name, type.
local function fill(op, graph, how)
  local values = {}
  for i, key in ipairs(op.operands) do values[key] = how.inputs[i] end
  for i, line in ipairs(op.lines) do
    local is_last = i == #op.lines
    local attrs = { origin = how.origin }
    for name, value in pairs(line.attrs) do attrs[name] = value end -- order: irrelevant, a copy
    values[line.result] = graph:append {
      op = line.op, inputs = operands_of(graph, line, values, how.params), attrs = attrs,
      type = line.type or is_last and how.type or nil,
      name = is_last and how.name or ("%s.%s"):format(how.name, line.result:sub(2)),
    }:output()
  end
  return values[op.lines[#op.lines].result]
end

local function params_of(op, given)
  local params = {}
  for key, default in pairs(op.params) do -- order: irrelevant, into a table
    params[key] = given and given[key] or default
  end
  return params
end

local function call(op, graph, how)
  local body, inner = graph.module:graph(ops.graph_names(graph.module)(op.name:gsub("%.", "_"))), {}
  for i, value in ipairs(how.inputs) do
    inner[i] = body:param(op.operands[i]:sub(2), value.type)
  end
  local result = fill(op, body, { inputs = inner, params = how.params, origin = how.origin,
    name = "y", type = how.type })
  body:set_returns { result }
  return graph:append { op = "call", inputs = how.inputs, body = body, name = how.name,
    attrs = { own = op.name, params = how.params, origin = how.origin } }:output()
end

--- Appends the op to a graph and returns its result. `how`: `inputs`, Values; `params`, numbers
-- in place of the defaults; `name` of the result; `type` of the result, or its `dtype` and `quant`,
-- where the body does not tell; `origin`, the model's words.
function Op:append(graph, how)
  if #how.inputs ~= #self.operands then
    refuse(self, "it takes %d operands, not %d", #self.operands, #how.inputs)
  end
  local known = { inputs = how.inputs, params = params_of(self, how.params), type = how.type,
    name = how.name ~= "" and how.name or self.name, origin = how.origin }
  local ok, result = pcall(self.recipe and call or fill, self, graph, known)
  if not ok then error(failure.prefixed(("op %s: "):format(self.name), result), 0) end
  return result
end

return M
