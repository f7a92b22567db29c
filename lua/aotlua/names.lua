--- names: one legal spelling for each symbol, and no spelling for two symbols.
--
-- The policy is free in its taste; what it may not do is spell a name that C, C++ or their
-- libraries would not take, or one name for two things.

local emit = require "aot.emit"
local fields = require "aotlua.fields"

local names = {}

local longest_model = 40

--- Tells why `name` cannot be a model's name, or nil.
function names.model_problem(name)
  if not name:find "^%a[A-Za-z0-9_]*$" then
    return "must be a letter, then letters, digits and underscores"
  elseif #name > longest_model then
    return ("has %d characters; at most %d are allowed"):format(#name, longest_model)
  end
  local problem = emit.identifier_problem(name)
  return problem and "cannot be a name in C: it " .. problem
end

--- Describes a symbol to the user: what it is, and of what.
local function describe(symbol)
  local words = { symbol.role, symbol.kind }
  if symbol.owner then
    words[#words + 1] = ("of %s %d"):format(symbol.owner, symbol.index)
  elseif symbol.index then
    words[#words + 1] = tostring(symbol.index)
  end
  if symbol.hint then
    words[#words + 1] = ("'%s'"):format(symbol.hint)
  end
  return table.concat(words, " ")
end

--- Gives the naming policy of that name, or the table itself, checked.
function names.policy(policy)
  if type(policy) == "table" then
    return fields.check("a naming policy", policy,
      { name = "string", spell = "function", refuses = "table?", limit = "integer?" })
  end
  if type(policy) ~= "string" then
    error(("names are %s; a naming policy is a name or a table"):format(tostring(policy)), 0)
  end
  local place = "aotlua.policies." .. policy
  if not policy:find "^[%w_]+$" or not package.searchpath(place, package.path) then
    error(("there is no naming policy '%s': lua/aotlua/policies/%s.lua does not exist"):format(
      policy, policy), 0)
  end
  return (require(place))
end

local device_files = { con = true, prn = true, aux = true, nul = true }

local function file_problem(spelling)
  if not spelling:find "^[A-Za-z0-9_][A-Za-z0-9_.-]*$" or spelling:find "%.$" then
    return "is no portable file name"
  elseif #spelling > 120 then
    return "is longer than 120 characters"
  elseif device_files[spelling:lower():match "^[^.]*"] then
    return "is a device on some systems"
  end
end

--- Gives the name space of a symbol and what counts as the same name there.
local function key_of(symbol, spelling)
  if symbol.kind == "file" then
    return "file " .. spelling:lower()
  elseif symbol.kind == "member" then
    return ("member of %s %s"):format(symbol.scope, spelling)
  end
  return "name " .. spelling
end

local function problem_of(symbol, spelling, limit)
  if type(spelling) ~= "string" then
    return "is a " .. type(spelling)
  elseif symbol.kind == "file" then
    return file_problem(spelling)
  end
  return emit.identifier_problem(spelling, limit)
end

local function refuse(policy, symbol, spelling, why)
  error(("names '%s': the %s becomes '%s', which %s"):format(policy.name, describe(symbol),
    tostring(spelling), why), 0)
end

--- Spells the symbols (lists of attributes, in order) of the model `context.model` by `policy`.
-- Gives the spellings in the same order.
function names.spell(symbols, policy, context)
  local owners, spellings = {}, {}
  local function owner_of(symbol, spelling)
    return owners[key_of(symbol, spelling)]
      -- a macro would replace a member of its name
      or (symbol.kind == "member" and owners["name " .. spelling])
  end
  local function spell(index, symbol)
    local spelling, owner
    for attempt = 1, #symbols + 1 do
      local previous = spelling
      spelling = policy.spell(symbol, { model = context.model, format = context.format,
        attempt = attempt })
      local problem = problem_of(symbol, spelling, policy.limit or 63)
      if problem then
        refuse(policy, symbol, spelling, problem)
      end
      owner = owner_of(symbol, spelling)
      if not owner then
        break
      elseif (policy.refuses or {})[symbol.kind] or spelling == previous then
        refuse(policy, symbol, spelling, "is also the " .. describe(owner))
      end
    end
    owners[key_of(symbol, spelling)] = symbol
    spellings[index] = spelling
  end
  -- Members come last, so that they see all macros.
  for _, members in ipairs { false, true } do
    for index, symbol in ipairs(symbols) do
      if (symbol.kind == "member") == members then
        spell(index, symbol)
      end
    end
  end
  return spellings
end

return names
