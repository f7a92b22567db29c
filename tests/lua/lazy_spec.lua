--- lazy_spec: lists whose items are made when they are looked at, contents handed over in pieces.

local content = require "aotlua.content"
local json = require "aotlua.json"
local lazy = require "aotlua.lazy"
local page = require "aotlua.writers.page"

describe("a lazy list", function()
  local made
  local function square(x, index)
    made[#made + 1] = index
    return x * x
  end
  before_each(function() made = {} end)

  it("is read as a list is, and makes an item each time", function()
    local list, seen = lazy.map({ 2, 3, 4 }, square), {}
    assert.equal(3, #list)
    assert.same({}, made)
    assert.equal(9, list[2])
    for index, item in ipairs(list) do seen[index] = item end
    assert.same({ 4, 9, 16 }, seen)
    for index, item in pairs(list) do assert.equal(seen[index], item) end -- order: irrelevant
    assert.same({ 2, 1, 2, 3, 1, 2, 3 }, made)
  end)

  it("ends where the list behind it does", function()
    local list = lazy.map({ 2 }, square)
    assert.is_nil(list[0])
    assert.is_nil(list[2])
    assert.is_nil(list.name)
  end)

  it("cannot be changed", function()
    assert.has_error(function() lazy.map({ 2 }, square)[1] = 5 end, "this list is read-only")
  end)
end)

describe("a content", function()
  local function handed_over(give)
    local pieces = {}
    give(function(piece) pieces[#pieces + 1] = piece end)
    return pieces
  end

  it("is the same in pieces and whole", function()
    local numbers = {}
    for i = 1, 5000 do numbers[i] = { number = i, square = { i * i } } end
    local function give(put) json.write({ list = numbers, name = "n" }, put) end
    assert.is_true(#handed_over(give) > 2)
    assert.equal(json.encode { list = numbers, name = "n" }, content.whole(give))
    assert.equal(json.encode { list = numbers, name = "n" }, table.concat(handed_over(give)))
  end)

  it("is written by a page as it is made", function()
    for _, count in ipairs { 1, 512, 1000 } do
      local whole = page.new()
      local pieces = handed_over(function(put)
        local out = page.new(put)
        for i = 1, count do
          out:line("line %d", i)
          whole:line("line %d", i)
        end
        out:finish()
      end)
      assert.is_true(#pieces > count // 512)
      assert.equal(whole:text(), table.concat(pieces))
    end
  end)
end)
