--- coverage: the committed lists of conformance cases that must pass, and of those that need not.
--
-- A list has one name a line. A list of skips has a reason after each name: "name: reason". What
-- must pass only grows: a case that passes and is in neither list fails until it is listed, and
-- AOT_BLESS=1 lists it.

local data = require "aot.data"

local M = {}

--- Reads a list: name -> reason ("" where there is none).
local function read(path)
  local known = {}
  for line in io.lines(path) do
    local name, reason = line:match "^([^:#%s]+):?%s*(.-)%s*$"
    if name then known[name] = reason end
  end
  return known
end

--- The lists tests/conformance/<suite>_pass.txt and _skip.txt.
function M.lists(suite)
  local stem = "tests/conformance/" .. suite
  return { path = stem .. "_pass.txt", pass = read(stem .. "_pass.txt"),
    skip = read(stem .. "_skip.txt") }
end

--- The cases that must pass; by default the first of each operator.
function M.to_compile(cases, lists)
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

local function first_line(text)
  return tostring(text):gsub("\n%s*", " "):sub(1, 300)
end

-- Whether a case need only be evaluated right, as the compiler refuses it.
local function is_refused_later(lists, name)
  return (lists.skip[name] or ""):find "^compiled" ~= nil
end

--- What is wrong with a case of some status ("pass", "refused", "wrong"), or nil.
function M.problem(lists, name, status, why)
  local reason = lists.skip[name]
  if reason == "" then return name .. ": is skipped without a reason" end
  if reason and lists.pass[name] then return name .. ": is in both lists" end
  if status == "pass" then
    if is_refused_later(lists, name) then return nil end
    if reason then return name .. ": passes, but is skipped: " .. reason end
    if not lists.pass[name] then
      lists.grown = true
      lists.pass[name] = ""
      return not os.getenv "AOT_BLESS" and name .. ": passes; AOT_BLESS=1 lists it" or nil
    end
  elseif not reason or status == "wrong" or is_refused_later(lists, name) then
    return ("%s: %s: %s"):format(name, status, first_line(why))
  end
end

-- Markers around a table in tests/conformance/README.md.
local function markers(suite)
  return ("<!-- %s -->\n"):format(suite), ("<!-- end of %s -->\n"):format(suite)
end

-- The words of two sets, sorted; those in `lesser` alone in parentheses.
local function sorted_words(set, lesser)
  local words = {}
  for word in pairs(set) do words[#words + 1] = word end -- order: sorted below
  for word in pairs(lesser) do -- order: sorted below
    if not set[word] then words[#words + 1] = word end
  end
  table.sort(words)
  for i, word in ipairs(words) do words[i] = set[word] and word or "(" .. word .. ")" end
  return table.concat(words, " ")
end

-- What became of the cases of each operator, and the sorted names of the operators.
local function by_operator(lists, cases)
  local of, names = {}, {}
  for _, case in ipairs(cases) do
    local row = of[case.operator]
    if not row then
      row = { all = 0, pass = { count = 0, types = {} }, evaluated = { count = 0, types = {} } }
      of[case.operator], names[#names + 1] = row, case.operator
    end
    row.all = row.all + 1
    local kind = lists.pass[case.name] and row.pass
      or is_refused_later(lists, case.name) and row.evaluated
    if kind then
      kind.count = kind.count + 1
      for _, dtype in ipairs(case.dtypes) do kind.types[dtype] = true end
    end
  end
  table.sort(names)
  return of, names
end

--- What is wrong with the table of `suite` in tests/conformance/README.md, or nil: for each
-- operator the element types it was run with and how many of its cases pass; what is evaluated
-- but not compiled is told apart. `cases` have `name`, `operator` and `dtypes` (a list).
-- AOT_BLESS=1 writes the table anew.
function M.stale_table(suite, lists, cases)
  local of, names = by_operator(lists, cases)
  local lines = { "| operator | element types | cases that pass |", "|---|---|---|" }
  for i, name in ipairs(names) do
    local pass, evaluated = of[name].pass, of[name].evaluated
    lines[i + 2] = ("| %s | %s | %d of %d%s |"):format(name,
      sorted_words(pass.types, evaluated.types), pass.count, of[name].all,
      evaluated.count > 0 and (" (%d evaluated only)"):format(evaluated.count) or "")
  end
  local path, from, to = "tests/conformance/README.md", markers(suite)
  local file <close> = assert(io.open(path))
  local text = file:read "a"
  local _, first = text:find(from, 1, true)
  local last = text:find(to, 1, true)
  assert(first and last, path .. " has no place for " .. suite)
  local new = text:sub(1, first) .. table.concat(lines, "\n") .. "\n" .. text:sub(last)
  if new == text then return nil end
  if not os.getenv "AOT_BLESS" then return path .. " is stale; AOT_BLESS=1 writes it" end
  data.write(path, new)
end

--- Writes what has been added to the list of cases that pass, if asked to.
function M.bless(lists)
  if not lists.grown or not os.getenv "AOT_BLESS" then return end
  local names = {}
  for name in pairs(lists.pass) do names[#names + 1] = name end -- order: sorted below
  table.sort(names)
  data.write(lists.path, table.concat(names, "\n") .. "\n")
end

return M
