--- objects_spec: what the example two_models leaves in object files and programs, by toolchain.

local json = require "aotlua.json"
local models = require "tests.tools.models"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local undefined = require "tests.application.undefined"

local example = program.root .. "/examples/two_models"
local images = program.root .. "/examples/digits/images/"

local function set(words)
  local list = {}
  for word in words:gmatch "%S+" do list[word] = true end
  return list
end

-- The example in a folder of its own, compiled from the models given or its own.
local function build(folder, ...)
  shell.must { "mkdir", "-p", folder .. "/examples" }
  shell.must { "cp", "-r", example, program.root .. "/examples/digits", folder .. "/examples" }
  shell.must({ program.path, "build.lua", ... }, { folder = folder .. "/examples/two_models" })
  return folder .. "/build/two_models/model"
end

-- The spellings of the symbols that objects define for the linker, those of hooks, and those
-- that are seen in one file.
local function spellings(model)
  local map = json.decode(shell.read(model .. "/symbols.json"))
  local defined, hooks, private = {}, {}, {}
  local visible = { exported = true, internal = true }
  local kinds = set "entry function operator constant object"
  for _, symbol in ipairs(map.symbols) do
    if kinds[symbol.kind] and visible[symbol.linkage] then defined[symbol.spelling] = true end
    if symbol.linkage == "hook" then hooks[symbol.spelling] = true end
    if symbol.linkage == "private" then private[symbol.spelling] = true end
  end
  return defined, hooks, private
end

-- What objects define and call beyond what they may.
local function strangers(model, toolchain, nm)
  local defined, hooks = spellings(model)
  local foreign, found, seen = set(undefined[toolchain]), {}, 0
  shell.must({ "sh", "-c", ("for f in src/*.c; do %s -std=c99 -O2 -ffp-contract=off -Iinclude "
    .. "-Isrc -c $f -o $f.o || exit 1; done"):format(toolchain) }, { folder = model })
  local said = shell.must({ "sh", "-c", nm .. " -g src/*.o" }, { folder = model })
  for kind, name in said:gmatch "%s(%a) ([^%s]+)" do
    seen = seen + 1
    local known = defined[name] or kind == "U" and (foreign[name] or hooks[name])
    if not known then found[#found + 1] = kind .. " " .. name end
  end
  return found, seen
end

local function check(model, toolchain, nm)
  local found, seen = strangers(model, toolchain, nm)
  assert.is_true(seen > 20)
  assert.same({}, found)
end

describe("two models in one program", function()
  local folder = shell.folder()
  local model = build(folder.path)
  teardown(function() folder.__close = nil; getmetatable(folder).__close(folder) end)

  for _, toolchain in ipairs { "gcc", "clang" } do
    it("own and call what they may, with " .. toolchain, function()
      check(model, toolchain, "nm")
    end)
  end

  for _, line in ipairs { "gcc", "clang", "gcc -flto", "clang -O3", "g++", "g++ -flto" } do
    it("are right, the program linked by " .. line, function()
      local compiler = line:match "^%S+"
      local cc = compiler == "g++" and "gcc" or compiler
      local flags = line:sub(#compiler + 1)
      local main = compiler == "g++" and "-x c++ -std=c++11" or "-std=c99"
      shell.must({ "sh", "-c", ([[set -e
        for f in src/*.c; do
          %s%s -std=c99 -O2 -ffp-contract=off -Iinclude -Isrc -c $f -o $f.o
        done
        %s%s %s -O2 -pedantic -Wall -Wextra -Wconversion -Werror -Iinclude -c %s/main.c -o main.o
        %s%s -O2 main.o src/*.o -lm -o program]]):format(cc, flags, compiler, flags, main, example,
          compiler, flags) }, { folder = model })
      for digit = 0, 9, 3 do
        local right = "2 models, 2560 bytes of working memory\nint8 says %d, fp32 says %d\n"
        local said = shell.must { model .. "/program", ("%s%d.pgm"):format(images, digit) }
        assert.equal(right:format(digit, digit), said)
      end
    end)
  end

  it("leave no other names in a program linked at once", function()
    local defined, _, private = spellings(model)
    local plain, found = {}, {}
    local flags = "-flto -std=c99 -O2 -ffp-contract=off -fno-inline -Iinclude -Isrc"
    local function globals(sources)
      return shell.must({ "sh", "-c", ("gcc %s %s -lm -o whole && nm --defined-only whole"):format(
        flags, sources) }, { folder = model }):gmatch "%s%a ([^%s]+)"
    end
    shell.write(model .. "/empty.c", "int main(void) { return 0; }\n")
    for name in globals "empty.c" do plain[name] = true end
    local seen = 0
    for name in globals(example .. "/main.c src/*.c") do
      local stem = name:match "^[^.]*"
      seen = seen + (defined[stem] and 1 or 0)
      local known = defined[stem] or private[stem] or plain[name] or stem:find "^aotrt_"
        or stem == "picture_read" or stem == "largest" -- of main.c
      found[#found + 1] = not known and name or nil
    end
    assert.same({}, found)
    assert.is_true(seen > 5)
  end)
end)

describe("models given on the command line", function()
  local _, missing = models.list()
  if missing then
    it("are compiled", function() pending(missing) end)
    return
  end
  it("are keyword spotting and person detection", function()
    local folder <close> = shell.folder()
    local shared = program.root .. "/../shared/models/"
    local model = build(folder.path, shared .. "mlperf_kws_int8.tflite",
      shared .. "person_detect_int8.tflite")
    check(model, "gcc", "nm")
    local said = shell.must({ "sh", "-c", "gcc -std=c99 -O1 -Wall -Wextra -Werror -Iinclude -Isrc "
      .. "*.c src/*.c -lm -o program && ./program" }, { folder = model })
    assert.matches("example_mlperf_kws_int8\noutput_0%[0%] = ", said)
    assert.matches("example_person_detect_int8\noutput_0%[0%] = ", said)
  end)
end)
