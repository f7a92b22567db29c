--- conformance: many small models with expected results, each evaluated, and compiled to C.
--
-- A case is { name, model (a path), load (options of aotlua.import.load), inputs, outputs (lists,
-- one entry a step, of lists of Tensors), compare, tolerance (those of aotlua.judge) }. What a
-- case gives is "pass", "refused" (the model cannot be imported) or "wrong", and why.

local cc = require "aotlua.cc"
local data = require "aot.data"
local dataset = require "aotlua.dataset"
local harness = require "aotlua.harness"
local import = require "aotlua.import"
local job = require "aotlua.job"
local judge = require "aotlua.judge"
local metadata = require "aotlua.metadata"
local output = require "aotlua.output"
local system = require "aot.system"

local M = {}

local PER_PROGRAM = 20 -- models that share one C program

-- Archives and lists ------------------------------------------------------------------------

--- Unpacks `archive`, beside the repository, into a new temporary folder. Returns `path`, the
-- folder, `index`, where the archive lies, and `close`, to remove the folder again; or nil and a
-- line that says what is missing.
function M.unpack(archive)
  local path = (os.getenv "AOT_CONFORMANCE" or "../shared/conformance") .. "/" .. archive
  if system.kind(path) ~= "file" then return nil, "no " .. path end
  local folder = system.temporary_folder()
  local code, why = system.run({ "tar", "-xf", path, "-C", folder }, folder .. "/tar.log")
  if code ~= 0 then return nil, ("tar: %s"):format(why or code) end
  return { path = folder, index = path:match "^(.*)/",
    close = function() system.remove(folder) end }
end

