--- table_spec: the table of hostile input in tests/README.md says what the specs have.

local root = (require "aot.program").root
local shell = require "tests.tools.shell"

local COUNT = 115

-- The specs that the table names for each row: { [row] = { [spec] = true } }.
local function promised()
  local rows, number = {}, 0
  local text = shell.read(root .. "/tests/README.md"):match "\n## Hostile input\n(.-)\n## "
  for row, rest in text:gmatch "\n| (%d+) | [^|]+ | ([^|]+) |" do
    number = number + 1
    assert.equal(number, math.tointeger(tonumber(row)))
    local specs = {}
    if not rest:find "^left out: " then
      for name in rest:gmatch "`([%w_/]+)`" do specs[name] = true end
      assert(next(specs), "row " .. row .. " names no spec and is not left out")
    end
    rows[number] = specs
  end
  assert.equal(COUNT, number)
  return rows
end

-- The rows that each spec's cases name: { [row] = { [spec] = true } }.
local function found()
  local rows = {}
  for row = 1, COUNT do rows[row] = {} end
  local said = shell.must { "grep", "-roE", "\"row [0-9]+:", root .. "/tests",
    "--include=*_spec.lua" }
  for path, row in said:gmatch "([^\n:]+)_spec%.lua:\"row (%d+):" do
    local name = path:sub(#root + #"/tests/" + 1) .. "_spec"
    assert.is_truthy(rows[tonumber(row)], name .. " has a row " .. row)[name] = true
  end
  return rows
end

describe("the table of hostile input", function()
  it("names for each row the specs that have it, or why none has", function()
    local wanted, there = promised(), found()
    for row = 1, COUNT do assert.same(there[row], wanted[row], "row " .. row) end
  end)
end)
