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

local text_of

local function list_text(list, indent)
  local inner, parts, flat = indent .. "  ", {}, true
  for i = 1, #list do
    flat = flat and type(list[i]) ~= "table"
    parts[i] = text_of(list[i], inner)
  end
  if flat then return "[" .. table.concat(parts, ", ") .. "]" end
  return "[" .. inner .. table.concat(parts, "," .. inner) .. indent .. "]"
end

local function object_text(t, indent)
  local inner, keys = indent .. "  ", {}
  for key in pairs(t) do -- order: sorted below
    if type(key) ~= "string" then
      error("json: a table is either a list or has string keys; here is " .. tostring(key), 0)
    end
    keys[#keys + 1] = key
  end
  if #keys == 0 then return "{}" end
  table.sort(keys)
  for i, key in ipairs(keys) do
    keys[i] = quoted(key) .. ": " .. text_of(t[key], inner)
  end
  return "{" .. inner .. table.concat(keys, "," .. inner) .. indent .. "}"
end

-- `indent` is the line break and indentation of the value's own level. Texts are joined level by
-- level: the pieces of all levels at once would take many times the room.
function text_of(value, indent)
  if #indent > 200 then
    error("json: tables are nested too deep", 0)
  end
  local kind = type(value)
  if value == json.null or value == nil then
    return "null"
  elseif kind == "string" then
    return quoted(value)
  elseif kind == "number" then
    return number(value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif kind == "table" and getmetatable(value) ~= object
         and (#value > 0 or next(value) == nil) then
    return list_text(value, indent)
  elseif kind == "table" then
    return object_text(value, indent)
  end
  error("json: cannot write a " .. kind, 0)
end

--- Encodes a value as JSON text over several lines, keys sorted, ending in a line break.
--- Floats are the shortest decimals that read back exactly; NaN and infinities become null.
function json.encode(value)
  return text_of(value, "\n") .. "\n"
end

return json
