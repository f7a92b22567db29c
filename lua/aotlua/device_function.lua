--- device_function: the function that calls an accelerator, for a call that partition made.
--
-- It is to the rest of aotlua what a kernel of ours is (lua/aotlua/kernel.lua): params, headers,
-- scratch_bytes, macs, prototype and definition.

local emit = require "aot.emit"
local plan = require "aot.plan"

local offload = require "aotlua.offload"
local ops = require "aotlua.ops"
local types = require "aotlua.types"

local region_alignment = 16 -- of what one part of a region leaves to the next, in bytes

-- The parts of a call: { call, offer, m }. Values are those of @main where they are passed.
local function parts_of(device, node)
  if node:get "offer" then
    local offer = offload.offer(device, node:get "offer")
    return { { offer = offer, m = offload.match(node, node.inputs) } }
  end
  local outer, parts = {}, {}
  for i, param in ipairs(node.body.params) do outer[param] = node.inputs[i] end
  for i, value in ipairs(node.body.returns) do outer[value] = node:output(i) end
  for call in node.body:nodes() do
    local offer, inputs = offload.offer(device, call:get "offer"), {}
    for i, value in ipairs(call.inputs) do inputs[i] = outer[value] or value end
    local m = offload.match(call, inputs)
    for name, value in pairs(m) do -- order: irrelevant, each is replaced
      if name ~= "node" then m[name] = outer[value] or value end
    end
    parts[#parts + 1] = { offer = offer, m = m }
  end
  return parts
end

-- The parameters of a function so far, and what lies in its scratch memory.
local Signature = {}
Signature.__index = Signature

local function new_signature(device, node)
  local own = setmetatable({ device = device, node = node, params = {}, names = {}, taken = {},
    inner = {} }, Signature)
  own.outputs = {}
  for _, output in ipairs(node.outputs) do own.outputs[output] = true end
  for _, value in ipairs(node.inputs) do
    if value then own.outputs[value] = false end
  end
  return own
end

local function add_param(own, key, name, fields)
  local stem, number = name, 1
  while own.taken[name] do
    number = number + 1
    name = ("%s_%d"):format(stem, number)
  end
  own.taken[name], own.names[key] = true, name
  fields.name = name
  own.params[#own.params + 1] = fields
  return name
end

--- The C expression for a value that part number `part` calls `name`.
function Signature:value(value, name, part)
  if self.names[value] then return self.names[value] end
  local ctype, role = emit.ctype(value.type.dtype), self.outputs[value]
  if role == nil then
    local place = self.inner[value]
    if not place then
      place = { ctype = ctype, size = types.bytes(value.type), first = part,
        number = #self.inner + 1 }
      self.inner[value], self.inner[#self.inner + 1] = place, place
    end
    place.last = part
    return ("${inner %d}"):format(place.number)
  end
  return add_param(self, value, name, { role = role and "output" or "input", const = not role,
    ctype = (role and "" or "const ") .. ctype .. " *", value = value })
end

-- Puts names into the text of an offer.
local function fill(own, part, index, text, scratch_name)
  if type(text) ~= "string" then
    error(("accelerator %s: emit of offer '%s' gives %s, not text"):format(own.device.name,
      part.offer.name, type(text)), 0)
  end
  return (text:gsub("%$%{([%w_]*)%}", function(name)
    if name == "scratch" and part.scratch > 0 then return scratch_name end
    if name == "context" and own.device.device then
      own.context = true
      return "context"
    end
    local value = name ~= "node" and part.m[name]
    if value then return own:value(value, name, index) end
    error(("accelerator %s: offer '%s' emits ${%s}: there is no such value"):format(
      own.device.name, part.offer.name, name), 0)
  end))
end

-- Places what is handed on within a region, and the scratch memory of its parts.
local function place_inner(own, parts)
  local buffers = {}
  for i, place in ipairs(own.inner) do
    buffers[i] = { size = place.size, align = math.max(region_alignment, own.device.align or 1),
      first = place.first, last = place.last }
  end
  for i, part in ipairs(parts) do
    if part.scratch > 0 then
      buffers[#buffers + 1] = { size = part.scratch,
        align = math.max(region_alignment, own.device.align or 1), first = i, last = i }
      part.buffer = #buffers
    end
  end
  local offsets, _, totals = plan.assign(buffers)
  return offsets, totals[1]
end

local function at_offset(ctype, offset)
  local address = offset > 0 and ("((uint8_t *)scratch + %d)"):format(offset) or "scratch"
  return ctype and ("((%s *)(void *)%s)"):format(ctype, address)
    or offset > 0 and ("((void *)%s)"):format(address) or address
end

local function indent(text, columns)
  return (text:gsub("%s+$", ""):gsub("[^\n]+", (" "):rep(columns) .. "%0"))
end

-- One part stands as it is; of several, what follows a failure is not run.
local function statements(texts)
  local out = {}
  for i, text in ipairs(texts) do
    local block = i == 1 and "    {\n%s\n    }" or "    if (status == 0) {\n%s\n    }"
    out[i] = #texts == 1 and indent(text, 4) or block:format(indent(text, 8))
  end
  return ("    int32_t status = 0;\n%s\n    return status;"):format(table.concat(out, "\n"))
end

-- The statements of the function, and the bytes of scratch memory they take.
local function body_of(own, parts, target)
  local texts = {}
  for i, part in ipairs(parts) do
    local offer = part.offer
    if not offer.emit then
      error(("accelerator %s: offer '%s' has no emit, so there is no C for %%%s"):format(
        own.device.name, offer.name, own.node:output().name), 0)
    end
    part.scratch = offer.scratch
      and offload.ask(own.device, offer, "scratch", part.m, target) or 0
    if math.type(part.scratch) ~= "integer" or part.scratch < 0 then
      error(("accelerator %s: scratch of offer '%s' is %s, not a number of bytes"):format(
        own.device.name, offer.name, tostring(part.scratch)), 0)
    end
    local text = offload.ask(own.device, offer, "emit", part.m, target)
    texts[i] = fill(own, part, i, text, "${own scratch}")
    if not texts[i]:find("${own scratch}", 1, true) then part.scratch = 0 end -- nobody uses it
  end
  local offsets, total = place_inner(own, parts)
  for i, part in ipairs(parts) do
    local text = texts[i]:gsub("%${own scratch}", function()
      return at_offset(nil, offsets[part.buffer])
    end)
    texts[i] = text:gsub("%${inner (%d+)}", function(number)
      local place = own.inner[tonumber(number)]
      return at_offset(place.ctype, offsets[tonumber(number)])
    end)
  end
  return statements(texts), total
end

-- A result that no part writes would hold what was there before.
local function check_outputs(own)
  for _, output in ipairs(own.node.outputs) do
    if output.uses > 0 and not own.names[output] then
      error(("accelerator %s: nothing that its offers emit for %%%s names the result %%%s"):format(
        own.device.name, own.node:output().name, output.name), 0)
    end
  end
end

local function count_macs(body)
  local sum = 0
  for node in body:nodes() do
    sum = sum + (node.body and count_macs(node.body) or ops.macs(node))
  end
  return sum
end

local Function = {}
Function.__index = Function

function Function:prototype(spelling, style)
  local static, lines = style and style.static and "static " or "", {}
  local line = ("%sint32_t %s("):format(static, spelling)
  for i, param in ipairs(self.params) do
    local piece = param.ctype .. param.name .. (i < #self.params and "," or ")")
    if #line + #piece >= 96 then
      lines[#lines + 1], line = line, "   "
    end
    line = line .. (line:sub(-1) == "(" and "" or " ") .. piece
  end
  lines[#lines + 1] = #self.params > 0 and line or line .. "void)"
  return table.concat(lines, "\n")
end

function Function:definition(spelling, style)
  local comment = style and style.comment and ("/* %s */\n"):format(style.comment) or ""
  return ("%s%s\n{\n%s\n}\n"):format(comment, self:prototype(spelling, style), self.body)
end

--- The function of a node of @main that an accelerator of `target` computes.
return function(node, target)
  local device = offload.device(target, node.by)
  local own, parts = new_signature(device, node), parts_of(device, node)
  local body, scratch = body_of(own, parts, target)
  check_outputs(own)
  local headers = {}
  for i, name in ipairs(device.headers or {}) do headers[i] = ("\"%s\""):format(name) end
  if scratch > 0 then
    add_param(own, "scratch", "scratch", { role = "scratch", const = false, ctype = "void *" })
  end
  if own.context then
    add_param(own, "context", "context", { role = "context", const = false, ctype = "void *" })
  end
  local made = setmetatable({ params = own.params, headers = headers, scratch_bytes = scratch,
    align = device.align, body = body, macs = count_macs(node.body), by = device.name }, Function)
  made.shared = made
  return made
end
