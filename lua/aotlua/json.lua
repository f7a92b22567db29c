--- json: writes JSON with sorted keys, the same bytes every time; reading is aot.json's.

local aot_json = require "aot.json"

local json = { null = aot_json.null, decode = aot_json.decode }

-- Marks a table as a JSON object or list where its contents do not tell (it is empty).
local object = {}

--- Makes an empty table print as `{}` instead of `[]`. Returns it.
function json.object(t)
  return setmetatable(t or {}, object)
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r" }

-- Bytes that are no UTF-8 are written as Latin-1 would be: a model's names may be anything.
local function quoted(s)
  local ascii = s:gsub('[%c"\\\127]', function(c)
    return escapes[c] or ("\\u%04x"):format(c:byte())
  end)
  if not utf8.len(ascii) then
    ascii = ascii:gsub("[\128-\255]", function(c)
      return ("\\u%04x"):format(c:byte())
    end)
  end
  return '"' .. ascii .. '"'
end

local function number(x)
  if math.type(x) == "integer" then
    return ("%d"):format(x)
  end
  if x ~= x or x == math.huge or x == -math.huge then
    return "null"
  end
  for digits = 1, 17 do
    local text = ("%%.%dg"):format(digits):format(x)
    if tonumber(text) == x then
      return text
    end
  end
end

local write

local JOINED = #"\n    " -- what is nested two deep is joined: many short strings take much room

local function write_element(value, out, indent)
  if #indent ~= JOINED then return write(value, out, indent) end
  local pieces = {}
  write(value, pieces, indent)
  out[#out + 1] = table.concat(pieces)
end

local function write_list(list, out, indent)
  local inner = indent .. "  "
  local flat = true
  for i = 1, #list do
    flat = flat and type(list[i]) ~= "table"
  end
  out[#out + 1] = "["
  for i = 1, #list do
    out[#out + 1] = (i > 1 and "," or "") .. (flat and (i > 1 and " " or "") or inner)
    write_element(list[i], out, inner)
  end
  out[#out + 1] = (#list > 0 and not flat and indent or "") .. "]"
end

local function write_object(t, out, indent)
  local inner = indent .. "  "
  local keys = {}
  for key in pairs(t) do -- order: sorted below
    if type(key) ~= "string" then
      error("json: a table is either a list or has string keys; here is " .. tostring(key), 0)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  out[#out + 1] = "{"
  for i, key in ipairs(keys) do
    out[#out + 1] = (i > 1 and "," or "") .. inner .. quoted(key) .. ": "
    write_element(t[key], out, inner)
  end
  out[#out + 1] = (#keys > 0 and indent or "") .. "}"
end

-- `indent` is the line break and indentation of the value's own level.
function write(value, out, indent)
  if #indent > 200 then
    error("json: tables are nested too deep", 0)
  end
  local kind = type(value)
  if value == json.null or value == nil then
    out[#out + 1] = "null"
  elseif kind == "string" then
    out[#out + 1] = quoted(value)
  elseif kind == "number" then
    out[#out + 1] = number(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif kind == "table" and getmetatable(value) ~= object
         and (#value > 0 or next(value) == nil) then
    write_list(value, out, indent)
  elseif kind == "table" then
    write_object(value, out, indent)
  else
    error("json: cannot write a " .. kind, 0)
  end
end

--- Encodes as `encode` does, to a list of strings that make the text, for what may be very long.
function json.pieces(value)
  local out = {}
  write(value, out, "\n")
  out[#out + 1] = "\n"
  return out
end

--- Encodes a value as JSON text over several lines, keys sorted, ending in a line break.
--- Floats are the shortest decimals that read back exactly; NaN and infinities become null.
function json.encode(value)
  return table.concat(json.pieces(value))
end

return json
