--- list: prints what there is to choose from.

local catalog = require "aotlua.catalog"
local failure = require "aotlua.failure"
local ir = require "aot.ir"

local function scripts(folder)
  return function()
    local lines = {}
    for i, script in ipairs(catalog.scripts(folder)) do
      lines[i] = ("%-16s %s"):format(script.name, script.about)
    end
    return lines
  end
end

local function operands(op)
  local most = op.high
  if most == op.low then return tostring(most) end
  return ("%d to %s"):format(op.low, most < 0 and "any number" or tostring(most))
end

local function list_ops()
  local lines = {}
  for i, op in ipairs(ir.ops()) do
    local flags = {}
    for flag in pairs(op.flags) do flags[#flags + 1] = flag end -- order: sorted on the next line
    table.sort(flags)
    lines[i] = ("%-16s operands: %-14s %s"):format(op.name, operands(op),
      table.concat(flags, ", ")):gsub(" *$", "")
  end
  return lines
end

local LISTS = {
  ops = list_ops, passes = scripts "passes", targets = scripts "targets",
  policies = scripts "lua/aotlua/policies",
}

return {
  about = "prints the ops, passes, targets or naming policies there are",
  usage = "ops|passes|targets|policies",
  least = 1, most = 1,
  options = {},
  run = function(words)
    local list = LISTS[words[1]]
    if not list then
      failure.raise("usage", "list knows ops, passes, targets and policies, not '%s'", words[1])
    end
    io.write(table.concat(list(), "\n"), "\n")
  end,
}
