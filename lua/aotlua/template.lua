--- template: text with `${name}` holes. Every hole is filled and every value used.

local function fill(text, values)
  local used = {}
  local function value(name)
    if values[name] == nil then
      error(("the template has a hole ${%s}, which nothing fills"):format(name), 0)
    end
    used[name] = true
    return tostring(values[name])
  end

  local out = {}
  for line, ending in text:gmatch "([^\n]*)(\n?)" do
    local indent, alone = line:match "^([ \t]*)%${([%w_]+)}$"
    if alone then
      local filled = value(alone):gsub("\n([^\n])", "\n" .. indent .. "%1")
      -- A hole that is filled with nothing leaves no empty line behind.
      if filled ~= "" then out[#out + 1] = indent .. filled .. ending end
    else
      out[#out + 1] = line:gsub("%${([%w_]+)}", value) .. ending
    end
  end

  for name in pairs(values) do -- order: irrelevant, any unused value is an error
    if not used[name] then
      error(("the template has no hole ${%s} for this value"):format(name), 0)
    end
  end
  return table.concat(out)
end

--- Makes a function of a table of values that returns the text with its holes filled.
-- A hole alone on its line indents every line of its value like itself, and takes the line
-- with it where the value is empty. Fails if a hole has no value or a value no hole.
return function(text)
  return function(values) return fill(text, values) end
end
