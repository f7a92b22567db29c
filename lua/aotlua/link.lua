--- link: proves that models compiled apart can be linked into one program, and their headers
--- included together.
--
-- A record is what symbols.json holds: { version, model, symbols = { ... } }, with `path`, where it
-- was read. The symbols of an application say of which `model` they are. What a model shares with
-- others by intent are the hooks of accelerators, which the user defines once, and the symbols of
-- one application.

local data = require "aot.data"
local failure = require "aotlua.failure"
local json = require "aotlua.json"
local names = require "aotlua.names"
local words = require "aotlua.import.words"

local link = {}

local version = 1 -- of symbols.json

-- Reading -----------------------------------------------------------------------------------

local kinds = {}
for kind in ([[entry function struct member macro guard operator constant object buffer file
    library hook]]):gmatch "%S+" do
  kinds[kind] = true
end

local function is_text(value) return type(value) == "string" end

local function is_text_or_nothing(value) return value == nil or type(value) == "string" end

local function is_symbol(symbol)
  return type(symbol) == "table" and kinds[symbol.kind] and is_text(symbol.role)
    and is_text(symbol.linkage) and is_text(symbol.spelling)
    and (symbol.kind ~= "member" or is_text(symbol.scope))
    and is_text_or_nothing(symbol.hint) and is_text_or_nothing(symbol.application)
    and is_text_or_nothing(symbol.model)
    and (symbol.owner == nil or is_text(symbol.owner) and math.type(symbol.index) == "integer")
end

local function problem_of(record)
  if type(record) ~= "table" or not is_text(record.model) or type(record.symbols) ~= "table"
      or record.symbols[1] == nil then
    return "is no symbols.json: it has no model with symbols"
  elseif record.version ~= version then
    return ("has version %s; version %d is known"):format(tostring(record.version), version)
  end
  for index, symbol in ipairs(record.symbols) do
    if not is_symbol(symbol) then return ("symbol %d is none"):format(index) end
  end
end

--- Reads the symbols.json at `path`, or of the folder `path`.
-- Fails if it cannot be opened (an I/O failure), and if it is something else.
function link.read(path)
  local file = path:find "%.json$" and path or path .. "/symbols.json"
  local view = failure.within("io", data.open, file)
  local ok, record = pcall(json.decode, view:string(0, #view))
  local problem = ok and problem_of(record)
    or not ok and "is no symbols.json: " .. failure.text(record):gsub("^.*: ", "") or nil
  if problem then error(("%s: %s"):format(words.escape(file), problem), 0) end
  record.path = file
  return record
end

-- Checking ----------------------------------------------------------------------------------

local function owner_words(record, symbol)
  local whose = symbol.application and "application '" .. symbol.application .. "'"
    or "model '" .. (symbol.model or record.model) .. "'"
  local where = record.path and " (" .. record.path .. ")" or ""
  return ("the %s of %s%s"):format(names.describe(symbol), whose, where)
end

local function is_shared(a, b)
  return a.linkage == "hook" and b.linkage == "hook" and a.role == b.role
    or a.application ~= nil and a.application == b.application and a.kind == b.kind
      and a.role == b.role and a.owner == b.owner
      and (a.index == b.index or a.owner ~= nil and a.hint == b.hint)
end

-- Calls visit(record, symbol) for each symbol that others can see, members first or not at all.
local function each_visible(records, members, visit)
  for number, record in ipairs(records) do
    for _, symbol in ipairs(record.symbols) do
      if (symbol.kind == "member") == members and symbol.linkage ~= "private" then
        visit(number, record, symbol)
      end
    end
  end
end

--- Checks that no two of the models have a spelling in common: functions, data, types, macros,
-- guards, files (whatever their case) and libraries; nor one a macro that would replace a member
-- of another. Gives a list of problems, sentences that name both owners, and a table of counts:
-- `symbols`, and `shared`, of those that several models have by intent.
function link.check(records)
  local first, problems, counts = {}, {}, { symbols = 0, shared = 0 }
  each_visible(records, false, function(number, record, symbol)
    local key = names.key(symbol, symbol.spelling)
    local other = first[key]
    if not other then
      first[key] = { number = number, record = record, symbol = symbol }
      counts.symbols = counts.symbols + 1
    elseif is_shared(symbol, other.symbol) then
      counts.shared = counts.shared + 1
    else
      problems[#problems + 1] = ("'%s' is %s and %s"):format(symbol.spelling,
        owner_words(other.record, other.symbol), owner_words(record, symbol))
    end
  end)
  each_visible(records, true, function(number, record, symbol)
    local macro = first["name " .. symbol.spelling]
    local kind = macro and macro.symbol.kind
    local same = macro and macro.number == number and macro.symbol.model == symbol.model
    if (kind == "macro" or kind == "guard") and not same then
      problems[#problems + 1] = ("'%s' is %s, which replaces %s"):format(
        symbol.spelling, owner_words(macro.record, macro.symbol), owner_words(record, symbol))
    end
  end)
  return problems, counts
end

return link
