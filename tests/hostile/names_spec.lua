--- names_spec: what a model calls its parts reaches C as checked identifiers and escaped comments.

local hostile = require "tests.tools.hostile"
local json = require "aotlua.json"
local shell = require "tests.tools.shell"
local writer = require "tests.tools.onnx_writer"

-- A network with an input, an output and a node of each name, which Relu keeps apart.
local function network(names)
  local model = { inputs = {}, outputs = {}, nodes = {} }
  for i, name in ipairs(names) do
    local input, output = name, name .. "'"
    model.inputs[i] = writer.value(input, { 1, i })
    model.outputs[i] = writer.value(output, { 1, i })
    model.nodes[i] = { "Relu", { input }, { output }, name = name }
  end
  return writer.model(model)
end

local STRICT = { "-std=c11", "-pedantic", "-Wall", "-Wextra", "-Wcomment", "-Wtrigraphs",
  "-Wformat-security", "-Werror", "-c" }

-- Compiles the files as C, in gnu11 too, where more names are taken, and the header as C++.
-- Returns the symbols that the objects define for others.
local function symbols_of(files, folder)
  for path, bytes in pairs(files) do -- order: irrelevant, each alone
    shell.must { "mkdir", "-p", (folder .. "/" .. path):match "^(.*)/" }
    shell.write(folder .. "/" .. path, bytes)
    if path:find "%.json$" then
      assert.is_truthy(utf8.len(bytes), path)
      assert.is_nil(bytes:find "[^\n\x20-\x7e\x80-\xff]", path)
    else
      assert.is_nil(bytes:find "[^\n\x20-\x7e]", path)
    end
  end
  local script = [[
    cd "$1" && shift
    for f in src/*.c; do
      cc -Iinclude -Isrc "$@" $f -o strict.o || exit 1
      cc -std=gnu11 -Werror -Iinclude -Isrc -c $f -o $f.o || exit 1
    done
    for f in include/*.h; do
      printf '#include <cmath>\n#include <csignal>\n#include "%s"\n' "$(basename $f)" >head.cc
      c++ -std=c++17 -Wall -Wextra -Werror -Iinclude -fsyntax-only head.cc || exit 1
    done
    nm --defined-only --extern-only src/*.o | awk 'NF == 3 { print $3 }' | sort]]
  local said = shell.must { "sh", "-c", script, "sh", folder, table.unpack(STRICT) }
  local list = {}
  for symbol in said:gmatch "%S+" do list[#list + 1] = symbol end
  return list
end

-- Checks that a network of these names compiles to C that defines our symbols alone.
local function checks(names, arguments)
  local folder <close> = shell.folder()
  arguments = arguments or { "--names", "plain" }
  local files = hostile.compiles(network(names), { arguments = arguments, name = "net.onnx" })
  for _, symbol in ipairs(symbols_of(files, folder.path)) do
    assert(symbol:find "^net_" or symbol:find "^tvmgen_net_", symbol)
  end
  for path, bytes in pairs(files) do -- order: irrelevant, each alone
    if path:find "%.json$" then assert.is_truthy(json.decode(bytes), path) end
  end
  return files
end

describe("names", function()
  local cases = {
    { "row 75: that end a comment",
      "a*/int pwned;/*", "*/ int pwned(void){return 0;} /*", "/*", "*/" },
    { "row 76: that splice lines", "ends\\", "ends ??/", "ends\\\n", "x//\\", "??/\n" },
    { "row 77: that are formats, strings and directives", "\"", "\\\"", "%n%s%d", "\\x41", "\r",
      "\n#define int long", "\n#include \"/etc/passwd\"", "'", "a\tb" },
    { "row 78: of digraphs and trigraphs", "<% %> <: :> %:", "??<", "??=define x", "%:%:" },
    { "row 79: that are no text or hide it", "\u{202e}abc", "\u{2066}x", "a\u{200d}b", "\u{430}",
      "caf\u{e9}", "cafe\u{301}", "\xff\xfe", "\xc0\xaf", "\u{feff}", "\u{1f600}", "\x80" },
    { "row 80: that are keywords",
      "int", "restrict", "inline", "_Bool", "asm", "typeof", "register",
      "class", "new", "operator", "template", "this", "export", "constexpr", "nullptr", "while" },
    { "row 81: that are macros", "I", "linux", "unix", "errno", "NULL", "EOF", "stdin", "assert",
      "complex", "signbit", "INT8_MAX", "__LINE__", "min", "max", "RAM", "PI", "B1", "far", "near",
      "OVERFLOW", "true", "offsetof", "va_arg", "SIGINT", "isnan" },
    { "row 82: that are library functions", "main", "exp", "y0", "j1", "gamma", "abs", "memcpy",
      "signal", "time", "index", "printf", "_start", "__stack_chk_fail", "malloc", "exit" },
    { "row 83: that are reserved",
      "_X", "__x", "strange", "memory", "island", "token", "E1", "SIG_A",
      "PRId", "int9_t", "x_t", "LC_MINE", "FE_MINE", "atomic_x", "_" },
    { "row 84: that are one when made identifiers",
      "conv.1", "conv_1", "conv/1", "conv:1", "conv 1" },
    { "row 85: that differ far behind, or not at all", ("n"):rep(31) .. "a", ("n"):rep(31) .. "b",
      ("n"):rep(63) .. "a", ("n"):rep(63) .. "b", ("n"):rep(4000) .. "a",
      ("n"):rep(4000) .. "b" },
    { "row 86: that are ours",
      "net_run", "tvmgen_net_run", "net_inputs", "arena", "workspace", "t0",
      "NET_H", "inputs", "outputs", "input", "output", "net_workspace" },
    { "row 90: that command a terminal",
      "\27]0;title\7", "\27[2J", "\r\27[A", "\x9b31m", "\8\8\8" },
    { "row 91: that JSON has to escape", "\"", "\\", "\1\2\31", "\xed\xa0\x80", "\xff", "</script>",
      "\u{2028}", "null" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. " are harmless", function()
      checks(table.move(case, 2, #case, 1, {}))
    end)
  end

  it("row 75: never define or include anything", function()
    local files = checks { "a*/int pwned;/*", "\n#include \"/etc/passwd\"\n", "x??/\nint pwned;" }
    for path, bytes in pairs(files) do -- order: irrelevant, each alone
      if path:find "%.[ch]$" then
        for line in bytes:gmatch "[^\n]+" do
          local code = line:gsub("/%*.-%*/", ""):gsub("^%s*/?%*.*", "")
          assert.is_nil(code:find "int%s+pwned", path .. ": " .. line)
          assert.is_nil(code:find "^%s*#.*passwd", path .. ": " .. line)
        end
      end
    end
  end)

  it("row 84: come back from metadata.json as they were, where they are text", function()
    local names = { "conv.1", "conv_1", "conv/1", "conv:1", "conv 1", "\"quoted\\\"" }
    local files = checks(names)
    local metadata = json.decode(files["metadata.json"])
    for i, name in ipairs(names) do assert.equal(name, metadata.inputs[i].name) end
  end)

  it("row 84: are refused by the policy that may not change them, both owners named", function()
    local folder <close> = shell.folder()
    shell.write(folder.path .. "/net.onnx", network { "conv.1", "conv/1" })
    hostile.fails(folder.path, { folder.path .. "/net.onnx", "-o", folder.path .. "/out" }, 1,
      { "conv_1", "input 1 'conv.1'", "input 2 'conv/1'" })
  end)

  it("row 89: are no documents: what describes a model is not read", function()
    local small = writer.small()
    local bytes = writer.model(small) .. "\x32" .. string.char(0x80, 0x80, 0x80, 0x08)
      .. ("*/ int pwned; "):rep(1 << 24):sub(1, 1 << 24) -- doc_string
    for path, content in pairs(hostile.compiles(bytes)) do -- order: irrelevant, each alone
      assert.is_nil(content:find("pwned", 1, true), path)
    end
  end)

  it("row 90: are escaped on the terminal", function()
    hostile.refuses(hostile.changed(function(small)
      small.nodes[2] = { "Fro\27[2Jb", { "c" }, { "r" }, name = "\27]0;title\7\n\r" }
    end), "node 1 '\\x1b]0;title\\x07\\x0a\\x0d' Fro\\x1b[2Jb")
  end)

  for _, name in ipairs { "1abc", "int", "a-b", ("n"):rep(300), "_x", "", "a b", "a*/b", "..",
    "\27[2J" } do
    it("row 87: of the command line have a rule: " .. ("%q"):format(name:sub(1, 9)), function()
      local folder <close> = shell.folder()
      shell.write(folder.path .. "/m.onnx", network { "x" })
      hostile.fails(folder.path, { folder.path .. "/m.onnx", "-o", folder.path .. "/out",
        "--name", name }, 2, "name")
    end)
  end
end)
