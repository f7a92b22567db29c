--- harness: kernels compiled and run against the evaluator, many cases in one C program.
--
--     local cases = harness.new { name = "matmul", target = { name = "c" } }
--     cases:add("a row of floats", [[ module t  graph @main(...) { ... } ]])
--     assert.same({}, cases:run())
--
-- A case is a module whose @main has one node, an op or a call. Inputs are random, the same in
-- every run; each buffer is an array of its own, so that sanitizers see every stray access.

local data = require "aot.data"
local emit = require "aot.emit"
local program = require "aot.program"
local system = require "aot.system"

local cc = require "aotlua.cc"
local kernels = require "aotlua.kernels"
local numbers = require "tests.tools.numbers"
local text = require "aotlua.text"
local types = require "aotlua.types"

local M = {}

local Cases = {}
Cases.__index = Cases

--- name: of the program; target: a target's table.
function M.new(spec)
  return setmetatable({
    name = spec.name, target = spec.target, parts = {}, titles = {}, headers = {},
    draw = numbers.generator(),
  }, Cases)
end

local function array(name, tensor, const)
  return ("static %s%s %s[] = {\n%s};\n"):format(const and "const " or "",
    emit.ctype(tensor.type.dtype), name, (emit.array(tensor)))
end

--- Adds a case. options: special (infinities, NaNs, ends of ranges among the inputs), inputs (a
-- list of tensors or false), tolerance (relative, of floats; default: equal).
function Cases:add(title, source, options)
  options = options or {}
  local module = type(source) == "string" and text.parse(source, title) or source
  module:infer()
  local graph, inputs, value_of = module:main(), {}, {}
  for i, param in ipairs(graph.params) do
    inputs[i] = options.inputs and options.inputs[i]
      or numbers.tensor(self.draw, param.type, options.special)
    value_of[param] = inputs[i]
  end
  local expected = options.expected or graph:eval(inputs)
  local node = graph:nodes()()
  local kernel = kernels.build(node, self.target)
  local id, out, args, outputs = #self.titles + 1, {}, {}, 0
  local function piece(format, ...) out[#out + 1] = format:format(...) end
  out[1] = kernel:definition("kernel_" .. id, { static = true, comment = emit.comment(title) })
  local checks = {}
  for i, param in ipairs(kernel.params) do
    local name = ("data_%d_%d"):format(id, i)
    args[i] = name
    if param.role == "scratch" then
      piece("static union { uint8_t bytes[%d]; double align; } %s;\n", kernel.scratch_bytes, name)
      args[i] = "&" .. name
    elseif param.role == "input" then
      out[#out + 1] = array(name, value_of[param.value] or param.value.data, true)
    else
      outputs = outputs + 1
      local want = expected[outputs]
      out[#out + 1] = array(name .. "_want", want, true)
      piece("static %s %s[sizeof %s_want / sizeof *%s_want];\n", emit.ctype(want.type.dtype),
        name, name, name)
      checks[#checks + 1] = ("    COMPARE(%d, %s, %d, %.17g)\n"):format(
        id, name, types.count(want.type), options.tolerance or 0)
    end
  end
  piece("static int check_%d(void)\n{\n    int bad = 0;\n", id)
  piece("    bad |= kernel_%d(%s) != 0;\n%s    return bad;\n}\n", id, table.concat(args, ", "),
    table.concat(checks))
  self.titles[id], self.parts[id] = title, table.concat(out)
  for _, header in ipairs(kernel.headers) do self.headers[header] = true end
end

-- A NaN equals a NaN; the sign of zero is not looked at.
local prelude = [[
#include <math.h>
#include <stdio.h>
#define COMPARE(id, name, count, tolerance) \
    for (int at = 0; at < (count); ++at) { \
        const double got = (double)name[at], want = (double)name##_want[at]; \
        const double gap = got - want, size = want < 0 ? -want : want; \
        const int near = (gap < 0 ? -gap : gap) <= (tolerance) * size; \
        if (name[at] == name##_want[at] || (got != got && want != want) || near) continue; \
        if (bad++ == 0) printf("%d: [%d] is %.9g, not %.9g\n", id, at, got, want); \
    }
]]

function Cases:source()
  local includes, calls = {}, {}
  for name in pairs(self.headers) do -- order: sorted below
    includes[#includes + 1] = ("#include \"%s\"\n"):format(name)
  end
  table.sort(includes)
  for id = 1, #self.titles do calls[id] = ("    bad += check_%d();\n"):format(id) end
  return table.concat(includes) .. prelude .. table.concat(self.parts, "\n")
    .. "\nint main(void)\n{\n    int bad = 0;\n" .. table.concat(calls)
    .. "    return bad != 0;\n}\n"
end

local function read(path)
  local file <close> = assert(io.open(path, "r"))
  return file:read "a"
end

-- Compiles with `compiler` and `flags` under the strict flags. Returns a list of what went wrong.
local function compile(cases, folder, compiler, flags)
  local source, log = folder .. "/case.c", folder .. "/log"
  data.write(source, cases:source())
  local line = table.move(cc.strict, 1, #cc.strict, 2, { compiler })
  table.move(flags, 1, #flags, #line + 1, line)
  local rest = { "-ffp-contract=off", "-I", program.root .. "/runtime", source, "-o",
    folder .. "/case", "-lm" }
  table.move(rest, 1, #rest, #line + 1, line)
  if system.run(line, log) == 0 then return {} end
  return { "does not compile:\n" .. read(log):sub(1, 3000) }
end

--- Compiles with `compiler` and `flags`, always under the strict flags, for a processor that need
-- not be here. Returns a list of what went wrong.
function Cases:compile(compiler, flags)
  local folder = system.temporary_folder()
  local wrong = compile(self, folder, compiler, flags)
  system.remove(folder)
  return wrong
end

--- Compiles with `compiler` (default "gcc") and `flags` (default: sanitizers), always under the
-- strict flags, and runs. Returns a list of what went wrong, "title: ..." each.
function Cases:run(compiler, flags)
  local folder = system.temporary_folder()
  local log, built = folder .. "/log", folder .. "/case"
  flags = flags or { "-O0", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all" }
  local wrong = compile(self, folder, compiler or "gcc", flags)
  if #wrong == 0 then
    local code = system.run({ built }, log)
    for id, what in read(log):gmatch "(%d+): ([^\n]*)" do
      wrong[#wrong + 1] = ("%s: %s"):format(self.titles[tonumber(id)] or "?", what)
    end
    if code ~= 0 and #wrong == 0 then wrong[1] = read(log):sub(1, 3000) end
  end
  if #wrong == 0 then system.remove(folder) end
  return wrong
end

return M
