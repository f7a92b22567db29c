--- matrix_spec: one and three models answer right on boards, in every way to call them.

local cross = require "tests.tools.cross"
local matrix = require "tests.tools.matrix"

-- Pointers to void make no other code than typed ones.
local function is_wanted(cell)
  return not cell.refusal and cell.pointers == "typed"
end

describe("every interface", function()
  for _, target in ipairs { "cortex_m4", "cortex_m55" } do
    local missing = cross.missing(target)
    if missing then
      it("gives right answers on " .. target, function() pending(missing) end)
    end
    for _, cell in ipairs(missing and {} or matrix.cells()) do
      if is_wanted(cell) then
        it(("gives right answers on %s: %s"):format(target, cell.name), function()
          local files, main = matrix.program(cell, target)
          assert.same({ 0, "" }, { cross.run(target, { files = files, main = main }) })
        end)
      end
    end
  end
end)
