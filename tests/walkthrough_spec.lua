--- walkthrough_spec: what the READMEs tell people to do works as it stands there, from the first
--- command to the last.

local command = require "tests.tools.command"
local npy = require "aotlua.import.npy"
local ir = require "aot.ir"
local pages = require "tests.tools.pages"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"
local text = require "aotlua.text"
local writer = require "tests.tools.tflite_writer"

local function has(said, part) assert.is_truthy(said:find(part, 1, true), said) end

-- Does what stands below a heading, in a folder that lies beside the rooms of the project. Returns
-- what each block of commands printed, as one string.
local function follow(page, heading, prepare)
  local around <close> = shell.folder()
  local here = around.path .. "/here"
  system.make_folders(here)
  shell.must { "ln", "-s", program.root .. "/examples", around.path .. "/examples" }
  if prepare then prepare(here) end
  return table.concat(pages.follow(("%s/%s"):format(program.root, page), here, heading), "---\n")
end

-- A small network, with data: the README's names.
local function keywords(folder)
  local sub = writer.small()
  sub.tensors[1].name = "audio"
  shell.write(folder .. "/kws.tflite", writer.write { sub })
  shell.must({ program.path, "kws.tflite", "--name", "vww", "-o", "vww_c" }, { folder = folder })
  system.make_folders(folder .. "/golden")
  local numbers = {}
  for i = 1, 16 do numbers[i] = i * 37 % 251 - 125 end
  npy.write(folder .. "/golden/input_0.npy",
    ir.tensor({ dtype = "i8", shape = { 1, 4, 4, 1 } }, numbers))
  shell.must({ program.path, "run", "kws.tflite", "--data", "golden", "-o", "out" },
    { folder = folder })
  shell.must({ "mv", "out/output_0.npy", "golden" }, { folder = folder })
end

describe("the READMEs show how to", function()
  it("use the program: README.md", function()
    local said = follow("README.md", "## A short tour", keywords)
    has(said, "golden: output_0: ok")
    has(said, "kws for x86_64_v3: min ")
    has(said, "random: output_0: ok")
  end)

  it("add a pass: passes/README.md", function()
    local said = follow("passes/README.md", "## Add a pass")
    has(said, "sub %b, %a")
    has(said, "turn_difference: ok, no change")
    has(said, "random: output_0: ok")
    has(said, "sub_clamp")
  end)

  it("debug a wrong result: passes/README.md", function()
    local said = follow("passes/README.md", "## Debug a wrong result")
    has(said, "output_0: DIFFERENT")
    has(said, "exit code 3\n")
    local shown = shell.read(program.root .. "/passes/README.md"):match "```\n(drop_clamp: .-\n)```"
    has(said, shown)
    has(said, "bisect 5: the last optional pass that ran is drop_clamp\n")
    has(said, "clamp")
    assert.matches("%%r +%S+ +DIFFERENT", said)
    has(said, "sum += a[i * 4 + p] * b[j + p * 3]")
  end)

  it("add a target: targets/README.md", function()
    local said = follow("targets/README.md", "## Add a target")
    has(said, "target my_board")
    has(said, "random: output_0: ok")
    has(said, "pool fast: ")
  end)

  it("add an op: lua/README.md", function()
    local said = follow("lua/README.md", "### Add an op")
    has(said, "canonicalize: ok")
    has(said, "random: output_0: ok")
    has(said, "conv2d, mul, logistic, mul")
  end)

  it("add a naming policy: lua/README.md", function()
    local said = follow("lua/README.md", "## Add a naming policy")
    has(said, "AcmeNetRun")
    has(said, "can be linked")
  end)

  it("write Lua and IR that can be read", function()
    local count = 0
    for _, room in ipairs { "", "core/", "lua/", "passes/", "runtime/", "targets/", "examples/" } do
      local path = room .. "README.md"
      for _, block in ipairs(pages.blocks(program.root .. "/" .. path)) do
        if block.language == "lua" then
          assert(load(block.text, "=" .. path))
          count = count + 1
        elseif block.language == "ir" then
          text.parse(block.text, path)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 10)
  end)

  it("work on the examples of one's own: examples/*/README.md", function()
    local folder = command.folder()
    for _, example in ipairs { "own_op", "own_kernel", "own_pass" } do
      local page = shell.read(("%s/examples/%s/README.md"):format(program.root, example))
      local count = 0
      for line in page:gmatch "\n    aotlua ([^#\n]*)" do
        local words = {}
        for word in line:gmatch "%S+" do
          words[#words + 1] = word == "build.lua"
            and ("%s/examples/%s/build.lua"):format(program.root, example) or word
        end
        if #words == 1 then words[2] = folder.path .. "/" .. example end
        folder:output(words)
        count = count + 1
      end
      assert.equal(3, count)
    end
    folder:close()
  end)
end)
