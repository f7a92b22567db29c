--- onnx_spec: the official ONNX backend tests, newest operator sets: evaluated, and compiled to C.
--
-- What is not reproducible (`random`) is left out. By default the first case of each set of
-- operators is compiled; AOT_TESTS=all compiles all. A skip whose reason begins with "compiled"
-- is a case that is evaluated right, but refused by the compiler.

local conformance = require "tests.tools.conformance"
local coverage = require "tests.tools.coverage"
local import = require "aotlua.import"

local ARCHIVE = "onnx-node/onnx-backend-tests.tar.xz"

-- A case; one whose data are no tensors has no inputs, only `problem`.
local function read_case(folder, row)
  local ok, case = pcall(conformance.case, folder, row.test, { model = "model.onnx", compare = {} })
  if not ok then
    return { name = row.test, model = folder .. "/model.onnx", problem = case }
  end
  case.load = { examples = case.inputs[1] }
  return case
end

local function read_cases(files)
  local cases = {}
  for _, row in ipairs(conformance.rows(files.index .. "/INDEX.tsv")) do
    if not row.tags:find "random" then
      local case = read_case(files.path .. "/" .. row.path_in_tar, row)
      case.operator = row.op_types
      cases[#cases + 1] = case
    end
  end
  return cases
end

local function evaluate(case)
  if not case.problem then return conformance.evaluate(case) end
  local ok, why = pcall(import.load, case.model)
  return "refused", ok and case.problem or why
end

-- The cases of one operator alone, with the element types of its first operand and result: the
-- others are mostly indices and axes.
local function single_operators(cases)
  local list = {}
  for _, case in ipairs(cases) do
    if case.operator:find "^[%w.]+$" then
      local dtypes = {}
      for _, steps in ipairs { case.inputs or {}, case.outputs or {} } do
        local first = steps[1] and steps[1][1]
        dtypes[#dtypes + 1] = first and first.type.dtype
      end
      list[#list + 1] = { name = case.name, operator = case.operator, dtypes = dtypes }
    end
  end
  return list
end

describe("the official ONNX tests", function()
  local files, missing = conformance.unpack(ARCHIVE)
  if not files then
    pending(missing)
    return
  end
  local cases = read_cases(files)
  local lists = coverage.lists "onnx"

  it("are evaluated right", function()
    local problems = {}
    for _, case in ipairs(cases) do
      local status, why = evaluate(case)
      problems[#problems + 1] = coverage.problem(lists, case.name, status, why)
    end
    coverage.bless(lists)
    assert.same({}, problems)
  end)

  it("have their table of operators", function()
    assert.is_nil(coverage.stale_table("onnx-node", lists, single_operators(cases)))
  end)

  it("are compiled right", function()
    local problems = {}
    conformance.compile(coverage.to_compile(cases, lists), {}, function(case, status, why)
      problems[#problems + 1] = coverage.problem(lists, case.name, status, why)
    end)
    assert.same({}, problems)
  end)

  teardown(function() files:close() end)
end)
