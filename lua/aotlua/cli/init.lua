--- cli: the command line: finds the verb, runs it, and turns what it raises into an exit code.

local arguments = require "aotlua.arguments"
local failure = require "aotlua.failure"
local program = require "aot.program"
local words_of = require "aotlua.import.words"

local M = {}

-- In the order in which --help lists them; each is lua/aotlua/cli/<verb>.lua.
local VERBS = {
  "compile", "run", "verify", "check", "analyze", "bench", "opt", "kernel", "explain", "list",
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

-- A build script is a program of the user's: its folder is where it may require from.
local function run_script(path, list)
  local folder = path:match "^(.*)/" or "."
  package.path = ("%s;%s/?.lua"):format(package.path, (folder:gsub("[?;]", "_")))
  require "aotlua".set_folder(folder)
  local chunk, why = loadfile(path, "t")
  if not chunk then
    failure.raise(why:find "^cannot open" and "io" or "model", "%s", why)
  end
  chunk(table.unpack(list))
  return failure.ok
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
    return run_script(first, table.move(args, 2, #args, 1, {}))
  elseif first:find "[./]" then
    return run_verb("compile", table.move(args, 1, #args, 1, {}))
  end
  failure.raise("usage", "there is no verb '%s'; there are: %s", first, table.concat(VERBS, ", "))
end

-- What the Lua system itself reports of one of our own scripts is a bug of ours.
local function is_internal(message)
  local place = message:match "^([^\n]-%.lua):%d+: "
  return place and place:sub(1, #program.root + 1) == program.root .. "/"
end

-- Adds the trace where one helps, to a bug of ours.
local function on_error(raised)
  if type(raised) ~= "string" or not is_internal(raised) then return raised end
  return setmetatable({}, { __tostring = function() return raised end,
    trace = debug.traceback(raised, 2) })
end

local function report(raised)
  local meta = getmetatable(raised)
  if type(meta) == "table" and meta.trace then
    io.stderr:write("aotlua: internal fault, a bug in aotlua: ",
      words_of.escape_lines(meta.trace), "\n")
    return failure.internal
  end
  io.stderr:write("aotlua: ", words_of.escape_lines(tostring(raised)), "\n")
  return failure.code(raised)
end

--- Runs the command line `args` and returns the exit code.
function M.main(args)
  local ok, result = xpcall(dispatch, on_error, args)
  if not ok then result = report(result) end
  local flushed, why = io.stdout:flush()
  if not flushed and result == failure.ok then
    io.stderr:write("aotlua: standard output: ", why, "\n")
    return failure.io
  end
  return result
end

return M
