--- hostile: what specs of broken and malicious input share: what a refusal has to be.
--
-- Whatever is wrong, the program ends by itself and in time, says so once, in words that name
-- the file and hold nothing that moves a terminal's cursor, and leaves every file as it was.

local assert = require "luassert"
local data = require "aot.data"
local onnx = require "aotlua.import.onnx"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local words_of = require "aotlua.import.words"
local writer = require "tests.tools.onnx_writer"

local hostile = {}

local SECONDS = "60" -- a refusal takes far less, even with sanitizers on a busy machine

--- Checks that a message is in the user's words: one that Lua or the core made by accident tells
-- its origin; and that it cannot move the cursor.
function hostile.check_message(message)
  assert.equal("string", type(message))
  assert.is_nil(message:find("%.lua:%d"), message)
  assert.is_nil(message:find("internal fault", 1, true), message)
  assert.is_nil(message:find("[^%g \n]"), message)
end

--- The Module of an ONNX file with these bytes, or nil and the message.
function hostile.load(bytes, options)
  local ok, result = pcall(onnx.load, data.from_string(bytes), nil, options)
  if ok then
    return result
  end
  hostile.check_message(result)
  return nil, result
end

--- Runs the program with these arguments, for a limited time. `options`: `under`, words before
-- the program's, as { "prlimit", "--fsize=1" }; `environment` and `folder` as of shell.run.
-- Returns its exit code, nil if a signal ended it, and what it said.
function hostile.run(arguments, options)
  options = options or {}
  local words = { "timeout", "--signal=KILL", SECONDS }
  table.move(options.under or {}, 1, #(options.under or {}), #words + 1, words)
  words[#words + 1] = program.path
  table.move(arguments, 1, #arguments, #words + 1, words)
  return shell.run(words, options)
end

--- How to run the program without root's rights on what lies in `folder`: options of
--- hostile.run; nil where it cannot be done, as another user may not read this checkout.
function hostile.unprivileged(folder)
  if shell.run { "test", "-w", "/" } ~= 0 then return {} end
  shell.must { "chown", "-R", "65534", folder }
  local options = { under = { "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups" } }
  return hostile.run({ "--version" }, options) == 0 and options or nil
end

hostile.NO_OTHER_USER = "as root, and another user may not read this checkout"

--- Checks that what the program said is one error that holds each of `words`.
function hostile.check_said(said, words)
  hostile.check_message(said)
  local _, errors = ("\n" .. said):gsub("\naotlua: ", "")
  assert.equal(1, errors, said)
  for _, word in ipairs(type(words) == "table" and words or { words }) do
    assert(said:find(word, 1, true), said .. "\nlacks: " .. word)
  end
end

--- Runs the program with these arguments as hostile.run does. Checks that it ends with `code`,
-- says one error with `words` (one string or several), and leaves what is in `folder` as it is.
function hostile.fails(folder, arguments, code, words, options)
  local before = shell.files(folder)
  local got, said = hostile.run(arguments, options)
  assert.equal(code, got, said)
  hostile.check_said(said, words)
  assert.same({}, shell.differences(before, shell.files(folder)))
end

--- The same for a command line that starts in the folder and where a user's scripts fail, whose
-- places in scripts are not ours.
function hostile.scripts_fail(folder, arguments, words, code)
  local before = shell.files(folder)
  local got, said = hostile.run(arguments, { folder = folder })
  assert.equal(code or 1, got, said)
  hostile.check_said(said:gsub("own%.lua:(%d)", "own.lua line %1"):gsub("build%.lua:(%d)",
    "build.lua line %1"), {})
  for _, word in ipairs(type(words) == "table" and words or { words }) do
    assert(said:find(word, 1, true), said .. "\nlacks: " .. word)
  end
  assert.same({}, shell.differences(before, shell.files(folder)))
end

--- Checks that the model file at `path` is refused with `words` and exit code 1, or
-- `options.code`. `options.arguments` are more of the command line.
function hostile.refuses_file(path, words, options)
  options = options or {}
  local folder <close> = shell.folder()
  shell.write(folder.path .. "/kept", "as it was")
  local arguments = { "compile", path, "-o", folder.path }
  local more = options.arguments or {}
  table.move(more, 1, #more, #arguments + 1, arguments)
  words = type(words) == "table" and { table.unpack(words) } or { words }
  table.insert(words, 1, "aotlua: " .. words_of.escape(path))
  hostile.fails(folder.path, arguments, options.code or 1, words, options)
end

--- The same for a file with these bytes.
function hostile.refuses(bytes, words, options)
  local folder <close> = shell.folder()
  local path = folder.path .. "/model"
  shell.write(path, bytes)
  hostile.refuses_file(path, words, options)
  assert.same({ model = bytes }, shell.files(folder.path))
end

--- Checks that a model with these bytes is compiled, and returns its files, { [path] = bytes }.
-- `options.name` is the file's name; other options are those of refuses_file.
function hostile.compiles(bytes, options)
  options = options or {}
  local folder <close> = shell.folder()
  local path = folder.path .. "/" .. (options.name or "model")
  shell.write(path, bytes)
  local arguments = { "compile", path, "-o", folder.path .. "/out" }
  local more = options.arguments or {}
  table.move(more, 1, #more, #arguments + 1, arguments)
  local code, said = hostile.run(arguments, options)
  assert.equal(0, code, said)
  hostile.check_message(said)
  return shell.files(folder.path .. "/out")
end

--- Declares with `it` a test for each case { what is true, bytes, words, options }.
function hostile.cases(it, list)
  for _, case in ipairs(list) do
    it(case[1], function()
      hostile.refuses(case[2], case[3], case[4])
    end)
  end
end

--- The small network with one thing changed.
function hostile.changed(change)
  local small = writer.small()
  change(small)
  return writer.model(small)
end

return hostile
