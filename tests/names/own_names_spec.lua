--- own_names_spec: the example of a company's own names: short, kept to, and right.

local command = require "tests.tools.command"
local data = require "aot.data"
local json = require "aotlua.json"
local names = require "aotlua.names"
local policies = require "aotlua.script"
local program = require "aot.program"
local shell = require "tests.tools.shell"

local example = program.root .. "/examples/own_names"

local function read(path)
  local view = data.open(path)
  return view:string(0, #view)
end

describe("the company's own names", function()
  local folder = command.folder()
  folder:output { example .. "/build.lua", folder.path .. "/out" }
  teardown(function() folder:close() end)

  local function symbols(form)
    return json.decode(folder:read("out/" .. form .. "/symbols.json")).symbols
  end

  it("are at most 40 lines of at most 100 columns", function()
    local count = 0
    for line in read(example .. "/names.lua"):gmatch "[^\n]+" do
      count = count + (line:find "%S" and 1 or 0)
      assert.is_true(#line <= 100, line)
    end
    assert.is_true(count <= 40, count .. " lines")
  end)

  it("are kept to by everything that is generated", function()
    local styles = { entry = "^AcmeCam%w+$", ["function"] = "^AcmeCam%w+$",
      struct = "^AcmeCam%w+$", macro = "^CAM_K_[%u%d_]+$", guard = "^INCLUDED_ACME_CAM_[%u_]+_H$",
      operator = "^acme_cam_%x+$", constant = "^acme_cam_%x+$", object = "^acme_cam_%x+$",
      file = "^[%l%d.-]+$", library = "^acme%-cam%-%l+$", member = "^%l+$" }
    for _, form in ipairs { "int8", "fp32" } do
      for _, symbol in ipairs(symbols(form)) do
        assert.matches(styles[symbol.kind], symbol.spelling)
      end
    end
  end)

  it("fit together", function()
    assert.matches("^2 models can be linked", folder:output { "link", "out/int8", "out/fp32" })
  end)

  it("are all that a program sees, which is right", function()
    local said = shell.must({ "sh", "-c", [[
      set -e
      flags="-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -ffp-contract=off"
      for f in out/*/src/*.c; do
        cc $flags -I$(dirname $f)/../include -I$(dirname $f) -c $f -o $f.o
      done
      cc $flags -Iout/int8/include -Iout/fp32/include "$0/main.c" out/*/src/*.o -lm -o main
      for digit in 0 3 7; do ./main "$0/../digits/images/$digit.pgm"; done
      nm --defined-only --extern-only out/*/src/*.o | awk 'NF == 3 { print $3 }']], example },
      { folder = folder.path })
    assert.equal("0 and 0\n3 and 3\n7 and 7\nAcmeCamExactRun\nAcmeCamDigitsRun\n", said)
  end)

  it("can be asked for on the command line, and with 31 characters", function()
    folder:output { program.root .. "/examples/digits/digits_int8.onnx", "--names",
      example .. "/names.lua", "--set", "significant=31", "--name", "a_rather_long_name", "-o",
      "short" }
    for _, symbol in ipairs(json.decode(folder:read "short/symbols.json").symbols) do
      assert.is_true(#symbol.spelling <= 31 or symbol.kind == "file", symbol.spelling)
    end
  end)

  it("keep clear of what the company's headers define", function()
    local policy = policies.table(example .. "/names.lua")
    local function member(hint)
      return names.spell({ { kind = "member", role = "data", scope = "inputs", owner = "input",
        index = 1, hint = hint } }, policy, { model = "m" })[1]
    end
    assert.equal("input_ACME_GAIN", member "ACME_GAIN")
    assert.equal("acme_gain", member "acme_gain")
    assert.error_matches(function()
      names.spell({ { kind = "macro", role = "reserved" } }, policy, { model = "x" })
      names.spell({ { kind = "macro", role = "run" } }, { name = "acme_cam", deny = policy.deny,
        spell = function() return "CAM_K_RESERVED" end }, { model = "x" })
    end, "becomes 'CAM_K_RESERVED', which is on the deny list of names 'acme_cam'")
  end)

  it("stay different where models differ in case or words run together", function()
    local policy = policies.table(example .. "/names.lua")
    local seen = {}
    for _, model in ipairs { "ab", "aB", "Ab", "a_b", "A_b", "AB" } do
      for _, kind in ipairs { "entry", "macro", "file", "library" } do
        local symbol = { kind = kind, role = kind == "file" and "header" or "run",
          linkage = "exported" }
        local spelled = names.spell({ symbol }, policy, { model = model })[1]
        assert.is_nil(seen[spelled], spelled)
        seen[spelled] = true
      end
    end
  end)
end)
