--- sources_spec: what the generated sources own, export and check.

local cc = require "aotlua.cc"
local command = require "tests.tools.command"
local program = require "aot.program"
local programs = require "tests.tools.programs"
local shell = require "tests.tools.shell"

-- Three results in between, of 16000 bytes each, a constant, and what is kept between calls.
local source = [[
module net { source = { format = tflite, inputs = [x], outputs = [y] } }
const $w : f32[4000] = splat 2.0
const $v : f32[2, 3] = dense [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
const $empty : f32[0, 3] = dense []
state %kept : f32[4000] = splat 0.5
graph @main(%x : f32[4000]) {
  %a = abs %x : f32[4000]
  %b = mul %a, $w : f32[4000]
  %c = exp %b : f32[4000]
  %y = add %c, %kept : f32[4000]
  %none = add $empty, $empty : f32[0, 3]
  %next = sub %y, %kept : f32[4000]
  return %y, next %kept = %next
}
]]

local function folder_of(options, memory, text)
  local folder = shell.folder()
  local files = programs.files { text = text or source, options = options, memory = memory }
  for path, content in pairs(files) do -- order: irrelevant, each is a file of its own
    if type(content) == "string" then
      shell.write(folder.path .. "/" .. path:match "[^/]*$", content)
    end
  end
  return folder, files
end

-- Compiles a source of the folder with strict flags and more, which leave nothing to say.
local function compile(folder, name, flags)
  local words = { "gcc", "-O0", "-c", name, "-o", name .. ".o" }
  table.move(cc.strict, 1, #cc.strict, #words + 1, words)
  table.move(flags or {}, 1, #(flags or {}), #words + 1, words)
  assert.equal("", shell.must(words, { folder = folder.path }))
  return name .. ".o"
end

-- What the sources define, { [symbol] = nm's letter }.
local function symbols(folder, files)
  local found = {}
  for path in pairs(files) do -- order: irrelevant, into a table
    local name = path:match "^src/(.*%.c)$"
    if name then
      local object = compile(folder, name)
      for letter, symbol in shell.must({ "nm", "--defined-only", object },
        { folder = folder.path }):gmatch " (%a) (%S+)" do
        found[symbol] = letter
      end
    end
  end
  return found
end

local function sorted(found, letters)
  local list = {}
  for symbol, letter in pairs(found) do -- order: sorted below
    list[#list + 1] = letters:find(letter, 1, true) and symbol or nil
  end
  table.sort(list)
  return list
end

-- A result without elements, %a, that an operator reads.
local partly_empty = [[
module net { source = { format = tflite, inputs = [x], outputs = [y] } }
graph @main(%x : f32[4]) {
  %a = slice %x { start = [4], stop = [4] } : f32[0]
  %b = exp %x : f32[4]
  %c = concat %a, %b { axis = 0 } : f32[4]
  %y = exp %c : f32[4]
  return %y
}
]]

describe("the sources", function()
  it("have no array for a result without elements", function()
    local folder <close>, files = folder_of({ arena = "separate" }, nil, partly_empty)
    assert.same({ "tvmgen_net_buffer1", "tvmgen_net_buffer2" },
      sorted(symbols(folder, files), "bd"))
  end)

  it("tvm 53: keep results of the network off the stack", function()
    local folder <close>, files = folder_of()
    assert.is_truthy(files["include/tvmgen_net.h"]:find "#define TVMGEN_NET_WORKSPACE_SIZE 32000\n")
    compile(folder, "net_lib0.c", { "-Wframe-larger-than=256" })
    compile(folder, "net_lib1.c", { "-Wframe-larger-than=256" })
    assert.is_nil(files["src/net_lib0.c"]:find "alloc")
  end)

  it("tvm 54: align constants and put them where the target says", function()
    for _, align in ipairs { 8, 16, 32 } do
      local memory = { pools = { { name = "ram" } },
        constants = { align = align, section = ".rodata.tvm" } }
      for _, options in ipairs { { weights = "c" }, { files = "single" },
        { weights = "incbin" } } do
        local folder <close>, files = folder_of(options, memory)
        if options.weights == "incbin" then
          local said = files["src/net_data.S"]
          assert.is_truthy(said:find('.section .rodata.tvm, "a"', 1, true))
          assert.is_truthy(said:find(("\n    .balign %d\n"):format(align), 1, true))
        else
          local name = options.weights and "net_data.c" or "net_lib0.c"
          assert.is_truthy(files["src/" .. name]:find(
            ('AOTRT_SECTION(".rodata.tvm") AOTRT_ALIGNED(%d) const float'):format(align), 1, true))
          local sections = shell.must({ "objdump", "-h", compile(folder, name) },
            { folder = folder.path })
          local found = sections:match "%.rodata%.tvm [^\n]*2%*%*(%d)"
          assert.equal(align, 1 << math.tointeger(tonumber(found)))
        end
      end
    end
    assert.error_matches(function()
      folder_of({}, { pools = { { name = "ram" } }, constants = { align = 3 } })
    end, "memory.constants: field 'align' is 3, no power of two")
  end)

  it("tvm 58: check every call of an operator, and return its code", function()
    local folder <close>, files = folder_of()
    local calls = select(2, files["src/net_lib0.c"]:gsub("status = tvmgen_net_op%d+", ""))
    local checks = select(2, files["src/net_lib0.c"]:gsub(
      "if %(status != 0%)%s+return status;", ""))
    assert.same({ 7, 7 }, { calls, checks })
    -- The third operator fails: what comes behind it does not run.
    local text = files["src/net_lib1.c"]
    local place = text:find "tvmgen_net_op3_"
    local stop = text:find("return 0;", place, true)
    shell.write(folder.path .. "/net_lib1.c", text:sub(1, stop - 1) .. "return -42;"
      .. text:sub(stop + #"return 0;"))
    shell.write(folder.path .. "/main.c", [[
#include "tvmgen_net.h"
static float x[4000], y[4000];
int main(void)
{
    const struct tvmgen_net_inputs inputs = { x };
    const struct tvmgen_net_outputs outputs = { y };
    y[0] = 7.0f;
    return tvmgen_net_run(&inputs, &outputs) == -42 && y[0] == 7.0f ? 0 : 1;
}
]])
    shell.must({ "gcc", "-o", "main", "main.c", "net_lib0.c", "net_lib1.c", "net_data.c", "-lm" },
      { folder = folder.path })
    shell.must { folder.path .. "/main" }
  end)

  local exported = { "tvmgen_net_reset", "tvmgen_net_restore", "tvmgen_net_run",
    "tvmgen_net_save" }

  it("are one where that is asked for, which exports the interface and no more", function()
    local folder <close>, files = folder_of { files = "single" }
    local sources = {}
    for path in pairs(files) do -- order: sorted below
      sources[#sources + 1] = path:match "^src/(net.*)$"
    end
    assert.same({ "net_lib0.c" }, sources)
    assert.same(exported, sorted(symbols(folder, files), "TDBRCV"))
    compile(folder, "net_lib0.c", { "-Wmissing-prototypes", "-Wunused-macros" })
    local other <close>, mapped = folder_of { files = "single", io = "pools" }
    assert.same({ "tvmgen_net_map_inputs", "tvmgen_net_map_outputs", exported[1], exported[2],
      exported[3], exported[4] }, sorted(symbols(other, mapped), "TDBRCV"))
  end)

  it("own nothing that can be written to, nor constants, where the caller has all of it", function()
    local folder <close>, files = folder_of { files = "single", workspace = "caller",
      constants = "pool" }
    assert.same({}, sorted(symbols(folder, files), "bBdDCrR"))
    assert.same({ "tvmgen_net_reset", "tvmgen_net_run" }, sorted(symbols(folder, files), "TDBRCV"))
  end)

  it("hide what they share with each other", function()
    local folder <close>, files = folder_of()
    for path in pairs(files) do -- order: irrelevant, each is checked
      local name = path:match "^src/(.*%.c)$"
      local listed = name and shell.must({ "objdump", "-t", compile(folder, name) },
        { folder = folder.path }) or ""
      for line in listed:gmatch "[^\n]+" do
        local symbol = line:match "tvmgen_net_%S+$"
        if symbol and line:find " g " then
          local public = table.concat(exported, " "):find(symbol, 1, true) ~= nil
          assert.equal(not public, line:find(".hidden", 1, true) ~= nil, line)
        end
      end
    end
  end)
end)

describe("a network of floats", function()
  it("tvm 42: gives the same numbers whatever its working memory is aligned to", function()
    for _, align in ipairs { 1, 16 } do
      local folder = command.folder()
      local code, said = folder:run { "verify", program.root .. "/examples/digits/digits_fp32.onnx",
        "--set", "pools=workspace:65536:" .. align }
      folder:close()
      assert.equal(0, code, said)
    end
  end)
end)
