--- cc: runs the target's C compiler and what it built.

local failure = require "aotlua.failure"
local system = require "aot.system"

local M = {}

-- What Debian calls the package of a compiler.
local PACKAGES = {
  cc = "gcc", gcc = "gcc", clang = "clang", ["arm-none-eabi-gcc"] = "gcc-arm-none-eabi",
  ["aarch64-linux-gnu-gcc"] = "gcc-aarch64-linux-gnu",
  ["riscv64-linux-gnu-gcc"] = "gcc-riscv64-linux-gnu",
}

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

--- Compiles and links. `job`: `target`, `sources` (paths), `folders` (to look for includes in),
-- `flags` (more, after the target's), `output`, `log` (a path for what the compiler says), `only`
-- (make one object file, not a program). CFLAGS of the environment come last. Raises an I/O
-- failure naming the package where there is no compiler, an error with the compiler's words where
-- it refuses.
function M.build(job)
  local line = M.command(job.target)
  local compiler = line[1]
  append(line, job.target.cc and job.target.cc.flags or {})
  append(line, job.flags or {})
  append(line, words(os.getenv "CFLAGS" or ""))
  for _, folder in ipairs(job.folders) do append(line, { "-I", folder }) end
  append(line, job.sources)
  append(line, { "-o", job.output })
  append(line, job.only and { "-r", "-nostdlib" } or { "-lm" })
  local code, why = system.run(line, job.log)
  if why == "not found" then
    failure.raise("io", "the C compiler '%s' is not here; Debian's package is %s", compiler,
      PACKAGES[compiler] or "gcc")
  elseif code ~= 0 then
    error(("%s did not compile the generated code (%s):\n%s"):format(
      compiler, why or "exit code " .. code, read(job.log):sub(1, 4000)), 0)
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

--- Runs a built program on the target's runner (a list of words before it; none: directly).
-- Returns its exit code, or nil and why; what it printed is in the file `log`.
-- Raises an I/O failure where the runner is missing.
function M.run(target, program, log)
  local runner = target.cc and target.cc.runner or {}
  local code, why = system.run(append(append({}, runner), program), log)
  if why == "not found" and runner[1] then
    failure.raise("io", "the runner '%s' of target %s is not here; Debian's packages are "
      .. "qemu-user and qemu-system-arm", runner[1], target.name)
  end
  return code, why, read(log)
end

return M
