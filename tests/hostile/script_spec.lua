--- script_spec: a user's script that fails is named with its line, and so is a pass that breaks
--- the graph; the files stay as they were.

local hostile = require "tests.tools.hostile"
local shell = require "tests.tools.shell"
local writer = require "tests.tools.onnx_writer"

-- Runs the small network through a target whose pipeline has a pass with this body.
local function with_pass(body, words, code)
  local folder <close> = shell.folder()
  shell.write(folder.path .. "/m.onnx", writer.model(writer.small()))
  shell.write(folder.path .. "/own.lua", ([[
local c = require "targets.c"
local own = {}
for key, value in pairs(c) do own[key] = value end
own.name = "own"
own.pipeline = c.pipeline:after("fold_constants", {
  name = "mine", changes = "nothing",
  run = function(graph, ctx)
    %s
  end,
})
return own
]]):format(body))
  hostile.scripts_fail(folder.path, { "m.onnx", "-o", "out", "--target", "own.lua" }, words, code)
end

-- Runs the build script with these lines.
local function with_build(text, words, code)
  local folder <close> = shell.folder()
  shell.write(folder.path .. "/m.onnx", writer.model(writer.small()))
  shell.write(folder.path .. "/build.lua", text)
  hostile.scripts_fail(folder.path, { "build.lua" }, words, code)
end

describe("a pass of the user's", function()
  local cases = {
    { "raises an error", "error 'no such luck'", { "pass mine: own.lua:8: no such luck" } },
    { "raises nothing", "error(nil)", "pass mine: " },
    { "raises a table", "error({})", "pass mine: " },
    { "raises what cannot be shown", "error(setmetatable({}, { __tostring = error }))",
      "pass mine: " },
    { "calls what is nil", "graph.nothing()", { "pass mine: ", "own.lua:8:" } },
    { "recurses for ever", "local function f() return 1 + f() end f()",
      { "pass mine: ", "stack overflow" } },
    { "yields", "coroutine.yield()", { "pass mine: ", "yield" } },
    { "asks for all memory", "local s = ('x'):rep(1 << 62)", { "pass mine: ", "own.lua:8:" } },
    { "loads bytecode", "assert(load(string.dump(function() end), 'x', 't'))",
      { "pass mine: ", "binary chunk" } },
    { "fails when a variable closes", "local x <close> = setmetatable({}, "
      .. "{ __close = function() error 'closing' end })", { "pass mine: ", "closing" } },
    { "uses what is not a number as a key", "local t = {} t[0/0] = 1", { "pass mine: ", "NaN" } },
    { "requires what is not there", "require './x'", { "pass mine: ", "./x" } },
    { "uses a removed node", "for n in graph:nodes() do local _ = n.op graph:remove(n) "
      .. "graph:remove(n) end", { "pass mine: ", "own.lua:8)" } },
    { "writes where it may not", "graph.params = 1", { "pass mine: ", "own.lua:8:" } },
  }
  for _, case in ipairs(cases) do
    it("row 111: is named with its line where it " .. case[1], function()
      with_pass(case[2], case[3])
    end)
  end

  local broken = {
    { "removes what is used", "graph:remove(graph:nodes()())", "(own.lua:8)" },
    { "gives a wrong type", "graph:nodes()():output():set_type { dtype = 'i8', shape = { 3 } }",
      { "pass mine (own.lua:7): ", "i8[3]" } },
    { "turns the order round", "local a, b = nil, nil for n in graph:nodes() do a = a or n b = n "
      .. "end graph:move(a, b) graph:move(b, a)", "(own.lua:8)" },
    { "gives a value that is not there", "graph:set_returns { 7 }", "own.lua:8" },
    { "makes an op that is not", "graph:append { op = 'frob', inputs = {} }",
      { "own.lua:8", "frob" } },
    { "makes an op of wrong operands", "graph:append { op = 'add', inputs = { graph.params[1] } }",
      "add" },
    { "makes a huge tensor", "graph:append { op = 'broadcast', inputs = { graph.params[1] }, "
      .. "attrs = { shape = { 1 << 40, 2, 6, 6 } } }", "(own.lua:8)" },
  }
  for _, case in ipairs(broken) do
    it("row 112: is named where it " .. case[1], function()
      local words = type(case[3]) == "table" and case[3] or { case[3] }
      with_pass(case[2], { "pass mine", table.unpack(words) })
    end)
  end

  it("row 111: may collect garbage that fails", function()
    local folder <close> = shell.folder()
    shell.write(folder.path .. "/build.lua", [[
setmetatable({}, { __gc = function() error "in the dark" end })
collectgarbage()
]])
    assert.equal(0, (hostile.run({ "build.lua" }, { folder = folder.path })))
  end)
end)

