--- passes_spec: what passes promise, held to on whole networks: they change what they say and no
--- more, whatever optional pass is left out, and may be stopped after any of them.

local check = require "aotlua.check"
local job = require "aotlua.job"
local judge = require "aotlua.judge"
local models = require "tests.tools.models"
local networks = require "tests.tools.networks"
local pipeline = require "aotlua.pipeline"
local program = require "aot.program"
local shell = require "tests.tools.shell"

local QUICK = { "-O0" } -- most of the time is the compiler's

-- The passes that may be left out of what the target of `network` runs: { name, integers, floats },
-- what may change then. Those behind it find more or less to do, so that floats may change as
-- these promise too.
local function optional_passes(network)
  local list, floats = {}, "nothing"
  local all = job.target(network.options.target or "c", network.options).pipeline
  for i = #all, 1, -1 do
    local pass = pipeline.resolve(all[i])
    floats = floats ~= "nothing" and floats or pass.changes or "nothing"
    if pass.optional then
      table.insert(list, 1, { name = pass.name, integers = pass.changes or "nothing",
        floats = floats })
    end
  end
  return list
end

-- What differs between what two programs gave, held to what leaving out a pass may change, and
-- between what the second gave and what is expected.
local function compare(network, pass, before, after)
  local lines = {}
  local function judged(where, got, want, how, allowed)
    local found = judge.compare(got, want, how, allowed)
    lines[#lines + 1] = not found.equal
      and ("without %s: %s: %s"):format(pass.name, where, found.problem) or nil
  end
  for number, case in ipairs(network.cases) do
    for step, outputs in ipairs(before[number]) do
      for k, was in ipairs(outputs) do
        local is = after[number][step][k]
        local where = ("%s, %s, step %d, output_%d"):format(network.name, case.name, step, k - 1)
        local changes = pass[was.type.dtype:find "^b?f" and "floats" or "integers"]
        judged(where .. " moved", is, was, {}, judge.tolerance(changes, was))
        judged(where .. " is not as expected", is, case.outputs[step][k], case.compare, {})
      end
    end
  end
  return lines
end

-- Whether any file that the C compiler reads differs.
local function is_other_code(a, b)
  for _, line in ipairs(shell.differences(a, b)) do
    if line:find "^src/" or line:find "^include/" then return true end
  end
  return false
end

-- Leaves out each optional pass; what then moves further than it promises, as lines.
local function without_each(network)
  local whole, lines, before = network:compile(), {}, nil
  for _, pass in ipairs(optional_passes(network)) do
    local less = network:compile { disable_pass = { pass.name } }
    if is_other_code(whole.files, less.files) then
      before = before or network:run(whole, QUICK)
      local wrong = compare(network, pass, before, network:run(less, QUICK))
      table.move(wrong, 1, #wrong, #lines + 1, lines)
    end
  end
  return lines
end

-- Whether all passes keep to their promises, and if not what was said.
local function check_passes(model, options)
  local said, settings = {}, { set = {}, data = model.open and model.data[2] }
  settings.target = options and options.target
  local ok = check.run(model.path, settings, function(line) said[#said + 1] = line end)
  return ok, table.concat(said, "\n")
end

-- The three statements about a model that is compiled with `options`.
local function hold(title, model, options)
  it("change what they promise and no more: " .. title, function()
    assert.is_true(check_passes(model, options))
  end)

  it("can be left out where they are optional: " .. title, function()
    local folder <close> = shell.folder()
    for _, network in ipairs(networks.of(model, folder.path, options)) do
      assert.same({}, without_each(network))
    end
  end)

  it("go on from the text of any of them: " .. title, function()
    local folder <close> = shell.folder()
    for _, network in ipairs(networks.of(model, folder.path, options)) do
      assert.same({}, network:restart(options))
    end
  end)
end

local ACCELERATED = { target = ("c,%s/acme_npu.lua,%s/bolt_dsp.lua"):gsub("%%s",
  program.root .. "/examples/own_accelerator") }

describe("the passes", function()
  local list, missing = models.smallest()
  if missing then it("keep their promises on all networks", function() pending(missing) end) end
  for _, model in ipairs(list) do hold(model.name, model) end
  for _, model in ipairs(models.examples()) do
    hold(model.name .. " with accelerators", model, ACCELERATED)
  end
end)
