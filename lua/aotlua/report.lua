--- report: what a compiled model costs, for people and for build systems.

local data = require "aot.data"
local depends = require "aotlua.depends"
local failure = require "aotlua.failure"
local program = require "aot.program"

local M = {}

--- The line at the end of a compilation of what has that record.
function M.summary(record)
  return ("%s for %s: RAM %d bytes%s, weights %d bytes, %d operator%s, %d MACs"):format(
    record.model, record.target, record.workspace_bytes + record.state_bytes,
    record.state_bytes > 0 and (" (state %d)"):format(record.state_bytes) or "",
    record.weight_bytes, #record.operators, #record.operators == 1 and "" or "s",
    record.macs)
end

-- A path as make reads it.
local function escaped(path) return (path:gsub("([ #$])", { [" "] = "\\ ", ["#"] = "\\#",
  ["$"] = "$$" })) end

--- Writes a make-style dependency file: `output`, the last file that is written, depends on the
-- program, on all it read and on every script that was loaded. Raises an I/O failure if it cannot
-- be written.
function M.depfile(path, output)
  local needed, seen = {}, {}
  local function add(file)
    if file and not seen[file] then needed[#needed + 1] = escaped(file) end
    seen[file or ""] = true
  end
  add(program.path)
  for _, file in ipairs(depends.files) do add(file) end
  for name in pairs(package.loaded) do -- order: sorted below
    add(package.searchpath(name, package.path))
  end
  table.sort(needed)
  failure.within("io", data.write, path, ("%s: \\\n  %s\n"):format(escaped(output),
    table.concat(needed, " \\\n  ")))
end

return M
