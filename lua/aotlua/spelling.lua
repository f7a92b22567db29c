--- spelling: the parts naming policies are made of.
--
-- A policy is a table:
--   name     as in --names
--   spell    function(symbol, context) -> string; must depend on nothing else
--   refuses  set of symbol kinds whose clash is an error; others are spelled again
--   limit    significant characters of an identifier (63 if absent)
-- A symbol is the attributes of a `symbol` entry. The context has `model` (the module's name),
-- `format` (of the model file) and `attempt`: 1, or 2, 3, ... after a clash.

local data = require "aot.data"
local emit = require "aot.emit"

local spelling = {}

--- Gives `digits` hex digits that depend on the bytes of `string` alone.
function spelling.hash(string, digits)
  return data.from_string(string):sha256():sub(1, digits)
end

--- Replaces what no identifier may have by underscores: never two in a row, which C++
-- reserves, and none at the ends.
function spelling.sanitize(string)
  return (string:gsub("[^A-Za-z0-9]+", "_"):gsub("^_", ""):gsub("_$", ""))
end

--- Lowers ASCII letters, or raises them with `upper`; where that loses information, a hash of
-- the original keeps names apart that differ in case only.
function spelling.fold(string, upper)
  local folded = string:gsub(upper and "%l" or "%u", upper and string.upper or string.lower)
  if string:find "%u" then
    local suffix = "_" .. spelling.hash(string, 4)
    folded = folded .. (upper and suffix:upper() or suffix)
  end
  return folded
end

-- The first `length` characters, without an underscore at the end.
local function cut(string, length) return (string:sub(1, length):gsub("_$", "")) end

--- Joins prefix, hint and suffix; a long hint is cut to `limit` characters in all and marked
-- with its hash. Where that is not enough the whole is cut.
function spelling.fit(prefix, hint, suffix, limit)
  local room = limit - #prefix - #suffix
  if #hint <= room then
    return prefix .. hint .. suffix
  elseif room >= 10 then
    return prefix .. cut(hint, room - 9) .. "_" .. spelling.hash(hint, 8) .. suffix
  end
  local whole = prefix .. hint .. suffix
  return cut(whole, limit - 9) .. "_" .. spelling.hash(whole, 8)
end

local function numbered(name, attempt)
  return attempt > 1 and ("%s_%d"):format(name, attempt) or name
end

--- Spells a tensor, state or pool: its name in the model, made an identifier.
local function spell_hint(symbol, context, unnamed_outputs)
  if symbol.owner == "output" and unnamed_outputs and unnamed_outputs[context.format] then
    return numbered(symbol.index == 1 and "output" or "output" .. symbol.index, context.attempt)
  end
  local name = spelling.sanitize(symbol.hint or "")
  if name == "" then
    name = ("%s_%d"):format(symbol.owner, symbol.index)
  elseif emit.identifier_problem(name:sub(1, 60)) then
    name = symbol.owner .. "_" .. name
  end
  return numbered(name, context.attempt)
end

local files = {
  header = "%s.h", internal = "%s_lib.h", entry = "%s_lib0.c", operators = "%s_lib%d.c",
  data = "%s_data.c", assembler = "%s_data.S", blob = "%s_data.bin",
}

--- Makes a policy that puts `prefix` and the model's name before everything. Options: `refuses`
-- and `limit` as above; `unnamed_outputs`, a set of formats whose outputs get plain numbers.
function spelling.policy(name, prefix, options)
  local limit = options.limit or 63
  local function hint_of(symbol, context)
    return spell_hint(symbol, context, options.unnamed_outputs)
  end
  local function join(symbol, context, upper)
    local start = prefix .. context.model
    local hint = symbol.owner and hint_of(symbol, context)
    local role = symbol.role
    if upper then
      start, role = spelling.fold(start, true), role:upper()
      hint = hint and hint:upper()
    end
    if symbol.kind == "function" and hint then
      return spelling.fit(("%s_%s_"):format(start, role), hint, "", limit)
    elseif hint then
      return spelling.fit(start .. "_", hint, "_" .. role, limit)
    end
    return spelling.fit(start .. "_", numbered(role, context.attempt), "", limit)
  end
  local spell = {
    macro = function(symbol, context)
      return join(symbol, context, true)
    end,
    guard = function(symbol, context)
      return join(symbol, context, true)
    end,
    member = function(symbol, context)
      return spelling.fit("", hint_of(symbol, context), symbol.suffix or "", limit)
    end,
    operator = function(symbol, context)
      local start = ("%s%s_op%d_"):format(prefix, context.model, symbol.index)
      return spelling.fit(start, spelling.sanitize(symbol.hint), "", limit)
    end,
    constant = function(symbol, context)
      return ("%s%s_data%d"):format(prefix, context.model, symbol.index)
    end,
    buffer = function(symbol, context)
      return ("%s%s_buffer%d"):format(prefix, context.model, symbol.index)
    end,
    file = function(symbol, context)
      local model = symbol.role == "header" and prefix .. context.model or context.model
      return files[symbol.role]:format(spelling.fold(model), symbol.index)
    end,
    library = function(_, context)
      return prefix .. context.model
    end,
  }
  return {
    name = name,
    limit = limit,
    refuses = options.refuses,
    spell = function(symbol, context)
      return (spell[symbol.kind] or join)(symbol, context)
    end,
  }
end

return spelling
