--- planners_spec: offsets in one and several pools: legal whoever plans them, and close to the
--- best there is.

local plan = require "aot.plan"

local GIB = 1 << 30

-- A fixed sequence of numbers below `limit`.
local function sequence(seed)
  return function(limit)
    seed = (seed * 6364136223846793005 + 1442695040888963407)
    return (seed >> 33) % limit
  end
end

local function buffer(size, first, last, align)
  return { size = size, align = align or 1, first = first, last = last }
end

local function random_buffers(draw, count, least_align)
  local buffers = {}
  for index = 1, count do
    local first = draw(count)
    buffers[index] = buffer(1 + draw(400), first, first + draw(count // 3 + 2),
      math.max(least_align or 1, 1 << draw(7)))
  end
  return buffers
end

-- Fails unless the plan is legal, judged pair by pair and by nothing of ours.
local function judge(buffers, pools, offsets, homes, totals)
  local function check(legal, what, ...)
    if not legal then error(what:format(...), 0) end
  end
  for i, a in ipairs(buffers) do
    local align, finish = math.max(a.align, pools[homes[i]].align or 1), offsets[i] + a.size
    check(offsets[i] % align == 0, "buffer %d at %d is not aligned to %d", i, offsets[i], align)
    check(finish <= totals[homes[i]], "buffer %d ends at %d, outside its pool", i, finish)
    for j = 1, i - 1 do
      local b = buffers[j]
      check(homes[i] ~= homes[j] or a.last < b.first or b.last < a.first
        or finish <= offsets[j] or offsets[j] + b.size <= offsets[i],
        "buffers %d and %d are alive together and overlap", i, j)
    end
  end
  for index, pool in ipairs(pools) do
    check(index == #pools or totals[index] <= pool.limit, "pool %d is too small", index)
  end
end

-- Every planner there is: ours, its steps, and orders that scripts may give.
local function planners(buffers, draw)
  local orders = { {}, {}, {} }
  for index in ipairs(buffers) do
    orders[1][index], orders[2][index] = index, #buffers + 1 - index
    table.insert(orders[3], 1 + draw(index), index)
  end
  table.sort(orders[1], function(a, b)
    return buffers[a].size > buffers[b].size or buffers[a].size == buffers[b].size and a < b
  end)
  local list = { plan.assign, plan.arrival }
  for _, order in ipairs(orders) do
    for _, tight in ipairs { false, true } do
      list[#list + 1] = function(all, pools) return plan.place(all, pools, order, tight) end
    end
  end
  return list
end

-- The smallest last pool of all orders in which buffers take the lowest offset of the first pool
-- with room: no plan has a smaller one. Looks for less than `best` only, down to `bound`.
local function exhaust(buffers, pools, best, bound)
  local placed, totals = {}, {}
  for index in ipairs(pools) do totals[index] = 0 end
  local function lowest(which, home)
    local a, low = buffers[which], 0
    local align = math.max(a.align, pools[home].align or 1)
    repeat
      local moved = false
      low = (low + align - 1) // align * align
      for other, place in pairs(placed) do -- order: irrelevant, until nothing moves
        local b = buffers[other]
        if place.home == home and a.first <= b.last and b.first <= a.last
          and low < place.offset + b.size and place.offset < low + a.size then
          low, moved = place.offset + b.size, true
        end
      end
    until not moved
    return low + a.size <= (home < #pools and pools[home].limit or math.huge) and low
  end
  local function descend(left)
    if left == 0 then best = totals[#pools] end
    for which in ipairs(buffers) do
      if not placed[which] and best > bound then
        local home, offset = 1, lowest(which, 1)
        while not offset do
          home = home + 1
          offset = lowest(which, home)
        end
        local before = totals[home]
        totals[home] = math.max(before, offset + buffers[which].size)
        if totals[#pools] < best then
          placed[which] = { home = home, offset = offset }
          descend(left - 1)
          placed[which] = nil
        end
        totals[home] = before
      end
    end
  end
  descend(#buffers)
  return best
end

describe("plans", function()
  it("defect D1: no buffer comes back to a pool that refused it", function()
    local buffers = { buffer(48, 2, 4), buffer(16, 2, 4), buffer(16, 1, 2) }
    local pools = { { limit = 64 }, {} }
    for _, order in ipairs { { 1, 2, 3 }, { 1, 3, 2 }, { 3, 2, 1 } } do
      judge(buffers, pools, plan.place(buffers, pools, order))
    end
    assert.same({ 1, 1, 2 }, select(2, plan.place(buffers, pools, { 1, 2, 3 })))
    local offsets, homes, totals = plan.assign(buffers, pools)
    judge(buffers, pools, offsets, homes, totals)
    assert.same({ 64, 16 }, totals)
  end)

  it("defect D1: a plan with an overlap is found", function()
    local buffers = { buffer(48, 2, 4), buffer(16, 2, 4), buffer(16, 1, 2) }
    local pools, wrong = { { limit = 64 }, {} }, { { 0, 48, 48 }, { 1, 1, 1 }, { 64, 0 } }
    assert.error_matches(function() judge(buffers, pools, table.unpack(wrong)) end,
      "buffers 3 and 2 are alive together and overlap")
    assert.error_matches(function() plan.verify(buffers, pools, table.unpack(wrong)) end,
      "are alive together and overlap")
  end)

  it("defect D1: every planner is legal in random bounded pools", function()
    local draw = sequence(1)
    for _ = 1, 40 do
      local buffers = random_buffers(draw, 3 + draw(20))
      local pools = { { limit = draw(900), align = 1 << draw(6) }, { limit = draw(900) }, {} }
      for _, planner in ipairs(planners(buffers, draw)) do
        local offsets, homes, totals = planner(buffers, pools)
        judge(buffers, pools, offsets, homes, totals)
        plan.verify(buffers, pools, offsets, homes, totals)
      end
    end
  end)

  it("defect D15: sizes beyond 4 GiB add up", function()
    local buffers = { buffer(3 * GIB, 1, 2, 64), buffer(3 * GIB, 2, 3, 64),
      buffer(5 * GIB, 3, 4, 64), buffer(7, 1, 4, 64) }
    local pools = { { limit = 3 * GIB }, { limit = 16 * GIB, align = 4096 } }
    local offsets, homes, totals = plan.assign(buffers, pools)
    judge(buffers, pools, offsets, homes, totals)
    assert.same({ 3 * GIB, 5 * GIB + 7 }, totals)
    assert.same({ 8 * GIB + 7, 3 }, { plan.bound(buffers) })
  end)

  it("defect D22: gaps are used, offsets are aligned for what lies there", function()
    local draw, optimal, rounds, worst = sequence(22), 0, 40, 1
    for _ = 1, rounds do
      local buffers = random_buffers(draw, 4 + draw(5))
      local bound = plan.bound(buffers)
      local offsets, homes, totals = plan.assign(buffers, { { limit = bound } })
      judge(buffers, { {} }, offsets, homes, totals)
      assert.is_true(totals[1] >= bound)
      local best = exhaust(buffers, { {} }, totals[1], bound)
      optimal = optimal + (totals[1] == best and 1 or 0)
      worst = math.max(worst, totals[1] / best)
    end
    assert.is_true(optimal >= 0.95 * rounds and worst <= 1.1)
  end)

  it("defect D22: a bounded pool takes what makes the next one smallest", function()
    local draw, optimal, rounds, worst = sequence(7), 0, 60, 1
    for _ = 1, rounds do
      local buffers = random_buffers(draw, 4 + draw(4))
      local pools = { { limit = 100 + draw(600) }, {} }
      local totals = select(3, plan.assign(buffers, pools))
      local bound = math.max(0, plan.bound(buffers) - pools[1].limit)
      assert.is_true(totals[2] >= bound)
      local best = exhaust(buffers, pools, totals[2], bound)
      optimal = optimal + (totals[2] == best and 1 or 0)
      worst = math.max(worst, best > 0 and totals[2] / best or 1)
    end
    assert.is_true(optimal >= 0.95 * rounds and worst <= 1.1)
  end)

  it("tvm 81: equal buffers get their places in order, ten times of ten", function()
    for _ = 1, 10 do
      local buffers = { buffer(10, 1, 3), buffer(10, 1, 3), buffer(10, 1, 3) }
      assert.same({ { 0, 10, 20 }, { 1, 1, 1 }, { 30 } }, { plan.assign(buffers) })
    end
  end)

  it("tvm 82: a linear graph needs two neighbors", function()
    local sizes, buffers = { 10, 20, 100, 40, 50, 50 }, {}
    for index, size in ipairs(sizes) do buffers[index] = buffer(size, index, index + 1) end
    assert.same({ 140 }, (select(3, plan.assign(buffers))))
  end)

  it("tvm 83: a fan-out needs what is alive at its widest", function()
    local buffers = { buffer(10, 1, 3), buffer(20, 2, 4), buffer(100, 3, 5), buffer(40, 4, 6),
      buffer(50, 5, 6), buffer(60, 6, 7), buffer(70, 7, 7) }
    assert.same({ 190 }, (select(3, plan.assign(buffers))))
  end)

  it("tvm 84: a fast pool takes what fits beside the large ones", function()
    -- two convolutions of MobileNet: input, padded input, accumulators, output, a pool's output
    local buffers = { buffer(301056, 1, 2), buffer(314646, 2, 3), buffer(256, 3, 3),
      buffer(802816, 3, 4), buffer(200704, 4, 4) }
    assert.equal(1117718, (plan.bound(buffers)))
    local pools = { { limit = 200704 }, {} }
    local offsets, homes, totals = plan.assign(buffers, pools)
    judge(buffers, pools, offsets, homes, totals)
    assert.same({ 200704, 1117462 }, totals)
  end)

  it("tvm 86: many random buffers overlap nowhere in a bounded pool and an endless one", function()
    for seed = 1, 4 do
      local draw, buffers = sequence(seed), {}
      for index = 1, 150 do
        local first = draw(150)
        buffers[index] = buffer(10 + draw(8000), first, first + draw(20), 1 << draw(5))
      end
      local pools = { { limit = 65535 }, {} }
      judge(buffers, pools, plan.assign(buffers, pools))
      local totals = select(3, plan.assign(buffers))
      assert.is_true(totals[1] <= 1.1 * plan.bound(buffers))
    end
  end)
end)
