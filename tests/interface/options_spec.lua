--- options_spec: what there is to choose about the interface is listed, and refused with what would
--- do where it does not go together.

local command = require "tests.tools.command"
local failure = require "aotlua.failure"
local options = require "aotlua.interfaces.options"

-- All keys with their values, the first the default; those of the target's interface as well.
local axes = {
  { "interface", { "c", "packed" } }, { "calls", { "unpacked", "packed" } },
  { "pointers", { "typed", "void" } }, { "workspace", { "static", "caller", "shared" } },
  { "io", { "caller", "pools" } }, { "constants", { "arrays", "pool" } },
  { "files", { "split", "single" } }, { "weights", { "auto", "c", "incbin" } },
  { "arena", { "shared", "separate" } },
}

local function combinations()
  local list = { {} }
  for _, axis in ipairs(axes) do
    local longer = {}
    for _, combination in ipairs(list) do
      for _, value in ipairs(axis[2]) do
        local own = { [axis[1]] = value }
        for key, other in pairs(combination) do own[key] = other end -- order: irrelevant, a copy
        longer[#longer + 1] = own
      end
    end
    list = longer
  end
  return list
end

-- What is chosen; or nil and the refusal.
local function choose(combination)
  local given = { application = "" }
  for key, value in pairs(combination) do given[key] = value end -- order: irrelevant, a copy
  local ok, result = pcall(options.choose, given,
    { kind = combination.interface, calls = combination.calls })
  if ok then return result end
  return nil, failure.text(result)
end

local function changed(combination, key, value)
  return setmetatable({ [key] = value }, { __index = combination })
end

-- choose() copies with pairs, which sees no metatable.
local function flat(combination)
  local own = {}
  for _, axis in ipairs(axes) do own[axis[1]] = combination[axis[1]] end
  return own
end

-- Whether one change of what is in conflict would do.
local function has_way_out(combination, named)
  for _, axis in ipairs(axes) do
    for _, value in ipairs(named[axis[1]] and axis[2] or {}) do
      if choose(flat(changed(combination, axis[1], value))) then return true end
    end
  end
  return false
end

-- The { key, value } pairs that a part of a refusal names.
local function pairs_in(words)
  local list = {}
  for option, word in words:gmatch "%-%-(%l+) (%S+)" do
    local key, value = word:match "^(%w+)=(%w+)$"
    list[#list + 1] = option == "interface" and { "interface", word } or { key, value }
  end
  return list
end

describe("the choice of an interface", function()
  it("is what was asked for, wherever it is legal", function()
    local legal = 0
    for _, combination in ipairs(combinations()) do
      local chosen = choose(combination)
      for _, axis in ipairs(chosen and axes or {}) do
        local key = axis[1] == "interface" and "style" or axis[1]
        assert.equal(combination[axis[1]], chosen[key])
      end
      legal = legal + (chosen and 1 or 0)
    end
    -- Of constants, files and weights 9 go together, of workspace, io and arena 5, and 3 of them
    -- in packed calls, which leave no choice of pointers.
    assert.equal(9 * 5 * 2 * 2 + 9 * 3 * 2, legal)
  end)

  it("tvm 30: is refused with changes that are legal, if one change is enough", function()
    for _, combination in ipairs(combinations()) do
      local _, refusal = choose(combination)
      if refusal then
        local conflict, ways = refusal:match "^(.-): .*; legal would be (.*)$"
        local named = {}
        for _, pair in ipairs(pairs_in(conflict)) do
          assert.equal(combination[pair[1]], pair[2], refusal)
          named[pair[1]] = true
        end
        local offered = pairs_in(ways)
        assert.is_true(#offered > 0, refusal)
        local way_out = has_way_out(combination, named)
        for _, pair in ipairs(offered) do
          assert.is_true(named[pair[1]], refusal)
          if way_out then
            assert.is_truthy(choose(flat(changed(combination, pair[1], pair[2]))), refusal)
          end
        end
      end
    end
  end)

  it("is refused before the first pass, as a mistake of who asked", function()
    local folder = command.folder()
    folder:write("broken.ir", "module broken\ngraph @main(%x : f32[1]) {\n"
      .. "  %y = neg %x : f32[1]\n  return %y\n}\n")
    for _, row in ipairs {
      { { "--set", "pointers=char" }, "--set pointers=char: it is one of typed, void" },
      { { "--set", "files=split, single" }, "--set files=split, single: it is one of split" },
      { { "--set", "io=pools", "--interface", "packed" }, "legal would be --interface c" },
      { { "--set", "workspace=shared" }, "an application has it, and aot.application sets it" },
    } do
      local words = { "compile", "broken.ir", "--dump" }
      local code, said = folder:run(table.move(row[1], 1, #row[1], #words + 1, words))
      assert.equal(2, code, said)
      assert.is_truthy(said:find(row[2], 1, true), said)
      assert.is_nil(said:find("# after", 1, true))
    end
    folder:close()
  end)

  it("is listed by explain, each key with its values", function()
    local folder = command.folder()
    local code, said = folder:run { "explain", "c" }
    folder:close()
    assert.equal(0, code)
    for _, axis in ipairs(axes) do
      local line = said:match(("\n  %s=%s +([^\n]*)"):format(axis[1], axis[2][1]))
      if axis[1] ~= "interface" and axis[1] ~= "calls" then
        assert.is_truthy(line, axis[1])
        assert.is_truthy(line:find(table.concat(axis[2], ", "), 1, true), line)
      end
    end
  end)
end)
