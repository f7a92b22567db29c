--- core: what the targets for Cortex-M have in common: GCC for bare metal, a board in QEMU.
--
-- `verify` builds with the start-up code and linker scripts of runtime/cortex_m. The program
-- reads and writes files of the host through semihosting, which newlib's rdimon library speaks.
-- Each instruction takes QEMU a nanosecond of the board's time: `bench` counts instructions.

local c = require "targets.c"
local program = require "aot.program"

local FOLDER = program.root .. "/runtime/cortex_m"

local function joined(list, more)
  return table.move(more, 1, #more, #list + 1, table.move(list, 1, #list, 1, {}))
end

-- Runs a program on a board of QEMU's; it hands over the arguments and stands for the debugger.
local function on_board(machine)
  return function(path, arguments)
    local semihosting = { "enable=on,target=native,arg=program" }
    for _, argument in ipairs(arguments) do
      semihosting[#semihosting + 1] = "arg=" .. argument:gsub(",", ",,")
    end
    return {
      "qemu-system-arm", "-M", machine, "-kernel", path, "-nographic", "-monitor", "none",
      "-serial", "none", "-icount", "shift=0",
      "-semihosting-config", table.concat(semihosting, ","),
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
      flags = joined(joined(c.cc.flags, { "-mthumb" }), core.flags),
      link = {
        FOLDER .. "/start.c", FOLDER .. "/clock.c", "-D_POSIX_TIMERS", "-D_POSIX_MONOTONIC_CLOCK",
        "-nostartfiles", "--specs=rdimon.specs", "-L", FOLDER, "-T", core.script,
      },
      runner = on_board(core.machine),
      clock = "instructions",
    },
  }
end
