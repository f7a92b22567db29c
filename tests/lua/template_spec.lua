--- template: holes are filled, indented, and neither left over nor invented.

local template = require "aotlua.template"

describe("a template", function()
  it("fills its holes", function()
    assert.equal("int f(void);\n", template "int ${name}(${args});\n" { name = "f", args = "void" })
  end)
  it("indents every line of a value like its hole", function()
    assert.equal("{\n  a;\n\n  b;\n}\n", template "{\n  ${body}\n}\n" { body = "a;\n\nb;" })
  end)
  it("drops the line of a hole that stays empty", function()
    assert.equal("a\nb\n", template "a\n  ${none}\nb\n" { none = "" })
  end)
  it("leaves no hole open and no value unused", function()
    assert.has_error(function() template "${a}" {} end)
    assert.has_error(function() template "" { a = 1 } end)
  end)
end)
