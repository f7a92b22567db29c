--- cli: the command line: finds the verb, runs it, and turns what it raises into an exit code.

local arguments = require "aotlua.arguments"
local failure = require "aotlua.failure"
local program = require "aot.program"
local progress = require "aotlua.progress"
local script = require "aotlua.script"
local words_of = require "aotlua.import.words"

local M = {}

-- In the order in which --help lists them; each is lua/aotlua/cli/<verb>.lua.
local VERBS = {
  "compile", "run", "verify", "check", "analyze", "bench", "opt", "kernel", "explain", "list",
  "link",
}

local is_verb = {}
for _, name in ipairs(VERBS) do is_verb[name] = true end

local function verb_named(name) return require("aotlua.cli." .. name) end

local function general_help()
  local lines = {
    "aotlua: compiles trained networks (.tflite, .onnx) to plain C", "",
    "usage: aotlua MODEL [OPTIONS]          the same as compile",
    "       aotlua BUILD.lua [ARGS]         runs a build script",
    "       aotlua VERB ... | VERB --help | --help | --version", "",
  }
  for _, name in ipairs(VERBS) do
    lines[#lines + 1] = ("  %-9s %s"):format(name, verb_named(name).about:match "^[^\n]*")
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "exit codes: 0 done, 1 model, script or compile error, 2 usage,"
  lines[#lines + 1] = "  3 numbers differ, 4 files or missing programs, 70 a bug in aotlua"
  return table.concat(lines, "\n") .. "\n"
end

local function run_verb(name, list)
  local verb = verb_named(name)
  for _, word in ipairs(list) do
    if word == "--help" or word == "-h" then
      io.write(arguments.help(name, verb))
      return failure.ok
    end
  end
  return verb.run(arguments.read(name, verb, list)) or failure.ok
end

local function dispatch(args)
  local first = args[1]
  if first == nil then
    failure.raise("usage", "a model, a build script or a verb is wanted; aotlua --help lists them")
  elseif first == "--help" or first == "-h" then
    io.write(general_help())
    return failure.ok
  elseif first == "--version" then
    io.write("aotlua ", program.version, "\n")
    return failure.ok
  elseif is_verb[first] then
    return run_verb(first, table.move(args, 2, #args, 1, {}))
  elseif first:find "%.lua$" then
    script.run(first, table.move(args, 2, #args, 1, {}))
    return failure.ok
  elseif first:find "[./]" then
    return run_verb("compile", table.move(args, 1, #args, 1, {}))
  end
  failure.raise("usage", "there is no verb '%s'; there are: %s", first, table.concat(VERBS, ", "))
end

local function report(raised)
  local code = failure.code(raised)
  io.stderr:write("aotlua: ", code == failure.internal and "internal fault, a bug in aotlua: "
    or "", words_of.escape_lines(failure.text(raised)), "\n")
  return code
end

--- Runs the command line `args` and returns the exit code.
function M.main(args)
  local ok, result = xpcall(dispatch, failure.traced, args)
  progress.clear()
  if not ok then result = report(result) end
  return result
end

return M
