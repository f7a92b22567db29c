--- options: what there is to choose about the interface, and what goes together.

local options = {}

-- Key, values (the first is the default), and what it is about.
local choices = {
  { "pointers", { "typed", "void" }, "members of structs are of their element types, or void *" },
  { "workspace", { "static", "caller", "shared" },
    "who owns workspace and state; shared: an application has one workspace" },
  { "io", { "caller", "pools" }, "inputs and outputs are the caller's, or live in the pools" },
  { "constants", { "arrays", "pool" },
    "constants are C arrays, or in a pool that the caller places" },
  { "files", { "split", "single" },
    "several sources, or one in which all but the interface is static" },
  { "weights", { "auto", "c", "incbin" }, "constants as C arrays or as a binary file" },
  { "arena", { "shared", "separate" }, "one workspace, or an array per buffer" },
}

-- What cannot be together, and why.
local conflicts = {
  { { workspace = "shared", application = "" },
    "an application has it, and aot.application sets it" },
  { { kind = "packed", io = "pools" }, "a packed call takes inputs and outputs as arguments" },
  { { kind = "packed", pointers = "void" }, "a packed call has no structs" },
  { { arena = "separate", workspace = "caller" },
    "with an array per buffer there is no workspace to give" },
  { { arena = "separate", io = "pools" }, "with an array per buffer there are no pools" },
  { { weights = "incbin", files = "single" }, "a binary file is a source of its own" },
  { { weights = "incbin", constants = "pool" }, "the pool has all constants" },
}

-- The order in which a refusal names what is in conflict, with all values.
local order = { { "kind", { "c", "packed" } } }
table.move(choices, 1, #choices, 2, order)

local function show(key, value)
  return key == "kind" and "--interface " .. value or ("--set %s=%s"):format(key, value)
end

local function find_conflict(values)
  for _, conflict in ipairs(conflicts) do
    local all = true
    for key, value in pairs(conflict[1]) do -- order: irrelevant, all have to hold
      all = all and values[key] == value
    end
    if all then
      return conflict[1], conflict[2]
    end
  end
end

local function is_one_of(word, list)
  for _, known in ipairs(list) do
    if word == known then return true end
  end
  return false
end

-- The single changes that leave a legal combination, or at least do away with this conflict.
local function alternatives(values, conflict)
  local legal, others = {}, {}
  for _, choice in ipairs(order) do
    local key = choice[1]
    for _, value in ipairs(conflict[key] and choice[2] or {}) do
      local changed = setmetatable({ [key] = value }, { __index = values })
      if value ~= values[key] then
        others[#others + 1] = show(key, value)
        legal[#legal + 1] = not find_conflict(changed) and show(key, value) or nil
      end
    end
  end
  return #legal > 0 and legal or others
end

--- What the options are, as a pass declares them.
function options.declared()
  local declared = {}
  for _, choice in ipairs(choices) do
    declared[choice[1]] = { choice[2][1],
      ("%s: %s"):format(choice[3], table.concat(choice[2], ", ")) }
  end
  declared.application = { "", "the application that the model is a part of" }
  return declared
end

--- Checks `given`, values of the options, beside the target's `interface`. Returns what is chosen:
-- { style, calls, application if it has a name, and each option }. Fails with what would be legal.
function options.choose(given, interface)
  local values = { kind = interface.kind or "c", application = given.application }
  for _, choice in ipairs(choices) do
    local key, known = choice[1], choice[2]
    if not is_one_of(given[key], known) then
      error(("--set %s=%s: it is one of %s"):format(key, given[key], table.concat(known, ", ")), 0)
    end
    values[key] = given[key]
  end
  local conflict, why = find_conflict(values)
  if conflict then
    local both = {}
    for _, choice in ipairs(order) do
      both[#both + 1] = conflict[choice[1]] and show(choice[1], values[choice[1]])
    end
    error(("%s %s: %s; legal would be %s"):format(table.concat(both, " and "),
      both[2] and "do not go together" or "cannot be", why,
      table.concat(alternatives(values, conflict), " or ")), 0)
  end
  values.application = values.application ~= "" and values.application or nil
  values.style, values.kind, values.calls = values.kind, nil, interface.calls or "unpacked"
  return values
end

return options
