--- migration_spec: what the page for people from microTVM says is so.

local pages = require "tests.tools.pages"
local program = require "aot.program"
local shell = require "tests.tools.shell"

local page = program.root .. "/examples/microtvm/README.md"

-- What the program itself says about its options: every verb's help, and what --set may say.
local function known()
  local words = { program.path, "explain", "c" }
  local text = { shell.must(words), shell.must { program.path, "--help" } }
  for _, verb in ipairs { "compile", "run", "verify", "explain", "list", "link" } do
    text[#text + 1] = shell.must { program.path, verb, "--help" }
  end
  return table.concat(text, "\n")
end

-- The cells of the page's tables that speak of aotlua.
local function our_cells()
  local cells = {}
  for cell in shell.read(page):gmatch "\n|[^\n]-| ([^\n|]*) |%f[\n]" do
    if not cell:find "^%-+$" and cell ~= "aotlua" then cells[#cells + 1] = cell end
  end
  return cells
end

describe("the page for people from microTVM", function()
  local folder, printed = shell.folder(), nil
  local here = folder.path .. "/microtvm"
  setup(function()
    shell.must { "mkdir", here }
    shell.must { "ln", "-s", program.root .. "/examples/digits", folder.path .. "/digits" }
    printed = pages.follow(page, here)
  end)
  teardown(function() getmetatable(folder).__close(folder) end)

  it("has programs that build and run as they stand, and agree", function()
    assert.equal(4, #printed)
    assert.matches("^%d%.%d+\n$", printed[1])
    assert.equal(printed[1], printed[2])
    assert.equal(printed[1], printed[3])
    assert.matches("^2 models can be linked", printed[4])
  end)

  it("is right that the program runs with typed pointers, and with nothing to warn of", function()
    shell.must({ program.path, "../digits/digits_int8.onnx", "--name", "digits", "-o", "typed" },
      { folder = here })
    for _, made in ipairs { "typed", "digits_c" } do
      local said = shell.must({ "sh", "-ec", [[
        cc -std=c99 -pedantic -Wall -Wextra -Wconversion -Werror "-I$0/include" main.c \
          "$0"/src/*.c -ffp-contract=off -lm -o again
        ./again]], made }, { folder = here })
      assert.equal(printed[1], said)
    end
  end)

  it("names options that there are", function()
    local text, count = known(), 0
    for _, cell in ipairs(our_cells()) do
      for option in cell:gmatch "%-%-[%l-]+" do
        count = count + 1
        assert.truthy(text:find(option:gsub("%-", "%%-") .. "[ =,%[]"), option)
      end
      for key in cell:gmatch "%-%-set (%l+)=" do
        assert.truthy(text:find("\n  " .. key .. "=", 1, true), key)
      end
    end
    assert.is_true(count >= 20)
  end)

  it("is right about names", function()
    shell.write(here .. "/odd.ir", [[
module odd { source = { format = onnx, inputs = [my_audio, "input::0", int, "0"], outputs = [y] } }
graph @main(%a : f32[2], %b : f32[2], %c : f32[2], %d : f32[2]) {
  %p = add %a, %b : f32[2]
  %q = add %p, %c : f32[2]
  %y = add %q, %d : f32[2]
  return %y
}
]])
    local _, said = shell.run({ program.path, "odd.ir" }, { folder = here })
    assert.matches("input 4 '0' becomes 'input_0', which is also .- input 2 'input::0'", said)
    shell.must({ "sed", "-i", "s/, \"0\"/, x/", "odd.ir" }, { folder = here })
    shell.must({ program.path, "odd.ir" }, { folder = here })
    local header, text = shell.read(here .. "/odd_c/include/tvmgen_odd.h"), shell.read(page)
    for _, name in ipairs { "TVMGEN_ODD_H990CB8EB_MY_AUDIO_SIZE", "input_0", "input_int" } do
      assert.truthy(header:find("%f[%w_]" .. name .. "%f[^%w_]"), name)
      assert.truthy(text:find("`" .. name .. "`", 1, true), name)
    end
  end)
end)
