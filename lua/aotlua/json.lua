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

local NESTED = #"\n    " -- where what is nested two deep begins
local MANY = 1024         -- pieces that wait to be handed over

local function write_element(value, out, indent)
  write(value, out, indent)
  if #indent > NESTED or #out < MANY then return end
  out.put(table.concat(out))
  for i = #out, 1, -1 do out[i] = nil end
end

local function write_list(list, out, indent)
  local inner = indent .. "  "
  local flat = true
  for i = 1, #list do
    flat = type(list[i]) ~= "table"
    if not flat then break end
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

--- Encodes as `encode` does and calls `put` with the text, a piece after the other.
function json.write(value, put)
  local out = { put = put }
  write(value, out, "\n")
  put(table.concat(out) .. "\n")
end

--- Encodes a value as JSON text over several lines, keys sorted, ending in a line break.
--- Floats are the shortest decimals that read back exactly; NaN and infinities become null.
function json.encode(value)
  local pieces = {}
  json.write(value, function(piece) pieces[#pieces + 1] = piece end)
  return table.concat(pieces)
end

return json
