--- sensor_spec: the example that quantizes a sensor's real values builds and says what is right.

local command = require "tests.tools.command"
local program = require "aot.program"
local shell = require "tests.tools.shell"

local example = program.root .. "/examples/sensor"

describe("the sensor's program", function()
  local folder = command.folder()
  folder:output { example .. "/build.lua", folder.path .. "/out" }
  teardown(function() folder:close() end)

  for _, compiler in ipairs { "gcc", "clang" } do
    it("tells rest from movement (" .. compiler .. ")", function()
      local said = shell.must({ "sh", "-c", [[
        set -e
        flags="-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -ffp-contract=off"
        $1 $flags -Iout/include -Iout/src -o main "$0/main.c" out/src/*.c -lm
        ./main "$0/readings.txt"]], example, compiler }, { folder = folder.path })
      assert.equal("readings 1 to 32: rests (-1.60 m/s2)\n"
        .. "readings 33 to 64: moves (+15.68 m/s2)\n"
        .. "readings 65 to 96: rests (-1.92 m/s2)\n", said)
    end)
  end

  it("has one source, beside the headers of runtime/", function()
    local sources = shell.must({ "sh", "-c", "ls out/src/*.c" }, { folder = folder.path })
    assert.equal("out/src/sensor_lib0.c\n", sources)
  end)

  it("runs a network that computes what its text says", function()
    folder:output { "verify", example .. "/sensor.ir" }
  end)
end)
