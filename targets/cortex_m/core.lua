--- core: what the targets for Cortex-M have in common: GCC for bare metal, a board in QEMU.
--
-- `verify` builds with the start-up code and linker scripts of runtime/cortex_m. The program
-- reads and writes files of the host through semihosting, which newlib's rdimon library speaks.

local c = require "targets.c"
local program = require "aot.program"

local FOLDER = program.root .. "/runtime/cortex_m"

-- Runs a program on a board of QEMU's; it hands over the arguments and stands for the debugger.
local function on_board(machine)
  return function(path, arguments)
    local semihosting = { "enable=on,target=native,arg=program" }
    for _, argument in ipairs(arguments) do
      semihosting[#semihosting + 1] = "arg=" .. argument:gsub(",", ",,")
    end
    return {
      "qemu-system-arm", "-M", machine, "-kernel", path, "-nographic", "-monitor", "none",
      "-serial", "none", "-semihosting-config", table.concat(semihosting, ","),
    }
  end
end

--- A target. `core`: `name`; `flags`, which choose the processor; `machine`, a board of QEMU's
-- that has it, and `script`, the board's linker script. With portable C kernels.
return function(core)
  return {
    name = core.name,
    pipeline = c.pipeline,
    kernels = c.kernels,
    schedules = c.schedules,
    accelerators = c.accelerators,
    memory = c.memory,
    names = c.names,
    interface = c.interface,
    cc = {
      command = "arm-none-eabi-gcc",
      flags = table.move(core.flags, 1, #core.flags, #c.cc.flags + 2,
        table.move(c.cc.flags, 1, #c.cc.flags, 1, { [#c.cc.flags + 1] = "-mthumb" })),
      link = {
        FOLDER .. "/start.c", "-nostartfiles", "--specs=rdimon.specs", "-L", FOLDER,
        "-T", core.script,
      },
      runner = on_board(core.machine),
    },
  }
end
