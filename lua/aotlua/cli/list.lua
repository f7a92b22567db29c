--- list: prints what there is to choose from.

local catalog = require "aotlua.catalog"
local failure = require "aotlua.failure"
local ir = require "aot.ir"
local json = require "aotlua.json"
local sorted = require "aotlua.sorted"

-- The scripts of a folder: { name, about }.
local function scripts(folder)
  return function()
    local rows = {}
    for i, script in ipairs(catalog.scripts(folder)) do
      rows[i] = { name = script.name, about = script.about,
        line = ("%-16s %s"):format(script.name, script.about) }
    end
    return rows
  end
end

local function operands(op)
  local most = op.high
  if most == op.low then return tostring(most) end
  return ("%d to %s"):format(op.low, most < 0 and "any number" or tostring(most))
end

local function list_ops()
  local rows = {}
  for i, op in ipairs(ir.ops()) do
    local flags = sorted(op.flags)
    rows[i] = { name = op.name, least = op.low, most = op.high >= 0 and op.high or json.null,
      flags = flags,
      line = ("%-16s operands: %-14s %s"):format(op.name, operands(op),
        table.concat(flags, ", ")):gsub(" *$", "") }
  end
  return rows
end

local LISTS = {
  ops = list_ops, passes = scripts "passes", targets = scripts "targets",
  policies = scripts "lua/aotlua/policies",
}

return {
  about = "prints the ops, passes, targets or naming policies there are",
  usage = "ops|passes|targets|policies [--json]",
  least = 1, most = 1,
  options = { { "--json", nil, "prints them as JSON" } },
  run = function(words, options)
    local list = LISTS[words[1]]
    if not list then
      failure.raise("usage", "list knows ops, passes, targets and policies, not '%s'", words[1])
    end
    local rows, lines = list(), {}
    for i, row in ipairs(rows) do
      lines[i], row.line = row.line, nil
    end
    io.write(options.json and json.encode(rows) or table.concat(lines, "\n") .. "\n")
  end,
}
