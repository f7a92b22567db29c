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
  elseif name:find "_$" then
    return "ends in an underscore"
  elseif #name > longest_model then
    return ("has %d characters; at most %d are allowed"):format(#name, longest_model)
  end
  local problem = emit.identifier_problem(name)
  return problem and "cannot be a name in C: it " .. problem
end

--- Describes a symbol to the user: what it is, and of what. `origin` is a function that tells
-- where in the model it comes from.
function names.describe(symbol, origin)
  local words = { symbol.role }
  if symbol.kind ~= symbol.role then words[2] = symbol.kind end
  if symbol.owner then
    words[#words + 1] = ("of %s %d"):format(symbol.owner, symbol.index)
  elseif symbol.index then
    words[#words + 1] = tostring(symbol.index)
  end
  if symbol.hint then
    words[#words + 1] = ("'%s'"):format(symbol.hint)
  end
  local from = origin and origin(symbol)
  if from then
    words[#words + 1] = ("(of %s)"):format(from)
  end
  return table.concat(words, " ")
end

local function is_limit(given)
  return given == nil or math.type(given) == "integer" and given > 0,
    ("is %s, not a number of characters"):format(tostring(given))
end

--- Gives the naming policy of that name, or the table itself, checked.
function names.policy(policy)
  if type(policy) == "table" then
    return fields.check("a naming policy", policy, { name = "string", spell = "function",
      refuses = "table?", limit = is_limit, deny = fields.strings })
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

--- The policy by which symbols are called what they are called already, and none anew.
function names.fixed(policy)
  return { name = policy.name, limit = policy.limit, deny = policy.deny,
    spell = function(symbol) return symbol.spelling end,
    refuses = setmetatable({}, { __index = function() return true end }) }
end

-- Problems ----------------------------------------------------------------------------------

local function set(words)
  local list = {}
  for word in words:gmatch "%S+" do list[word] = true end
  return list
end

local device_files = set "con prn aux nul com1 com2 com3 com4 lpt1 lpt2 lpt3"

-- Headers that every program may include: a file of this name would stand before them.
local system_headers = set [[assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h
  iso646.h limits.h locale.h math.h setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h
  stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h strings.h tgmath.h threads.h time.h
  uchar.h unistd.h wchar.h wctype.h memory.h malloc.h alloca.h pthread.h sched.h fcntl.h poll.h
  features.h endian.h arduino.h main.h]]

-- Targets that CMake makes itself, and libraries that everybody links.
local foreign_libraries = set [[all clean help install test package package_source edit_cache
  rebuild_cache list_install_components zero_check run_tests none c m gcc dl rt util pthread
  atomic stdc supc]]

local function file_problem(spelling)
  if not spelling:find "^[A-Za-z0-9_][A-Za-z0-9_.-]*$" or spelling:find "%.$" then
    return "is no portable file name"
  elseif #spelling > 120 then
    return "is longer than 120 characters"
  elseif device_files[spelling:lower():match "^[^.]*"] then
    return "is a device on some systems"
  elseif system_headers[spelling:lower()] then
    return "is a header of the system"
  end
end

local function library_problem(spelling)
  if not spelling:find "^[A-Za-z0-9][A-Za-z0-9_.+-]*$" then
    return "is no name of a library"
  elseif foreign_libraries[spelling:lower()] then
    return "is a library of the system or a target of CMake's own"
  end
end

-- A function that tells why a word cannot be an identifier. `denied` are lists of words, each
-- with its `owner`.
local function identifier_check(limit, denied)
  local owners, starts = {}, {}
  for _, list in ipairs(denied) do
    for _, word in ipairs(list) do
      local start = word:match "^(.*)%*$"
      if start then
        starts[#starts + 1] = { start, list.owner }
      else
        owners[word] = owners[word] or list.owner
      end
    end
  end
  return function(word)
    local owner = owners[word]
    for _, start in ipairs(starts) do
      owner = owner or word:sub(1, #start[1]) == start[1] and start[2]
    end
    return emit.identifier_problem(word, limit)
      or owner and ("is on the deny list of " .. owner) or nil
  end
end

local function problem_of(symbol, spelling, identifier_problem)
  if type(spelling) ~= "string" then
    return "is a " .. type(spelling)
  elseif symbol.kind == "file" then
    return file_problem(spelling)
  elseif symbol.kind == "library" then
    return library_problem(spelling)
  end
  return identifier_problem(spelling)
end

-- Spelling ----------------------------------------------------------------------------------

--- Gives the name space of a symbol and what counts as the same name there.
function names.key(symbol, spelling)
  if symbol.kind == "file" then
    return "file " .. spelling:lower()
  elseif symbol.kind == "member" then
    return ("member of %s %s"):format(symbol.scope, spelling)
  elseif symbol.kind == "library" then
    return "library " .. spelling
  end
  return "name " .. spelling
end

--- Spells the symbols (lists of attributes, in order) of the model `context.model` by `policy`.
-- `context` has `format` of the model file, and may have `significant`, the characters of an
-- identifier that count; `denied`, lists of words that the target forbids, each with its `owner`;
-- and `origin`, a function that tells where in the model a symbol comes from.
-- Gives the spellings in the same order. Fails on the first that C would not take, and on two
-- that are one.
function names.spell(symbols, policy, context)
  local owners, spellings, denied = {}, {}, { table.unpack(context.denied or {}) }
  local limit = math.min(policy.limit or 63, context.significant or 63)
  local refuses = policy.refuses or {}
  if policy.deny then
    denied[#denied + 1] = { owner = ("names '%s'"):format(policy.name),
      table.unpack(policy.deny) }
  end
  local identifier_problem = identifier_check(limit, denied)
  local function refuse(symbol, spelling, why)
    error(("names '%s': the %s becomes '%s', which %s"):format(policy.name,
      names.describe(symbol, context.origin), tostring(spelling), why), 0)
  end
  local function owner_of(symbol, spelling)
    return owners[names.key(symbol, spelling)]
      -- a macro would replace a member of its name
      or (symbol.kind == "member" and owners["name " .. spelling])
  end
  local function spelled(symbol, attempt)
    local spelling = policy.spell(symbol, { model = context.model, format = context.format,
      application = symbol.application, attempt = attempt, limit = limit,
      problem = identifier_problem })
    local problem = problem_of(symbol, spelling, identifier_problem)
    if problem then
      refuse(symbol, spelling, problem)
    end
    return spelling
  end
  local next_attempt = {} -- by what the first one gives, so that many clashes take no longer
  local function spell(index, symbol)
    local spelling = spelled(symbol, 1)
    local first, key = spelling, names.key(symbol, spelling)
    local owner, attempt = owner_of(symbol, spelling), next_attempt[key] or 2
    local first_owner = owner
    while owner do
      local again = not refuses[symbol.kind] and attempt <= #symbols + 1
      spelling = again and spelled(symbol, attempt) or first
      if spelling == first then
        refuse(symbol, first, "is also the " .. names.describe(first_owner, context.origin))
      end
      owner, attempt = owner_of(symbol, spelling), attempt + 1
      next_attempt[key] = attempt
    end
    owners[names.key(symbol, spelling)] = symbol
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
