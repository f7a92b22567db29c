--- cc_spec: compilers and runners that are not there, hang or take arguments.

local command = require "tests.tools.command"

local function has(text, part)
  assert.is_truthy(text:find(part, 1, true), text)
end

-- The portable target with other fields of its cc, as the text of a target file.
local function target(fields)
  return ([[
local c = require "targets.c"
return {
  name = "board", pipeline = c.pipeline, kernels = c.kernels, schedules = c.schedules,
  memory = c.memory, names = c.names, interface = c.interface, cc = { %s },
}
]]):format(fields)
end

describe("verify on a target", function()
  local folder
  before_each(function() folder = command.folder() end)
  after_each(function() folder:close() end)

  local function verify(fields)
    folder:write("board.lua", target(fields))
    return folder:run { "verify", "tiny.ir", "--target", "board.lua" }
  end

  it("names Debian's package of a compiler that is missing, and exits 4", function()
    folder:write("board.lua", target 'command = "riscv64-linux-gnu-gcc"')
    local code, said = folder:run({ "verify", "tiny.ir", "--target", "board.lua" },
      { "PATH=" .. folder.path })
    assert.equal(4, code)
    has(said, "'riscv64-linux-gnu-gcc' is not here; Debian's package is gcc-riscv64-linux-gnu")
  end)

  it("names Debian's package of a C library that is missing, and exits 4", function()
    folder:write("arm-none-eabi-gcc", "#!/bin/sh\n"
      .. "echo \"gcc: fatal error: cannot read spec file 'rdimon.specs'\" >&2\nexit 1\n")
    os.execute(("chmod +x '%s/arm-none-eabi-gcc'"):format(folder.path))
    folder:write("board.lua", target 'command = "arm-none-eabi-gcc"')
    local code, said = folder:run({ "verify", "tiny.ir", "--target", "board.lua" },
      { ("PATH=%s:%s"):format(folder.path, os.getenv "PATH") })
    assert.equal(4, code)
    has(said, "does not find rdimon.specs of its C library; "
      .. "Debian's package is libnewlib-arm-none-eabi")
  end)

  it("names a runner that is missing, and exits 4", function()
    local code, said = verify 'runner = { "no-such-runner" }'
    assert.equal(4, code)
    has(said, "the runner 'no-such-runner' of target board is not here")
  end)

  it("ends a runner that takes too long, and exits 1", function()
    local code, said = verify 'runner = { "sh", "-c", "exec sleep 100" }, seconds = 1'
    assert.equal(1, code)
    has(said, "the program did not end within 1 seconds on board")
  end)

  it("runs a program as the runner says: words before it, or a function", function()
    assert.equal(0, (verify 'runner = { "env" }'))
    assert.equal(0, (verify [[runner = function(program, arguments)
      return { "sh", "-c", '"$0" "$@"', program, table.unpack(arguments) }
    end]]))
  end)

  it("says what a runner said that fails", function()
    local code, said = verify 'runner = { "sh", "-c", "echo no board here; exit 9" }'
    assert.equal(1, code)
    has(said, "stopped with code 9\nno board here")
  end)

  it("links what the target adds", function()
    folder:write("more.c", "int more(void);\nint more(void)\n{\n    return 1;\n}\n")
    assert.equal(0, (verify(('link = { "%s/more.c" }'):format(folder.path))))
    local code, said = verify 'link = { "-lno_such_library" }'
    assert.equal(1, code)
    has(said, "no_such_library")
  end)
end)
