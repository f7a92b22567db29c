--- rewrite_spec: in which order rules come to a graph, and when they end.

local rewrite = require "aotlua.rewrite"
local text = require "aotlua.text"

local function graph_of(lines)
  return text.parse("module m\nconst $k : f32[4] = splat 2.0\n"
    .. "graph @main(%x : f32[4], %y : f32[4]) {\n" .. lines .. "\n}\n"):main()
end

local function drop(graph, m)
  graph:replace(m.r, m.a)
  graph:remove(m.node.r)
end

describe("rules", function()
  it("edit all that they found", function()
    local graph = graph_of [[
      %a = neg %x : f32[4]
      %b = abs %a : f32[4]
      %c = exp %a : f32[4]
      return %b, %c]]
    rewrite.rules { { match = "%n = neg %v\n%r = abs %n\n%s = exp %n\nreturn %r, %s",
      replace = function(g, m)
        m.node.r:set_input(1, m.v)
        m.node.s:set_input(1, m.v)
        g:remove(m.node.n)
      end } }(graph)
    assert.equal("%b = abs %x : f32[4] %c = exp %x : f32[4]",
      graph:print():match "{%s*(.-)%s*return":gsub("%s+", " "), nil)
  end)

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
