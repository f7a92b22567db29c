--- restart_spec: a model stopped after any pass and compiled on from its text gives the same bytes.

local models = require "tests.tools.models"
local shell = require "tests.tools.shell"

local passes = (require "targets.c").pipeline

describe("restarting", function()
  local list, missing = models.list()
  if missing then it("for all models", function() pending(missing) end) end
  for _, model in ipairs(list) do
    it("gives the same bytes after every pass: " .. model.name, function()
      local folder <close> = shell.folder()
      models.compile(model, folder.path .. "/whole")
      local whole = shell.files(folder.path .. "/whole")
      assert.is_truthy(next(whole))
      for _, pass in ipairs(passes) do
        local text, out = folder.path .. "/in.ir", folder.path .. "/" .. pass
        models.must { "compile", model.path, "--stop=" .. pass, "-o", text }
        models.must { "compile", text, "-o", out }
        assert.same({}, shell.differences(whole, shell.files(out)), pass)
      end
    end)
  end
end)
