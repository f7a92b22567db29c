--- offload: what offers of accelerators say of the nodes they take, and where partition keeps it.

local failure = require "aotlua.failure"

local M = {}

--- Calls a function of an offer; what it raises names it.
function M.ask(device, offer, field, ...)
  local results = table.pack(pcall(offer[field], ...))
  if not results[1] then
    error(failure.prefixed(("accelerator %s: %s of offer '%s': "):format(device.name, field,
      offer.name), results[2]), 0)
  end
  return table.unpack(results, 2, results.n)
end

--- The condition of an offer as rewrite rules have it, or nil.
function M.condition(device, offer, target)
  return offer.when and function(m) return M.ask(device, offer, "when", m, target) end
end

--- The constants that an offer makes for a match: Tensors by name, and the names, sorted.
function M.constants(device, offer, m, target)
  local made, keys = offer.constants and M.ask(device, offer, "constants", m, target) or {}, {}
  for key, tensor in pairs(made) do -- order: sorted below
    if type(key) ~= "string" or not key:find "^%a[%w_]*$" or m[key] or key == "scratch"
      or key == "context" then
      error(("accelerator %s: offer '%s' cannot call a constant '%s'"):format(device.name,
        offer.name, tostring(key)), 0)
    end
    if not pcall(function() return tensor:view() end) then
      error(("accelerator %s: constant '%s' of offer '%s' is no tensor"):format(device.name, key,
        offer.name), 0)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return made, keys
end

--- Names the values in the body of a new call as the match `m` that it was made of calls them, so
-- that the text says which is which; `inputs` are the call's operands. Returns { name = other }:
-- names whose value has another too.
function M.name_values(call, inputs, m)
  local param_of, names, owner, same = {}, {}, {}, {}
  for i, value in ipairs(inputs) do param_of[value] = call.body.params[i] end
  for name in pairs(m) do names[#names + 1] = name ~= "node" and name or nil end -- order: below
  table.sort(names)
  for _, name in ipairs(names) do
    local value = param_of[m[name]] or m[name]
    if owner[value] then
      same[name] = owner[value]
    else
      owner[value] = name
      value:rename(("%s of %s"):format(name, call.body.name)) -- out of the way of other names
    end
  end
  for value, name in pairs(owner) do value:rename(name) end -- order: irrelevant, names differ
  return next(same) and same
end

--- The accelerator of the target that has that name.
function M.device(target, name)
  for _, device in ipairs(target.accelerators or {}) do
    if device.name == name then return device end
  end
  error(("target %s has no accelerator '%s', which is to compute a part of the model"):format(
    target.name, name), 0)
end

--- The names of the accelerators that have a context and compute a node of @main, in the order
-- of the target; nil if there are none.
function M.devices(graph, target)
  local used, names = {}, {}
  for node in graph:nodes() do
    if node.by then used[node.by] = true end
  end
  for _, device in ipairs(target.accelerators or {}) do
    if device.device and used[device.name] then names[#names + 1] = device.name end
  end
  return names[1] and names
end

--- The offer of the device that has that name.
function M.offer(device, name)
  for _, offer in ipairs(device.offers) do
    if offer.name == name then return offer end
  end
  error(("accelerator %s has no offer '%s' any more"):format(device.name, tostring(name)), 0)
end

--- How many calls of @main are by offers that promise integers to within some units of the last
-- place, not exact ones.
function M.count_loose(graph, target)
  local count = 0
  for node in graph:nodes() do
    local offer = node.by and node:get "offer"
    local changes = offer and M.offer(M.device(target, node.by), offer).changes
    count = count + (type(changes) == "table" and changes.lsb > 0 and 1 or 0)
  end
  return count
end

--- What the match of an offer was, by the names that partition gave the values of the call's body;
-- `outer` are the Values that are passed, which stand for the operands.
function M.match(call, outer)
  local body, m = call.body, { node = {} }
  for i, param in ipairs(body.params) do m[param.name] = outer[i] end
  for node in body:nodes() do
    for _, value in ipairs(node.outputs) do
      m[value.name], m.node[value.name] = value, node
    end
  end
  for i, value in ipairs(body.returns) do m[value.name] = call:output(i) end
  for name, other in pairs(call:get "same" or {}) do -- order: irrelevant, into a table
    m[name], m.node[name] = m[other], m.node[other]
  end
  return m
end

return M
