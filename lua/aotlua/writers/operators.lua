--- operators: the functions that compute, one for each distinct kernel.

local emit = require "aot.emit"
local packed = require "aotlua.writers.packed_operators"
local page = require "aotlua.writers.page"

local writer = {}

--- Lists the distinct functions of the model's own by number: { kernel, spelling, prototype, uses,
-- first }, and `inner`, the spelling of the kernel, where the function is called with tensors.
-- `list` is operators.list.
function writer.functions(list, spelling)
  local functions = {}
  for _, operator in ipairs(list) do
    local node, kernel = operator.node, operator.kernel
    local index = node:get "operator"
    local names = node:get "origin" or node:output().name
    if index and not functions[index] then
      local name = spelling("operator", "operator", nil, index)
      local inner = spelling("function", "compute", "operator", index)
      functions[index] = { kernel = kernel, spelling = name, inner = inner, uses = 0, first = names,
        prototype = inner and packed.prototype(name) or kernel:prototype(name, { static = false }) }
    end
    if index then functions[index].uses = functions[index].uses + 1 end
  end
  return functions
end

local function comment_of(operator)
  local others = operator.uses > 1 and (", and %d more"):format(operator.uses - 1) or ""
  return emit.comment(operator.first) .. others
end

--- Writes the lines that include what the functions of `range`, { first, last }, need, and adds
-- the runtime headers among it to the set `headers`.
function writer.includes(out, functions, range, headers)
  local includes, seen = {}, {}
  for index = range.first, range.last do
    for _, name in ipairs(functions[index].kernel.headers) do
      if not seen[name] then
        seen[name] = true
        includes[#includes + 1] = name
      end
    end
  end
  table.sort(includes)
  for _, name in ipairs(includes) do
    local ours = name:find "^aotrt_"
    local quoted = ours and ("\"%s\""):format(name) or name:find "^\"" and name
    out:line("#include %s", quoted or ("<%s>"):format(name))
    headers[name] = ours and true or nil
  end
end

--- Writes the functions of `range`; `style.static`: only the source itself sees them.
function writer.definitions(out, functions, range, style)
  for index = range.first, range.last do
    local operator = functions[index]
    local comment = comment_of(operator)
    local own = { static = style.static, comment = comment }
    local text = operator.inner and packed.definition(operator, own)
      or operator.kernel:definition(operator.spelling, own)
    out:line("\n%s", (text:gsub("\n+$", "")))
  end
end

--- Gives the source with the functions of `range`, and adds the runtime headers it includes to
-- the set `headers`.
function writer.source(record, functions, range, internal_header, headers)
  local out = page.new()
  out:head(record, ("Operators %d to %d of model '%s'."):format(range.first, range.last,
    record.model))
  out:line("#include \"%s\"", internal_header)
  writer.includes(out, functions, range, headers)
  writer.definitions(out, functions, range, { static = false })
  return out:text()
end

return writer
