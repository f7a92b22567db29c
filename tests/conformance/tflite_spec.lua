--- tflite_spec: TFLite models of one operator, and the layers of a large one, against recorded
--- results: evaluated, and compiled to C.
--
-- By default the first case of each operator is compiled; AOT_TESTS=all compiles all.

local conformance = require "tests.tools.conformance"
local coverage = require "tests.tools.coverage"
local tflite_cases = require "tests.tools.tflite_cases"

for _, suite in ipairs(tflite_cases.suites) do
  describe(suite, function()
    local files, missing = tflite_cases.unpack(suite)
    if not files then
      pending(missing)
      return
    end
    local cases = tflite_cases.read(files)
    local lists = coverage.lists "tflite"

    it("is evaluated right", function()
      local problems = {}
      for _, case in ipairs(cases) do
        local status, why = conformance.evaluate(case)
        problems[#problems + 1] = coverage.problem(lists, case.name, status, why)
      end
      coverage.bless(lists)
      assert.same({}, problems)
    end)

    it("has its table of operators", function()
      for _, case in ipairs(cases) do
        local dtypes = {}
        for _, tensor in ipairs(case.inputs[1]) do dtypes[#dtypes + 1] = tensor.type.dtype end
        case.dtypes = dtypes
      end
      assert.is_nil(coverage.stale_table(suite, lists, cases))
    end)

    it("is compiled right", function()
      local problems = {}
      conformance.compile(coverage.to_compile(cases, lists), {}, function(case, status, why)
        problems[#problems + 1] = coverage.problem(lists, case.name, status, why)
      end)
      assert.same({}, problems)
    end)

    teardown(function() files:close() end)
  end)
end
