--- output: puts the files of a compiled model into a folder, all or nothing.
--
-- All files that differ are written beside their places, so that neither a full disk nor what goes
-- wrong while they are made changes anything; then each is renamed, the manifest last. Files whose
-- bytes are the same are left alone, so build systems see no change; the manifest is always new,
-- and tells them when that was looked at.
-- Files that an earlier manifest lists and the new one does not are removed; nothing else in the
-- folder is ever touched. Processes that write into one folder wait for each other.
--
-- A run that is interrupted while it renames leaves a manifest that says so and lists the files
-- of both runs, and the next run puts all in order.

local data = require "aot.data"
local failure = require "aotlua.failure"
local sorted = require "aotlua.sorted"
local system = require "aot.system"

local M = {}

local MANIFEST = "manifest.txt"
local HEAD = "# Files written by aotlua; those no longer made are removed by the next run."
local BROKEN_HEAD = "# Files of an interrupted run of aotlua: they may not belong together."
local PART = ".part" -- behind the name of a file that is being written

-- The paths that the folder's manifest lists; only such as we could have written.
local function earlier_paths(folder)
  local file <close> = io.open(folder .. "/" .. MANIFEST, "r")
  local head, paths = file and file:read "l", {}
  if head ~= HEAD and head ~= BROKEN_HEAD then return paths end
  for path in file:lines() do
    if path:find "^[%w_][%w_./-]*$" and not path:find("..", 1, true) then
      paths[#paths + 1] = path
    end
  end
  return paths
end

-- Makes the folder and those above it; adds those that were not there to `made`.
local function make_folder(folder, made)
  local missing, path = {}, folder
  while path ~= "" and not system.kind(path) do
    table.insert(missing, 1, path)
    path = path:match "^(.*[^/])/+[^/]*$" or ""
  end
  table.move(missing, 1, #missing, #made + 1, made)
  system.make_folders(folder)
end

local function remove_file(path)
  if system.kind(path) == "file" then os.remove(path) end
end

local function remove_parts(folder, paths)
  for _, path in ipairs(paths) do remove_file(folder .. "/" .. path .. PART) end
end

-- Puts what is written beside a file into its place.
local function rename(path)
  local done, why = os.rename(path .. PART, path)
  if not done then error(why, 0) end
end

local function write_manifest(folder, head, paths)
  local path, text = folder .. "/" .. MANIFEST, head .. "\n" .. table.concat(paths, "\n") .. "\n"
  data.put(path .. PART, text)
  rename(path)
end

-- Writes the content beside its place. Returns whether it differs from what is in place.
local function put_beside(full, made)
  if type(made) ~= "function" then
    local differs = not data.matches(full, made)
    if differs then data.put(full .. PART, made) end
    return differs
  end
  data.put(full .. PART, made)
  local differs = not data.matches(full, data.open(full .. PART))
  if not differs then remove_file(full .. PART) end
  return differs
end

-- Writes what differs beside its place and adds the paths of that to `staged`; then the manifest
-- for the time when not all is in place.
local function stage(folder, files, made, staged, all)
  for _, path in ipairs(sorted(files)) do
    local full = folder .. "/" .. path
    make_folder(full:match "^(.*)/", made)
    if system.kind(full) == "folder" then error(full .. ": is a folder", 0) end
    if put_beside(full, files[path]) then staged[#staged + 1] = path end
  end
  if #staged > 0 then write_manifest(folder, BROKEN_HEAD, all) end
end

-- Both old and new paths, sorted.
local function union(earlier, files)
  local all = {}
  for _, path in ipairs(earlier) do all[path] = true end
  for path in pairs(files) do all[path] = true end -- order: sorted below
  return sorted(all)
end

local function put_in_place(folder, files, staged, earlier)
  for _, path in ipairs(staged) do rename(folder .. "/" .. path) end
  for _, path in ipairs(earlier) do
    if not files[path] and path ~= MANIFEST then remove_file(folder .. "/" .. path) end
  end
  write_manifest(folder, HEAD, sorted(files))
end

-- Adds to `made` the folders it makes.
local function write(folder, files, made)
  make_folder(folder, made)
  local _ <close> = system.lock(folder)
  local earlier, staged = earlier_paths(folder), {}
  local all = union(earlier, files)
  remove_parts(folder, all) -- of an interrupted run
  remove_parts(folder, { MANIFEST })
  local ok, why = pcall(stage, folder, files, made, staged, all)
  if ok then return put_in_place(folder, files, staged, earlier) end
  remove_parts(folder, all)
  remove_parts(folder, { MANIFEST })
  error(why, 0)
end

--- Writes `files`, contents (see aotlua.content) by path, into `folder`.
-- Raises an I/O failure with the path and the reason; unless it comes while files are renamed,
-- the folder is then as it was.
function M.write(folder, files)
  failure.within("io", function()
    local made = {}
    local ok, why = pcall(write, folder, files, made)
    if ok then return end
    for i = #made, 1, -1 do os.remove(made[i]) end -- which fails where something is in it
    error(why, 0)
  end)
end

return M
