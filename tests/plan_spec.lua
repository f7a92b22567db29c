--- plan_spec: offsets of buffers, asked for from Lua.

local plan = require "aot.plan"

local function buffer(size, first, last)
  return { size = size, align = 16, first = first, last = last }
end

describe("aot.plan", function()
  it("gives disjoint offsets and the bytes they need", function()
    local buffers = { buffer(100, 1, 2), buffer(64, 2, 3), buffer(100, 3, 4) }
    local offsets, total = plan.assign(buffers)
    assert.equal(3, #offsets)
    assert.equal(164, total)
    plan.verify(buffers, offsets, total)
  end)

  it("says how much is alive at once, and where", function()
    assert.same({ 164, 2 }, { plan.bound { buffer(100, 1, 2), buffer(64, 2, 3) } })
    assert.same({ 0, 0 }, { plan.bound {} })
  end)

  it("refuses a wrong plan and names the buffers", function()
    assert.error_matches(function()
      plan.verify({ buffer(32, 1, 2), buffer(32, 2, 3) }, { 0, 16 }, 64)
    end, "buffer 0 at %[0, 32%) and buffer 1 at offset 16 are alive together and overlap")
    assert.error_matches(function()
      plan.verify({ buffer(32, 1, 2) }, {}, 64)
    end, "buffer 1 has no offset")
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
