--- operators: single TFLite operators give their recorded results on a Cortex-M core.
--
-- By default the first case of each operator; AOT_TESTS=all takes all.

local conformance = require "tests.tools.conformance"
local coverage = require "tests.tools.coverage"
local cross = require "tests.tools.cross"
local tflite_cases = require "tests.tools.tflite_cases"

local TARGET = "cortex_m4"

for _, suite in ipairs(tflite_cases.suites) do
  describe(suite, function()
    local missing, files = cross.missing(TARGET), nil
    if not missing then files, missing = tflite_cases.unpack(suite) end
    if missing then
      it("is here", function() pending(missing) end)
      return
    end

    it("is compiled right for " .. TARGET, function()
      local lists, problems = coverage.lists "tflite", {}
      local cases = coverage.to_compile(tflite_cases.read(files), lists)
      conformance.compile(cases, { target = TARGET }, function(case, status, why)
        problems[#problems + 1] = coverage.problem(lists, case.name, status, why)
      end)
      assert.same({}, problems)
    end)

    teardown(function() files:close() end)
  end)
end
