--- matcher_spec: what a shape matches.

local rewrite = require "aotlua.rewrite"
local text = require "aotlua.text"

local function graph_of(lines)
  return text.parse("module m\nconst $k : f32[4] = splat 2.0\n"
    .. "graph @main(%x : f32[4], %y : f32[4]) {\n" .. lines .. "\n}\n"):main()
end

-- The names of the roots at which `match` fits, last first; each once, in however many ways.
local function roots(lines, match, when)
  local found = {}
  rewrite.rules {
    { match = match, when = function(m)
      local fits = not when or when(m)
      if fits and found[#found] ~= m.r.name then found[#found + 1] = m.r.name end
      return false
    end, replace = error },
  }(graph_of(lines))
  return table.concat(found, " ")
end

-- The same, of a rule whose roots are %r and %s: "r+s".
local function pairs_of_roots(lines, match)
  local found = {}
  rewrite.rules {
    { match = match, when = function(m)
      found[#found + 1] = m.r.name .. "+" .. m.s.name
      return false
    end, replace = error },
  }(graph_of(lines))
  return table.concat(found, " ")
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
  it("asks for attributes that are not there, or are one of several", function()
    assert.equal("e", roots(lines, "%r = clamp %v { hi = _ }"))
    assert.equal("f e", roots(lines, "%r = clamp %v { hi = 6.0|_, lo = 0.0 }"))
    assert.equal("", roots(lines, "%r = clamp %v { lo = 1.0|2.0|_ }"))
    assert.equal("g", roots(lines, "%r = concat %v, ... { axis = 1|0 }"))
  end)
  it("asks for types", function()
    assert.equal("g", roots(lines, "%r = concat %v, ... : f32[12]"))
    assert.equal("", roots(lines, "%r = concat %v, ... : i8[...]"))
    assert.equal("b a", roots(lines, "%r = neg|abs %v : i8|f32[_]"))
    assert.equal("b a", roots(lines, "%v : _[4]\n%r = neg|abs %v"))
    assert.equal("", roots(lines, "%v : f32[4, _]\n%r = neg|abs %v"))
    assert.equal("d", roots(lines, "$k : f32[..., 4]\n%r = mul %v, $k"))
    assert.equal("", roots(lines, "$k : f32[..., 4, 4]\n%r = mul %v, $k"))
    assert.equal("", roots(lines, "$k : f32[4, 4, ...]\n%r = mul %v, $k"))
  end)
  it("asks for extents from both ends", function()
    local reshapes = [[
      %a = reshape %x { shape = [1, 2, 2] } : f32[1, 2, 2]
      %b = reshape %x { shape = [2, 2] } : f32[2, 2]
      %c = reshape %x { shape = [1, 4] } : f32[1, 4]
      return %a, %b, %c]]
    assert.equal("a", roots(reshapes, "%r = reshape %v : f32[1, ..., 2]"))
    assert.equal("b a", roots(reshapes, "%r = reshape %v : f32[..., 2]"))
    assert.equal("c a", roots(reshapes, "%r = reshape %v : f32[1, ...]"))
    assert.equal("", roots(reshapes, "%r = reshape %v : f32[1, ..., 2, 2, 2]"))
    assert.equal("c b a", roots(reshapes, "%r = reshape %v : f32[...]"))
  end)
  it("asks for quantization", function()
    local graph = text.parse [[
module m
const $s : f32[4] = splat 0.5
graph @main(%x : i8[4] q(0.5, 3), %y : i8[4] q($s, 0, axis 0), %z : i8[4]) {
  %a = neg %x : i8[4] q(0.5, 3)
  %b = neg %y : i8[4] q($s, 0, axis 0)
  %c = neg %z : i8[4]
  return %a, %b, %c
}
]]:main()
    local function names(match)
      local list, matches = {}, rewrite.matcher(match)
      for node in graph:nodes() do
        local m = matches(node)
        list[#list + 1] = m and m.r.name
      end
      return table.concat(list, " ")
    end
    assert.equal("a b c", names "%r = neg %v : i8[4]")
    assert.equal("a", names "%r = neg %v : i8[4] q(_, _)")
    assert.equal("a", names "%v : i8[4] q(0.5, 3)\n%r = neg %v")
    assert.equal("", names "%r = neg %v : i8[4] q(0.25, _)")
    assert.equal("", names "%r = neg %v : i8[4] q(_, 4)")
    assert.equal("b", names "%r = neg %v : i8[4] q(_, 0, axis _)")
    assert.equal("", names "%r = neg %v : i8[4] q(_, _, axis 1)")
  end)
  it("takes the operands of commutative operations in either order", function()
    local sums = [[
      %a = neg %x : f32[4]
      %b = add %y, %a : f32[4]
      %c = sub %y, %b : f32[4]
      %d = max $k, %c : f32[4]
      return %d]]
    assert.equal("b", roots(sums, "%n = neg %v\n%r = add %n, %w"))
    assert.equal("b", roots(sums, "%n = neg %v\n%r = add|sub %n, %w"))
    assert.equal("c", roots(sums, "%n = add %v, %z\n%r = sub %w, %n"))
    assert.equal("", roots(sums, "%n = add %v, %z\n%r = sub %n, %w"))
    assert.equal("d", roots(sums, "%r = max %w, $k"))
    assert.equal("d", roots(sums, "%r = max $k, %w"))
  end)
  it("tries both orders until the condition holds", function()
    local sum = "%a = add %x, %y : f32[4]\nreturn %a"
    for _, name in ipairs { "x", "y" } do
      assert.equal("a", roots(sum, "%r = add %v, %w", function(m) return m.v.name == name end))
    end
    assert.equal("", roots(sum, "%r = add %v, %w", function(m) return m.v.name == "a" end))
  end)
  it("turns back where the first order leads nowhere", function()
    local tree = [[
      %a = neg %x : f32[4]
      %b = neg %y : f32[4]
      %c = mul %a, %x : f32[4]
      %d = mul %b, $k : f32[4]
      %e = add %c, %d : f32[4]
      return %e]]
    assert.equal("e", roots(tree,
      "%p = neg %v\n%m = mul $k, %p\n%q = neg %w\n%n = mul %w, %q\n%r = add %m, %n"))
    assert.equal("", roots(tree,
      "%p = neg %v\n%m = mul $k, %p\n%q = neg %w\n%n = mul %v, %q\n%r = add %m, %n"))
  end)
  it("keeps the order where the rule says so", function()
    local found
    rewrite.rules { { match = "%r = add %v, $k", ordered = true, when = function(m)
      found = m.r.name
    end, replace = error } }(graph_of "%a = add $k, %x : f32[4]\nreturn %a")
    assert.is_nil(found)
  end)
  it("may share a value that only its own lines use", function()
    local diamond = "%a = neg %x : f32[4]\n%b = mul %a, %a : f32[4]\nreturn %b"
    assert.equal("b", roots(diamond, "%n = neg %v\n%r = mul %n, %n"))
    assert.equal("", roots(diamond, "%n = neg %v\n%r = mul %n, %w"))
  end)

  local twins = [[
    %a = neg %x : f32[4]
    %b = abs %a : f32[4]
    %c = exp %a : f32[4]
    %d = add %c, %y : f32[4]
    %e = exp %x : f32[4]
    return %b, %d, %e]]

  it("may have several roots", function()
    assert.equal("b+c",
      pairs_of_roots(twins, "%n = neg %v\n%r = abs %n\n%s = exp %n\nreturn %r, %s"))
    assert.equal("", pairs_of_roots(twins, "%r = abs %v\n%s = sqrt %v\nreturn %r, %s"))
    assert.equal("a+e", pairs_of_roots(twins, "%r = neg %v\n%s = exp %v\nreturn %r, %s"))
  end)
  it("finds a root through lines above it", function()
    assert.equal("b+d",
      pairs_of_roots(twins, "%r = abs %v\n%n = exp %v\n%s = add %w, %n\nreturn %s, %r"))
    assert.equal("b+d",
      pairs_of_roots(twins, "%n = exp %v\n%s = add %w, %n\n%r = abs %v\nreturn %s, %r"))
  end)
  it("binds two lines to two nodes", function()
    assert.equal("", pairs_of_roots(twins, "%r = abs %v\n%s = abs %v\nreturn %r, %s"))
    local two = "%a = neg %x : f32[4]\n%b = neg %x : f32[4]\nreturn %a, %b"
    assert.equal("a+b b+a", pairs_of_roots(two, "%r = neg %v\n%s = neg %v\nreturn %r, %s"))
  end)
  it("may have a root in its middle, which feeds others too", function()
    assert.equal("a+c", pairs_of_roots(twins, "%r = neg %v\n%s = exp %r\nreturn %r, %s"))
    assert.equal("", roots(twins, "%n = neg %v\n%r = exp %n"))
  end)
  it("may be one of several", function()
    local found = {}
    rewrite.rules { { match = { "%r = neg %v", "%n = exp %v\n%r = add %n, %w" },
      when = function(m) found[#found + 1] = m.r.name end, replace = error } }(graph_of(twins))
    assert.equal("d a", table.concat(found, " "))
  end)
end)
