--- conversions: the part of the header that converts real numbers to stored ones and back.

local describe = require "aotlua.writers.header.describe"
local ir = require "aot.ir"

local conversions = {}

--- Writes the function that stores real numbers of an input; `macro` gives the spelling of its
-- macros by role.
function conversions.quantize(out, tensor, macro)
  local limits = ir.dtype(tensor.dtype)
  out:line()
  out:doc(("Converts a real number to a stored one of input %s"):format(
    describe.quote(tensor.name)),
    "Rounds half away from zero; what does not fit becomes the nearest that does, NaN the least.")
  out:line("static inline %s %s(float real)", tensor.ctype, tensor.quantize)
  out:line("{")
  out:line("    const float steps = real / %s;", macro "scale")
  out:line("    float rest;\n    int32_t whole;")
  out:line("    if (!(steps > %d.0f)) return %d;", limits.min - tensor.zero_point, limits.min)
  out:line("    if (steps > %d.0f) return %d;", limits.max - tensor.zero_point, limits.max)
  out:line("    whole = (int32_t)steps;")
  out:line("    rest = steps - (float)whole;")
  out:line("    whole += rest >= 0.5f ? 1 : rest <= -0.5f ? -1 : 0;")
  out:line("    return (%s)(whole + %s);", tensor.ctype, macro "zero_point")
  out:line("}")
end

--- Writes the function that gives the real number of a stored one of an output.
function conversions.dequantize(out, tensor, macro)
  out:line()
  out:doc(("Converts a stored number of output %s to a real one"):format(
    describe.quote(tensor.name)))
  out:line("static inline float %s(%s stored)", tensor.dequantize, tensor.ctype)
  out:line("{")
  out:line("    return (float)((int32_t)stored - %s) * %s;", macro "zero_point", macro "scale")
  out:line("}")
end

return conversions
