--- plan_spec: offsets of buffers, asked for from Lua.

local plan = require "aot.plan"

local function buffer(size, first, last)
  return { size = size, align = 16, first = first, last = last }
end

describe("aot.plan", function()
  it("gives disjoint offsets and the bytes they need", function()
    local buffers = { buffer(100, 1, 2), buffer(64, 2, 3), buffer(100, 3, 4) }
    local offsets, homes, totals = plan.assign(buffers)
    assert.equal(3, #offsets)
    assert.same({ 1, 1, 1 }, homes)
    assert.same({ 164 }, totals)
    plan.verify(buffers, nil, offsets, homes, totals)
  end)

  it("says how much is alive at once, and where", function()
    assert.same({ 164, 2 }, { plan.bound { buffer(100, 1, 2), buffer(64, 2, 3) } })
    assert.same({ 0, 0 }, { plan.bound {} })
  end)

  it("refuses a wrong plan and names the buffers", function()
    assert.error_matches(function()
      plan.verify({ buffer(32, 1, 2), buffer(32, 2, 3) }, nil, { 0, 16 }, { 1, 1 }, { 64 })
    end, "buffer 0 at %[0, 32%) and buffer 1 at offset 16 are alive together and overlap")
    assert.error_matches(function()
      plan.verify({ buffer(32, 1, 2) }, nil, {}, { 1 }, { 64 })
    end, "buffer 1 has no offset")
    assert.error_matches(function()
      plan.verify({ buffer(32, 1, 2) }, nil, { 0 }, { 0 }, { 64 })
    end, "buffer 1 has no pool")
    assert.error_matches(function()
      plan.verify({ buffer(32, 1, 2) }, nil, { 0 }, { 2 }, { 64 })
    end, "buffer 0: there is no pool 1")
    assert.error_matches(function()
      plan.verify({ buffer(32, 1, 2) }, { { limit = 16 }, {} }, { 0 }, { 1 }, { 32, 0 })
    end, "pool 0: 32 bytes are planned, it has 16")
    assert.error_matches(function()
      plan.verify({ buffer(32, 1, 2) }, { { align = 64 } }, { 32 }, { 1 }, { 64 })
    end, "buffer 0: offset 32 is no multiple of 64")
  end)

  it("plans in the order that it is told", function()
    local buffers = { buffer(32, 1, 3), buffer(16, 1, 1), buffer(32, 2, 2) }
    assert.same({ { 0, 32, 32 }, { 1, 1, 1 }, { 64 } }, { plan.place(buffers, nil, { 1, 2, 3 }) })
    assert.same({ { 16, 0, 48 }, { 1, 1, 1 }, { 80 } }, { plan.place(buffers, nil, { 2, 1, 3 }) })
    assert.same({ { 0, 32, 32 }, { 1, 1, 1 }, { 64 } }, { plan.arrival(buffers) })
    for _, order in ipairs { { 1, 2 }, { 1, 2, 2 }, { 1, 2, 4 }, { 0, 1, 2 } } do
      assert.has_error(function() plan.place(buffers, nil, order) end)
    end
  end)

  it("refuses pools that make no sense", function()
    assert.error_matches(function() plan.assign({}, {}) end,
      "there is no pool to put buffers into")
    assert.error_matches(function() plan.assign({}, { { align = 3 } }) end,
      "pool 0: alignment 3 is no power of two")
    assert.error_matches(function() plan.assign({}, { { limit = -1 } }) end,
      "pool 1: 'limit' must be an integer from 0")
    assert.error_matches(function() plan.assign({}, { 1 }) end, "pool 1 is no table")
  end)

  it("refuses buffers that make no sense", function()
    assert.error_matches(function()
      plan.assign { { size = -1, align = 1, first = 1, last = 1 } }
    end, "buffer 1: 'size' must be an integer from 0")
    assert.error_matches(function()
      plan.assign { { size = 1, align = 3, first = 1, last = 1 } }
    end, "alignment 3 is no power of two")
    assert.error_matches(function()
      plan.assign { 7 }
    end, "buffer 1 is no table")
  end)
end)
