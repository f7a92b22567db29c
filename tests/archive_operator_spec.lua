--- archive_operator_spec: archives of style operator, for those who want one function of a model.

local library = require "tests.tools.library"

local one_operator = [[
module plus
graph @main(%A : i8[2], %B : i8[1]) {
  %C = add %A, %B : i8[2]
  return %C
}
]]

describe("an archive", function()
  it("tvm 67: of one operator lists what its function takes, and no executor", function()
    local read = library.exported({ library.compiled(one_operator) }, { style = "operator" })
    local record = read.metadata
    local name = "tvmgen_plus_op1_add"
    local sizes = {}
    for index, buffer in ipairs(record.memory[name]) do
      sizes[index] = ("%s %s %d"):format(buffer.input_binding, buffer.dtype, buffer.size_bytes)
    end
    assert.same({ "A int8 2", "B int8 1", "C int8 2" }, sizes)
    assert.equal("operator", record.style)
    assert.same({}, record.executors)
    for _, path in ipairs { "codegen/host/src/plus_lib0.c", "codegen/host/src/plus_lib1.c",
                            "src/plus.ir" } do
      assert.is_truthy(read.files[path], path)
    end
    assert.is_truthy(library.text(read, "codegen/host/src/plus_lib1.c"):find(name, 1, true))
  end)

  it("tvm 68: of one operator holds no more than one", function()
    assert.has_error(function()
      local plus = library.compiled(one_operator)
      library.exported({ plus, plus }, { style = "operator" })
    end, "an archive of style operator holds one operator, not 2 models")
    assert.has_error(function()
      library.exported({ library.compiled [[
module two
graph @main(%x : f32[2], %w : f32[2, 2]) {
  %y = reduce_max %x { axes = [0] } : f32[1]
  %z = transpose %w { perm = [1, 0] } : f32[2, 2]
  return %y, %z
}
]] }, { style = "operator" })
    end, "model 'two' has 2 operators: style operator is for a model of one; leave the style out")
    assert.has_error(function()
      library.exported({ library.compiled(one_operator) }, { style = "half" })
    end, "there is no style 'half' of archives; there are: full-model, operator")
  end)
end)
