--- tflite_spec: TFLite models of one operator, and the layers of a large one, against recorded
--- results: evaluated, and compiled to C.
--
-- By default the first case of each operator is compiled; AOT_TESTS=all compiles all.

local conformance = require "tests.tools.conformance"
local coverage = require "tests.tools.coverage"

local MODES = {
  exact = function() return { mode = "exact" } end,
  lsb = function() return { mode = "close", rtol = 0, atol = 1 } end,
  close = function(atol) return { mode = "close", rtol = 1e-4, atol = atol } end,
}

-- The cases of a suite, unpacked at `folder`.
local function read_cases(folder, index)
  local cases = {}
  for i, row in ipairs(conformance.rows(index)) do
    cases[i] = conformance.case(folder .. "/" .. row.case, row.case, {
      model = "model.tflite", steps = tonumber(row.steps),
      compare = MODES[row.compare](tonumber(row.atol)),
    })
    cases[i].operator = row.ops
  end
  return cases
end

-- Those that must pass; by default the first of each operator.
local function to_compile(cases, lists)
  local list, seen = {}, {}
  for _, case in ipairs(cases) do
    local wanted = os.getenv "AOT_TESTS" == "all" or not seen[case.operator]
    if lists.pass[case.name] and wanted then
      seen[case.operator] = true
      list[#list + 1] = case
    end
  end
  return list
end

for _, suite in ipairs { "tflite-ops", "tflite-seanet" } do
  describe(suite, function()
    local files, missing = conformance.unpack(("%s/%s.tar.xz"):format(suite, suite))
    if not files then
      pending(missing)
      return
    end
    local cases = read_cases(files.path, files.index .. "/INDEX.tsv")
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
      conformance.compile(to_compile(cases, lists), {}, function(case, status, why)
        problems[#problems + 1] = coverage.problem(lists, case.name, status, why)
      end)
      assert.same({}, problems)
    end)

    teardown(function() files:close() end)
  end)
end
