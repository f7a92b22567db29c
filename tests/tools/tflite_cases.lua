--- tflite_cases: TFLite models of one operator, and the layers of a large one, with recorded
--- results.

local conformance = require "tests.tools.conformance"

local M = { suites = { "tflite-ops", "tflite-seanet" } }

local MODES = {
  exact = function() return { mode = "exact" } end,
  lsb = function() return { mode = "close", rtol = 0, atol = 1 } end,
  close = function(atol) return { mode = "close", rtol = 1e-4, atol = atol } end,
}

--- Unpacks a suite: what conformance.unpack gives.
function M.unpack(suite)
  return conformance.unpack(("%s/%s.tar.xz"):format(suite, suite))
end

--- The cases of an unpacked suite.
function M.read(files)
  local cases = {}
  for i, row in ipairs(conformance.rows(files.index .. "/INDEX.tsv")) do
    cases[i] = conformance.case(files.path .. "/" .. row.case, row.case, {
      model = "model.tflite", steps = tonumber(row.steps),
      compare = MODES[row.compare](tonumber(row.atol)),
    })
    cases[i].operator = row.ops
  end
  return cases
end

return M
