--- pools: the memory that results may live in, as a target or the option `pools` declares it.

local default_alignment = 16

local pools = {}

local function wrong(where, message, ...)
  error(where .. ": " .. message:format(...), 0)
end

local function check_pool(pool, where)
  if pool.limit and (math.type(pool.limit) ~= "integer" or pool.limit < 1) then
    wrong(where, "pool '%s' has %s bytes; a size is an integer from 1, or is left out",
      pool.name, tostring(pool.limit))
  end
  if pool.section and not pool.section:find "^[%w_.$,]+$" then
    wrong(where, "pool '%s' has section '%s', which no linker takes", pool.name, pool.section)
  end
  local align = pool.align
  if math.type(align) ~= "integer" or align < 1 or align & (align - 1) ~= 0 then
    wrong(where, "pool '%s' is aligned to %s; an alignment is a power of two", pool.name,
      tostring(align))
  end
end

--- Checks a list of pools in order of preference and returns it.
local function checked(list, where)
  local seen = {}
  if #list == 0 then
    wrong(where, "there is no pool for results")
  end
  for index, pool in ipairs(list) do
    check_pool(pool, where)
    if seen[pool.name] then
      wrong(where, "there are two pools '%s'", pool.name)
    end
    seen[pool.name] = true
    if not pool.limit and list[index + 1] then
      wrong(where, "pool '%s' has no size, so '%s' behind it would stay empty; "
        .. "give it a size, or put it last", pool.name, list[index + 1].name)
    end
  end
  return list
end

-- Splits name[:[bytes][:align]] at its colons; nil if it is something else.
local function split(part)
  local name, rest = part:match "^(%a[%w_]*)(.*)$"
  if not name or rest == "" then
    return name
  end
  local bytes = rest:match "^:(%d+)$"
  if bytes then
    return name, tonumber(bytes)
  end
  local limit, align = rest:match "^:(%d*):(%d+)$"
  if align then
    return name, tonumber(limit), tonumber(align)
  end
end

--- Reads `name[:[bytes][:align]],...`. Pools that do not say are aligned to `align`.
local function parse(text, align)
  local list, where = {}, ("--set pools=%s"):format(text)
  for part in (text .. ","):gmatch "([^,]*)," do
    local name, limit, own = split(part)
    if not name then
      wrong(where, "'%s' is no pool: name, name:bytes, name:bytes:alignment or name::alignment",
        part)
    end
    list[#list + 1] = { name = name, limit = limit, align = own or align }
  end
  return checked(list, where)
end

--- Lists the pools for results, in order of preference: { name, align } and, where they have
-- them, `limit` in bytes, `section` and `speed`. `text`: the option, or "" for the target's own.
function pools.of(target, text)
  local list = {}
  for _, pool in ipairs(target.memory.pools) do
    if pool.holds ~= "constants" then
      list[#list + 1] = { name = pool.name, align = pool.align or default_alignment,
        limit = pool.size, section = pool.section, speed = pool.speed }
    end
  end
  if text ~= "" then
    return parse(text, list[1] and list[1].align or default_alignment)
  end
  return checked(list, "target " .. tostring(target.name))
end

return pools
