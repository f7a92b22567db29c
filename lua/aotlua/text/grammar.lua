--- grammar: the LPeg patterns of the IR text, one statement at a time.
--
-- The EBNF stands in core/README.md. The same grammar is built twice: plain, for reading, and
-- watched, for saying where a line that cannot be read goes wrong.

local ir = require "aot.ir"
local lpeg = require "lpeg"
local P, R, S, V = lpeg.P, lpeg.R, lpeg.S, lpeg.V
local C, Cc, Cg, Cmt, Cp, Cs, Ct = lpeg.C, lpeg.Cc, lpeg.Cg, lpeg.Cmt, lpeg.Cp, lpeg.Cs, lpeg.Ct

local M = {}

--- What a shape says of an attribute that is not there.
M.absent = {}

local digit, hex = R "09", R("09", "af", "AF")
local letter = R("az", "AZ") + "_"
local inside = letter + digit + "."
local word_shape = letter * inside ^ 0
local gap = S " \t\r" ^ 0

--- The names of the element types.
M.dtypes = {
  "f32", "f64", "f16", "bf16", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool",
  "i4", "u4",
}

-- What stands between quotes, with its escapes undone.
local unescape = (P '\\"' / '"') + (P "\\\\" / "\\") + (P "\\n" / "\n")
  + (P "\\x" * C(hex * hex)) / function(byte) return string.char(tonumber(byte, 16)) end
local quoted = (P '"' / "") * (R(" ~") - S '"\\' + unescape) ^ 0 * (P '"' / "")

-- 0/0 has another sign on some machines.
local quiet_nan = string.unpack("<d", "\0\0\0\0\0\0\xf8\x7f")
local special = { nan = quiet_nan, inf = math.huge, ["-inf"] = -math.huge }

-- Pairs of a name and a value in a row; a name that comes twice is kept for the complaint.
local function to_dict(pairs_in_a_row)
  local dict = {}
  for i = 1, #pairs_in_a_row, 2 do
    local name = pairs_in_a_row[i]
    if dict[name] ~= nil then
      error({ what = ("'%s' is given twice"):format(name), token = name }, 0)
    end
    dict[name] = pairs_in_a_row[i + 1]
  end
  return dict
end

-- Integers outside 64 bits have no exact value.
local function to_integer(digits)
  local value = tonumber(digits)
  if math.type(value) == "integer" then return value end
  error({ what = ("%s does not fit 64 bits"):format(digits), token = digits }, 0)
end

-- An integer as data: 2^63 to 2^64-1 are kept as { digits, bits }, an i64 of the same bits.
local function to_wide(digits)
  if digits:sub(1, 1) == "-" or #digits < 19 then return to_integer(digits) end
  local value = 0
  for i = 1, #digits do
    local next = value * 10 + tonumber(digits:sub(i, i))
    if math.ult(next, value) or #digits > 20 then return to_integer(digits) end
    value = next
  end
  return value < 0 and { digits = digits, bits = value } or value
end

-- Where types end. A network has few types and many values: each text is read once.
local quoted_outline = P '"' * (P "\\" * 1 + (1 - S '"\n')) ^ 0 * P '"'
local type_outline = letter * (letter + digit) ^ 0 * gap * P "[" * (1 - S "]\n") ^ 0 * P "]"
  * (gap * P "q(" * (quoted_outline + (1 - S '")\n')) ^ 0 * P ")") ^ -1

-- Reads what `outline` spans with `pattern`, each text once.
local function once(outline, pattern)
  local known = {}
  local whole = gap * pattern * -1
  return C(outline) / function(shown)
    local result = known[shown] or whole:match(shown)
    if not result then error({ unreadable = true }, 0) end
    known[shown] = result
    return result
  end * gap
end

