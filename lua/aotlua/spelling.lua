--- spelling: the parts naming policies are made of.
--
-- A policy is a table:
--   name     as in --names
--   spell    function(symbol, context) -> string; must depend on nothing else
--   refuses  set of symbol kinds whose clash is an error; others are spelled again
--   limit    significant characters of an identifier (63 if absent)
--   deny     list of words it must not spell; one that ends in * stands for all that begin so
-- A symbol is the attributes of a `symbol` entry. The context has `model` (the module's name),
-- `format` (of the model file), `limit`, `problem` (a function that tells why a word cannot be an
-- identifier) and `attempt`: 1, or 2, 3, ... after a clash.

local data = require "aot.data"
local reading = require "aotlua.reading"

local spelling = {}

-- Words -------------------------------------------------------------------------------------

--- Gives `digits` hex digits that depend on the bytes of `string` alone.
function spelling.hash(string, digits)
  return data.from_string(string):sha256():sub(1, digits)
end

--- Replaces what no identifier may have by underscores: never two in a row, which C++
-- reserves, and none at the ends.
function spelling.sanitize(string)
  return (string:gsub("[^A-Za-z0-9]+", "_"):gsub("^_", ""):gsub("_$", ""))
end

-- The words with the mark that ends a model's part: lua/aotlua/reading.lua.
local function marked(words, hashed)
  return ("%s_h%s"):format(reading.without_marks(words), spelling.hash(hashed, 8))
end

-- Whether nothing in the words could be taken for a mark.
local function is_unmarked(words) return reading.without_marks(words) == words end

--- Lowers ASCII letters. Where that loses information, a hash keeps names apart that differ in
-- case only; what looks as if it had one gets one as well.
function spelling.fold(name)
  local folded = name:lower()
  return folded == name and is_unmarked(name) and name or marked(folded, name)
end

--- Joins words as types are often spelled: `kws_inputs` becomes `KwsInputs`. Different words
-- become different ones: an underscore stays before a digit, and where there are capitals
-- already, a hash tells them.
function spelling.camel(words)
  local folded = words:find "%u" and marked(words:lower(), words) or words
  return (folded:gsub("_(%a)", string.upper):gsub("^%a", string.upper))
end

-- The first `length` characters, without an underscore at the end.
local function cut(string, length) return (string:sub(1, length):gsub("_$", "")) end

-- A hint of at most `room` characters: cut, and marked with its hash; nil without room for that.
local function fitted(hint, room)
  if #hint <= room then return hint end
  return room >= 10 and cut(hint, room - 9) .. "_" .. spelling.hash(hint, 8) or nil
end

local function numbered(name, attempt)
  return attempt > 1 and ("%s_%d"):format(name, attempt) or name
end

-- Symbols -----------------------------------------------------------------------------------

-- Whether a name could be a macro of another model.
local function is_like_macro(name, prefix)
  return not name:find "%l" and name:sub(1, #prefix) == prefix:upper()
    and reading.is_like_macro(name:lower())
end

--- Spells a tensor, state, pool or device: its name in the model, made an identifier.
function spelling.hint(symbol, context, options)
  local unnamed = options.unnamed_outputs
  if symbol.owner == "output" and unnamed and unnamed[context.format] then
    return numbered(symbol.index == 1 and "output" or "output" .. symbol.index, context.attempt)
  end
  local name = spelling.sanitize(symbol.hint or "")
  if name == "" then
    name = ("%s_%d"):format(symbol.owner, symbol.index)
  elseif context.problem(name) or is_like_macro(name, options.prefix) then
    name = symbol.owner .. "_" .. name
  end
  return numbered(name, context.attempt)
end

local forms = { macro = "macro", guard = "macro" }

-- The pieces of what a symbol is without its model: first, the hint (which may be cut) and last.
local function pieces(symbol, context, options)
  local kind, role, attempt = symbol.kind, symbol.role, context.attempt
  if kind == "operator" then
    local hint = spelling.sanitize(symbol.hint or "")
    if symbol.by then
      local device = spelling.sanitize(symbol.by) .. "_"
      hint = hint:sub(1, #device) == device and hint:sub(#device + 1) or hint
      hint = numbered(hint, attempt)
      return device, hint, (hint == "" and "" or "_") .. symbol.index
    end
    return ("op%d%s"):format(symbol.index, hint == "" and "" or "_"), numbered(hint, attempt), ""
  elseif kind == "constant" then
    return numbered("data" .. symbol.index, attempt), "", ""
  elseif kind == "buffer" then
    return numbered("buffer" .. symbol.index, attempt), "", ""
  elseif not symbol.owner then
    return numbered(role, attempt), "", ""
  end
  local hint = spelling.hint(symbol, context, options)
  if forms[kind] then return "", hint, "_" .. role end
  if kind == "function" then return role .. "_", hint, "" end
  return "", hint, "_" .. role
end

--- Gives `<model>_<rest>` in at most `room` characters: the words that say what a symbol is, and
-- that no symbol of another model has, whatever the models are called; lua/aotlua/reading.lua says
-- how. Those of macros are in lower case. Whatever keeps all words apart (a prefix, upper case of
-- macros, spelling.camel, a long hash) may be made of them. `options` are those of a policy.
function spelling.words(symbol, context, room, options)
  local model, form = symbol.application or context.model, forms[symbol.kind] or "code"
  local first, hint, last = pieces(symbol, context, options)
  local lower = form == "macro" or options.lower
  local plain = lower and model:lower() or model
  hint = lower and hint:lower() or hint
  local function rest_behind(start)
    local fit = fitted(hint, room - #start - 1 - #first - #last)
    return fit and first .. fit .. last
  end
  local rest = rest_behind(plain)
  if rest and plain == model and is_unmarked(model) and reading.is_plain(model, rest, form) then
    return model .. "_" .. rest
  end
  local start = marked(plain, model)
  rest = rest_behind(start)
  if rest then return start .. "_" .. rest end
  rest = first .. hint .. last
  return marked(cut(plain .. "_" .. rest, math.max(1, room - 10)), model .. " " .. rest)
end

-- Policies ----------------------------------------------------------------------------------

local files = {
  internal = "%s_lib.h", entry = "%s_lib0.c", operators = "%s_lib%d.c", data = "%s_data.c",
  assembler = "%s_data.S", blob = "%s_data.bin",
}

--- Spells the file of a symbol, with `prefix` before the header's name.
function spelling.file(symbol, context, prefix)
  local model = symbol.application or context.model
  local folded = spelling.fold(model)
  if symbol.role ~= "header" then return files[symbol.role]:format(folded, symbol.index) end
  local is_other = (prefix .. folded):find "_lib$" -- a header of the sources of another model
  return prefix .. (is_other and marked(folded, model) or folded) .. ".h"
end

--- Spells a hook of an accelerator, which is the same for all models: `TVMDeviceEthosUOpen`.
function spelling.hook(symbol)
  local device = spelling.camel(spelling.sanitize(symbol.hint))
  return "TVMDevice" .. device .. spelling.camel(symbol.role)
end

local function plain_styles(prefix)
  local function macro(words) return prefix:upper() .. words:upper() end
  return {
    macro = macro,
    guard = macro,
    member = function(words) return words end,
    file = function(_, symbol, context) return spelling.file(symbol, context, prefix) end,
    hook = function(_, symbol) return spelling.hook(symbol) end,
  }
end

--- Makes a policy that puts `prefix` before everything. Options: `refuses`, `limit` and `deny` as
-- above; `unnamed_outputs`, a set of formats whose outputs get plain numbers; `reserve`, the
-- characters that `spell` adds to words (as many as prefix has); `lower`, for words in lower case;
-- `spell`, functions (words, symbol, context) by the kind of symbol, or by its linkage, that spell
-- in their own way: `words` of members are the hint, of files and libraries the model.
function spelling.policy(name, prefix, options)
  local own, styles = options.spell or {}, plain_styles(prefix)
  local hints = { prefix = prefix, unnamed_outputs = options.unnamed_outputs,
    lower = options.lower }
  local function room(context) return context.limit - (options.reserve or #prefix) end
  local function words_of(symbol, context)
    if symbol.kind == "member" then
      local suffix = symbol.suffix or ""
      return fitted(spelling.hint(symbol, context, hints), context.limit - #suffix) .. suffix
    elseif symbol.kind == "library" or symbol.kind == "file" then
      return symbol.application or context.model
    elseif symbol.kind ~= "hook" then
      return spelling.words(symbol, context, room(context), hints)
    end
  end
  return {
    name = name, limit = options.limit, refuses = options.refuses, deny = options.deny,
    spell = function(symbol, context)
      local style = own[symbol.kind] or styles[symbol.kind] or own[symbol.linkage]
      local words = words_of(symbol, context)
      return style and style(words, symbol, context) or prefix .. words
    end,
  }
end

return spelling
