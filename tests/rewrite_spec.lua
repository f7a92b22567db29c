--- rewrite: what a shape matches, and in which order rules come to it.

local rewrite = require "aotlua.rewrite"
local text = require "aotlua.text"

local function graph_of(lines)
  return text.parse("module m\nconst $k : f32[4] = splat 2.0\n"
    .. "graph @main(%x : f32[4], %y : f32[4]) {\n" .. lines .. "\n}\n"):main()
end

-- The names of the roots at which `match` fits, last first.
local function roots(lines, match, when)
  local found = {}
  rewrite.rules {
    { match = match, when = function(m)
      if not when or when(m) then found[#found + 1] = m.r.name end
      return false
    end, replace = error },
  }(graph_of(lines))
  return table.concat(found, " ")
end

local function drop(graph, m)
  graph:replace(m.r, m.a)
  graph:remove(m.node.r)
end

describe("a shape", function()
  local lines = [[
    %a = neg %x : f32[4]
    %b = abs %a : f32[4]
    %c = add %b, %b : f32[4]
    %d = mul %c, $k : f32[4]
    %e = clamp %d { lo = 0.0 } : f32[4]
    %f = clamp %e { hi = 6.0, lo = 0.0 } : f32[4]
    %g = concat %e, %f, %x { axis = 0 } : f32[12]
    return %g]]

  it("names ops, or several", function()
    assert.equal("b a", roots(lines, "%r = neg|abs %v"))
  end)
  it("binds one name to one value", function()
    assert.equal("c", roots(lines, "%r = add %v, %v"))
    assert.equal("", roots(lines, "%r = mul %v, %v"))
  end)
  it("asks for constants with $", function()
    assert.equal("d", roots(lines, "%r = mul|add %v, $k"))
  end)
  it("asks for attributes", function()
    assert.equal("f", roots(lines, "%r = clamp %v { hi = 6.0 }"))
    assert.equal("f e", roots(lines, "%r = clamp %v { lo = 0.0 }"))
  end)
  it("goes through results that have one user", function()
    assert.equal("b", roots(lines, "%v = neg %a\n%r = abs %v"))
    assert.equal("", roots(lines, "%v = abs %a\n%r = add %v, %w"))
    assert.equal("", roots(lines, "%v = clamp %a\n%r = clamp %v"))
  end)
  it("may leave further operands open", function()
    assert.equal("g", roots(lines, "%r = concat %v, ..."))
    assert.equal("", roots(lines, "%r = concat %v"))
  end)
  it("tells absent operands from optional ones", function()
    local matmuls = [[
      %w = reshape %y { shape = [4, 1] } : f32[4, 1]
      %v = reshape %x { shape = [1, 4] } : f32[1, 4]
      %b = reshape $k { shape = [4] } : f32[4]
      %s = slice %b { start = [0], stop = [1] } : f32[1]
      %p = matmul %v, %w, _ : f32[1, 1]
      %q = matmul %v, %w, %s : f32[1, 1]
      return %p, %q]]
    assert.equal("q p", roots(matmuls, "%r = matmul %a, %b, %c?"))
    assert.equal("p", roots(matmuls, "%r = matmul %a, %b, _"))
    assert.equal("q", roots(matmuls, "%r = matmul %a, %b, %c"))
  end)
  it("that cannot be read says where", function()
    assert.has_error(function() rewrite.rules { { match = "%r = neg %", replace = drop } } end)
  end)
end)

describe("rules", function()
  it("try the longest shape first", function()
    local graph = graph_of "%a = neg %x : f32[4]\n%b = abs %a : f32[4]\nreturn %b"
    local first
    local function note(name)
      return function(g, m)
        first = first or name
        drop(g, m)
      end
    end
    rewrite.rules {
      { match = "%r = abs %a", replace = note "short" },
      { match = "%a = neg %v\n%r = abs %a", replace = note "long" },
    }(graph)
    assert.equal("long", first)
  end)

  it("look again at what they changed", function()
    local graph = graph_of [[
      %a = neg %x : f32[4]
      %b = abs %a : f32[4]
      %c = abs %b : f32[4]
      %d = neg %c : f32[4]
      %e = abs %d : f32[4]
      return %e]]
    rewrite.rules { { match = "%n = neg|abs %a\n%r = abs %n", replace = function(g, m)
      m.node.r:set_input(1, m.a)
      g:remove(m.node.n)
    end } }(graph)
    assert.equal(1, #graph)
    assert.equal("abs", graph.returns[1].node.op)
  end)

  it("that never end are named", function()
    local swap = rewrite.rules {
      { match = "%r = add %a, %b", replace = function(graph, m)
        graph:rewrite(m.node.r, { op = "add", inputs = { m.b, m.a }, type = m.r.type })
      end },
    }
    local ok, message = pcall(swap, graph_of "%a = add %x, %y : f32[4]\nreturn %a")
    assert.is_false(ok)
    assert.equal("this rule always finds something to change:\n%r = add %a, %b", message)
  end)

  it("move through a long chain in linear time", function()
    local function seconds(count)
      local lines = {}
      lines[1] = "%v0 = neg %x : f32[4]"
      for i = 1, count do lines[i + 1] = ("%%v%d = abs %%v%d : f32[4]"):format(i, i - 1) end
      lines[#lines + 1] = ("return %%v%d"):format(count)
      local graph = graph_of(table.concat(lines, "\n"))
      local start = os.clock()
      -- A negation sinks through every abs, to the very end.
      rewrite.rules {
        { match = "%n = neg %a\n%r = abs %n", replace = function(g, m)
          local inner = g:append { op = "abs", inputs = { m.a }, before = m.node.r }
          g:rewrite(m.node.r, { op = "neg", inputs = { inner:output() }, type = m.r.type })
          g:remove(m.node.n)
        end },
      }(graph)
      return os.clock() - start
    end
    local small, large = seconds(1000), seconds(4000)
    assert.is_true(large < 8 * small + 0.05, ("%g s and %g s"):format(small, large))
  end)
end)
