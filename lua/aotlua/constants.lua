--- constants: the distinct arrays of constants that operators read, and their places in pools.

local ir = require "aot.ir"

local constants = {}

local default_alignment = 16

-- A function from a tensor to a word that only tensors of its bytes have.
local function new_content_key()
  local sizes = {}
  return function(tensor)
    local view = tensor:view()
    local key = ("%s %d"):format(tensor.type.dtype, #view)
    local first = sizes[key]
    if not first then
      sizes[key] = { view = view }
      return key .. " 1"
    end
    first.hash = first.hash or first.view:sha256()
    local hash = view:sha256()
    return hash == first.hash and key .. " 1" or key .. " " .. hash
  end
end

--- Lists the distinct arrays that the operators of `list` (of aotlua.operators) read:
-- { bytes, of }, `of` being references to the constants that are this array.
function constants.distinct(list)
  local arrays, seen, content_key = {}, {}, new_content_key()
  for _, operator in ipairs(list) do
    for _, constant in ipairs(operator.arguments) do
      if type(constant) ~= "string" and constant.kind == "const" and not seen[constant] then
        seen[constant] = true
        local key = content_key(constant.data)
        if not arrays[key] then
          arrays[key] = { bytes = #constant.data:view(), of = {} }
          arrays[#arrays + 1] = arrays[key]
        end
        table.insert(arrays[key].of, ir.ref("$" .. constant.name))
      end
    end
  end
  return arrays
end

--- Gives the pools of the target that hold constants, or else one without limit:
-- { name, align, limit, section }.
function constants.pools(target)
  local pools = {}
  for _, pool in ipairs(target.memory.pools) do
    if pool.holds == "constants" then
      pools[#pools + 1] = { name = pool.name, align = pool.align or default_alignment,
        limit = pool.size, section = pool.section }
    end
  end
  if #pools == 0 then
    pools[1] = { name = "constants", align = default_alignment }
  end
  return pools
end

--- Puts each array of `arrays` into the first of the pools that has room, one behind the other:
-- its `at` becomes [@pool, offset], the `size` of a pool what it holds. Fails if there is none.
function constants.place(arrays, pools)
  for _, pool in ipairs(pools) do
    pool.size = 0
  end
  local function take(array)
    for _, pool in ipairs(pools) do
      local offset = pool.size + -pool.size % pool.align
      if offset + array.bytes <= (pool.limit or math.maxinteger) then
        pool.size, array.at = offset + array.bytes, { ir.ref("@" .. pool.name), offset }
        return true
      end
    end
  end
  local words = {}
  for index, pool in ipairs(pools) do
    words[index] = ("pool @%s has %s"):format(pool.name, pool.limit)
  end
  for _, array in ipairs(arrays) do
    if not take(array) then
      local total = 0
      for _, other in ipairs(arrays) do
        total = total + other.bytes
      end
      error(("%s (%d bytes) has no room: all constants need %d bytes; %s"):format(
        array.of[1].ref, array.bytes, total, table.concat(words, ", ")), 0)
    end
  end
end

return constants
