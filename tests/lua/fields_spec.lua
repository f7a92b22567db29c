--- fields_spec: named arguments are checked, in words.

local fields = require "aotlua.fields"

local known = {
  name = "string",
  size = "integer?",
  ratio = "number?",
  mode = { "fast", "small", nil },
  path = function(value)
    return value == nil or value:sub(1, 1) == "/", "is no absolute path"
  end,
}

local function refusal(given)
  local ok, message = pcall(fields.check, "aot.build", given, known)
  assert.is_false(ok)
  return message
end

describe("fields", function()
  it("pass where they fit", function()
    local given = { name = "x", size = 3, ratio = 1, mode = "fast", path = "/a" }
    assert.equal(given, fields.check("aot.build", given, known))
  end)

  it("that are unknown are refused with the list of those there are", function()
    assert.matches("aot.build: there is no field 'nmae'; there are: mode, name, path, ratio, size",
      refusal { nmae = "x" }, 1, true)
  end)

  it("that do not fit are refused with their value", function()
    assert.matches("field 'name' is missing", refusal { mode = "fast" }, 1, true)
    assert.matches("field 'size' is 1.5, not integer",
      refusal { name = "x", mode = "fast", size = 1.5 }, 1, true)
    assert.matches("field 'mode' is slow, not one of: fast, small",
      refusal { name = "x", mode = "slow" }, 1, true)
    assert.matches("field 'path' is no absolute path",
      refusal { name = "x", mode = "fast", path = "a" }, 1, true)
    assert.matches("takes a table of named fields", refusal "x", 1, true)
  end)
end)
