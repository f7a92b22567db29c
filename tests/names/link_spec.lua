--- link_spec: models compiled in runs of their own fit together, and what does not is refused.

local command = require "tests.tools.command"
local json = require "aotlua.json"
local link = require "aotlua.link"
local shell = require "tests.tools.shell"

-- An input whose name continues the model's, one of a role's name, and constants and state.
local text = [[
module %s
const $w : f32[4] = dense [1.0, 2.0, 3.0, %s.0]
graph @main(%%b_x : f32[4], %%state : i8[4] q(0.5, 3)) {
  %%x = mul %%b_x, $w : f32[4]
  %%run = max %%state, %%state : i8[4] q(0.5, 3)
  return %%x, %%run
}
]]

local models = { "Foo", "foo", "a", "a_b", "a_b_x", "a_map", "MyNet", "mynet" }

-- A program that runs each model and checks its numbers.
local function program(metadata)
  local lines, calls = { "#include <stdio.h>" }, {}
  for index, record in ipairs(metadata) do
    lines[#lines + 1] = ('#include "%s"'):format(record.header)
    calls[index] = ([[
    {
        const float x[4] = { 1.0f, 1.0f, 1.0f, 1.0f };
        const int8_t s[4] = { 1, 2, 3, 4 };
        float y[4];
        int8_t t[4];
        struct %s in;
        struct %s out;
        in.%s = x;
        in.%s = s;
        out.%s = y;
        out.%s = t;
        if (%s(&in, &out) != 0 || y[3] != %d.0f || t[3] != 4) return %d;
    }]]):format(record.inputs_type, record.outputs_type, record.inputs[1].member,
      record.inputs[2].member, record.outputs[1].member, record.outputs[2].member, record.entry,
      index, index)
  end
  lines[#lines + 1] = "int main(void)\n{\n" .. table.concat(calls, "\n")
    .. '\n    puts("right");\n    return 0;\n}\n'
  return table.concat(lines, "\n")
end

-- Compiles every model by itself and returns what metadata.json of each says.
local function compile_all(folder)
  local metadata = {}
  for index, name in ipairs(models) do
    folder:write(name .. ".ir", text:format(name, index))
    folder:output { name .. ".ir", "-o", "out" .. index }
    metadata[index] = json.decode(folder:read("out" .. index .. "/metadata.json"))
  end
  return metadata
end

local build = [[
set -e
for d in out*; do
  for f in $d/src/*.c; do $CC -std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror \
    -O1 $FLAGS -I$d/include -I$d/src -c $f -o $f.o; done
done
includes=$(for d in out*; do echo -I$d/include; done)
cp main.c main.cc
$CC -std=c99 -pedantic -Wall -Wextra -Wconversion -Werror $FLAGS $includes main.c out*/src/*.o -o c
./c
$CXX -std=c++11 -pedantic -Wall -Wextra -Wconversion -Werror $FLAGS $includes -c main.cc -o main.o
$CXX $FLAGS main.o out*/src/*.o -o cc
./cc]]

describe("models compiled in runs of their own", function()
  local folder = command.folder()
  local metadata = compile_all(folder)
  folder:write("main.c", program(metadata))
  teardown(function() folder:close() end)

  for _, compiler in ipairs { { "gcc", "g++", "" }, { "clang", "clang++", "" },
                              { "gcc", "g++", "-flto" } } do
    it("defect D2: link into one program and are right: "
        .. table.concat(compiler, " "):gsub(" $", ""), function()
      local said = shell.must({ "sh", "-c", build }, { folder = folder.path, environment = {
        "CC=" .. compiler[1], "CXX=" .. compiler[2], "FLAGS=" .. compiler[3] } })
      assert.equal("right\nright\n", said)
    end)
  end

  local function paths()
    local list = { "link" }
    for index in ipairs(models) do list[index + 1] = ("out%d/symbols.json"):format(index) end
    return list
  end

  it("are found to fit", function()
    assert.matches("^8 models can be linked: %d+ names are distinct, 0 are shared\n$",
      folder:output(paths()))
  end)

  it("are refused with all that clashes, both owners named", function()
    folder:write("again.ir", text:format("foo", 9))
    folder:output { "again.ir", "-o", "again" }
    local code, said = folder:run { "link", "out2/symbols.json", "out1", "again" }
    assert.equal(1, code)
    assert.matches("^aotlua: %d+ of %d+ names clash; compile a model with another %-%-name\n", said)
    assert.matches("\n  'tvmgen_foo_run' is the run entry of model 'foo' %(out2/symbols.json%) and "
      .. "the run entry of model 'foo' %(again/symbols.json%)\n", said)
    local clashes = tonumber(said:match "%d+")
    local _, lines = said:gsub("\n  '", "")
    assert.equal(clashes, lines)
    local all = #json.decode(folder:read "again/symbols.json").symbols
    local hidden = 0
    for _, symbol in ipairs(json.decode(folder:read "again/symbols.json").symbols) do
      if symbol.kind == "member" or symbol.linkage == "private" then hidden = hidden + 1 end
    end
    assert.equal(all - hidden, clashes)
  end)

  it("are not judged by files that say something else", function()
    local cases = {
      { 4, "nowhere/symbols.json: No such file", nil, "nowhere" },
      { 1, "x.json: is no symbols.json: ", "{" },
      { 1, "x.json: is no symbols.json: it has no model with symbols", '{"version": 1}' },
      { 1, "x.json: is no symbols.json: it has no model with symbols", "[]" },
      { 1, "x.json: has version 2; version 1 is known",
        '{"version": 2, "model": "m", "symbols": [1]}' },
      { 1, "x.json: symbol 1 is none", '{"version": 1, "model": "m", "symbols": [{}]}' },
      { 1, "x.json: symbol 1 is none", '{"version": 1, "model": "m", "symbols": [{"kind": '
        .. '"member", "role": "data", "linkage": "exported", "spelling": "x"}]}' },
      { 2, "something is missing; usage: aotlua link" },
    }
    for _, case in ipairs(cases) do
      if case[3] then folder:write("x.json", case[3]) end
      local code, said = folder:run { "link", case[3] and "x.json" or case[4] }
      assert.equal(case[1], code, said)
      assert.equal("aotlua: " .. case[2], said:sub(1, 8 + #case[2]))
      assert.is_nil(said:find "%.lua:")
    end
  end)
end)

describe("what two models both have", function()
  local function symbol(fields)
    local one = { kind = "function", role = "run", linkage = "exported", spelling = "same" }
    for key, value in pairs(fields) do one[key] = value end -- order: irrelevant, into a table
    return one
  end

  local function problems(first, second)
    local list, counts = link.check { { model = "m", symbols = { symbol(first) } },
      { model = "n", symbols = { symbol(second or first) } } }
    return table.concat(list, "\n"), counts.shared
  end

  it("clashes, whatever its kind", function()
    assert.equal("'same' is the run function of model 'm' and the run function of model 'n'",
      (problems {}))
    for _, kind in ipairs { "struct", "macro", "guard", "operator", "constant", "library" } do
      assert.matches("'same' is the run ", (problems { kind = kind, linkage = "internal" }))
    end
    assert.matches("'a.h' is ", (problems({ kind = "file", spelling = "A.h" },
      { kind = "file", spelling = "a.h" })))
    assert.matches("is the run macro .* and the run struct", (problems({ kind = "macro" },
      { kind = "struct" })))
  end)

  it("does not where nobody sees it, or in another name space", function()
    assert.equal("", (problems { linkage = "private" }))
    assert.equal("", (problems { kind = "member", scope = "inputs" }))
    assert.equal("", (problems({ kind = "library" }, { kind = "function" })))
    assert.equal("", (problems({}, { spelling = "Same" })))
  end)

  it("clashes where a macro replaces a member of the other", function()
    local member = { kind = "member", scope = "inputs", role = "data", hint = "x", owner = "input",
      index = 1 }
    assert.equal("'same' is the run macro of model 'n', which replaces the data member of input 1 "
      .. "'x' of model 'm'", (problems(member, { kind = "macro" })))
  end)

  it("is told by the model within an application", function()
    local app = { model = "app", path = "app/symbols.json", symbols = {
      symbol { model = "m", kind = "member", scope = "inputs", role = "data" },
      symbol { model = "n", kind = "macro", role = "size" } } }
    local list = link.check { app }
    assert.same({ "'same' is the size macro of model 'n' (app/symbols.json), which replaces the "
      .. "data member of model 'm' (app/symbols.json)" }, list)
    app.symbols[2].model = "m"
    assert.same({}, (link.check { app }))
  end)

  it("is shared if it is a hook, or of one application", function()
    local hook = { kind = "hook", role = "open", linkage = "hook" }
    assert.same({ "", 1 }, { problems(hook) })
    assert.matches("same", (problems(hook, { kind = "hook", role = "close", linkage = "hook" })))
    assert.matches("same", (problems(hook, {})))
    assert.same({ "", 1 }, { problems { application = "app" } })
    assert.matches("of application 'app' and .* of application 'other'",
      (problems({ application = "app" }, { application = "other" })))
  end)
end)
