--- What compiled models are made of: no heap, no printing, and no memory but workspace and state.

local models = require "tests.tools.models"
local shell = require "tests.tools.shell"

-- What generated code may call: mathematics, and what compilers put in by themselves.
local ALLOWED = { "^__", "^memcpy$", "^memset$", "^memmove$", "^_GLOBAL_OFFSET_TABLE_$" }
for _, name in ipairs { "exp", "log", "sqrt", "tanh", "floor", "pow", "fabs", "fma", "rint",
                        "round", "trunc" } do
  ALLOWED[#ALLOWED + 1] = "^" .. name .. "f?$"
end

local function is_allowed(name)
  for _, pattern in ipairs(ALLOWED) do
    if name:find(pattern) then return true end
  end
end

-- Symbols of the model's object files: lists of { file, kind, name }, undefined and other ones.
local function symbols_of(model, more)
  local folder <close> = shell.folder()
  models.compile(model, folder.path, more)
  shell.must({ "sh", "-c", "for f in src/*.[cS]; do " ..
    "${CC:-cc} -std=c99 -O1 -Iinclude -Isrc -c $f -o $f.o || exit 1; done" },
    { folder = folder.path })
  local list, own = {}, {}
  for line in shell.must({ "sh", "-c", "nm -A src/*.o" }, { folder = folder.path })
    :gmatch "[^\n]+" do
    local file, kind, name = line:match "^([^:]+):%s*%x*%s+(%a)%s+([^%s]+)$"
    list[#list + 1] = { file = file, kind = kind, name = name }
    if kind ~= "U" then own[name] = true end
  end
  return list, own
end

-- The symbols that may not be there: calls of what is foreign, and writable memory.
local function offenders(model, more, is_memory)
  local found = {}
  local list, own = symbols_of(model, more)
  assert.is_true(#list > 0)
  for _, symbol in ipairs(list) do
    local foreign = symbol.kind == "U" and not own[symbol.name] and not is_allowed(symbol.name)
    local writable = symbol.kind:find "^[bBdDcCgGsS]$" and not is_memory(symbol.name)
    if foreign or writable then
      found[#found + 1] = ("%s: %s %s"):format(symbol.file, symbol.kind, symbol.name)
    end
  end
  return found
end

describe("compiled models", function()
  local list, missing = models.list()
  if missing then it("of all kinds", function() pending(missing) end) end
  for _, model in ipairs(list) do
    it("call nothing of the system and own workspace and state only: " .. model.name, function()
      assert.same({}, offenders(model, {}, function(name)
        return name:find "_workspace_memory$" or name:find "_state_memory$"
      end))
    end)
    it("own nothing where the caller gives the workspace: " .. model.name, function()
      assert.same({}, offenders(model, { "--set", "workspace=caller" }, function() end))
    end)
  end
end)
