--- golden: cases kept as text: what goes into passes, and what comes out or which error.
--
--     === a relu6 joins the clamp before it        the name, true when the case passes
--     passes: canonicalize, fuse                   passes of the standard order, or of passes/
--     target: c                                    optional, as are options: key=value ...
--     --- in
--     module m ...
--     --- out                                      or: --- error
--     module m ...
--
-- With AOT_BLESS=1 a case learns what it got. So that wrong output cannot be blessed, `in` and
-- `out` are evaluated on the same inputs and must agree as the passes promise.

local ir = require "aot.ir"
local pipeline = require "aotlua.pipeline"
local root = (require "aot.program").root
local target = require "aotlua.target"
local text = require "aotlua.text"

local M = {}

-- Files -----------------------------------------------------------------------------------------

local function read_cases(path)
  local cases, case, part = {}, nil, nil
  for line in io.lines(path) do
    local name, section = line:match "^=== (.+)", line:match "^%-%-%- (%l+)$"
    local key, value = line:match "^(%l+): (.+)"
    if name then
      case, part = { name = name, head = {}, parts = {}, lines = {} }, nil
      cases[#cases + 1] = case
    elseif section then
      part = section
      case.parts[part] = ""
    elseif part then
      case.parts[part] = case.parts[part] .. line .. "\n"
    elseif case and key then
      case.head[key] = value
      table.insert(case.lines, line)
    end
  end
  for _, one in ipairs(cases) do
    for _, section in ipairs { "in", "out", "error" } do
      one.parts[section] = one.parts[section] and one.parts[section]:gsub("%s*$", "\n")
    end
  end
  return cases
end

local function write_cases(path, cases)
  local out = {}
  for i, case in ipairs(cases) do
    out[i] = ("=== %s\n%s\n--- in\n%s--- %s\n%s"):format(
      case.name, table.concat(case.lines, "\n"), case.parts["in"],
      case.parts.out and "out" or "error", case.parts.out or case.parts.error)
  end
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(table.concat(out, "\n")))
end

-- Numbers ---------------------------------------------------------------------------------------

-- A fixed sequence of whole numbers from 0 to 2^31 - 1.
local function sequence(seed)
  return function()
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed >> 4
  end
end

local function random_tensor(t, draw)
  local numbers, count, limits = {}, 1, ir.dtype(t.dtype)
  for _, extent in ipairs(t.shape) do count = count * extent end
  for i = 1, count do
    if limits.class == "float" then
      numbers[i] = (draw() % 4001 - 2000) / 500
    else
      local low = math.max(limits.min, -1000000)
      local span = t.dtype == "bool" and 2 or math.min(limits.max, 1000000) - low + 1
      numbers[i] = low + draw() % span
    end
  end
  return ir.tensor({ dtype = t.dtype, shape = t.shape }, numbers)
end

--- Evaluates @main on `rounds` sets of inputs, state carried on. Returns all outputs.
local function evaluate(module, rounds)
  local draw, outputs, states = sequence(42), {}, nil
  local main = module:main()
  for _ = 1, rounds do
    local inputs = {}
    for i, param in ipairs(main.params) do inputs[i] = random_tensor(param.type, draw) end
    local results
    results, states = main:eval(inputs, states)
    table.move(results, 1, #results, #outputs + 1, outputs)
  end
  return outputs
end

-- How far results may be apart after passes that promise `changes`.
local function tolerance(changes)
  if changes == "float_order" then return { rtol = 1e-5, atol = 1e-5 } end
  return { rtol = 0.0, atol = type(changes) == "table" and changes.lsb or 0 }
end

local function compare(before, after, changes)
  local expected, got = evaluate(before, 3), evaluate(after, 3)
  assert(#expected == #got, "the number of outputs differs")
  for i, tensor in ipairs(expected) do
    local plain = { dtype = tensor.type.dtype, shape = tensor.type.shape }
    local result = got[i]:with_type(plain):compare(tensor:with_type(plain), tolerance(changes))
    if not result.equal then
      error(("output %d is not what it was: %d elements differ, by up to %g"):format(
        i, result.count_bad, result.worst_abs), 0)
    end
  end
end

-- Cases -----------------------------------------------------------------------------------------

-- The loosest promise among the passes.
local function promise(passes)
  local loosest = "nothing"
  for _, entry in ipairs(passes) do
    local changes = pipeline.resolve(entry).changes or "nothing"
    if type(changes) == "table" or loosest == "nothing" then loosest = changes end
  end
  return loosest
end

local function options_of(words)
  local options = {}
  for key, value in (words or ""):gmatch "([%w_]+)=(%S+)" do options[key] = value end
  return options
end

local function run(case)
  local names = {}
  for name in (case.head.passes or ""):gmatch "[%w_]+" do names[#names + 1] = name end
  local module = text.parse(case.parts["in"], "in")
  pipeline.run(module, {
    target = target.load(case.head.target or "c"), pipeline = pipeline.new(names), anew = true,
    options = options_of(case.head.options),
  })
  compare(text.parse(case.parts["in"], "in"), module, promise(names))
  -- What the driver notes in every module is not the passes' doing.
  for _, key in ipairs { "after", "target", "options" } do module:set(key, nil) end
  return module:print()
end

-- Runs `case`. Returns what it should give and what it gave.
local function judge(file, case)
  local ok, got = pcall(run, case)
  local section = case.parts.error and "error" or "out"
  got = tostring(got):gsub("%s*$", "\n")
  if ok ~= (section == "out") then return "the section --- " .. section .. "\n", got end
  if os.getenv "AOT_BLESS" then
    case.parts[section] = got
    write_cases(file.path, file.cases)
  end
  return case.parts[section], got
end

local function hint(name, case)
  return ("%s: '%s' differs; if that is right, run AOT_BLESS=1 tests/run passes"):format(
    name, case.name)
end

--- Describes the cases of tests/passes/<name>.golden to busted, whose functions are `busted`.
function M.describe(name, busted)
  local file = { path = ("%s/tests/passes/%s.golden"):format(root, name) }
  file.cases = read_cases(file.path)
  busted.describe(name, function()
    for _, case in ipairs(file.cases) do
      busted.it(case.name, function()
        local expected, got = judge(file, case)
        busted.assert.equal(expected, got, hint(name, case))
      end)
      busted.it(case.name .. " (its text reads back)", function()
        local ok, module = pcall(text.parse, case.parts["in"], "in")
        if ok then busted.assert.equal(module:print(), text.parse(module:print(), "in"):print()) end
      end)
    end
  end)
end

return M
