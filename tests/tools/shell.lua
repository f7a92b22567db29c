--- shell: what specs do with files and programs.

local system = require "aot.system"

local shell = {}

--- A new folder for `local folder <close> = shell.folder()`: its `path`. It goes with its scope.
function shell.folder()
  return setmetatable({ path = system.temporary_folder() }, {
    __close = function(folder) system.remove(folder.path) end,
  })
end

--- The bytes of a file.
function shell.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

function shell.write(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(bytes))
end

--- Runs a program, a list of words, to its end. `options`: `environment`, a list of "NAME=value";
-- `folder`, where it starts. Returns its exit code (nil if a signal ended it) and what it said.
function shell.run(words, options)
  options = options or {}
  local folder <close> = shell.folder()
  local line = { "env" }
  if options.folder then line = { "env", "-C", options.folder } end
  table.move(options.environment or {}, 1, #(options.environment or {}), #line + 1, line)
  table.move(words, 1, #words, #line + 1, line)
  local code, why = system.run(line, folder.path .. "/log")
  return code, shell.read(folder.path .. "/log") .. (why or "")
end

--- Runs a program that is to succeed. Raises what it said otherwise.
function shell.must(words, options)
  local code, said = shell.run(words, options)
  if code ~= 0 then
    error(("%s: code %s\n%s"):format(table.concat(words, " "), code, said:sub(-3000)), 0)
  end
  return said
end

--- Every file below a folder: { [relative path] = bytes }; pipes and the like have none.
function shell.files(path, found, below)
  found = found or {}
  for _, name in ipairs(system.entries(path)) do
    local full, relative = path .. "/" .. name, (below or "") .. name
    if system.kind(full) == "folder" then
      shell.files(full, found, relative .. "/")
    else
      found[relative] = system.kind(full) == "file" and shell.read(full) or "not a file"
    end
  end
  return found
end

--- What differs between two folders' files, as lines in order.
function shell.differences(a, b)
  local lines = {}
  for path, bytes in pairs(a) do -- order: sorted below
    if not b[path] then
      lines[#lines + 1] = path .. " is missing"
    elseif b[path] ~= bytes then
      lines[#lines + 1] = path .. " differs"
    end
  end
  for path in pairs(b) do -- order: sorted below
    if not a[path] then lines[#lines + 1] = path .. " is new" end
  end
  table.sort(lines)
  return lines
end

return shell
