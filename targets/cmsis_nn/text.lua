--- text: the C of calls of CMSIS-NN.

local M = {}

local WIDTH = 88 -- of a line, before it is indented

--- A structure of dimensions called `name`.
function M.dims(name, n, h, w, c)
  return ("const cmsis_nn_dims %s = { %d, %d, %d, %d };"):format(name, n, h, w, c)
end

--- A structure of the library's type `ctype`; `fields` is a list of { name, value }.
function M.struct(ctype, name, fields)
  local lines = {}
  for i, field in ipairs(fields) do
    lines[i] = ("    .%s = %s,"):format(field[1], tostring(field[2]))
  end
  return ("const %s %s = {\n%s\n};"):format(ctype, name, table.concat(lines, "\n"))
end

--- A height and a width.
function M.tile(h, w)
  return ("{ .w = %d, .h = %d }"):format(w, h)
end

--- The least and the largest result.
function M.range(low, high)
  return ("{ .min = %d, .max = %d }"):format(low, high)
end

-- What the library's headers say where it is not the variant.
local OTHERS = {
  plain = "defined(ARM_MATH_DSP) || defined(ARM_MATH_MVEI)",
  dsp = "!defined(ARM_MATH_DSP) || defined(ARM_MATH_MVEI)",
  mve = "!defined(ARM_MATH_MVEI)",
}

--- The working memory: `size(kind)` bytes. Where other variants take other sizes, code for the
--- wrong one does not compile: it would write beyond the end.
function M.context(kind, size)
  local bytes = size(kind)
  local line = ("const cmsis_nn_context ctx = { %s, %d };"):format(bytes > 0 and "${scratch}"
    or "NULL", bytes)
  if size "plain" == bytes and size "dsp" == bytes and size "mve" == bytes then return line end
  return ("#if %s\n#error \"the target of this code has another processor\"\n#endif\n%s"):format(
    OTHERS[kind], line)
end

--- No working memory.
M.no_context = "const cmsis_nn_context ctx = { NULL, 0 };"

--- Multipliers and shifts of the channels; `names` are their constants.
function M.channels(names)
  return ("const cmsis_nn_per_channel_quant_params quant = {\n    (int32_t *)${%s}, "
    .. "(int32_t *)${%s}\n};"):format(names.multiplier, names.shift)
end

--- A call of `name`, whose arguments are a list; `first` comes before it.
function M.call(first, name, arguments)
  local lines, line = {}, first .. name .. "("
  local indent = (" "):rep(#line)
  for i, argument in ipairs(arguments) do
    local piece = tostring(argument) .. (i < #arguments and "," or ");")
    if #line + #piece >= WIDTH then
      lines[#lines + 1], line = line, indent
    end
    line = line .. (line:find "[( ]$" and "" or " ") .. piece
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

return M
