--- json_spec: JSON is written the same every time, and read with bounds.

local json = require "aotlua.json"

describe("json", function()
  it("writes sorted keys, short lists on a line", function()
    assert.equal('{\n  "a": {},\n  "b": [1, 2.5, "x"],\n  "c": [\n    [true],\n    []\n  ],\n'
      .. '  "d": null\n}\n',
      json.encode { d = json.null, c = { { true }, {} }, b = { 1, 2.5, "x" }, a = json.object() })
  end)

  it("escapes what JSON cannot hold", function()
    assert.equal('"\\"\\\\\\n\\u0001é"\n', json.encode('"\\\n\1é'))
    assert.equal('"\\u00ff"\n', json.encode("\255"))
  end)

  it("writes floats that read back exactly, and no NaN", function()
    for _, x in ipairs { 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 1e300, -0.5 } do
      assert.equal(x, json.decode(json.encode { x })[1])
    end
    assert.equal("[null, null]\n", json.encode { 0 / 0, math.huge })
  end)

  it("reads what it wrote", function()
    local value = { a = { b = { 1, { c = 2 }, json.null } }, d = "x\ny", e = false }
    assert.same(value, json.decode(json.encode(value)))
    assert.equal("integer", math.type(json.decode "[3]"[1]))
  end)

  it("refuses broken and deeply nested text", function()
    assert.has_error(function() json.decode "[1," end, "this is no JSON from byte 3 on")
    assert.has_error(function() json.decode "[1] x" end)
    assert.has_error(function() json.decode(("["):rep(65) .. ("]"):rep(65)) end)
    assert.is_table(json.decode(("["):rep(64) .. ("]"):rep(64)))
  end)

  it("refuses tables that are both list and object", function()
    assert.has_error(function() json.encode { x = { [2] = 1, a = 1 } } end)
  end)
end)
