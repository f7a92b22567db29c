--- output_spec: a folder of generated files is written all or nothing that matters.

local data = require "aot.data"
local failure = require "aotlua.failure"
local output = require "aotlua.output"
local shell = require "tests.tools.shell"
local system = require "aot.system"

describe("output", function()
  local folder, place
  before_each(function()
    folder = shell.folder()
    place = folder.path .. "/out"
  end)
  after_each(function() system.remove(folder.path) end)

  -- Makes all files look old, writes, and returns those that are new.
  local function written_by(files)
    shell.must { "find", place, "-exec", "touch", "-d", "2001-01-01", "{}", "+" }
    output.write(place, files)
    local said = shell.must { "find", place, "-type", "f", "-newermt", "2002-01-01", "-printf",
      "%P\n" }
    local list = {}
    for line in said:gmatch "[^\n]+" do list[#list + 1] = line end
    table.sort(list)
    return list
  end

  it("is what was given, and a manifest of it", function()
    output.write(place, { ["a.c"] = "a", ["src/b.c"] = { "b", "", "c" } })
    assert.same({
      ["a.c"] = "a", ["src/b.c"] = "bc",
      ["manifest.txt"] = "# Files written by aotlua; those no longer made are removed by the next "
        .. "run.\na.c\nsrc/b.c\n",
    }, shell.files(place))
  end)

  it("leaves files alone that are as they should be, but for the manifest", function()
    local files = { ["a.c"] = "a", ["b.c"] = "b" }
    output.write(place, files)
    -- make looks at the manifest: one that stays old would be made again each time
    assert.same({ "manifest.txt" }, written_by(files))
    files["b.c"] = "c"
    assert.same({ "b.c", "manifest.txt" }, written_by(files))
  end)

  it("leaves files alone that are made piece by piece, and the same", function()
    local function of(...)
      local pieces = { ... }
      return { ["a.c"] = function(put)
        for _, piece in ipairs(pieces) do put(piece) end
      end }
    end
    output.write(place, of("one", data.from_string "two"))
    assert.equal("onetwo", shell.files(place)["a.c"])
    assert.same({ "manifest.txt" }, written_by(of("onet", data.from_string "wo")))
    for _, other in ipairs { of "onetwo!", of "onet", of("onet", data.from_string "wa"),
      of(data.from_string "one", data.from_string "one"), of() } do
      assert.same({ "a.c", "manifest.txt" }, written_by(other))
      local pieces = {}
      other["a.c"](function(piece)
        pieces[#pieces + 1] = type(piece) == "string" and piece or piece:string()
      end)
      assert.equal(table.concat(pieces), shell.files(place)["a.c"])
    end
  end)

  it("stays as it was where what is made piece by piece fails", function()
    output.write(place, { ["a.c"] = "a", ["b.c"] = "b" })
    local before, fault = shell.files(place), {}
    local ok, raised = pcall(output.write, place, { ["a.c"] = "new", ["b.c"] = function(put)
      put "b"
      error(setmetatable(fault, { __tostring = function() return "no more" end }))
    end })
    assert.is_false(ok)
    assert.equal("no more", tostring(raised))
    assert.same(before, shell.files(place))
  end)

  it("removes what it made before and makes no more, and nothing else", function()
    output.write(place, { ["a.c"] = "a", ["src/b.c"] = "b" })
    shell.write(place .. "/src/mine.c", "mine")
    output.write(place, { ["a.c"] = "a" })
    local files = shell.files(place)
    assert.is_nil(files["src/b.c"])
    assert.equal("mine", files["src/mine.c"])
  end)

  it("believes no manifest that leads elsewhere, or is not its own", function()
    shell.write(folder.path .. "/precious", "x")
    output.write(place, { ["a.c"] = "a" })
    local manifest = shell.read(place .. "/manifest.txt")
    shell.write(place .. "/manifest.txt", manifest .. "../precious\n" .. folder.path
      .. "/precious\n./../precious\nsrc/../../precious\n")
    output.write(place, { ["a.c"] = "a" })
    assert.equal("x", shell.read(folder.path .. "/precious"))
    shell.write(place .. "/mine.c", "mine")
    shell.write(place .. "/manifest.txt", "my own list\nmine.c\n")
    output.write(place, { ["a.c"] = "a" })
    assert.equal("mine", shell.read(place .. "/mine.c"))
  end)

  it("replaces files whole, so that no reader sees half of one", function()
    output.write(place, { ["a.c"] = "old" })
    local reader <close> = assert(io.open(place .. "/a.c", "rb"))
    output.write(place, { ["a.c"] = "new" })
    assert.equal("old", reader:read "a")
    assert.equal("new", shell.read(place .. "/a.c"))
    assert.same({ "a.c", "manifest.txt" }, (function()
      local names = system.entries(place)
      table.sort(names)
      return names
    end)())
  end)

  it("fails in words where it cannot write", function()
    shell.write(folder.path .. "/file", "")
    local ok, raised = pcall(output.write, folder.path .. "/file/out", { ["a.c"] = "a" })
    assert.is_false(ok)
    assert.equal(failure.io, failure.code(raised))
    assert.equal(folder.path .. "/file: Not a directory", tostring(raised))
    system.make_folders(place .. "/a.c")
    ok, raised = pcall(output.write, place, { ["a.c"] = "a" })
    assert.is_false(ok)
    assert.equal(failure.io, failure.code(raised))
    assert.is_truthy(tostring(raised):find("a.c: ", 1, true), tostring(raised))
  end)
end)