--- The rows of a table of tab-separated values, by the names in its first line.
function M.rows(path)
  local columns, rows = nil, {}
  for line in io.lines(path) do
    local row, k = {}, 0
    for field in (line .. "\t"):gmatch "(.-)\t" do
      k = k + 1
      row[columns and columns[k] or k] = field
    end
    if columns then rows[#rows + 1] = row end
    columns = columns or row
  end
  return rows
end

--- The case `name` in `folder`, with inputs and outputs read. `fields`: `model` (a file there),
-- `compare`, `tolerance`, `steps`.
function M.case(folder, name, fields)
  local set = dataset.read(folder)[1]
  local case = { name = name, inputs = {}, outputs = {}, compare = fields.compare,
    tolerance = fields.tolerance or {}, model = folder .. "/" .. fields.model }
  for step = 1, fields.steps or 1 do
    case.inputs[step] = dataset.step(set.inputs, fields.steps, step)
    case.outputs[step] = dataset.step(set.outputs, fields.steps, step)
  end
  return case
end

-- Judging -----------------------------------------------------------------------------------

local function problem_of(case, got)
  for step, outputs in ipairs(case.outputs) do
    if #got[step] ~= #outputs then
      return ("%d outputs, not %d"):format(#got[step], #outputs)
    end
    for k, want in ipairs(outputs) do
      local found = judge.compare(got[step][k], want, case.compare, case.tolerance)
      if not found.equal then
        return ("step %d, output_%d: %s"):format(step, k - 1, found.problem)
      end
    end
  end
end

-- The inputs of each step without those that became constants.
local function given(case, module)
  local fixed, steps = {}, {}
  for _, index in ipairs((module:get "source" or {}).fixed or {}) do fixed[index] = true end
  for step, inputs in ipairs(case.inputs) do
    steps[step] = {}
    for k, input in ipairs(inputs) do
      if not fixed[k - 1] then table.insert(steps[step], input) end
    end
  end
  return steps
end

local function evaluated(case, module)
  local graph, states, got = module:main(), nil, {}
  for step, inputs in ipairs(given(case, module)) do
    got[step], states = graph:eval(inputs, states)
  end
  return got
end

local function status_of(ok, problem)
  if ok and not problem then return "pass" end
  return "wrong", problem
end

--- Imports and evaluates a case. Returns its status, and why it is not "pass".
function M.evaluate(case)
  local ok, module = pcall(import.load, case.model, case.load)
  if not ok then return "refused", module end
  local evaluates, got = pcall(evaluated, case, module)
  if not evaluates then return "wrong", got end
  return status_of(pcall(problem_of, case, got))
end

-- Compiling ---------------------------------------------------------------------------------

local function is_source(path) return path:find "^src/.*%.[cS]$" end

-- Compiles one case to C files in a folder of its own; adds its sources.
local function write_case(case, k, folder, sources, options)
  local load = { name = ("case_%d"):format(k) }
  for key, value in pairs(case.load or {}) do load[key] = value end -- order: irrelevant, a copy
  local module = import.load(case.model, load)
  local target = job.target(options.target or "c", {})
  job.lower(module, target, { set = { arena = options.sanitize and "separate" or nil } })
  local files, own = job.files(module, target), ("%s/%d"):format(folder, k)
  system.make_folders(own)
  output.write(own .. "/model", files)
  local record, main = metadata.of(module, target), own .. "/main.c"
  data.write(main, harness.source(record, "main_" .. k))
  sources[#sources + 1] = main
  for path in pairs(files) do -- order: sorted when all are there
    if is_source(path) then sources[#sources + 1] = own .. "/model/" .. path end
  end
  return { record = record, target = target, folder = own, arguments = { tostring(k) },
    inputs = given(case, module),
    include = own .. "/model/include", src = own .. "/model/src" }
end

local dispatch = [[
/* Runs the model that the first argument numbers. */
#include <stdlib.h>

%s

int main(int argc, char **argv)
{
    switch (argc > 1 ? atoi(argv[1]) : 0) {
%s
    default:
        return 99;
    }
}
]]

local function write_dispatch(path, built)
  local declared, cases = {}, {}
  for _, one in ipairs(built) do
    local k = one.arguments[1]
    declared[#declared + 1] = ("int main_%s(int argc, char **argv);"):format(k)
    cases[#cases + 1] = ("    case %s:\n        return main_%s(argc - 1, argv + 1);"):format(k, k)
  end
  data.write(path, dispatch:format(table.concat(declared, "\n"), table.concat(cases, "\n")))
end

local SANITIZERS = { "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all" }

-- Builds the program of some cases; `report(case, status, why)` is told of those that fail.
local function build(cases, folder, options, report)
  local sources, built, flags = {}, {}, table.move(cc.strict, 1, #cc.strict, 1, { "-O1" })
  for k, case in ipairs(cases) do
    local ok, one = pcall(write_case, case, k, folder, sources, options)
    if ok then
      one.case = case
      built[#built + 1] = one
    else
      report(case, "wrong", one)
    end
  end
  if #built == 0 then return built end
  table.sort(sources)
  sources[#sources + 1] = folder .. "/main.c"
  write_dispatch(sources[#sources], built)
  if options.sanitize then table.move(SANITIZERS, 1, #SANITIZERS, #flags + 1, flags) end
  local folders, program = {}, folder .. "/program"
  for i, one in ipairs(built) do
    folders[2 * i - 1], folders[2 * i], one.program = one.include, one.src, program
  end
  cc.build { target = built[1].target, sources = sources, flags = flags, output = program,
    folders = folders, log = folder .. "/cc.log" }
  return built
end

local function run_program(cases, options, report)
  local folder = system.temporary_folder()
  local _ <close> = setmetatable({}, { __close = function() system.remove(folder) end })
  local ok, built = pcall(build, cases, folder, options, report)
  if not ok then
    if #cases == 1 then return report(cases[1], "wrong", built) end
    for _, case in ipairs(cases) do run_program({ case }, options, report) end
    return
  end
  for _, one in ipairs(built) do
    local runs, got = pcall(harness.run, one, one.inputs)
    if runs then
      report(one.case, status_of(pcall(problem_of, one.case, got)))
    else
      report(one.case, "wrong", got)
    end
  end
end

--- Compiles the cases under the strict flags, many to a program, and runs them. `options`:
-- `target`, `sanitize`. `report(case, status, why)` is called for each.
function M.compile(cases, options, report)
  for first = 1, #cases, PER_PROGRAM do
    local some = table.move(cases, first, math.min(first + PER_PROGRAM - 1, #cases), 1, {})
    run_program(some, options, report)
  end
end

return M
