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

--- The working memory of `bytes` bytes.
function M.context(bytes)
  return ("const cmsis_nn_context ctx = { %s, %d };"):format(bytes > 0 and "${scratch}" or "NULL",
    bytes)
end

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
