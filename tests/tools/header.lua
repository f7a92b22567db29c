--- header: reads a generated C header: what it defines and declares, nothing else may be in it.

local lpeg = require "lpeg"

local C, Cg, Cp, Ct, P, R, S, V = lpeg.C, lpeg.Cg, lpeg.Cp, lpeg.Ct, lpeg.P, lpeg.R, lpeg.S, lpeg.V

local header = {}

local space = S " \t\n" ^ 0
local word = C((R("az", "AZ") + "_") * (R("az", "AZ", "09") + "_") ^ 0) * space
local function sign(text) return P(text) * space end

local braces = P { "{" * ((1 - S "{}") + V(1)) ^ 0 * "}" } * space
local parentheses = P { "(" * ((1 - S "()") + V(1)) ^ 0 * ")" } * space
local head = C((1 - S "(){};=") ^ 1)
local member = Ct(Cg(C((1 - S "{};") ^ 1), "text") * sign ";")
local constant = Ct(Cg(word, "name") * sign "=" * Cg(C(P "-" ^ -1 * R "09" ^ 1) * space / tonumber,
  "value")) * sign "," ^ -1

local function kind(name, pattern) return Ct(Cg(lpeg.Cc(name), "kind") * pattern) end

local item = kind("struct", sign "struct" * Cg(word, "name") * sign "{"
    * Cg(Ct(member ^ 0), "members") * sign "}" * sign ";")
  + kind("enum", sign "enum" * Cg(word, "name") * sign "{" * Cg(Ct(constant ^ 0), "constants")
    * sign "}" * sign ";")
  + kind("typedef", sign "typedef" * Cg(C((1 - P ";") ^ 1), "text") * sign ";")
  + kind("function", Cg(head, "head") * Cg(C(parentheses), "parameters") * (sign ";" + braces))
  + sign 'extern "C" {' + sign "}"
local file = space * Ct(item ^ 0) * Cp()

local function tidy(text) return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")) end

-- A declaration's name and the type around it: "const float *x" is x, "const float *".
local function declared(text)
  local before, name, behind = tidy(text):match "^(.-)([%w_]+)(%[?%d*%]?)$"
  return { name = name, type = before .. behind }
end

-- Splits a list of parameters at commas outside of parentheses.
local function parameters(text)
  local list = {}
  for piece in (tidy(text):sub(2, -2) .. ","):gmatch "([^,]*)," do
    if tidy(piece) ~= "void" then list[#list + 1] = declared(piece) end
  end
  return list
end

-- Takes the lines of the preprocessor out of the text.
local function directives(text)
  local macros = {}
  text = text:gsub("\\\n", " "):gsub("(#%l+)([^\n]*)\n", function(directive, rest)
    local name, value = rest:match "^ ([%w_]+) ?(.*)$"
    if directive == "#define" then macros[name] = value end
    return "\n"
  end)
  return text, macros
end

--- Reads a header's text. Returns { macros = { [name] = text }, structs = { [name] = list of
-- { name, type } }, enums = { [name] = { [constant] = number } }, functions = { [name] = { type,
-- parameters } }, typedefs = list of texts }. Raises the place of what it does not know.
function header.read(source)
  local text, macros = directives((source:gsub("/%*.-%*/", " ") .. "\n"))
  local items, stop = file:match(text)
  if stop <= #text then error("what is this: " .. text:sub(stop, stop + 60), 0) end
  local read = { macros = macros, structs = {}, enums = {}, functions = {}, typedefs = {} }
  for _, one in ipairs(items) do
    if one.kind == "struct" then
      local members = {}
      for index, field in ipairs(one.members) do members[index] = declared(field.text) end
      read.structs[one.name] = members
    elseif one.kind == "enum" then
      local constants = {}
      for _, pair in ipairs(one.constants) do constants[pair.name] = pair.value end
      read.enums[one.name] = constants
    elseif one.kind == "typedef" then
      table.insert(read.typedefs, tidy(one.text))
    else
      local it = declared(one.head)
      read.functions[it.name] = { type = it.type, parameters = parameters(one.parameters) }
    end
  end
  return read
end

return header
