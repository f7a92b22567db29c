--- ustar: tar archives of plain files, the same bytes for the same files, and read with suspicion.
--
-- Written is POSIX ustar without extensions: owner root (0), mode 0644, one time for all. Read is
-- that, and what GNU tar makes of plain files; links, devices and extended headers are refused.

local failure = require "aotlua.failure"

local ustar = {}

local BLOCK = 512
-- name mode uid gid size mtime checksum type link magic version user group major minor prefix rest
local LAYOUT = "c100 c8 c8 c8 c12 c12 c8 c1 c100 c6 c2 c32 c32 c8 c8 c155 c12"
local CHECKSUM_AT, CHECKSUM_SIZE = 149, 8
local LARGEST = (1 << 33) - 1 -- what 11 octal digits hold

local function number_of_bytes(content)
  if type(content) ~= "table" then return #content end
  local total = 0
  for _, piece in ipairs(content) do total = total + #piece end
  return total
end

-- Splits a path that is longer than a header's name at a slash, so that both parts fit.
local function split(path)
  if #path <= 100 then return "", path end
  for at in path:gmatch "()/" do
    if #path - at <= 100 and at - 1 <= 155 and at < #path then
      return path:sub(1, at - 1), path:sub(at + 1)
    end
  end
  error(("'%s': a tar archive holds paths of at most 255 bytes, the last 100 behind a slash, "
    .. "and this has %d; give the model a shorter name"):format(path, #path), 0)
end

local function checksum(block)
  local sum = CHECKSUM_SIZE * (" "):byte()
  for at = 1, BLOCK do
    if at < CHECKSUM_AT or at >= CHECKSUM_AT + CHECKSUM_SIZE then sum = sum + block:byte(at) end
  end
  return sum
end

local function header(path, size, time)
  if size > LARGEST then
    error(("'%s' has %d bytes: a tar archive holds files of less than 8 GiB"):format(path, size), 0)
  end
  local prefix, name = split(path)
  local block = LAYOUT:pack(name, "0000644", "0000000", "0000000", ("%011o"):format(size),
    ("%011o"):format(time), "", "0", "", "ustar", "00", "root", "root", "0000000", "0000000",
    prefix, "")
  local sum = ("%06o\0 "):format(checksum(block))
  return block:sub(1, CHECKSUM_AT - 1) .. sum .. block:sub(CHECKSUM_AT + CHECKSUM_SIZE)
end

--- Gives the pieces of an archive of `members`, a list of { path, content }, in that order; a
-- content is a string, a View or a list of them. `time`: seconds since 1970, of every member.
-- Fails on paths and files that the format cannot hold.
function ustar.pack(members, time)
  local pieces = {}
  for _, member in ipairs(members) do
    local content = member.content
    local size = number_of_bytes(content)
    pieces[#pieces + 1] = header(member.path, size, time)
    for _, piece in ipairs(type(content) == "table" and content or { content }) do
      pieces[#pieces + 1] = piece
    end
    pieces[#pieces + 1] = ("\0"):rep(-size % BLOCK)
  end
  pieces[#pieces + 1] = ("\0"):rep(2 * BLOCK)
  return pieces
end

local function octal(text, what)
  local digits = text:match "^ *([0-7]+)[ \0]*$"
  if not digits then error(("%s '%s' is no octal number"):format(what,
    (text:gsub("[^\32-\126]", "?"))), 0) end
  return tonumber(digits, 8)
end

local function c_string(field) return (field:match "^[^\0]*") end

-- The path of a member without "./" ahead; only such as stay below the folder they are put in.
local function safe_path(path)
  local shown = path:gsub("[^\32-\126]", "?")
  local inside = path:gsub("^%./", ""):gsub("/$", "")
  if path:find "^/" then error(("'%s' is an absolute path"):format(shown), 0) end
  if path:find "[%c\\]" then error(("'%s' is no plain path"):format(shown), 0) end
  for part in (inside .. "/"):gmatch "([^/]*)/" do
    if part == ".." then error(("'%s' leads out of the archive"):format(shown), 0) end
    if part == "" or part == "." and inside ~= "." then
      error(("'%s' is no plain path"):format(shown), 0)
    end
  end
  return inside
end

-- The fields of the header at `offset`.
local function read_header(view, offset)
  local block = view:string(offset, BLOCK)
  local name, _, _, _, size, _, sum, kind, _, magic, version, _, _, _, _, prefix =
    LAYOUT:unpack(block)
  local is_posix = magic == "ustar\0"
  if not is_posix and magic .. version ~= "ustar  \0" then
    error("there is no tar header (ustar)", 0)
  elseif octal(sum, "the checksum") ~= checksum(block) then
    error("the checksum of the header is wrong", 0)
  end
  local path = c_string(name)
  if is_posix and prefix:byte() ~= 0 then path = c_string(prefix) .. "/" .. path end
  return safe_path(path), octal(size, "the size"), kind
end

local kinds = { ["0"] = "file", ["\0"] = "file", ["5"] = "folder" }

-- Adds the member at `offset` and gives the offset behind it.
local function read_member(view, offset, members, seen)
  local path, size, kind = read_header(view, offset)
  local left = #view - offset - BLOCK
  if not kinds[kind] then
    error(("'%s' is a link, a device or an extended header (type '%s'): only files and folders "
      .. "belong in a library"):format(path, (kind:gsub("[^\32-\126]", "?"))), 0)
  elseif size > left then
    error(("'%s' has %d bytes, and %d are left"):format(path, size, left), 0)
  elseif kinds[kind] == "folder" then
    if size > 0 then error(("the folder '%s' has %d bytes"):format(path, size), 0) end
  elseif seen[path] then
    error(("'%s' is there twice"):format(path), 0)
  else
    seen[path] = true
    members[#members + 1] = { path = path, content = view:sub(offset + BLOCK, size) }
  end
  return offset + BLOCK + size + -size % BLOCK
end

--- Reads the archive in a View: the list of its files, { path, content = View }, in order, paths
-- without "./" ahead. Fails, with the offset, on what is cut short, damaged, there twice, no plain
-- file or folder, or would lie outside of a folder that it is unpacked in.
function ustar.unpack(view)
  local members, seen, offset, blank = {}, {}, 0, ("\0"):rep(BLOCK)
  local function at(f, ...)
    local ok, result = pcall(f, ...)
    if ok then return result end
    error(failure.prefixed(("the tar archive at byte %d: "):format(offset), result), 0)
  end
  while true do
    if offset + 2 * BLOCK > #view then
      error(("the tar archive is cut short: it has %d bytes and no end"):format(#view), 0)
    elseif view:string(offset, BLOCK) == blank then
      break
    end
    offset = at(read_member, view, offset, members, seen)
  end
  if view:string(offset + BLOCK, BLOCK) ~= blank then
    error(("the tar archive at byte %d: one empty block is no end"):format(offset), 0)
  end
  return members
end

return ustar
