--- errors_spec: every mistake has its exit code, and a message that says what is wrong.

local command = require "tests.tools.command"
local system = require "aot.system"

-- { words, exit code, part of the message }
local MISTAKES = {
  { "", 2, "a model, a build script or a verb is wanted" },
  { "frob", 2, "there is no verb 'frob'; there are: compile" },
  { "--frob", 2, "there is no verb '--frob'" },
  { "compile", 2, "something is missing; usage: aotlua compile MODEL" },
  { "compile tiny.ir counter.ir", 2, "'counter.ir' is one too many; usage: aotlua compile MODEL" },
  { "compile tiny.ir --frob", 2, "compile has no option --frob; it has: " },
  { "compile tiny.ir --set a=b", 2, "there is no option 'a'; there are: application" },
  { "compile tiny.ir --set arena", 2, "--set wants key=value, not 'arena'" },
  { "compile tiny.ir --set fold_budget=x", 2, "option fold_budget is an integer" },
  { "compile tiny.ir --set arena=x", 2, "arena=x: it is one of shared, separate" },
  { "compile tiny.ir --target nope", 2, "there is no target or accelerator 'nope'" },
  { "compile tiny.ir --target nope.lua", 4, "cannot open nope.lua" },
  { "compile tiny.ir --target broken.lua", 1, "broken.lua:2: " },
  { "compile tiny.ir --target raises.lua", 1, "raises.lua:2: attempt to index a nil value" },
  { "compile tiny.ir --target number.lua", 1, "number.lua returns no table" },
  { "compile tiny.ir --target field.lua", 1, "a target: there is no field 'passes'" },
  { "compile tiny.ir --names nope", 2, "there is no naming policy 'nope'" },
  { "compile tiny.ir --interface frob", 2, "--interface frob: it is c or packed" },
  { "compile tiny.ir --calls frob", 2, "--calls frob: it is unpacked or packed" },
  { "compile tiny.ir --output=", 2, "--output wants a value, DIR; it is empty" },
  { "compile tiny.ir --target ,", 2, "',' names no target" },
  { "compile tiny.ir --stop fuse -o x.ir --example", 2, "IR text, --example a whole model" },
  { "compile tiny.ir --disable-pass nope", 2, "there is no pass 'nope' here; there are: canon" },
  { "compile tiny.ir --disable-pass names", 2, "pass 'names' cannot be left out" },
  { "compile tiny.ir --bisect x", 2, "--bisect wants a whole number of at least 0, not 'x'" },
  { "compile tiny.ir --dump=nope", 2, "there is no pass 'nope' here" },
  { "compile tiny.ir --stop nope -o x.ir", 2, "there is no pass 'nope' here" },
  { "compile tiny.ir --stop fuse", 2, "--stop wants -o FILE.ir" },
  { "compile tiny.ir --name 1x", 2, "the name '1x' must be a letter" },
  { "compile tiny.ir --name while", 2, "the name 'while' cannot be a name in C" },
  { "compile tiny.ir --name other", 1, "tiny.ir: the text has the name 'tiny', not 'other'" },
  { "compile tiny.ir -d N=1", 1, "tiny.ir: IR text leaves no extent open; there is no 'N'" },
  { "compile tiny.ir -d N=x", 2, "dimension N is x: an extent is a whole number" },
  { "compile tiny.ir --rounding ruy", 1, "a rounding can be chosen for TFLite models only" },
  { "compile nope.onnx", 4, "nope.onnx: No such file or directory" },
  { "nope.onnx", 4, "nope.onnx: No such file or directory" },
  { "compile .", 4, ".: is a directory" },
  { "compile tiny.ir -o tiny.ir", 4, "tiny.ir: Not a directory" },
  { "compile tiny.ir -o out --depfile no/such/file", 4, "no/such/file" },
  { "compile tiny.ir --stop fuse -o no/such.ir", 4, "no/such" },
  { "compile raises.lua", 2, "raises.lua is a build script, which says itself what is compiled" },
  { "nope.lua", 4, "cannot open nope.lua" },
  { "broken.lua", 1, "broken.lua:2: " },
  { "raises.lua", 1, "raises.lua:2: attempt to index a nil value" },
  { "build.lua", 1, "build.lua:2: aot.build: there is no field 'modle'" },
  { "run tiny.ir", 2, "run wants --data DIR" },
  { "run tiny.ir --data nope", 4, "nope: no such folder" },
  { "run tiny.ir --data .", 4, "there is no input_0.npy or .pb, and no set below it" },
  { "verify tiny.ir --steps 0", 2, "--steps wants a whole number of at least 1, not '0'" },
  { "verify tiny.ir --atol x", 2, "--atol wants a number of at least 0" },
  { "opt nope tiny.ir", 2, "there is no pass 'nope'" },
  { "opt , tiny.ir", 2, "opt wants the names of passes" },
  { "kernel tiny.ir %nope", 1, "%nope is no node of @main with code; there are:\n  %y" },
  { "list frob", 2, "list knows ops, passes, targets and policies, not 'frob'" },
  { "explain nope", 2, "there is no target or accelerator 'nope'" },
  { "check tiny.ir counter.ir", 2, "check takes one model, not 2" },
}

local function write_scripts(folder)
  folder:write("broken.lua", "return {\n")
  folder:write("raises.lua", "local nothing\nreturn nothing.field\n")
  folder:write("number.lua", "return 1\n")
  folder:write("field.lua", 'local c = require "targets.c"\n'
    .. 'return { name = "mine", passes = c.pipeline }\n')
  folder:write("build.lua", 'local aot = require "aotlua"\n'
    .. 'aot.build { modle = "tiny.ir", out = "out" }\n')
end

describe("a mistake", function()
  local folder
  setup(function()
    folder = command.folder()
    write_scripts(folder)
  end)
  teardown(function() folder:close() end)

  for _, mistake in ipairs(MISTAKES) do
    local words, code, part = table.unpack(mistake)
    it(("has exit code %d: aotlua %s"):format(code, words), function()
      local list = {}
      for word in words:gmatch "%S+" do list[#list + 1] = word end
      local got, said = folder:run(list)
      assert.equal(code, got, said)
      assert.is_truthy(said:find(part, 1, true), said)
      assert.equal("aotlua: ", said:sub(1, 8))
    end)
  end

  it("leaves nothing half-written", function()
    assert.equal(1, (folder:run { "compile", "tiny.ir", "-o", "half", "--set", "pools=9" }))
    assert.is_nil(system.kind(folder.path .. "/half"))
  end)

  it("cannot move the terminal's cursor", function()
    local code, said = folder:run { "compile", "\27[31m.onnx" }
    assert.equal(4, code)
    assert.equal("aotlua: \\x1b[31m.onnx: No such file or directory\n", said)
  end)

  it("of aotlua itself is a fault, with the place and the trace", function()
    folder:write("own.lua", [[
      require "aotlua.sweep".graphs = nil -- a fault as ours might be
      return require "targets.c"
    ]])
    local code, said = folder:run { "compile", "tiny.ir", "--target", "own.lua" }
    assert.equal(70, code)
    assert.is_truthy(said:find("internal fault, a bug in aotlua: pass canonicalize: ", 1, true),
      said)
    assert.is_truthy(said:find("/passes/canonicalize.lua:", 1, true), said)
    assert.is_truthy(said:find("stack traceback:", 1, true), said)
  end)
end)
