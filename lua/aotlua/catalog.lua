--- catalog: what there is to choose from, and the sentence with which each file opens.

local program = require "aot.program"
local system = require "aot.system"

local M = {}

-- The opening sentence of a script behind its name: "--- fuse: computes ...", up to the first
-- line that ends it.
local function about(path)
  local file <close> = io.open(path, "r")
  local words = {}
  for line in file and file:lines() or function() end do
    local text = line:match "^%-%-%-? ?(.*)"
    if not text or text == "" then break end
    words[#words + 1] = text
    if text:find "%.$" then break end
  end
  return (table.concat(words, " "):gsub("^[%w_.]+: ", ""))
end

--- The scripts in a folder of aotlua ("passes", "targets", "lua/aotlua/policies"), sorted:
-- { name, about }.
function M.scripts(folder)
  local path, list = program.root .. "/" .. folder, {}
  for _, entry in ipairs(system.entries(path)) do
    local name = entry:match "^([%w_]+)%.lua$"
    if name then list[#list + 1] = { name = name, about = about(path .. "/" .. entry) } end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- The opening sentence of the pass or target `name` in `folder`, "" where it has no script.
function M.about(folder, name)
  return about(("%s/%s/%s.lua"):format(program.root, folder, name))
end

return M
