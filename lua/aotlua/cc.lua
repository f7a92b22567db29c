--- cc: runs the target's C compiler and what it built.

local failure = require "aotlua.failure"
local system = require "aot.system"

local M = {}

-- What Debian calls the packages of a compiler and of the C library that it takes, and those of
-- the runners.
local PACKAGES = {
  cc = { "gcc", "libc6-dev" }, gcc = { "gcc", "libc6-dev" }, clang = { "clang", "libc6-dev" },
  ["arm-none-eabi-gcc"] = { "gcc-arm-none-eabi", "libnewlib-arm-none-eabi" },
  ["aarch64-linux-gnu-gcc"] = { "gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross" },
  ["riscv64-linux-gnu-gcc"] = { "gcc-riscv64-linux-gnu", "libc6-dev-riscv64-cross" },
}
local RUNNERS = {
  ["qemu-system-arm"] = "qemu-system-arm", ["qemu-aarch64"] = "qemu-user",
  ["qemu-riscv64"] = "qemu-user",
}

local SECONDS = 600 -- until a runner is ended, where the target says nothing else

--- The flags that generated code is promised to be free of warnings under.
M.strict = {
  "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow",
  "-Wframe-larger-than=1024", "-Werror",
}

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a" or ""
end

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

local function append(list, more)
  return table.move(more, 1, #more, #list + 1, list)
end

--- The target's compiler as a list of words: CC from the environment, else the target's.
function M.command(target)
  local wanted = words(os.getenv "CC" or "")
  return #wanted > 0 and wanted or words(target.cc and target.cc.command or "cc")
end

local function is_missing(program)
  local _, why = system.run { program, "--version" }
  return why == "not found"
end

--- Whether the target's compiler is on this machine.
function M.is_here(target) return not is_missing(M.command(target)[1]) end

-- Says what is missing where the compiler is there, but not its library.
local function refuse_missing_library(compiler, said)
  local missing = said:match "cannot read spec file '([^']+)'"
    or said:match "fatal error: (std%l+%.h): No such file" or said:match "cannot find (crt1%.o)"
  if missing then
    local packages = PACKAGES[compiler] or PACKAGES.cc
    failure.raise("io", "'%s' does not find %s of its C library; Debian's package is %s", compiler,
      missing, packages[2])
  end
end

-- Says which header is missing, where its accelerator knows where it comes from.
local function refuse_missing_header(target, said)
  local missing = said:match "fatal error: '?([^\n:']+)'?:? [^\n]*file" -- as GCC and Clang have it
  for _, device in ipairs(target.accelerators or {}) do
    for _, name in ipairs(device.headers or {}) do
      if name == missing and device.cc and device.cc.missing then
        failure.raise("io", "accelerator %s: the compiler does not find its '%s': %s", device.name,
          name, device.cc.missing)
      end
    end
  end
end

-- What the accelerators of a target add to its own `flags` or `link`.
local function append_accelerators(line, target, field)
  for _, device in ipairs(target.accelerators or {}) do
    append(line, device.cc and device.cc[field] or {})
  end
end

--- Compiles and links. `job`: `target`, `sources` (paths), `folders` (to look for includes in),
-- `flags` (more, after the target's), `output`, `log` (a path for what the compiler says), `only`
-- (make one object file, not a program). CFLAGS of the environment come last, but for what the
-- target links. Raises an I/O failure naming what is missing where there is no compiler, no C
-- library or no header of an accelerator, an error with the words of the compiler or linker where
-- it refuses.
function M.build(job)
  local line = M.command(job.target)
  local compiler, given = line[1], job.target.cc or {}
  append(line, given.flags or {})
  append_accelerators(line, job.target, "flags")
  append(line, job.flags or {})
  append(line, words(os.getenv "CFLAGS" or ""))
  for _, folder in ipairs(job.folders) do append(line, { "-I", folder }) end
  append(line, job.sources)
  append(line, job.only and { "-r", "-nostdlib" } or given.link or {})
  if not job.only then append_accelerators(line, job.target, "link") end
  append(line, { "-o", job.output, not job.only and "-lm" or nil })
  local code, why = system.run(line, job.log)
  if why == "not found" then
    failure.raise("io", "the C compiler '%s' is not here; Debian's package is %s", compiler,
      (PACKAGES[compiler] or PACKAGES.cc)[1])
  elseif code ~= 0 then
    local said = read(job.log):gsub("\u{2018}", "'"):gsub("\u{2019}", "'") -- as GCC quotes in UTF-8
    refuse_missing_library(compiler, said)
    refuse_missing_header(job.target, said)
    error(("%s did not compile the generated code (%s):\n%s"):format(
      compiler, why or "exit code " .. code, said:sub(1, 4000)), 0)
  end
end

--- The bytes of an object file's code and constants, nil where there is no program to tell: the
-- `size` that belongs to the compiler.
function M.code_bytes(target, object, log)
  local prefix = M.command(target)[1]:match "^(.*%-)gcc$" or ""
  if system.run({ prefix .. "size", "-A", object }, log) ~= 0 then return nil end
  local bytes = 0
  for section, size in read(log):gmatch "(%.%S+)%s+(%d+)" do
    if section:find "^%.text" or section:find "^%.rodata" or section:find "^%.data" then
      bytes = bytes + math.tointeger(size)
    end
  end
  return bytes
end

-- The words that run a program of the target: its runner is a list of words that come before, or
-- a function of the program and the list of its arguments.
local function runner_line(target, program, arguments)
  local runner = target.cc and target.cc.runner or {}
  if type(runner) == "function" then return runner(program, arguments) end
  return append(append(append({}, runner), { program }), arguments)
end

local function refuse_missing_runner(target, runner)
  if is_missing(runner) then
    local package = RUNNERS[runner]
    failure.raise("io", "the runner '%s' of target %s is not here%s", runner, target.name,
      package and "; Debian's package is " .. package or "")
  end
end

-- A line that ends another one after some seconds, by force if need be. It stays in the
-- foreground, so that what stops aotlua stops it, too.
local function limited(line, seconds)
  return append({ "timeout", "--foreground", "-k", "5", tostring(seconds) }, line)
end

--- Runs a built program as the target does: directly, or on its runner. `run`: `folder`, where it
-- starts, `program`, its path from there, `arguments`, and `log`, a path for what it prints.
-- Returns its exit code, or nil and why; what it printed is a third result. Raises an I/O failure
-- where the runner is missing, an error where the program on a runner takes more time than the
-- target grants (seconds; by default 10 minutes).
function M.run(target, run)
  local has_runner = target.cc and target.cc.runner
  local seconds, start = has_runner and target.cc.seconds or SECONDS, system.clock()
  local line = runner_line(target, run.program, run.arguments)
  if has_runner then refuse_missing_runner(target, line[1]) end
  line = append({ "env", "-C", run.folder }, line)
  local code, why = system.run(has_runner and limited(line, seconds) or line, run.log)
  if has_runner and (code == 124 or code == 137) and system.clock() - start >= seconds then
    error(("the program did not end within %d seconds on %s"):format(seconds, target.name), 0)
  end
  return code, why, read(run.log)
end

return M
