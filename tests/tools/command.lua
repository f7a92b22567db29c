--- command: aotlua's command line as specs use it, each run a process of its own.

local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"

local command = {}

--- A network small enough to read: two inputs, two outputs, one constant.
command.tiny = [[
module tiny
const $w : f32[4] = dense [1.0, 2.0, 3.0, 4.0]
graph @main(%x : f32[2, 4], %n : i8[3]) {
  %y = mul %x, $w : f32[2, 4]
  %z = neg %y : f32[2, 4]
  %m = neg %n : i8[3]
  return %z, %m
}
]]

--- One that keeps state: the sum of all it was given.
command.counter = [[
module counter
state %sum : i32[1] = splat 0
graph @main(%x : i32[1]) {
  %next = add %sum, %x : i32[1]
  %y = neg %next : i32[1]
  return %y, next %sum = %next
}
]]

local Folder = {}
Folder.__index = Folder

--- A new folder with tiny.ir and counter.ir in it; `close` removes it.
function command.folder()
  local folder = setmetatable({ path = system.temporary_folder() }, Folder)
  folder:write("tiny.ir", command.tiny)
  folder:write("counter.ir", command.counter)
  return folder
end

function Folder:close() system.remove(self.path) end

function Folder:write(name, bytes) shell.write(self.path .. "/" .. name, bytes) end

function Folder:read(name) return shell.read(self.path .. "/" .. name) end

--- Runs aotlua in the folder. Returns the exit code and what it printed on both outputs.
function Folder:run(words, environment)
  local line = table.move(words, 1, #words, 2, { program.path })
  return shell.run(line, { folder = self.path, environment = environment })
end

--- The same for what is to succeed. Returns what it printed on standard output alone.
function Folder:output(words, environment)
  local line = { "sh", "-c", '"$0" "$@" 2>errors', program.path }
  table.move(words, 1, #words, #line + 1, line)
  local code, said = shell.run(line, { folder = self.path, environment = environment })
  if code ~= 0 then
    error(("aotlua %s: code %s\n%s"):format(table.concat(words, " "), code, self:read "errors"), 0)
  end
  return said
end

return command
