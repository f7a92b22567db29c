--- language_spec: the kernel language says what it records, and refuses what it cannot.

local kernel = require "aotlua.kernel"

local function fresh(dtype)
  local k = kernel.new { name = "probe" }
  local type = { dtype = dtype or "f32", shape = { 4, 8 } }
  return k, k:buffer { name = "x", type = type, role = "input" },
    k:buffer { name = "y", type = type, role = "output" }
end

local function body(k)
  return (k:finish():definition("f"):gsub("^[^\n]*\n{\n", ""):gsub("    return 0;\n}\n$", ""))
end

describe("the kernel language", function()
  it("reads like the C it becomes", function()
    local k, x, y = fresh()
    for i in k:loop("i", 4) do
      local sum = k:var("f32", "sum", 0)
      for j in k:loop("j", 0, 8, 2) do
        k:add(sum, k.max(x(i, j), 0) * 0.5)
      end
      k:choose(k.lt(i, 2), function() k:store(y(i, 0), sum) end, function()
        k:store(y(i, 1), -sum)
      end)
    end
    assert.equal([[
    for (int32_t i = 0; i < 4; ++i) {
        float sum = 0.0f;
        for (int32_t j = 0; j < 8; j += 2) {
            sum += aotrt_max_f32(x[i * 8 + j], 0.0f) * 0.5f;
        }
        if (i < 2) {
            y[i * 8] = sum;
        } else {
            y[i * 8 + 1] = -sum;
        }
    }
]], body(k))
    assert.same({ "aotrt_math.h", "stdint.h" }, k.headers)
    assert.equal(16, k.macs)
  end)

  it("unrolls by a Lua loop and drops loops that run once", function()
    local k, x, y = fresh()
    for n in k:loop("n", 1) do
      for i = 0, 1 do k:store(y(n + i, 0), x(i, 7)) end
    end
    assert.equal("    y[0] = x[7];\n    y[8] = x[15];\n", body(k))
  end)

  it("leaves no branch that never runs, whichever part of its condition says so", function()
    local k, x, y = fresh()
    for i in k:loop("i", 4) do
      local even, never = k.eq(i % 2, 0), k.gt(i, 9)
      for _ in k:when(k.both(even, never)) do k:store(y(i, 0), x(i + 9, 0)) end
      for _ in k:when(k.either(even, k.lt(i, 4))) do k:store(y(i, 0), x(i, 0)) end
    end
    assert.equal([[
    for (int32_t i = 0; i < 4; ++i) {
        y[i * 8] = x[i * 8];
    }
]], body(k))
  end)

  it("ends a block that is left by break or by an error", function()
    local k, x, y = fresh()
    for i in k:loop("i", 4) do
      k:store(y(i, 0), x(i, 0))
      if i then break end
    end
    pcall(function()
      for _ in k:loop("j", 4) do error "left" end
    end)
    k:store(y(0, 1), 2)
    assert.equal([[
    for (int32_t i = 0; i < 4; ++i) {
        y[i * 8] = x[i * 8];
    }
    y[1] = 2.0f;
]], body(k))
  end)

  it("computes on Lua values where nothing is recorded", function()
    local k = fresh()
    assert.equal(3, k.max(1, 3))
    assert.equal(true, k.both(k.lt(1, 2), true))
    assert.equal(5, k.select(false, 4, 5))
  end)

  it("tells who calls what is passed", function()
    local k, x, y = fresh "i32"
    local bytes = { dtype = "i8", shape = { 70 } }
    local rows = k:buffer { name = "rows", type = bytes, role = "scratch" }
    k:store(rows(0), 1)
    k:store(y(0, 0), x(0, 0) + k.cast("i32", rows(0)))
    k:finish()
    local seen = {}
    for i, p in ipairs(k.params) do
      seen[i] = ("%s %s %s %s"):format(p.ctype, p.name, p.const, p.role)
    end
    assert.same({
      "const int32_t * x true input", "int32_t * y false output", "void * scratch false scratch",
    }, seen)
    assert.equal(128, k.scratch_bytes)
    assert.equal(
      "static int32_t f(const int32_t *restrict x, int32_t *restrict y, void *restrict scratch)",
      k:prototype("f", { static = true }))
  end)

  it("names kernel, buffer and subscript of an access that is not proved", function()
    local k, x, y = fresh()
    for i in k:loop("i", 5) do k:store(y(i, 0), x(0, 0)) end
    assert.has_error(function() k:finish() end, "kernel 'probe': subscript i of y (dimension 0) is "
      .. "not proved to lie in 0 .. 3; all that is known is 0 .. 4")
  end)

  it("refuses numbers of another type, and data as subscripts", function()
    local k, x, y = fresh "i32"
    assert.has_error(function() k:store(y(0, 0), 1.5) end, "1.5 is not a number of type i32")
    assert.has_error(function() return x(x(0, 0), 0) end, "kernel 'probe': subscript 1 of x is a "
      .. "number of the data: it becomes an index through index()")
    assert.has_error(function() return x(0) end,
      "kernel 'probe': x has 2 dimensions, 1 subscripts were given")
    assert.has_error(function() k:var("f32x3", "v", 0) end)
  end)

  it("gathers rows by indices from data, clamped", function()
    local k, x, y = fresh()
    local ids = k:buffer { name = "ids", type = { dtype = "i64", shape = { 4 } }, role = "input" }
    for i in k:loop("i", 4) do
      local row = k:index(ids(i), 4, "row")
      k:store(y(i, 0), x(row, 0))
    end
    assert.equal([[
    for (int32_t i = 0; i < 4; ++i) {
        const int32_t row = (int32_t)aotrt_max_i64(aotrt_min_i64(ids[i], INT64_C(3)), INT64_C(0));
        y[i * 8] = x[row * 8];
    }
]], body(k))
  end)
end)
