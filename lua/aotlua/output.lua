--- output: puts the files of a compiled model into a folder, all or nothing that matters.
--
-- Everything is made in memory before the first byte is written. Files whose bytes are the same
-- are left alone, so build systems see no change; each other file is replaced by a rename; the
-- manifest comes last. Files that an earlier manifest lists and the new one does not are
-- removed; nothing else in the folder is ever touched.

local data = require "aot.data"
local failure = require "aotlua.failure"
local system = require "aot.system"

local M = {}

local MANIFEST = "manifest.txt"
local HEAD = "# Files written by aotlua; those no longer made are removed by the next run."

local function sorted_paths(files)
  local paths = {}
  for path in pairs(files) do paths[#paths + 1] = path end -- order: sorted on the next line
  table.sort(paths)
  return paths
end

-- The paths that the folder's manifest lists; only such as we could have written.
local function earlier_paths(folder)
  local file <close> = io.open(folder .. "/" .. MANIFEST, "r")
  local paths = {}
  if not file or file:read "l" ~= HEAD then return paths end
  for path in file:lines() do
    if path:find "^[%w_][%w_./-]*$" and not path:find("..", 1, true) then
      paths[#paths + 1] = path
    end
  end
  return paths
end

local function write(path, bytes)
  if not data.matches(path, bytes) then data.write(path, bytes) end
end

--- Writes `files`, { [path] = string, View or a list of them }, into `folder`.
-- Raises an I/O failure with the path and the reason; files written by then are whole.
function M.write(folder, files)
  failure.within("io", function()
    local paths, made = sorted_paths(files), {}
    local earlier = earlier_paths(folder)
    for _, path in ipairs(paths) do
      local parent = (folder .. "/" .. path):match "^(.*)/"
      if not made[parent] then system.make_folders(parent) end
      made[parent] = true
      write(folder .. "/" .. path, files[path])
    end
    for _, path in ipairs(earlier) do
      if not files[path] and path ~= MANIFEST then system.remove(folder .. "/" .. path) end
    end
    write(folder .. "/" .. MANIFEST, HEAD .. "\n" .. table.concat(paths, "\n") .. "\n")
  end)
end

return M
