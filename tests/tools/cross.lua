--- cross: builds C for another machine and runs it there.

local cc = require "aotlua.cc"
local failure = require "aotlua.failure"
local output = require "aotlua.output"
local shell = require "tests.tools.shell"
local target = require "aotlua.target"

local M = {}

local function is_source(path) return path:find "%.[cS]$" end

-- The paths of the sources in a folder of files, sorted.
local function sources_of(files, folder)
  local sources = {}
  for path in pairs(files) do -- order: sorted below
    if is_source(path) then sources[#sources + 1] = folder .. "/" .. path end
  end
  table.sort(sources)
  return sources
end

--- Builds a program of `job` under the strict flags for the target of that name, which must leave
--- nothing to say, and runs it: `files`, path to content, as aotlua.writers gives them, and
--- `main`, C text; `flags`, more for the compiler; `arguments` of the program.
--- Returns its exit code (nil if it did not end by itself, then why), and what it printed.
function M.run(name, job)
  local machine, folder <close> = target.load(name), shell.folder()
  local files = { ["main.c"] = job.main }
  for path, content in pairs(job.files or {}) do -- order: irrelevant, a copy
    files[path] = content
  end
  output.write(folder.path, files)
  local flags = table.move(cc.strict, 1, #cc.strict, 1, {})
  cc.build {
    target = machine, sources = sources_of(files, folder.path), output = folder.path .. "/program",
    flags = table.move(job.flags or {}, 1, #(job.flags or {}), #flags + 1, flags),
    folders = { folder.path .. "/include", folder.path .. "/src" }, log = folder.path .. "/cc.log",
  }
  local said = shell.read(folder.path .. "/cc.log")
  if said ~= "" then error(said, 0) end
  local code, why, printed = cc.run(machine, { folder = folder.path, program = "./program",
    arguments = job.arguments or {}, log = folder.path .. "/run.log" })
  return code, printed .. (why or "")
end

local known = {}

--- What is missing here to build and run programs for the target of that name, as a line; nil
--- where nothing is.
function M.missing(name)
  if known[name] == nil then
    local ok, raised = pcall(M.run, name, { main = "#include <stdio.h>\nint main(void)\n"
      .. "{\n    return fflush(stdout);\n}\n" })
    if not ok and failure.code(raised) ~= failure.io then error(raised, 0) end
    known[name] = not ok and failure.text(raised)
  end
  return known[name] or nil
end

return M
