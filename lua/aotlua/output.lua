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

local COMPARED = 1024 * 1024 -- bytes at a time

-- Whether `view` has the bytes of `piece` at `at`.
local function has(view, at, piece)
  if #piece > #view - at then return false end
  if type(piece) == "string" then return view:string(at, #piece) == piece end
  for from = 0, #piece - 1, COMPARED do
    local count = math.min(COMPARED, #piece - from)
    if view:string(at + from, count) ~= piece:string(from, count) then return false end
  end
  return true
end

-- Whether the file in place holds that content; what is made piece by piece is made until it
-- differs.
local function is_same(full, made)
  if type(made) ~= "function" then return data.matches(full, made) end
  local is_there, view = pcall(data.open, full)
  if not is_there then return false end
  local at, differs = 0, {}
  local ok, why = pcall(made, function(piece)
    if not has(view, at, piece) then error(differs) end
    at = at + #piece
  end)
  if not ok and why ~= differs then error(why, 0) end
  return ok and at == #view
end

-- Writes what differs beside its place and adds the paths of that to `staged`; then the manifest
-- for the time when not all is in place.
local function stage(folder, files, made, staged, all)
  for _, path in ipairs(sorted(files)) do
    local full = folder .. "/" .. path
    make_folder(full:match "^(.*)/", made)
    if system.kind(full) == "folder" then error(full .. ": is a folder", 0) end
    if not is_same(full, files[path]) then
      staged[#staged + 1] = path
      data.put(full .. PART, files[path])
    end
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
