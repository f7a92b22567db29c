--- depends: what a compilation read, for build systems.
--
-- A list for the whole process: whoever opens a file whose bytes the output depends on, and which
-- is no module of Lua, notes it here.

local depends = {
  files = {}, -- paths, in order of reading
}

--- Notes that what is written depends on the file at `path`, and gives the path.
function depends.on(path)
  table.insert(depends.files, path)
  return path
end

return depends
