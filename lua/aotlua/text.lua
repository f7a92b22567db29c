--- text: reads the written form of the IR. `print` (in the core) and `parse` undo each other.
--
-- Statements go straight into the graph, one line at a time: the text of a large network never
-- exists a second time as a tree, and data never as Lua strings.

local failure = require "aotlua.failure"
local grammar = require "aotlua.text.grammar"
local problem = require "aotlua.text.problem"
local read_module = require "aotlua.text.module"

local M = {}

local read = grammar.build()

--- Reads a module. `chunk` names the text in errors, `blobs` is a View of the blob file.
-- Checks structure and types. Fails with "chunk:line:column: ..." and the line.
function M.parse(source, chunk, blobs)
  local reader = { source = source, chunk = chunk or "ir", blobs = blobs }
  local ok, result = pcall(read_module, reader)
  if not ok then
    if problem.is_ours(result) then error(failure.prefixed(reader.chunk .. ": ", result), 0) end
    error(problem.locate(reader, result), 0)
  end
  result:verify()
  result:infer()
  return result
end

--- Reads the shape of a rewrite rule: what aotlua.text.shape says it is.
M.parse_pattern = require "aotlua.text.shape"

--- Reads a type, quantized per tensor or not at all.
function M.parse_type(source)
  local t = read.type:match(source)
  if not t or t.quant and t.quant.axis then
    error(problem.locate({ source = source, chunk = "type", rule = "type", at = 1 },
      t and { what = "a type by itself cannot be quantized per axis" } or { unreadable = true }), 0)
  end
  return t
end

local function show_float(x)
  local shown = ("%.9g"):format(x)
  return shown:find "[.en]" and shown or shown .. ".0"
end

--- The text of a type.
function M.show_type(t)
  local shown = ("%s[%s]"):format(t.dtype, table.concat(t.shape, ", "))
  local quant = t.quant
  if not quant then return shown end
  if not quant.axis then
    return ("%s q(%s, %d)"):format(shown, show_float(quant.scale), quant.zero)
  end
  local zero = quant.zeros and "$" .. quant.zeros.name or quant.zero
  return ("%s q($%s, %s, axis %d)"):format(shown, quant.scales.name, zero, quant.axis)
end

return M
