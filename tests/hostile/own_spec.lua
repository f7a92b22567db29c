--- own_spec: the ways in which what a build script brings can fail: each is one error that names
--- the script's line and what is wrong, and nothing is left behind.

local hostile = require "tests.tools.hostile"
local own_models = require "tests.tools.own_models"
local shell = require "tests.tools.shell"

local HEAD = [[
local aot, c, kept = require "aotlua", require "targets.c", {}
local swish = { name = "acme.swish", params = { alpha = 1.0 }, body = "%y = tanh %x" }
local acme = { onnx = { ["com.acme"] = { Swish = "acme.swish" } } }
for key, value in pairs(c) do kept[key] = value end
local function build(given)
  given.model, given.out, given.ops = "m.onnx", given.out or "out", given.ops or { swish }
  given.import = given.import or acme
  aot.build(given)
end
]]

-- Whatever is wrong stands in the tenth line; a refusal names it, or where aot.build is called.
local WRONG, CALL = "build.lua:10", "build.lua:8"

local function pass(body, more)
  return ('build { pipeline = c.pipeline:after("fuse", { name = "mine", %s run = function(graph) '
    .. "%s end }) }"):format(more or "", body)
end

local function target(field)
  return ("kept.name = 'own' kept.%s build { target = kept }"):format(field)
end

local function policy(spell)
  return ("build { names = { name = 'own', spell = function(symbol) %s end } }"):format(spell)
end

local function offer(field)
  return ('local npu = require "aotlua.accelerator" { name = "npu", offers = { { name = "conv", '
    .. 'match = "%%y = conv2d %%x, $w, $b?", %s } } } '
    .. "kept.name, kept.accelerators = 'own', { npu } build { target = kept }"):format(field)
end

local function kernel(body)
  return ("build { kernels = { conv2d = function(k, op) %s end } }"):format(body)
end

local function rule(body)
  return ('build { import = { onnx = { ["com.acme"] = { Swish = { attributes = { alpha = "float" '
    .. "}, lower = function(n) %s end } } } } }"):format(body)
end

local function op(body, more)
  return ('build { ops = { { name = "acme.swish", body = "%s", %s } } }'):format(body, more or "")
end

