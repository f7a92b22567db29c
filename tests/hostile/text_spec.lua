--- text_spec: a text that was compiled and then changed is judged like one that never was.

local hostile = require "tests.tools.hostile"
local program = require "aot.program"
local shell = require "tests.tools.shell"

-- Of three results, two are in memory at once.
local NET = [[
module net
const $w : f32[4, 4] = splat 0.5
graph @main(%x : f32[2, 4]) {
  %a = matmul %x, $w : f32[2, 4]
  %b = softmax %a { axis = 1 } : f32[2, 4]
  %c = matmul %b, $w : f32[2, 4]
  %y = add %a, %c : f32[2, 4]
  return %y
}
]]

-- The text that all passes leave.
local compiled
setup(function()
  local folder <close> = shell.folder()
  shell.write(folder.path .. "/net.ir", NET)
  shell.must { program.path, folder.path .. "/net.ir", "--stop=names", "-o",
    folder.path .. "/out.ir" }
  compiled = shell.files(folder.path)["out.ir"]
end)

-- The text with `old` replaced.
local function changed(source, old, new)
  local at, last = source:find(old, 1, true)
  assert(at, old .. " is not in\n" .. source)
  return source:sub(1, at - 1) .. new .. source:sub(last + 1)
end

-- Checks that the text is refused with each of the words.
local function refuses(source, words)
  local folder <close> = shell.folder()
  shell.write(folder.path .. "/net.ir", source)
  hostile.fails(folder.path, { folder.path .. "/net.ir", "-o", folder.path .. "/out" }, 1, words)
end

describe("a compiled text", function()
  it("compiles on", function() hostile.compiles(compiled) end)

  for _, case in ipairs {
    { "names files in the folder only", "tvmgen_net.h", '"../../net.h"', "portable file name" },
    { "names things as C can", "tvmgen_net_run", '"f(void); int g"', "has characters other than" },
    { "names two things differently", "TVMGEN_NET_OK", "TVMGEN_NET_ERROR_NULL", "is also the" },
    { "names everything", ", spelling = tvmgen_net_run", "", "is a nil" },
    { "has every symbol", "symbol 5 ", "symbol 5 {}\n#", "symbol 5 is not the no_checks macro" },
    { "has as many symbols", "symbol 5 ", "#", "there are 34 symbols, the module needs 35" },
    { "has the choices it was made by", "pointers = typed", "pointers = void", "'interface'" },
    { "numbers its operators", "operator = 2", "operator = 1", "%b has not the number" },
    { "gives every result a place", "at = [[@workspace, 0]], ", "", "%a has no place" },
    { "gives no two results one place", "at = [[@workspace, 32]]", "at = [[@workspace, 0]]",
      "plan_memory" },
    { "gives what is not returned a place in memory", "at = [[@workspace, 32]]", "at = [[]]",
      "%b has an empty place" },
    { "gives kernels their scratch", ", scratch = [@workspace, 64, 64]", "", "no place" },
    { "gives kernels all of their scratch", ", 64, 64]", ", 64, 4]", "no place" },
    { "aligns what it has in memory", "align = 64", "align = 2", "multiple of" },
    { "says how large its memory is", ", size = 128", "", "no 'size'" },
  } do
    it(case[1], function()
      refuses(changed(compiled, case[2], case[3]), { "as pass", case[4] })
    end)
  end
end)

describe("a text", function()
  local function with(attributes) return changed(NET, "net\n", "net { " .. attributes .. " }\n") end

  for _, case in ipairs {
    { "has no script run", 'names = "evil.lua"', "the text names the script 'evil.lua'" },
    { "has no script run as a target", 'target = "/tmp/evil.lua"', "--target" },
    { "has no script run as an accelerator", 'target = "c,evil.lua"', "the text names the script" },
    { "says what ran in a word", "after = 3", "'after' is no word" },
    { "was compiled for one target", "target = [c]", "'target' is no word" },
    { "has options by name", "options = [1]", "'options' is no dict" },
    { "has options of their kinds", "options = { significant = few }", "option significant" },
    { "has an interface by parts", "interface = 3", "'interface' is no dict" },
    { "comes from a model with named inputs", "source = { inputs = [3] }", "'inputs' is no list" },
    { "comes from a file", "source = { sha256 = [1] }", "'sha256' is no word" },
  } do
    it(case[1], function() refuses(with(case[2]), case[3]) end)
  end

  it("has no symbols before the pass that makes them", function()
    refuses(changed(NET, "graph", "symbol 1 {}\ngraph"), "the module has symbols already")
  end)

  it("may have places of an earlier plan in its bodies", function()
    hostile.compiles(changed(changed(changed(compiled, "after = names", "after = fuse"),
      "%c = matmul %b, %w", "%c = matmul %b, %w { at = [[@workspace, 96]] }"),
      compiled:match "\n(symbol.*)\ngraph @main", "\n"))
  end)
end)
