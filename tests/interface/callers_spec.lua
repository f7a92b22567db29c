--- callers_spec: programs written for TVM's interface compile unchanged and get right answers, in C
--- and C++, where the structs have its void pointers; where they have element types, as well.

local cases = require "tests.tools.tvm_programs"
local programs = require "tests.tools.programs"

local ways = {
  { pointers = "void", compiler = "gcc", dialect = "c11" },
  { pointers = "void", compiler = "clang", dialect = "c11", files = "single" },
  { pointers = "void", compiler = "gcc", dialect = "cxx", files = "single" },
  { pointers = "typed", compiler = "clang", dialect = "c11", files = "single" },
  { pointers = "typed", compiler = "gcc", dialect = "cxx", files = "single" },
}

for _, way in ipairs(ways) do
  describe(("a caller of %s pointers (%s, %s)"):format(way.pointers, way.compiler, way.dialect),
    function()
      local own, built = {}, nil
      for _, case in ipairs(cases) do
        own[#own + 1] = (case.only or way.pointers) == way.pointers and case or nil
      end
      setup(function()
        built = programs.build { compiler = way.compiler, dialect = way.dialect, cases = own,
          options = { pointers = way.pointers, files = way.files } }
      end)
      teardown(function() built:close() end)
      for number, case in ipairs(own) do
        it(case.name, function() assert.same({ 0, "" }, { built:run(number) }) end)
      end
    end)
end