local CASES = {
  { "a pass that raises an error", pass "error 'no luck'", WRONG, "pass mine: ", "no luck" },
  { "a pass that uses what is not there", pass "graph.nothing()", WRONG,
    "a Graph has no field 'nothing'" },
  { "a pass that leaves what it promised to remove", pass("", "leaves_no = { 'call' },"), WRONG,
    "pass mine", "it promises to leave no call, yet %r_1" },
  { "a pass that promises what is no op", pass("", "leaves_no = { 'frob' },"), WRONG,
    "leaves_no: there is no op 'frob'" },
  { "a pass that leaves a broken graph",
    pass "graph:nodes()():output():set_type { dtype = 'i8', shape = { 3 } }", WRONG, "i8[3]" },
  { "a pass whose rules never end", [[build { pipeline = c.pipeline:after("fuse", { name = "mine",
    run = require "aotlua.rewrite".rules { { match = "%y = matmul %x, %w", replace = function(g, m)
      g:rewrite(m.node.y, { op = "matmul", inputs = { m.x, m.w }, attrs = m.node.y.attrs }) end } }
    }) }]], "build.lua:", "pass mine", "this rule always finds something to change" },
  { "a pass with a field that is none", pass("", "leave_no = {},"), WRONG, "'leave_no'" },
  { "a pass that refuses an option", pass("", "check = function() error 'too many' end,"), WRONG,
    "too many" },
  { "a rule that could never fit",
    'require "aotlua.rewrite".rules { { match = "%y = frob %x", replace = print } }', WRONG,
    "there is no op 'frob'" },
  { "a rule whose condition fails", pass [[require "aotlua.rewrite".rules { {
    match = "%y = matmul %x, %w", when = function(m) return m.z.type end, replace = print } }(graph)
    ]], "build.lua:11", "pass mine: ", "'z'" },
  { "a target with a field that is none", target "cpu = 'z80'", CALL, "'cpu'" },
  { "a target whose schedule fails", target "schedules = function(a) return a.frob end", WRONG,
    "pass schedule: ", "'frob'" },
  { "a target whose schedule is none", target "schedules = function() return 7 end", CALL,
    "the schedule of %image_nhwc is 7" },
  { "a target whose plan overlaps", target [[memory = { pools = c.memory.pools, plan = function(b)
      local offsets, homes = {}, {}
      for i in ipairs(b) do offsets[i], homes[i] = 0, 1 end
      return offsets, homes, { 1 << 20 } end }]], CALL, "are alive together and overlap" },
  { "a policy that fails", policy "return symbol.nope.x", WRONG, "pass names: ", "'nope'" },
  { "a policy that spells what is no name", policy "return '9 lives'", CALL, "names 'own'",
    "'9 lives'" },
  { "a policy that spells two things alike", policy "return 'same'", CALL, "names 'own'",
    "'same'" },
  { "an offer of a shape that could never fit", offer "match = '%y = conv3d %x'", WRONG,
    "there is no op 'conv3d'" },
  { "an offer whose condition fails", offer "when = function(m) return m.q.x end", WRONG,
    "accelerator npu: when of offer 'conv'", "'q'" },
  { "an offer that emits what has no value", offer "emit = function() return 'f(${z});' end", CALL,
    "accelerator npu", "${z}" },
  { "an offer with a field that is none", offer "emits = print", WRONG, "'emits'" },
  { "an op of an op that is none", op "%y = frob %x", CALL, "op acme.swish: its body",
    "there is no op 'frob'" },
  { "an op that reads what is no parameter", op "%y = mul %x, $b", CALL, "$b" },
  { "an op with two results", op [[%y = neg %x\n%z = neg %y\nreturn %y, %z]], CALL, "one result" },
  { "an op that two of its operands cannot be", op("%y = matmul %x, %y2", ""), CALL,
    "1 input" },
  { "an op whose name has no dot", 'build { ops = { { name = "swish", body = "%y = neg %x" } } }',
    CALL, "acme.swish" },
  { "a recipe for what is no op", "build { kernels = { conv3d = print } }", CALL, "'conv3d'" },
  { "a recipe for one op of those that share theirs", "build { kernels = { tanh = print } }", CALL,
    "tanh is computed element by element" },
  { "a recipe that is none", "build { kernels = { conv2d = 3 } }", CALL, "conv2d is 3, not" },
  { "a recipe in a row without an op", "build { kernels = { print } }", CALL, "'op' is missing" },
  { "a model that is not called so", 'aot.build { "m.onnx", out = "out" }', WRONG,
    "there is no field '1'; there are: calls" },
  { "an option without a value", "build { set = { 'files', io = 'pools' } }", CALL,
    "there is no option '1'" },
  { "a folder without a name", 'build { out = "" }', CALL, "field 'out' is empty" },
  { "a style of no archive", 'build { style = "operator" }', CALL, "there is no 'mlf'" },
  { "a recipe that fails", kernel "return op.nope.x", WRONG, "'nope'" },
  { "a recipe that calls us with what is none", kernel "k:store(3, 4)", WRONG, "index a number" },
  { "a recipe that stores beside its buffer", kernel [[for i in k:loop("i", 99) do
      op:store({ 0, 0, 0, i }, k:number("f32", 0)) end]], WRONG, "0 .. 98" },
  { "a recipe whose condition fails", "build { kernels = { conv2d = { record = print, "
    .. "when = function(o) return o.nope.x end } } }", WRONG, "'nope'" },
  { "a schedule for what nothing computes", 'build { schedules = { ["%nope"] = { mr = 1 } } }',
    CALL, "%nope" },
  { "a rule for an operator that fails", rule "return n.nope.x", WRONG, "m.onnx: ", "'nope'" },
  { "a rule for an operator that gives no result", rule "", "build.lua", "node 1 'gate'",
    "its rule gives no result 0" },
  { "a rule for an operator that makes what is no op",
    rule "n:emit { op = 'frob', inputs = {} }", WRONG, "node 1 'gate'", "there is no op 'frob'" },
  { "a rule for an operator that binds nothing", rule "n:result(1, n:value(7))", WRONG,
    "node 1 'gate'", "no value" },
  { "a rule that names an op that is none",
    'build { import = { onnx = { ["com.acme"] = { Swish = "acme.swich" } } } }', CALL,
    "'acme.swich'", "which has acme.swish" },
  { "a pipeline without an end", 'build { pipeline = { "canonicalize" } }', CALL,
    "no pass 'interface'" },
  { "a pipeline with a pass that is none", "build { pipeline = { {} } }", CALL,
    "a pass: field 'name' is missing" },
  { "a recipe of a target that is none", target "kernels = { conv2d = 3 }", CALL,
    "has 3 as 'conv2d', which is no recipe" },
  { "an accelerator that is none", target "accelerators = { 3 }", CALL, "which is no accelerator" },
  { "an option of a target that is none", target "options = { quick = true }", CALL,
    "has true as 'quick', which is no option" },
  { "a flag that is no word", target "cc = { flags = { '-O2', 3 } }", CALL,
    "field 'flags' has 3 as number 2, which is no string" },
  { "a word of a target that is none", target "deny = { 3 }", CALL, "'deny' has 3 as number 1" },
  { "a word of a policy that is none", "build { names = { name = 'own', spell = print, deny = { 3 }"
    .. " } }", CALL, "a naming policy: field 'deny' has 3 as number 1" },
  { "a policy without characters", "build { names = { name = 'own', spell = print, limit = 0 } }",
    CALL, "field 'limit' is 0, not a number of characters" },
  { "an option that is none", "build { set = { nope = 1 } }", CALL, "no option 'nope'" },
}

describe("what a build script brings", function()
  for number, case in ipairs(CASES) do
    it(("row 111: way %d to fail: %s"):format(number, case[1]), function()
      local folder <close> = shell.folder()
      shell.write(folder.path .. "/m.onnx", own_models.onnx())
      shell.write(folder.path .. "/build.lua", HEAD .. case[2])
      hostile.scripts_fail(folder.path, { "build.lua" }, table.move(case, 3, #case, 1, {}))
    end)
  end
end)
