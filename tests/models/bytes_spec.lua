--- The same model gives the same bytes: from any folder, in any locale, in every run, and
--- whichever compiler aotlua was built by.

local models = require "tests.tools.models"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"

local RUNS = 20 -- each with other seeds of Lua's hashes, other addresses of everything

-- Compiles into a new folder and gives the files.
local function bytes_of(model, options)
  local folder <close> = shell.folder()
  models.compile(model, folder.path, nil, options)
  return shell.files(folder.path)
end

-- A folder with a Turkish locale, in which i and I are letters of two pairs; or nil and why.
local function turkish(folder)
  local code = shell.run { "localedef", "-i", "tr_TR", "-f", "UTF-8", folder .. "/tr_TR.UTF-8" }
  if code == 0 or code == 1 then -- 1: with warnings
    if system.kind(folder .. "/tr_TR.UTF-8") then
      return { environment = { "LOCPATH=" .. folder, "LC_ALL=tr_TR.UTF-8" } }
    end
  end
  return nil, "localedef makes no tr_TR.UTF-8 here (Debian's package is locales)"
end

-- Programs built by others than the one that runs this, from the sources as they are.
local function other_builds()
  local list = {}
  for _, preset in ipairs { "sanitize", "clang", "release", "debug" } do
    local path = ("%s/build/%s/aotlua"):format(program.root, preset)
    if path ~= program.path and models.is_current(path) then list[#list + 1] = path end
  end
  return list
end

local list, missing = models.list()

-- Fails naming each model and file that differs from what comes plainly; make(model) gives the
-- files of one model.
local plain = {}
local function same(make)
  local wrong = {}
  for _, model in ipairs(list) do
    plain[model] = plain[model] or bytes_of(model)
    for _, difference in ipairs(shell.differences(plain[model], make(model))) do
      wrong[#wrong + 1] = model.name .. ": " .. difference
    end
  end
  assert.same({}, wrong)
end

describe("the same bytes come", function()
  if missing then it("for all models", function() pending(missing) end) end

  it("from another folder", function()
    local folder <close> = shell.folder()
    shell.must { "mkdir", folder.path .. "/deeper" }
    same(function(model)
      shell.must { "cp", "-L", model.path, folder.path .. "/" .. model.name }
      if model.weights then shell.must { "cp", "-L", model.weights, folder.path } end
      return bytes_of({ path = "../" .. model.name }, { folder = folder.path .. "/deeper" })
    end)
  end)

  it("in a Turkish locale", function()
    local folder <close> = shell.folder()
    local options, why = turkish(folder.path)
    if not options then return pending(why) end
    same(function(model) return bytes_of(model, options) end)
  end)

  it("in every run", function()
    for _ = 1, RUNS do same(bytes_of) end
  end)

  it("from every build of aotlua", function()
    local builds = other_builds()
    if #builds == 0 then return pending "no other build of aotlua is up to date" end
    for _, path in ipairs(builds) do
      same(function(model)
        local folder <close> = shell.folder()
        shell.must { path, "compile", model.path, "-o", folder.path }
        return shell.files(folder.path)
      end)
    end
  end)
end)
