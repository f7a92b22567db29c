--- onnx.calls: the functions that a model defines itself, lowered where they are called.
local limits = require "aotlua.import.limits"

local calls = {}

local function read_opsets(n, proto)
  local versions = {}
  for _, set in ipairs(proto.opset_import) do
    local domain = (set.domain or "") == "" and "ai.onnx" or set.domain
    versions[domain] = set.version or 0
  end
  if not versions["ai.onnx"] then
    versions["ai.onnx"] = n.import.opsets["ai.onnx"]
  end
  return versions
end

-- The attributes of the call by name, the function's defaults where it leaves them out.
local function attributes_of(n, proto)
  local given = {}
  if #n.proto.attribute > limits.attributes then
    n:fail("it has %d attributes; at most %d are supported", #n.proto.attribute, limits.attributes)
  end
  for _, list in ipairs { proto.attribute_proto, n.proto.attribute } do
    for _, attribute in ipairs(list) do
      given[attribute.name or ""] = attribute
    end
  end
  return given
end

-- The call is lowered as a graph whose inputs are the operands.
local function lower(n, proto)
  local bound = {}
  for i, name in ipairs(proto.input) do
    bound[name] = n:operand(i)
  end
  local graph = { node = proto.node, output = proto.output }
  local results = n.import.inline(n, graph, {
    closed = true,
    bound = bound,
    outputs = proto.output,
    attributes = attributes_of(n, proto),
    opsets = read_opsets(n, proto),
  })
  for i in ipairs(proto.output) do
    n:result(i, results[i])
  end
end

--- The entry of an operator that a FunctionProto defines.
function calls.operator(proto)
  return {
    inputs = { 0, #proto.input },
    outputs = #proto.output,
    lower = function(n)
      lower(n, proto)
    end,
  }
end

return calls
