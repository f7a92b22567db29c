--- cmake_spec: the CMakeLists.txt beside generated sources makes a library that programs link.

local generated = require "tests.tools.generated"
local output = require "aotlua.output"
local shell = require "tests.tools.shell"
local write_build = require "aotlua.writers.build"

local model = [[
module @ { source = { format = tflite, inputs = [x], outputs = [y] } }
const $w : f32[64] = splat 2.0
graph @main(%x : f32[64]) {
  %p = mul %x, $w : f32[64]
  %e = exp %p : f32[64]
  %y = softmax %e { axis = 0 } : f32[64]
  return %y
}
]]

local project = [[
cmake_minimum_required(VERSION 3.13)
project(user C)
add_subdirectory(one)
add_subdirectory(two)
add_executable(user main.c)
target_link_libraries(user PRIVATE aotlua::tvmgen_one aotlua::tvmgen_two)
]]

local main = [[
#include "tvmgen_one.h"
#include "tvmgen_two.h"

int main(void)
{
    static float x[TVMGEN_ONE_X_COUNT], y[TVMGEN_ONE_Y_COUNT];
    struct tvmgen_one_inputs one_in = { x };
    struct tvmgen_one_outputs one_out = { y };
    struct tvmgen_two_inputs two_in = { x };
    struct tvmgen_two_outputs two_out = { y };
    if (tvmgen_one_run(&one_in, &one_out) != 0 || y[0] != 0.015625f)
        return 1;
    y[0] = 0.0f;
    return tvmgen_two_run(&two_in, &two_out) != 0 || y[0] != 0.015625f;
}
]]

local function write(folder)
  for name, weights in pairs { one = "c", two = "incbin" } do -- order: irrelevant, of their own
    local _, files = generated.compiled({ weights = weights }, (model:gsub("@", name, 1)))
    output.write(folder .. "/" .. name, files)
  end
  shell.write(folder .. "/CMakeLists.txt", project)
  shell.write(folder .. "/main.c", main)
end

describe("the CMakeLists.txt of a model", function()
  for _, case in ipairs {
    { "of this machine" },
    { "of a machine without a system", "-DCMAKE_SYSTEM_NAME=Generic",
      "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY" },
  } do
    it("makes a library that links beside another one, " .. case[1], function()
      local folder <close> = shell.folder()
      local place = folder.path .. "/a folder"
      shell.must { "mkdir", place }
      write(place)
      local line = { "cmake", "-S", ".", "-B", "made here" }
      shell.must(table.move(case, 2, #case, #line + 1, line), { folder = place })
      shell.must({ "cmake", "--build", "made here" }, { folder = place })
      assert.same({ 0, "" }, { shell.run { place .. "/made here/user" } })
    end)
  end

  it("hands flags to the compiler as they are", function()
    local folder <close> = shell.folder()
    local place = folder.path
    shell.must { "mkdir", place .. "/include" }
    shell.write(place .. "/note.c", "const char note[] = NOTE, same[] = SAME;\n"
      .. "int main(void) { return note[0] != same[0] || sizeof note != sizeof same; }\n")
    local note = [["a  b;c > $d ${e} %s \\ $<f>"]]
    shell.write(place .. "/CMakeLists.txt", write_build { what = "model", name = "note",
      library = "note", groups = { { sources = { "note.c" },
        flags = { "-O1", "-DNOTE=" .. note, "-DSAME=" .. note } } } }
      .. "add_executable(program note.c)\n")
    shell.must({ "cmake", "-S", ".", "-B", "made" }, { folder = place })
    shell.must({ "cmake", "--build", "made" }, { folder = place })
    local found = shell.must({ "grep", "-acF", "a  b;c > $d ${e} %s \\ $<f>", "made/program" },
      { folder = place })
    assert.equal("1\n", found)
  end)
end)
