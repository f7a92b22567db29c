--- restart_spec: a model stopped after any pass and compiled on from its text gives the same bytes,
--- whatever was asked for.

local models = require "tests.tools.models"
local networks = require "tests.tools.networks"
local program = require "aot.program"
local shell = require "tests.tools.shell"

local passes = (require "targets.c").pipeline

local ACME = program.root .. "/examples/own_accelerator/acme_npu.lua"

-- What may be asked for, and the text must remember.
local FORMS = {
  { "pointers to anything", { set = { pointers = "void" } } },
  { "the caller's workspace", { set = { workspace = "caller" } } },
  { "inputs and outputs in pools", { set = { io = "pools" } } },
  { "constants in a pool", { set = { constants = "pool" } } },
  { "all of that in pools of the caller's",
    { set = { workspace = "caller", io = "pools", constants = "pool" } } },
  { "a single source", { set = { files = "single" } } },
  { "constants as a binary file", { set = { weights = "incbin" } } },
  { "an array per buffer", { set = { arena = "separate" } } },
  { "several pools", { set = { pools = "fast:256,slow" } } },
  { "short names", { set = { significant = "31" } } },
  { "a packed interface", { interface = "packed" } },
  { "packed calls", { calls = "packed" } },
  { "packed all over", { interface = "packed", calls = "packed",
    set = { workspace = "caller", constants = "pool" } } },
  { "another target", { target = "x86_64_v3" } },
  { "a library for floats", { target = "c,xnnpack" } },
  { "a library for a processor", { target = "cortex_m4,cmsis_nn" } },
  { "another policy of names", { names = "plain" } },
}

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

  for _, form in ipairs(FORMS) do
    it("gives the same bytes with " .. form[1], function()
      local folder <close> = shell.folder()
      for _, model in ipairs(models.examples()) do
        for _, network in ipairs(networks.of(model, folder.path, form[2])) do
          assert.same({}, network:restart())
        end
      end
    end)
  end

  it("wants scripts named again", function()
    local folder <close> = shell.folder()
    local text, model = folder.path .. "/in.ir", models.examples()[1]
    shell.write(folder.path .. "/mine.lua",
      'return require "aotlua.spelling".policy("mine", "my_", {})')
    models.must({ "compile", model.path, "--stop=fuse", "-o", text, "--target", "c," .. ACME,
      "--names", "mine.lua" }, { folder = folder.path })
    local code, said = models.aotlua { "compile", text, "-o", folder.path .. "/out" }
    assert.equal(2, code)
    assert.is_truthy(said:find("the text was compiled with --target c,acme_npu --names mine, of "
      .. "which scripts have to be named again: there is no target or accelerator 'acme_npu': ",
      1, true), said)
    code, said = models.aotlua { "compile", text, "-o", folder.path .. "/out",
      "--target", "c," .. ACME }
    assert.equal(2, code)
    assert.is_truthy(said:find("the text was compiled with --names mine, of which scripts have to "
      .. "be named again: there is no naming policy 'mine': ", 1, true), said)
  end)
end)