describe("a build script", function()
  local cases = {
    { "is no Lua", "local = 1\n", "build.lua:1:" },
    { "is bytecode", "\27Lua", "build.lua" },
    { "fails", "\n\nerror 'on purpose'", "build.lua:3: on purpose" },
    { "raises a table", "error {}", "" },
    { "fails far down", "local function f(n) if n == 0 then error 'deep' end f(n - 1) end f(100)",
      "build.lua:1: deep" },
    { "has a field that is not", "require 'aotlua'.build { modle = 'm.onnx' }",
      { "build.lua:1:", "modle" } },
    { "names no model", "require 'aotlua'.build { name = 'x' }", { "build.lua:1:", "model" } },
    { "gives a number for a name", "require 'aotlua'.build { model = 'm.onnx', name = 7 }",
      { "build.lua:1:", "name" } },
    { "names a pass that is not", "local c = require 'targets.c'\n"
      .. "c.pipeline:after('fuse_bais', { name = 'x', run = print })", "fuse_bais" },
    { "returns no pass", "local c = require 'targets.c'\nc.pipeline:after('fuse', 7)",
      "7 is no pass: that is a name, or a table" },
    { "names a target that is not", "require 'aotlua'.build { model = 'm.onnx', out = 'out', "
      .. "target = 'z80' }",
      "z80" },
  }
  for _, case in ipairs(cases) do
    it("row 111: is named with its line where it " .. case[1], function()
      with_build(case[2], case[3])
    end)
  end

  it("row 111: may end as it likes", function()
    local folder <close> = shell.folder()
    shell.write(folder.path .. "/build.lua", "os.exit(9)")
    assert.equal(9, (hostile.run({ "build.lua" }, { folder = folder.path })))
  end)
end)

describe("a target", function()
  local function with_target(fields, words, code)
    local folder <close> = shell.folder()
    shell.write(folder.path .. "/m.onnx", writer.model(writer.small()))
    shell.write(folder.path .. "/own.lua", ([[
local own = {}
for key, value in pairs(require "targets.c") do own[key] = value end
own.name = "own"
%s
return own
]]):format(fields))
    hostile.scripts_fail(folder.path, { "m.onnx", "-o", "out", "--target", "own.lua" }, words,
      code)
  end

  for _, case in ipairs {
    { "has an unknown field", "own.cpu = 'z80'", "cpu" },
    { "has no pipeline", "own.pipeline = nil", "pipeline" },
    { "has a pipeline of numbers", "own.pipeline = { 1, 2 }", "1 is no pass: ", 2 },
    { "has memory of no size", "own.memory = { pools = { { name = 'ram', size = 0 } } }", "" },
    { "has memory of negative size", "own.memory = { pools = { { name = 'ram', size = -1 } } }",
      "" },
    { "has names that are no policy", "own.names = 7", "names are 7", 2 },
  } do
    it("row 113: is refused where it " .. case[1], function()
      with_target(case[2], case[3], case[4])
    end)
  end

  it("row 113: is refused where an option cannot be", function()
    for setting, code in pairs {
      ["no_such=1"] = 2, ["fold_budget=much"] = 2, ["="] = 2, ["arena=sideways"] = 2,
    } do -- order: irrelevant, each alone
      local folder <close> = shell.folder()
      shell.write(folder.path .. "/m.onnx", writer.model(writer.small()))
      hostile.scripts_fail(folder.path, { "m.onnx", "--set", setting },
        setting:match "^[^=]*", code)
    end
  end)

  it("row 114: that has too little memory says what needs it", function()
    with_target("own.memory = { pools = { { name = 'workspace', size = 64 } } }",
      { "bytes", "64" })
  end)
end)
