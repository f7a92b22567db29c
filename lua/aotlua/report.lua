--- report: what a compiled model costs, for people and for build systems.

local data = require "aot.data"
local metadata = require "aotlua.metadata"

local M = {}

--- The line at the end of a compilation.
function M.summary(module, target)
  local record = metadata.of(module, target)
  return ("%s for %s: RAM %d bytes%s, weights %d bytes, %d operators, %d MACs"):format(
    record.model, record.target, record.workspace_bytes + record.state_bytes,
    record.state_bytes > 0 and (" (state %d)"):format(record.state_bytes) or "",
    record.weight_bytes, #record.operators, record.macs)
end

-- A path as make reads it.
local function escaped(path) return (path:gsub("([ #$])", { [" "] = "\\ ", ["#"] = "\\#",
  ["$"] = "$$" })) end

--- Writes a make-style dependency file: the folder's manifest depends on the model and on every
-- script that was loaded.
function M.depfile(path, folder, model)
  local needed, seen = { escaped(model) }, {}
  for name in pairs(package.loaded) do -- order: sorted below
    local script = package.searchpath(name, package.path)
    if script and not seen[script] then
      seen[script] = true
      needed[#needed + 1] = escaped(script)
    end
  end
  table.sort(needed)
  data.write(path, ("%s/manifest.txt: \\\n  %s\n"):format(escaped(folder),
    table.concat(needed, " \\\n  ")))
end

return M
