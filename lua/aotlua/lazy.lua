--- lazy: a list whose items are made whenever they are asked for: what is long and read in order,
--- once or twice, takes no room.

local lazy = {}

local function walk(list) return ipairs(list) end

--- Gives a list of `make(item, index)` for each item of `items`, made each time that it is looked
-- at. `#`, `[index]`, ipairs and pairs work on it; it cannot be changed.
function lazy.map(items, make)
  return setmetatable({}, {
    __len = function() return #items end,
    __index = function(_, index)
      local item = items[index]
      if item ~= nil then return make(item, index) end
    end,
    __newindex = function() error("this list is read-only", 2) end,
    __pairs = walk,
  })
end

return lazy
