--- sorted: the keys of a table in an order that is the same each time.

--- Gives a list of the keys of `dict` (nil has none): words in their order; what else a user's
-- table may have for a key stands among them as it is shown.
return function(dict)
  local keys = {}
  for key in pairs(dict or {}) do keys[#keys + 1] = key end -- order: sorted on the next line
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end
