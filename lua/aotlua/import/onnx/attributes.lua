--- onnx.attributes: the attributes of an ONNX node, checked against what its operator has.
local limits = require "aotlua.import.limits"
local words = require "aotlua.import.words"

local attributes = {}

-- ONNX's number of an attribute's type, the field that holds it, and the zero that the format
-- leaves out.
local KINDS = {
  float = { 1, "f", 0.0 },
  int = { 2, "i", 0 },
  string = { 3, "s", "" },
  tensor = { 4, "t" },
  graph = { 5, "g" },
  floats = { 6, "floats" },
  ints = { 7, "ints" },
  strings = { 8, "strings" },
}

local NAMES = {}
for name, kind in pairs(KINDS) do -- order: irrelevant, because it is an inverse
  NAMES[kind[1]] = name
end

local function read_value(n, proto, wanted)
  local kind = KINDS[wanted]
  local value = proto[kind[2]]
  if value == nil then
    value = kind[3]
  end
  if value == nil then
    n:fail("attribute '%s' has no value", proto.name)
  elseif wanted == "string" and value ~= "" then
    if #value > limits.name_bytes then
      n:fail("attribute '%s' has %d bytes", proto.name, #value)
    end
    return value:string(0, #value)
  end
  return value
end

local function read_attribute(n, proto, allowed)
  local name = proto.name or ""
  local wanted = allowed[name]
  if not wanted then
    n:fail("%s has no attribute %s", n.op, words.quote(name))
  end
  local number = proto.type
  if number and NAMES[number] ~= wanted then -- left out until IR version 2
    n:fail("attribute '%s' has to be of kind %s, here it is %s", name, wanted,
      NAMES[number] or ("number %d"):format(number))
  end
  return read_value(n, proto, wanted)
end

-- In a function an attribute may stand for one of the call's; nil where the call leaves it out.
local function resolve(n, proto)
  if not proto.ref_attr_name then
    return proto
  end
  local around = n.import.attributes
  if not around then
    n:fail("attribute '%s' refers to a function's, but this is none", proto.name or "")
  end
  local given = around[proto.ref_attr_name]
  return given and setmetatable({ name = proto.name }, { __index = given })
end

--- Reads all attributes of a node; `allowed` maps their names to kinds. Fails if it has one twice,
-- of another kind, or one that its operator does not have.
function attributes.read(n, allowed)
  local read = {}
  if #n.proto.attribute > limits.attributes then
    n:fail("it has %d attributes; at most %d are supported", #n.proto.attribute, limits.attributes)
  end
  for _, given in ipairs(n.proto.attribute) do
    local proto = resolve(n, given)
    local value = proto and read_attribute(n, proto, allowed)
    if read[given.name] ~= nil then
      n:fail("attribute '%s' is given twice", given.name)
    end
    read[given.name] = value
  end
  return read
end

return attributes
