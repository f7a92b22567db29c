--- library: makes Model Library Format archives of small models, and opens them.

local archive = require "aotlua.archive"
local cc = require "aotlua.cc"
local job = require "aotlua.job"
local shell = require "tests.tools.shell"
local text = require "aotlua.text"

local library = {}

--- Compiles IR text: { module, target } as archives take it. `options` are those of aotlua.job;
-- `target`: a name or a table (c).
function library.compiled(source, options, target)
  local module = text.parse(source, "in.ir")
  options = options or {}
  local chosen = job.target(target or "c", options)
  job.lower(module, chosen, options)
  return { module = module, target = chosen }
end

--- Writes the archive of compiled models and reads it back; `options` as of archive.write.
function library.exported(compiled, options)
  local folder <close> = shell.folder()
  local path = folder.path .. "/library.tar"
  archive.write(path, compiled, options)
  return archive.read(path), shell.read(path)
end

--- Every member's path, sorted, as lines.
function library.paths(read)
  local paths = {}
  for index, member in ipairs(read.members) do paths[index] = member.path end
  return table.concat(paths, "\n")
end

--- The text of a member.
function library.text(read, path)
  local view = assert(read.files[path], path)
  return view:string(0, #view)
end

--- The number that a header of the archive defines `macro` to be.
function library.macro(read, header, macro)
  local source = library.text(read, "codegen/host/include/" .. header)
  return math.tointeger(tonumber(source:match("#define " .. macro .. " (%d+)\n")))
end

--- Unpacks the archive at `path` into `folder` with the system's tar, and compiles its sources
-- and main.c there with the flags of model `name` and strict ones, which must leave nothing to
-- say: `folder`/main.
function library.build(path, name, folder)
  shell.must { "tar", "-x", "-C", folder, "-f", path }
  local flags = archive.read(path).metadata.modules[name].aotlua.flags
  local words = { "gcc", "-O1", "-I", folder .. "/codegen/host/include", "-I",
    folder .. "/codegen/host/src", "-I", folder .. "/runtime/include", "-o", folder .. "/main" }
  table.move(flags, 1, #flags, #words + 1, words)
  table.move(cc.strict, 1, #cc.strict, #words + 1, words)
  words[#words + 1] = folder .. "/main.c"
  local found = shell.must { "find", folder .. "/codegen/host/src", "-name", "*.[cS]" }
  for source in found:gmatch "[^\n]+" do words[#words + 1] = source end
  words[#words + 1] = "-lm"
  local said = shell.must(words)
  if said ~= "" then error(said, 0) end
end

return library
