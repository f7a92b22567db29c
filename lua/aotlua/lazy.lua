--- lazy: a list whose items are made whenever they are asked for: what is long and read in order,
--- once or twice, takes no room.

local lazy = {}

local function walk(list) return ipairs(list) end

--- Gives a list of `count` items, `make(index)` each time that one is looked at. `#`, `[index]`,
-- ipairs and pairs work on it; a change of an item is lost.
function lazy.list(count, make)
  return setmetatable({}, {
    __len = function() return count end,
    __index = function(_, index)
      if math.type(index) == "integer" and index >= 1 and index <= count then return make(index) end
    end,
    __newindex = function() error("this list is read-only", 2) end,
    __pairs = walk,
  })
end

return lazy
