--- pipeline: edits of lists, the driver and its errors, options, targets, accelerators.

local accelerator = require "aotlua.accelerator"
local pipeline = require "aotlua.pipeline"
local target = require "aotlua.target"
local text = require "aotlua.text"

local function module_of(lines)
  return text.parse("module m\ngraph @main(%x : f32[1, 4]) {\n" .. lines .. "\n}\n")
end

local function names(list)
  local all = {}
  for i, entry in ipairs(list) do all[i] = type(entry) == "table" and entry.name or entry end
  return table.concat(all, " ")
end

local function noted(log, name, more)
  local pass = { name = name, run = function() log[#log + 1] = name end }
  for key, value in pairs(more or {}) do pass[key] = value end -- order: irrelevant, into a table
  return pass
end

-- Copies a target with some fields changed.
local function like_c(changes)
  local new = {}
  for key, value in pairs(require "targets.c") do new[key] = value end -- order: irrelevant
  for key, value in pairs(changes) do new[key] = value end -- order: irrelevant
  return target.check(new)
end

local function message_of(f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  return message
end

describe("a pipeline", function()
  local list = pipeline.new { "canonicalize", "fuse", "names" }

  it("is edited into a new one", function()
    local mine = { name = "mine", run = function() end }
    assert.equal("canonicalize mine fuse names", names(list:before("fuse", mine)))
    assert.equal("canonicalize fuse mine names", names(list:after("fuse", mine)))
    assert.equal("canonicalize mine names", names(list:replace("fuse", mine)))
    assert.equal("canonicalize names", names(list:without "fuse"))
    assert.equal("canonicalize fuse names", names(list))
  end)

  it("knows what it does not hold", function()
    assert.equal("there is no pass 'fuse_bais' here; there are: canonicalize, fuse, names",
      message_of(list.without, list, "fuse_bais"))
    assert.equal("the pass 'fuse' is in the pipeline twice",
      message_of(list.after, list, "names", "fuse"))
    assert.is_truthy(message_of(pipeline.new, { { name = "x", rnu = print } }):find "'rnu'")
    assert.is_truthy(message_of(pipeline.resolve, "no_such"):find "there is no pass 'no_such'")
  end)
end)

describe("the driver", function()
  local line = "  %y = neg %x : f32[1, 4]\n  return %y"
  local c = target.load "c"

  it("runs passes in order and notes the last", function()
    local log, module = {}, module_of(line)
    pipeline.run(module, { target = c, pipeline = pipeline.new {
      noted(log, "one"), noted(log, "two") } })
    assert.same({ "one", "two" }, log)
    assert.equal("two", module:get "after")
    assert.equal("c", module:get "target")
  end)

  it("stops, and goes on from there, to the same text", function()
    local list = pipeline.new { "canonicalize", "fold_constants", "layout", "fuse" }
    local whole = module_of(line .. "")
    pipeline.run(whole, { target = c, pipeline = list })
    for _, name in ipairs { "canonicalize", "fold_constants", "layout", "fuse" } do
      local first = module_of(line)
      pipeline.run(first, { target = c, pipeline = list, stop = name })
      local rest = text.parse(first:print())
      pipeline.run(rest, { target = c, pipeline = list })
      assert.equal(whole:print(), rest:print())
    end
    assert.equal("pass 'layout' has run already: the text is what 'fuse' left",
      message_of(pipeline.run, whole, { target = c, pipeline = list, stop = "layout" }))
    assert.equal("the text was compiled for target 'c', not 'd'", message_of(pipeline.run, whole,
      { target = like_c { name = "d" }, pipeline = list }))
  end)

  it("leaves optional passes out, one by one or beyond a number", function()
    local log = {}
    local list = pipeline.new {
      noted(log, "one", { optional = true }), noted(log, "two"),
      noted(log, "three", { optional = true }),
    }
    pipeline.run(module_of(line), { target = c, pipeline = list, disable = { "one" } })
    pipeline.run(module_of(line), { target = c, pipeline = list, bisect = 1 })
    assert.same({ "two", "three", "one", "two" }, log)
    assert.equal("pass 'two' cannot be left out: what follows needs it", message_of(pipeline.run,
      module_of(line), { target = c, pipeline = list, disable = { "two" } }))
  end)

  it("tells the time and shows the text after each pass", function()
    local seen = {}
    pipeline.run(module_of(line), {
      target = c, pipeline = pipeline.new { "canonicalize", "fuse" },
      time = function(pass, seconds) seen[#seen + 1] = pass.name .. type(seconds) end,
      dump = function(pass, module) seen[#seen + 1] = pass.name .. type(module:print()) end,
    })
    assert.same({ "canonicalizenumber", "canonicalizestring", "fusenumber", "fusestring" }, seen)
  end)

  local function fails(run, more)
    local pass = noted({}, "mine", more)
    pass.run = run
    local spec = { target = c, pipeline = pipeline.new { pass } }
    return message_of(pipeline.run, module_of(line), spec)
  end

  it("names the pass that fails, and the place in its script", function()
    assert.is_truthy(fails(function() error("no room", 0) end):find
      "^pass mine %(tests/pipeline_spec%.lua:%d+%): no room$")
    assert.is_truthy(fails(function(graph) graph.nothing() end):find
      "^pass mine: .*pipeline_spec.lua:%d+: ")
    assert.is_truthy(fails(function(graph) graph:remove(graph:nodes()()) end):find
      "^pass mine: .* %(.*tests/pipeline_spec.lua:%d+%)$")
    assert.is_truthy(fails(function() error {} end):find "^pass mine: table")
  end)

  it("holds passes to what they leave and promise", function()
    assert.is_truthy(fails(function() end, { leaves_no = { "neg" } }):find
      "pass mine %(.*:%d+%): it promises to leave no neg, yet %%y of @main is one")
    local message = fails(function(graph)
      graph.returns[1]:set_type { dtype = "f32", shape = { 5 } }
    end)
    assert.matches("pass mine %(.*:%d+%): the graph it leaves is broken", message)
    assert.is_false(pcall(pipeline.new, { { name = "mine", run = print, leaves_no = { "frob" } } }))
  end)

  it("reads options by the type of their defaults", function()
    local got
    local pass = {
      name = "mine", run = function(_, ctx) got = ctx.options end,
      options = {
        words = { "auto", "a word" }, count = { 3, "a number" }, on = { false, "a switch" },
        ratio = { 0.5, "a fraction" },
      },
    }
    local spec = { target = c, pipeline = pipeline.new { pass } }
    spec.options = { count = "7", on = "true", ratio = "2" }
    local module = module_of(line)
    pipeline.run(module, spec)
    assert.same({ words = "auto", count = 7, on = true, ratio = 2.0 }, got)
    assert.same({ count = 7, on = true, ratio = 2.0 }, module:get "options")
    local again = text.parse(module:print())
    pipeline.run(again, { target = c, pipeline = spec.pipeline, anew = true })
    assert.same({ words = "auto", count = 7, on = true, ratio = 2.0 }, got)
    spec.options = { count = "many" }
    assert.equal("option count is an integer", message_of(pipeline.run, module_of(line), spec))
    spec.options = { cuont = "1" }
    assert.equal("there is no option 'cuont'; there are: count, on, ratio, words",
      message_of(pipeline.run, module_of(line), spec))
  end)
end)

describe("a target", function()
  it("has no unknown fields", function()
    assert.is_truthy(message_of(like_c, { kernel = {} }):find("'kernel'", 1, true))
    assert.is_truthy(message_of(like_c, { memory = { pools = { { nmae = "x" } } } }):find "'nmae'")
  end)
  it("that does not exist is named", function()
    assert.is_truthy(message_of(target.load, "no_such"):find "there is no target or accelerator")
    assert.is_truthy(message_of(target.load, "c,c"):find "behind a comma stand accelerators")
    assert.is_truthy(message_of(target.load, ""):find "'' names no target")
  end)
end)

describe("an accelerator", function()
  local npu = accelerator {
    name = "npu",
    offers = {
      { name = "neg", match = "%y = neg %x" },
      { name = "neg_clamp", match = "%a = neg %x\n%y = clamp %a",
        when = function(m) return m.node.y:get "hi" == nil end },
    },
  }
  local source = [[
    %a = neg %x : f32[1, 4]
    %b = clamp %a { lo = 0.0 } : f32[1, 4]
    %c = abs %b : f32[1, 4]
    %d = neg %c : f32[1, 4]
    %e = clamp %d { hi = 0.0 } : f32[1, 4]
    return %e]]

  it("takes what it offers, the longest shape first", function()
    local module = module_of(source)
    pipeline.run(module, {
      target = like_c { accelerators = { npu } }, pipeline = pipeline.new { "partition", "fuse" },
    })
    local calls = {}
    for node in module:main():nodes() do
      local first = node.body and node.body:nodes()()
      calls[#calls + 1] = ("%s %s %s"):format(node.op, node.by or "-", first and first.op or "-")
    end
    assert.same({ "call npu neg", "abs - -", "call npu neg", "clamp - -" }, calls)
  end)

  it("is checked", function()
    assert.is_truthy(message_of(accelerator, { name = "npu", offers = { { name = "x" } } }):find
      "'match' is missing")
  end)
end)

describe("a schedule", function()
  it("comes from the target and packs weights", function()
    local module = text.parse [[
module m
const $w : f32[3, 2] = dense [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
graph @main(%x : f32[1, 3]) {
  %m = matmul %x, $w, _ : f32[1, 2]
  %y = clamp %m { lo = 0.0 } : f32[1, 2]
  return %y
}
]]
    local t = like_c {
      schedules = { matmul = function() return { nr = 4 } end },
      kernels = { matmul = {
        record = function() end,
        pack = function(_, schedule) return ("kn:Nk%dn"):format(schedule.nr) end,
      } },
    }
    local input = require "aot.ir".tensor({ dtype = "f32", shape = { 1, 3 } }, { 1.0, -2.0, 3.0 })
    local before = module:main():eval { input }
    local list = pipeline.new { "fuse", "schedule", "pack_weights" }
    pipeline.run(module, { target = t, pipeline = list })
    local call = module:main():nodes()()
    assert.same({ nr = 4 }, call:get "schedule")
    assert.same({ 1, 3, 4 }, call.inputs[2].type.shape)
    assert.is_true(module:main():eval({ input })[1]:equal(before[1]))
    assert.equal(module:print(), text.parse(module:print()):print())
  end)
end)