--- Builds the patterns. `watch(what, at)`, if given, is told of every token that was wanted at
-- `at` and not found; `saw(token, at)` of every value, constant and graph name that was read.
-- Types that patterns give are shared: one text, one table.
function M.build(watch, saw)
  local function token(p, what)
    if watch then
      p = p + Cmt(true, function(_, at)
        watch(what, at)
        return true
      end) * P(false)
    end
    return p * gap
  end

  local function named(p, what)
    if saw then
      p = Cmt(Cp() * p, function(_, at, start, name)
        saw(name, start)
        return at, name
      end)
    end
    return token(p, what)
  end

  local function sym(s) return token(P(s), "'" .. s .. "'") end
  local function keyword(s) return token(P(s) * -inside, "'" .. s .. "'") end
  local function list(p) return (p * (sym "," * p) ^ 0) ^ -1 end
  local function sigil(s, what) return named(C(s * word_shape) + Cs(P(s) * quoted), what) end

  local word = token(C(word_shape), "a word")
  local name = token(C(word_shape) + Cs(quoted), "a name")
  local value, const = sigil("%", "a value"), sigil("$", "a constant")
  local reference = sigil("@", "'@' and a name")
  local absent = token(P "_" * -inside * Cc(false), "'_'")

  local digits = P "-" ^ -1 * digit ^ 1
  local tail = (P "." * digit ^ 0 * (S "eE" * S "+-" ^ -1 * digit ^ 1) ^ -1)
    + S "eE" * S "+-" ^ -1 * digit ^ 1
  local float = C(digits * tail) / tonumber + C((P "nan" + "inf" + "-inf") * -inside) / special
  local int = token(C(digits) / to_integer, "an integer")
  local number = token(float + C(digits) / to_integer, "a number")
  local wide = token(float + C(digits) / to_wide, "a number")

  local attribute_rules = {
    dict = Ct(sym "{" * list(word * sym "=" * V "attr") * sym "}") / to_dict,
    list = Ct(sym "[" * list(V "attr") * sym "]"),
    attr = V "list" + V "dict" + number + keyword "true" * Cc(true) + keyword "false" * Cc(false)
      + word + token(Cs(quoted), "a string") + (reference + const) / ir.ref,
  }
  local function attribute_grammar(start)
    attribute_rules[1] = start
    return P(attribute_rules)
  end
  local attrs = attribute_grammar "dict"

  local dtype = P(false)
  for _, spelling in ipairs(M.dtypes) do dtype = dtype + C(spelling) * -inside end
  local quant = sym "q(" * (
    Ct(Cg(number, "scale") * sym "," * Cg(int, "zero"))
    + Ct(Cg(const, "scales") * sym "," * (Cg(int, "zero") + Cg(const, "zeros")) * sym ","
      * keyword "axis" * Cg(int, "axis"))) * sym ")"
  local type = Ct(Cg(token(dtype, "an element type"), "dtype") * sym "["
    * Cg(Ct(list(int)), "shape") * sym "]" * Cg(quant, "quant") ^ -1)
  local list_of_types = Ct(type * (sym "," * type) ^ 0)
  local whole_type = gap * type * -1
  if not watch then
    list_of_types = once(type_outline * (gap * "," * gap * type_outline) ^ 0, list_of_types)
    type = once(type_outline, type)
  end

  local bits = token(P "0x" * C(hex ^ 1), "0x and digits")
  local data = keyword "splat" * Cg(wide, "splat")
    + keyword "dense" * sym "[" * Cg(Ct(list(wide)), "dense") * sym "]"
    + keyword "bits" * sym "[" * Cg(Ct(list(bits)), "bits") * sym "]"
    + keyword "blob" * Cg(int, "blob")
  local expression = Cg(word, "op") * Cg(const, "source") * Cg(attrs, "attrs") ^ -1

  local function statement(kind, p) return keyword(kind) * Ct(Cg(Cc(kind), "kind") * p) end
  local typed = sym ":" * Cg(type, "type")
  local operands = Cg(Ct(list(value + const + absent)), "inputs")
  local next_state = Ct(keyword "next" * value * sym "=" * (value + const + absent))
  local results = Cg(Ct(value * (sym "," * value) ^ 0), "results")

  local top = statement("module", Cg(name, "name") * Cg(attrs, "attrs") ^ -1)
    + statement("const", Cg(const, "name") * typed * sym "=" * (data + expression))
    + statement("pool", Cg(reference, "name") * Cg(attrs, "attrs"))
    + statement("state", Cg(value, "name") * typed * sym "=" * data)
    + statement("symbol", Cg(int, "id") * Cg(attrs, "attrs"))
    + statement("graph", Cg(reference, "name") * sym "("
      * Cg(Ct(list(Ct(Cg(value, "name") * typed))), "params") * sym ")" * sym "{")

  local node = Ct(Cg(Cc "node", "kind") * results * sym "="
    * (keyword "call" * Cg(reference, "body") + Cg(word, "op")) * operands
    * (keyword "by" * Cg(word, "by")) ^ -1 * Cg(attrs, "attrs") ^ -1
    * sym ":" * Cg(list_of_types, "types"))
  local body = node
    + statement("return", operands * Cg(Ct((sym "," ^ -1 * next_state) ^ 0), "next"))
    + token(P "}", "'}'") * Cc { kind = "end" }

  local comment = P "#" * (1 - P "\n") ^ 0
  local line_end = token(comment ^ -1 * (P "\n" + -1), "the end of the line")
  local blank = Cc(false) * (comment ^ -1 * P "\n" + comment)
  local finish = Cc { kind = "finish" } * -1

  -- Shapes: text.lua says what their parts mean.
  local function choice(p) return Ct(p * (token(P "|", "'|'") * p) ^ 0) end
  local any = token(P "_" * -inside * Cc(false), "'_'")
  local wish = token(P "_" * -inside * Cc(M.absent), "'_'") + attribute_grammar "attr"
  local wishes = Ct(sym "{" * list(word * sym "=" * choice(wish)) * sym "}") / to_dict
  local extent = any + int + token(P "..." * Cc "...", "'...'")
  local outline = Ct(Cg(choice(word), "dtypes") * sym "[" * Cg(Ct(list(extent)), "shape") * sym "]"
    * Cg(sym "q(" * Ct(Cg(any + number, "scale") * sym "," * Cg(any + int, "zero")
      * (sym "," * keyword "axis" * Cg(any + int, "axis")) ^ -1) * sym ")", "quant") ^ -1)
  local operand = Ct(Cg(value + const + absent, "key")
    * Cg(token(P "?" * Cc(true), "'?'"), "optional") ^ -1)
  local line = Ct(Cg(Cc "line", "kind") * results * sym "=" * Cg(choice(word), "ops")
    * Cg(Ct(list(operand)), "inputs") * Cg(sym "," ^ -1 * sym "..." * Cc(true), "more") ^ -1
    * Cg(wishes, "attrs") ^ -1
    * (sym ":" * Cg(Ct(outline * (sym "," * outline) ^ 0), "types")) ^ -1)
  local shape = line + statement("return", Cg(Ct(value * (sym "," * value) ^ 0), "roots"))
    + Ct(Cg(Cc "type", "kind") * Cg(value + const, "key") * sym ":" * Cg(outline, "type"))

  return {
    top = gap * (top * line_end + blank + finish) * Cp(), -- a statement, false or "finish"; where
    body = gap * (body * line_end + blank) * Cp(),
    pattern = gap * (shape * line_end + blank + finish) * Cp(),
    type = whole_type,
  }
end

return M
