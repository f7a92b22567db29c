--- graph_spec: modules, graphs, nodes and values from Lua.

local ir, data = require "aot.ir", require "aot.data"

local function ty(dtype, shape, quant)
  return { dtype = dtype, shape = shape, quant = quant }
end

local square = ty("f32", { 2, 2 })

-- @main: x, then a chain of `abs` with the given names.
local function chain(names)
  local m = ir.module("net")
  local g = m:graph("main")
  local last = g:param("x", square)
  for name in names:gmatch "%S+" do
    last = g:append({ op = "abs", inputs = { last }, name = name }):output()
  end
  g:set_returns { last }
  return g, m
end

local function walk(g, backward)
  local names = {}
  local step = backward and g.backward or g.nodes
  for node in step(g) do
    names[#names + 1] = node:output().name
  end
  return table.concat(names, " ")
end

local function refusal(...)
  local ok, message = pcall(...)
  assert.is_false(ok)
  return message
end

describe("handles", function()
  it("are the same for the same thing", function()
    local g, m = chain "a b"
    assert.equal(g, m:main())
    assert.equal(m, g.module)
    local node = g.params[1]:users()[1]
    local seen = { [node] = true }
    assert.is_true(seen[g:nodes()()])
    assert.equal(node, node.next.previous)
    assert.is_nil(node.previous)
    assert.is_nil(node.next.next)
    assert.equal("return", g.returns[1]:users()[1].op)
    assert.equal("%a = abs", tostring(node))
  end)

  it("keep their module alive and outlive nothing", function()
    local value = chain("a b").returns[1]
    collectgarbage()
    collectgarbage()
    assert.equal("b", value.name)
    assert.equal("net", value.graph.module.name)
  end)

  it("say so once their thing was removed", function()
    local g, m = chain "a"
    local extra = g:append { op = "neg", inputs = { g.params[1] }, name = "extra" }
    local value = extra:output()
    g:remove(extra)
    assert.matches("this Node .* was removed", refusal(function() return extra.op end))
    assert.matches("this Value .* was removed", refusal(function() return value.type end))
    assert.has_error(function() g:append { op = "neg", inputs = { value } } end)
    assert.has_error(function() g:eval({ ir.tensor(square, 1) }, nil, { value }) end)
    m:verify()
  end)
end)

describe("a walk", function()
  it("goes forward and backward", function()
    local g = chain "a b c d"
    assert.equal("a b c d", walk(g))
    assert.equal("d c b a", walk(g, true))
    assert.equal(4, #g)
  end)

  it("survives the removal of where it stands and of what is next", function()
    local g = chain "a b c d"
    local seen = {}
    for node in g:nodes() do
      seen[#seen + 1] = node:output().name
      if node:output().name == "b" then
        local new = g:append { op = "neg", inputs = node.inputs, name = "new", before = node }
        local c = node.next
        g:replace(node:output(), new:output())
        g:remove(node)
        g:replace(c:output(), new:output())
        g:remove(c)
        g:append { op = "neg", inputs = { new:output() }, name = "late" }
      end
    end
    assert.same({ "a", "b", "d", "late" }, seen)
    assert.equal("a new d late", walk(g))
  end)

  it("can remove everything, backward", function()
    local g, m = chain "a b c"
    for node in g:backward() do
      g:replace(node:output(), node.inputs[1])
      g:remove(node)
    end
    assert.equal(0, #g)
    assert.equal("", walk(g))
    m:verify()
  end)

  it("goes on behind an outlined group and comes to what is inserted at the end", function()
    local g, m = chain "a b c d"
    local seen = {}
    for node in g:nodes() do
      seen[#seen + 1] = node.op
      if #seen == 2 then
        g:outline({ node.previous, node }, "ab")
      elseif #seen == 5 then
        g:append { op = "neg", inputs = { g.params[1] } }
      end
    end
    assert.same({ "abs", "abs", "call", "abs", "abs", "neg" }, seen)
    m:verify()
  end)
end)

describe("attributes", function()
  it("come back as they were given", function()
    local node = chain("a"):nodes()()
    local value = { 1, 2.5, "x", { y = true, z = ir.ref "@pool", n = 1.0 } }
    node:set("k", value)
    assert.same(value, node:get "k")
    assert.equal("float", math.type(node:get("k")[4].n))
    node:set("k", nil)
    assert.same({}, node.attrs)
    node:set("k", {})
    assert.same({ k = {} }, node.attrs)
  end)

  it("are refused where the text could not say them", function()
    local node = chain("a"):nodes()()
    local loop = {}
    loop[1] = loop
    for _, bad in ipairs { { 1, x = 2 }, { [3] = 1 }, print, loop, { ["a b"] = 1 } } do
      assert.has_error(function() node:set("k", bad) end)
    end
    assert.has_error(function() node:set("a b", 1) end)
    assert.is_nil(node:get "k")
  end)
end)

describe("edits", function()
  it("name what does not fit", function()
    local g = chain "a"
    local other = chain "a"
    assert.matches("no field 'input'; there are: op, inputs",
      refusal(g.append, g, { op = "abs", input = {} }))
    assert.matches("there is no op 'relu7'", refusal(g.append, g, { op = "relu7" }))
    assert.matches("belongs to another Module",
      refusal(g.append, g, { op = "abs", inputs = { other.params[1] } }))
    assert.matches("entry 2 of the list is nil, not a Value",
      refusal(g.append, g, { op = "add", inputs = { g.params[1], nil, g.params[1] } }))
    assert.matches("is used", refusal(g.remove, g, g:nodes()()))
    assert.equal("a", walk(g))
  end)

  it("infer types, or take the one that is given, with or without a shape", function()
    local g = chain ""
    local x = g.params[1]
    local quant = { scale = 0.5, zero = 1 }
    assert.same(square, g:append({ op = "neg", inputs = { x } }):output().type)
    local q = g:append { op = "quantize", inputs = { x }, attrs = { rounding = "away" },
                         type = { dtype = "i8", quant = quant } }
    assert.same(ty("i8", { 2, 2 }, quant), q:output().type)
    local wrong = g:append { op = "neg", inputs = { x }, type = ty("f32", { 3 }) }
    assert.same({ 3 }, wrong:output().type.shape)
    assert.has_error(function() g:infer() end)
    g:rewrite(wrong, { op = "exp", inputs = { x } })
    assert.same({ "exp", square }, { wrong.op, wrong:output().type })
    g:infer()
  end)

  it("make, use and remove constants, states, pools and symbols", function()
    local g, m = chain "a"
    local scales = m:const { name = "w", data = ir.tensor(ty("f32", { 3 }), { 1, 2, 3 }) }
    local typed = ty("i8", { 3 }, { axis = 0, scales = scales, zero = 0 })
    local const = m:const { name = "c", data = ir.tensor(typed, { 1, 2, 3 }) }
    assert.same({ "const", "result", "param" }, { const.kind, g.returns[1].kind,
      g.params[1].kind })
    assert.same(typed, const.type)
    assert.same(typed, const.data.type)
    assert.has_error(function() m:remove(scales) end)
    m:remove(const)
    m:remove(scales)
    assert.same({}, m:consts())
    local state = m:state { name = "s", data = ir.tensor(square, 0) }
    g:set_next(state, g.returns[1])
    assert.same({ { state = state, value = g.returns[1] } }, g.next)
    local pool = m:pool("ws", { align = 16 })
    pool:set("size", 4)
    assert.same({ align = 16, size = 4 }, pool.attrs)
    assert.equal(pool, m:pools()[1])
    assert.equal(16, pool:get "align")
    assert.equal("file", m:symbol({ kind = "file" }):get "kind")
    assert.equal(1, #m:symbols())
    m:set("after", "layout")
    assert.equal("layout", m:get "after")
  end)

  it("keep packed constants as expressions", function()
    local _, m = chain "a"
    local w = m:const { name = "w", data = ir.tensor(ty("f32", { 3, 2 }), { 1, 2, 3, 4, 5, 6 }) }
    local p = m:const { name = "p", op = "pack", source = w, attrs = { layout = "io:oi" } }
    assert.same({ "pack", w }, { p.expression.op, p.expression.source })
    assert.same({ 1, 3, 5, 2, 4, 6 }, p.data:list())
    assert.is_nil(w.expression)
  end)
end)

describe("a graph", function()
  local m = ir.module("net")
  local g = m:graph("main")
  local x = g:param("x", ty("f32", { 1, 2, 3 }))
  local w = m:const { name = "w", data = ir.tensor(ty("f32", { 3, 2 }), { 1, 0, 0, 1, 1, 1 }) }
  local state = m:state { name = "ring", data = ir.tensor(ty("f32", { 1, 2, 2 }), 1) }
  local product = g:append { op = "matmul", inputs = { x, w, false }, name = "product" }
  local clamp = g:append { op = "clamp", inputs = { product:output() }, attrs = { lo = 0.0 } }
  local sum = g:append { op = "add", inputs = { state, clamp:output() } }
  g:set_returns { clamp:output(), sum:output() }
  g:set_next(state, sum:output())
  local input = ir.tensor(x.type, { 1, 2, 3, -1, -2, 0.5 })

  it("is evaluated with its states, and shows what it is asked for", function()
    local outputs, states, seen = g:eval({ input }, nil, { product:output(), w, x, state })
    assert.same({ 4, 5, 0, 0 }, outputs[1]:list())
    assert.same({ 5, 6, 1, 1 }, outputs[2]:list())
    assert.same({ 4, 5, -0.5, -1.5 }, seen[1]:list())
    assert.is_true(seen[2]:equal(w.data))
    assert.is_true(seen[3]:equal(input))
    assert.same({ 1, 1, 1, 1 }, seen[4]:list())
    local _, later = g:eval({ input }, states)
    assert.same({ 9, 11, 1, 1 }, later[1]:list())
    assert.same({ 5, 6, 1, 1 }, states[1]:list())
    assert.same({ 1, 1, 1, 1 }, state.data:list())
  end)

  it("is not evaluated on what does not fit", function()
    assert.has_error(function() g:eval {} end)
    assert.has_error(function() g:eval({ input }, {}) end)
    assert.has_error(function() g:eval { ir.tensor(ty("f32", { 1 }), 0) } end)
    assert.has_error(function() g:eval({ input }, nil, { w, w }) end)
    local other = m:graph("other"):param("y", x.type)
    assert.matches("%y is not computed by @main",
      refusal(g.eval, g, { input }, nil, { other }), 1, true)
    m:remove(m:find "other")
  end)

  it("is outlined and inlined without changing its numbers", function()
    local before = m:print()
    local call = g:outline({ product, clamp }, "body")
    m:infer()
    m:verify()
    assert.equal("body", call.body.name)
    assert.equal(m:find "body", call.body)
    assert.same({ 4, 5, 0, 0 }, g:eval({ input })[1]:list())
    g:inline(call)
    m:remove(m:find "body")
    assert.equal(before, m:print())
  end)

  it("writes its blobs at multiples of 64 bytes", function()
    local path <const> = os.tmpname()
    local numbers = {}
    for i = 1, 20 do
      numbers[i] = i
    end
    local many = ir.module("blobs")
    many:const { name = "a", data = ir.tensor(ty("i8", { 20 }), numbers) }
    many:const { name = "b", data = ir.tensor(ty("f32", { 20 }), numbers) }
    many:write_blobs(path)
    local blobs = data.open(path)
    os.remove(path)
    assert.equal(64 + 80, #blobs)
    assert.equal(20.0, blobs:f32(64 + 19 * 4))
    assert.matches("= blob 64\n", many:print())
  end)
end)
