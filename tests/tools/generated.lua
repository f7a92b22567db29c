--- generated: makes the files of small models from IR text, compiles and runs them.

local cc = require "aotlua.cc"
local output = require "aotlua.output"
local pipeline = require "aotlua.pipeline"
local system = require "aot.system"
local target = require "aotlua.target"
local text = require "aotlua.text"
local writers = require "aotlua.writers"

local M = {}

--- A model with a constant, a state written straight, and names that C does not take.
M.source = [[
module kws { source = { format = tflite, inputs = ["serving/audio:0", int], outputs = ["x*/b", y]}}
const $w : f32[4, 3] = dense [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]
state %ring : f32[2, 4, 3] = splat 0.5
state %start : i8[4] q(0.5, 3) = dense [1, 2, 3, 4]
graph @main(%x : f32[2, 4, 3], %i : i8[4] q(0.5, 3)) {
  %y = mul %x, $w : f32[2, 4, 3]
  %old = neg %ring : f32[2, 4, 3]
  %new = add %y, %old : f32[2, 4, 3]
  %r = reshape %old { shape = [24] } : f32[24]
  %q = max %i, %start : i8[4] q(0.5, 3)
  %z = neg %r : f32[24]
  return %q, %z, next %ring = %new
}
]]

--- The module of IR text (M.source without one) after the last pass, and its files. `interface`
-- stands for that of the target, { kind, calls }.
function M.compiled(options, ir_text, interface)
  local module = text.parse(ir_text or M.source, "in.ir")
  local c = setmetatable({ interface = interface }, { __index = target.load "c" })
  pipeline.run(module, { target = c, options = options, pipeline = pipeline.new {
    "plan_memory", "interface", "names" } })
  return module, writers.files(module, c)
end

local function write(path, words)
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(words))
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

--- Runs a command and returns its exit code and what it printed.
function M.run(words, folder)
  local log = folder .. "/log"
  local code = system.run(words, log)
  return code, read(log)
end

--- Compiles the files with `main` (C text) under strict flags, which must leave nothing to
-- say, and runs the program. Returns its exit code and what it printed.
function M.build_and_run(compiler, files, main, flags)
  local folder <close> = setmetatable({ path = system.temporary_folder() }, {
    __close = function(self) system.remove(self.path) end })
  output.write(folder.path, files)
  write(folder.path .. "/main.c", main)
  local words = { compiler, "-O1", "-Wsign-conversion", table.unpack(cc.strict) }
  table.move(flags or {}, 1, #(flags or {}), #words + 1, words)
  table.move({ "-I", folder.path .. "/include", "-I", folder.path .. "/src", "-o",
    folder.path .. "/main", folder.path .. "/main.c" }, 1, 7, #words + 1, words)
  local paths = {}
  for path in pairs(files) do -- order: sorted on the next lines
    paths[#paths + 1] = path:find "%.[cS]$" and folder.path .. "/" .. path or nil
  end
  table.sort(paths)
  table.move(paths, 1, #paths, #words + 1, words)
  words[#words + 1] = "-lm"
  local code, said = M.run(words, folder.path)
  assert(code == 0 and said == "", said)
  return M.run({ folder.path .. "/main" }, folder.path)
end

return M
