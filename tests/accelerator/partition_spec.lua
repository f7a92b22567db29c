--- partition_spec: who gets which nodes, alone and in regions, and that numbers stay the same.

local accelerator = require "aotlua.accelerator"
local ir = require "aot.ir"
local pipeline = require "aotlua.pipeline"
local regions = require "aotlua.regions"
local target = require "aotlua.target"
local text = require "aotlua.text"

-- An accelerator of offers { name = shape }, in the order of the list.
local function device(name, shapes, more)
  local offers = {}
  for i, pair in ipairs(shapes) do
    offers[i] = { name = pair[1], match = pair[2], when = pair.when, constants = pair.constants }
  end
  return accelerator { name = name, offers = offers, regions = more and more.regions }
end

local function partitioned(source, devices)
  local module = text.parse(source, "in.ir")
  local machine = setmetatable({ accelerators = devices }, { __index = target.load "c" })
  pipeline.run(module, { target = machine, pipeline = pipeline.new { "partition" } })
  return module
end

-- Each node of @main: its result, and its op or who computes what of it.
local function show(module)
  local lines = {}
  for node in module:main():nodes() do
    local ops = {}
    for inner in (node.body or node.graph):nodes() do
      ops[#ops + 1] = node.body and inner.op or nil
    end
    lines[#lines + 1] = ("%s: %s"):format(node:output().name, node.by
      and ("%s(%s)"):format(node.by, table.concat(ops, ", ")) or node.op)
  end
  return table.concat(lines, "\n")
end

local function evaluated(module, inputs)
  local outputs = module:main():eval(inputs)
  local lists = {}
  for i, output in ipairs(outputs) do lists[i] = output:list() end
  return lists
end

-- Partitions, holds what comes out to what went in, also when read back from its text.
local function checked(source, devices)
  local before, after = text.parse(source, "in.ir"), partitioned(source, devices)
  local inputs = {}
  for i = 1, #before:main().params do
    local numbers = {}
    for k = 1, 4 do numbers[k] = (i * 7 + k * 3) % 11 - 5.0 end
    inputs[i] = ir.tensor({ dtype = "f32", shape = { 4 } }, numbers)
  end
  assert.same(evaluated(before, inputs), evaluated(after, inputs))
  assert.same(evaluated(before, inputs), evaluated(text.parse(after:print(), "out.ir"), inputs))
  return show(after), after
end

local function graph(lines, params)
  return ("module net\nconst $two : f32[1] = dense [2.0]\ngraph @main(%s) {\n%s}\n"):format(
    params or "%x : f32[4]", (lines:gsub("([^\n]+)\n", function(line)
      return (line:find "return" and line or line .. " : f32[4]") .. "\n"
    end)))
end

describe("partition", function()
  it("tvm 100: takes shapes of several nodes, and what they are followed by", function()
    assert.equal("y: npu(mul, add)\nz: npu(mul, add, clamp)\nw: neg", checked(graph [[
      %m = mul %x, $two
      %y = add %m, %x
      %n = mul %y, $two
      %a = add %n, %y
      %z = clamp %a { lo = 0.0 }
      %w = neg %z
      return %w
]], { device("npu", { { "mul_add", "%m = mul %x, $k\n%y = add %m, %x" },
      { "relu", "%m = mul %x, $k\n%a = add %m, %x\n%y = clamp %a" } }) }))
  end)

  it("tvm 100: leaves a node within a shape whose result others read", function()
    assert.equal("m: mul\ny: add\nw: sub", checked(graph [[
      %m = mul %x, $two
      %y = add %m, %x
      %w = sub %y, %m
      return %w
]], { device("npu", { { "mul_add", "%m = mul %x, $k\n%y = add %m, %x" } }) }))
  end)

  it("tvm 100: returns what is returned twice, and what is read and returned", function()
    assert.equal("y: npu(neg)\nz: npu(abs)", checked(graph [[
      %y = neg %x
      %z = abs %y
      return %y, %z, %y, %x
]], { device("npu", { { "neg", "%y = neg %x" }, { "abs", "%y = abs %x" } }) }))
  end)

  it("tvm 100: makes constants that belong to the call alone, named after it", function()
    local _, module = checked(graph [[
      %y = mul %x, $two
      %z = mul %y, $two
      return %z
]], { device("npu", { { "mul", "%y = mul %x, $k", constants = function(m)
      return { twice = ir.tensor({ dtype = "f32", shape = { 1 } }, { 2 * m.k.data:get(1) }) }
    end } }) })
    local names = {}
    for _, const in ipairs(module:consts()) do names[#names + 1] = const.name end
    table.sort(names)
    assert.equal("mul_1_twice mul_2_twice two", table.concat(names, " "))
  end)

  it("tvm 101: gives a node to the first accelerator that takes it", function()
    local a = device("a", { { "neg", "%y = neg %x" } })
    local b = device("b", { { "neg", "%y = neg %x" }, { "abs", "%y = abs %x" } })
    local source = graph [[
      %y = neg %x
      %z = abs %y
      %w = exp %z
      return %w
]]
    assert.equal("y: a(neg)\nz: b(abs)\nw: exp", checked(source, { a, b }))
    assert.equal("y: b(neg)\nz: b(abs)\nw: exp", checked(source, { b, a }))
  end)

  it("tvm 102: asks a condition for each place, and for each order of operands", function()
    local picky = device("npu", { { "add", "%y = add %a, %b",
      when = function(m) return m.b.name == "x", "only %x on the right" end } })
    assert.equal("y: npu(add)\nz: add", checked(graph([[
      %y = add %x, %b
      %z = add %y, %b
      return %z
]], "%x : f32[4], %b : f32[4]"), { picky }))
  end)

  it("tvm 103: joins a diamond, and what its results are read by", function()
    assert.equal("w: npu(call, call, call, call)\nv: exp", checked(graph [[
      %y = neg %x
      %a = abs %y
      %b = neg %y
      %w = add %a, %b
      %v = exp %w
      return %v, %w
]], { device("npu", { { "neg", "%y = neg %x" }, { "abs", "%y = abs %x" },
      { "add", "%y = add %a, %b" } }, { regions = true }) }))
  end)

  it("tvm 103: joins nothing round a node of others: it would run before and after", function()
    assert.equal("y: npu(neg)\na: exp\nw: npu(add)", checked(graph [[
      %y = neg %x
      %a = exp %y
      %w = add %y, %a
      return %w
]], { device("npu", { { "neg", "%y = neg %x" }, { "add", "%y = add %a, %b" } },
      { regions = true }) }))
  end)

  it("tvm 103: joins no two regions that would wait for each other", function()
    assert.equal("a: npu(neg)\ne: exp\nv: npu(call, call, call)", (checked(graph [[
      %r = neg %x
      %a = neg %x
      %e = exp %a
      %v = add %r, %e
      %b = add %a, %r
      return %v, %b
]], { device("npu", { { "neg", "%y = neg %x" }, { "add", "%y = add %a, %b" } },
      { regions = true }) })))
  end)

  it("tvm 103: keeps regions of two accelerators apart", function()
    assert.equal("a: a(call, call)\nd: b(call, call)\nf: a(call, call)", checked(graph [[
      %y = neg %x
      %a = neg %y
      %c = abs %a
      %d = abs %c
      %e = neg %d
      %f = neg %e
      return %f
]], { device("a", { { "neg", "%y = neg %x" } }, { regions = true }),
      device("b", { { "abs", "%y = abs %x" } }, { regions = true }) }))
  end)

  it("defect D4: does nothing the second time", function()
    local devices = { device("a", { { "neg", "%y = neg %x" } }, { regions = true }),
      device("b", { { "abs", "%y = abs %x" } }) }
    local once = partitioned(graph [[
      %y = neg %x
      %a = neg %y
      %c = abs %a
      return %c
]], devices)
    local first = once:print()
    assert.equal(first, partitioned(first, devices):print())
  end)
end)

-- Any graph -------------------------------------------------------------------------------------

-- A graph of `size` nodes that read any before them; its last ones are returned.
local function random_graph(random, size)
  local lines, names = {}, { "x" }
  for i = 1, size do
    local op = ({ "neg", "abs", "exp", "add", "max" })[random(5)]
    local two = op == "add" or op == "max"
    lines[i] = ("%%v%d = %s %%%s%s\n"):format(i, op, names[random(#names)],
      two and ", %" .. names[random(#names)] or "")
    names[#names + 1] = "v" .. i
  end
  return graph(table.concat(lines) .. ("return %%v%d, %%v%d\n"):format(size, size - 1))
end

-- Whether a way leads from a node of `set` to another one through one that is not in it.
local function is_torn(order, set)
  local outside = {}
  for _, node in ipairs(order) do
    local reads_set, reads_outside = false, false
    for _, value in ipairs(node.inputs) do
      reads_set = reads_set or set[value.node]
      reads_outside = reads_outside or outside[value.node]
    end
    if set[node] and reads_outside then return true end
    outside[node] = not set[node] and (reads_set or reads_outside) or nil
  end
  return false
end

local function touch(a, b)
  for _, pair in ipairs { { a, b }, { b, a } } do
    for _, node in ipairs(pair[1]) do
      for _, value in ipairs(node.inputs) do
        for _, other in ipairs(pair[2]) do
          if value.node == other then return true end
        end
      end
    end
  end
end

local function set_of(...)
  local set = {}
  for _, list in ipairs { ... } do
    for _, node in ipairs(list) do set[node] = true end
  end
  return set
end

describe("regions of any graph", function()
  local seed = 1
  local function random(n)
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return (seed >> 8) % n + 1
  end

  it("tvm 103: are whole, and as large as they can be", function()
    local several, torn = 0, 0
    for _ = 1, 200 do
      local main, order = text.parse(random_graph(random, 12), "in.ir"):main(), {}
      for node in main:nodes() do order[#order + 1] = node end
      local list = regions.of(main, function(node) return node.op ~= "exp" and node.op ~= "max" end)
      for i, a in ipairs(list) do
        several = several + (#a > 1 and 1 or 0)
        assert.is_false(is_torn(order, set_of(a)))
        for k = 1, i - 1 do
          if touch(a, list[k]) then
            torn = torn + 1
            assert.is_true(is_torn(order, set_of(a, list[k])), main:print())
          end
        end
      end
    end
    assert.is_true(several > 100 and torn > 20, several .. " " .. torn)
  end)

  it("tvm 46: compute what the graph does, of two accelerators", function()
    local devices = { device("a", { { "neg", "%y = neg %x" }, { "add", "%y = add %a, %b" } },
      { regions = true }), device("b", { { "max", "%y = max %a, %b" }, { "abs", "%y = abs %x" } },
      { regions = true }) }
    for _ = 1, 60 do checked(random_graph(random, 14), devices) end
  end)
end)
