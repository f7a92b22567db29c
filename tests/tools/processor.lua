--- processor: what the machine that runs the tests can do.

local M = {}

--- Whether the processor has all `flags`, as Linux names them: "avx2", "fma".
function M.has(flags)
  local file <close> = io.open("/proc/cpuinfo", "r")
  local line = file and file:read "a":match "flags%s*:([^\n]*)" or ""
  for _, flag in ipairs(flags) do
    if not (line .. " "):find(" " .. flag .. " ", 1, true) then return false end
  end
  return true
end

return M
