--- models_spec: whole networks agree with their data when they are called with tensors, and every
--- verb that runs a model does so.

local command = require "tests.tools.command"
local models = require "tests.tools.models"
local shell = require "tests.tools.shell"

-- What is called with tensors, and who owns the memory.
local FORMS = {
  { "--interface", "packed" },
  { "--calls", "packed", "--set", "workspace=caller" },
  { "--interface", "packed", "--calls", "packed" },
  { "--interface", "packed", "--calls", "packed", "--set", "workspace=caller" },
  { "--interface", "packed", "--calls", "packed", "--names", "plain", "--sanitize" },
}

describe("models called with tensors agree with their data", function()
  local list, missing = models.list()
  if missing then it("of all kinds", function() pending(missing) end) end
  for number, model in ipairs(list) do
    -- The last form is the slowest: each network takes two of the others.
    for _, form in ipairs { number % 4 + 1, (number + 1) % 4 + 1, number == 1 and 5 or nil } do
      it(("%s: %s"):format(table.concat(FORMS[form], " "), model.name), function()
        local words = { "verify", model.path }
        table.move(model.data, 1, #model.data, #words + 1, words)
        models.must(table.move(FORMS[form], 1, #FORMS[form], #words + 1, words))
      end)
    end
  end
end)

describe("the verbs", function()
  it("go on from a printed text with the interface that was asked for", function()
    local folder = command.folder()
    local function compile(...)
      local code, said = folder:run { "compile", ... }
      assert.equal(0, code, said)
    end
    for _, pass in ipairs { "fuse", "interface" } do
      compile("counter.ir", "--interface", "packed", "--calls", "packed", "--stop=" .. pass, "-o",
        "half.ir")
      compile("half.ir", "-o", pass)
    end
    assert.same({ 2, "aotlua: the text was compiled with --interface packed, not c\n" },
      { folder:run { "compile", "half.ir", "--interface", "c" } })
    compile("counter.ir", "--interface", "packed", "--calls", "packed", "--stop=fuse", "-o",
      "half.ir")
    compile("half.ir", "--interface", "c", "-o", "fuse_c")
    compile("counter.ir", "--interface", "packed", "--calls", "packed", "-o", "whole")
    compile("counter.ir", "--calls", "packed", "-o", "whole_c")
    local whole = shell.files(folder.path .. "/whole")
    assert.same({}, shell.differences(whole, shell.files(folder.path .. "/fuse")))
    assert.same({}, shell.differences(whole, shell.files(folder.path .. "/interface")))
    assert.same({}, shell.differences(shell.files(folder.path .. "/whole_c"),
      shell.files(folder.path .. "/fuse_c")))
    folder:close()
  end)

  it("start, time and judge a model that is called with tensors", function()
    local folder = command.folder()
    for _, name in ipairs { "tiny", "counter" } do
      local code, said = folder:run { "verify", name .. ".ir", "--interface", "packed", "--calls",
        "packed", "--per-layer" }
      assert.equal(0, code, said)
    end
    assert.matches('"median_us":', folder:output { "bench", "counter.ir", "--interface", "packed",
      "--runs", "1", "--json" })
    folder:output { "compile", "counter.ir", "-o", "out", "--interface", "packed", "--example",
      "--set", "workspace=caller" }
    local out = folder.path .. "/out"
    shell.must { "sh", "-c", ("gcc -std=c99 -pedantic -Wall -Wextra -Werror -I%s/include -I%s/src "
      .. "%s/main.c %s/src/*.c -o %s/main"):format(out, out, out, out, out) }
    assert.equal("output_0[0] = 0\n", shell.must { out .. "/main" })
    folder:close()
  end)
end)
