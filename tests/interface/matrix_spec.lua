--- matrix_spec: every combination of what the interface leaves to choose runs, or is refused.

local failure = require "aotlua.failure"
local generated = require "tests.tools.generated"
local matrix = require "tests.tools.matrix"

describe("every interface", function()
  local cells = matrix.cells()

  it("is in the matrix: as many cells as combinations, each once", function()
    local seen, legal = {}, 0
    for _, cell in ipairs(cells) do
      assert.is_nil(seen[cell.name])
      seen[cell.name] = true
      legal = legal + (cell.refusal and 0 or 1)
    end
    assert.equal(matrix.product(), #cells)
    assert.same({ 48, 32 }, { #cells, legal })
  end)

  it("is judged: a program that repeats its first inputs is wrong", function()
    local files, main = matrix.program(cells[1], "c")
    local code, said = generated.build_and_run("gcc", files,
      (main:gsub("(right_input_0)%[step%]", "%1[0]")))
    assert.same({ 1, "digits: 2\n" }, { code, said })
  end)

  it("tvm 30: of c calls operators with tensors too; what is refused says what would do", function()
    local legal, refused = 0, 0
    for _, cell in ipairs(cells) do
      if cell.interface == "c" and cell.calls == "packed" then
        assert.is_nil(cell.refusal)
        legal = legal + 1
      elseif cell.refusal then
        assert.equal("packed", cell.interface)
        refused = refused + 1
      end
    end
    assert.same({ 12, 16 }, { legal, refused })
  end)

  it("tvm 66: of tensors has inputs and outputs among the arguments, not in pools", function()
    local cell = { interface = "packed", calls = "unpacked", pointers = "typed", memory = "pools",
      models = 1 }
    local _, raised = pcall(matrix.program, cell, "c")
    assert.equal("--interface packed and --set io=pools do not go together: a packed call takes "
      .. "inputs and outputs as arguments; legal would be --interface c or --set io=caller",
      failure.text(raised))
  end)

  for number, cell in ipairs(cells) do
    if cell.refusal then
      it("is refused with what would do: " .. cell.name, function()
        local made, raised = pcall(matrix.program, cell, "c")
        assert.is_false(made)
        assert.matches(cell.refusal .. ": .*; legal would be %-%-interface c", failure.text(raised))
      end)
    else
      it("gives right answers: " .. cell.name, function()
        local files, main = matrix.program(cell, "c")
        assert.same({ 0, "" }, { generated.build_and_run(number % 2 == 0 and "gcc" or "clang",
          files, main, { "-O0" }) })
      end)
    end
  end
end)
