--- hostile: what specs of broken and malicious ONNX files share.
local assert = require "luassert"
local data = require "aot.data"
local onnx = require "aotlua.import.onnx"
local writer = require "tests.tools.onnx_writer"

local hostile = {}

--- Checks that a message is in the user's words: one that Lua or the core made by accident tells
-- its origin; and that it cannot move the cursor.
function hostile.check_message(message)
  assert.equal("string", type(message))
  assert.is_nil(message:find("%.lua:%d"), message)
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

--- Checks that the file is refused in these words.
function hostile.refuses(bytes, words, options)
  local module, message = hostile.load(bytes, options)
  assert.is_nil(module, "it was accepted")
  assert(message:find(words, 1, true), message)
end

--- The small network with one thing changed.
function hostile.changed(change)
  local small = writer.small()
  change(small)
  return writer.model(small)
end

return hostile
