--- describe: words of the header's comments about tensors.

local emit = require "aot.emit"

local describe = {}

--- Quotes a name of the model, made harmless.
function describe.quote(name)
  return "'" .. emit.comment(name) .. "'"
end

-- How elements lie in memory that C has no type for.
local encodings = {
  bool = "each 0 or 1",
  f16 = "the bits of IEEE 754 half-precision floats",
  bf16 = "the upper 16 bits of floats",
  i4 = "two in a byte, the first in the lower half",
  u4 = "two in a byte, the first in the lower half",
}

-- A stored number less the zero point.
local function shifted(zero_point)
  if zero_point == 0 then
    return "stored"
  end
  return ("(stored %s %d)"):format(zero_point < 0 and "+" or "-", math.abs(zero_point))
end

--- Tells element type, shape, encoding and quantization of a tensor's record.
function describe.type(tensor)
  local extents = table.concat(tensor.shape, ", ")
  local quant = ""
  if tensor.scale then
    local scale = emit.literal("f32", tensor.scale):gsub("f$", "")
    quant = (", real = %s * %s"):format(scale, shifted(tensor.zero_point))
  end
  local encoding = encodings[tensor.dtype] and ", " .. encodings[tensor.dtype] or ""
  return ("%s[%s]%s%s"):format(tensor.dtype, extents, encoding, quant)
end

--- Tells which calls may run at the same time. What the model does not have is not named.
function describe.reentrancy(record)
  local memory = { record.workspace_bytes > 0 and "workspace" or nil }
  memory[#memory + 1] = record.state_type and "state" or nil
  local choice = record.interface.workspace
  if choice == "shared" then
    return "Not re-entrant: one call at a time of all models that share the workspace."
  elseif #memory == 0 then
    return "Calls may run at the same time."
  elseif choice == "caller" then
    return ("Calls with another %s may run at the same time."):format(table.concat(memory, " and "))
  end
  return ("Not re-entrant: %s %s static, one call at a time."):format(
    table.concat(memory, " and "), memory[2] and "are" or "is")
end

--- Tells what the entry function returns: lines of a comment. `spelling` is that of the symbols.
function describe.status(record, spelling)
  local line = ("\\return %s, or a negative code of enum %s"):format(spelling("macro", "ok"),
    spelling("struct", "status"))
  for _, operator in ipairs(record.operators) do
    if operator.by then
      return line .. ", or the first",
        "code of an accelerator that is not 0: then nothing can be said of outputs and state"
    end
  end
  return line
end

return describe
