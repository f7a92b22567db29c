--- shape_spec: shapes that could never fit are refused, with the place and what would do.

local import = require "aotlua.import"
local ir = require "aot.ir"
local pipeline = require "aotlua.pipeline"
local program = require "aot.program"
local rewrite = require "aotlua.rewrite"
local text = require "aotlua.text"

local function refusal(source, rule)
  rule = rule or {}
  rule.match, rule.replace = source, rule.replace or function() end
  local ok, message = pcall(rewrite.rules, { rule })
  assert.is_false(ok, source)
  return (message:gsub("^[%w_./]*shape_spec%.lua:%d+: ", "")) -- where the rule stands
end

-- Each refused at the line and column, with the words.
local function refuses(cases)
  for _, case in ipairs(cases) do
    local message = refusal(case[1])
    assert.equal(("shape:%s: %s"):format(case[2], case[3]), message:match "^[^\n]*")
  end
end

describe("a shape is refused", function()
  it("for text that is none", function()
    refuses {
      { "%r = neg %", "1:10", "expected '|', a value, a constant, '_', ',', '...', '{', ':' or "
        .. "the end of the line" },
      { "%r = neg %a {", "1:14", "expected a word or '}'" },
      { "%a = neg %x\n%r : i8[", "2:9", "expected '_', an integer, '...' or ']'" },
    }
  end)

  it("for an op that does not exist", function()
    refuses {
      { "%c = conv3d %x, $w\n%y = clamp %c", "1:6", "there is no op 'conv3d' (aotlua list ops)" },
      { "%c = conv2d|conf2d %x, $w", "1:13", "there is no op 'conf2d' (aotlua list ops)" },
      { "%c = return %x", "1:6",
        "a return is no line of a shape: 'return %a, %b' names its roots" },
    }
  end)

  it("for an attribute that none of its ops reads", function()
    refuses {
      { "%c = conv2d %x, $w\n%y = conv2d %c, $v { strides = [1, 1] }", "2:22",
        "conv2d has no attribute 'strides'; it has stride, dilation, pad, groups "
          .. "(one of your own has a dot in its name)" },
      { "%y = add %a, %b { axis = 1 }", "1:19",
        "add has no attribute 'axis'; it has none (one of your own has a dot in its name)" },
      { "%y = clamp %a { lo = 1, lo = 2 }", "1:17", "'lo' is given twice" },
    }
  end)

  it("for an element type that does not exist", function()
    refuses {
      { "%y = neg %x : i9[...]", "1:15", "there is no element type 'i9'; there are f32, f64, f16, "
        .. "bf16, i8, i16, i32, i64, u8, u16, u32, u64, bool, i4, u4" },
      { "%x : i8|_[...]\n%y = neg %x", "1:9", "there is no element type '_'; there are f32, f64, "
        .. "f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64, bool, i4, u4" },
    }
  end)

  it("for a type that no value has", function()
    refuses {
      { "%x : i8[..., 4, ...]\n%y = neg %x", "1:9",
        "'...' stands once in a type: which extents were which?" },
      { "%x : i8[-1]\n%y = neg %x", "1:9", "an extent is never negative, as -1 is" },
      { "%x : i8[...] q(0.5, 0, axis 0)\n%y = neg %x", "1:14",
        "the scales of a type with an axis are a constant: '_' stands for them" },
    }
  end)

  it("for a number of operands or results that its op never has", function()
    refuses {
      { "%y = add %a, %b, %c", "1:6", "add takes 2 operands, not 3" },
      { "%y = conv2d %a", "1:6",
        "conv2d takes 2 to 3 operands, not 1; '...' leaves further ones open" },
      { "%y = concat", "1:6",
        "concat takes at least 1 operand, not 0; '...' leaves further ones open" },
      { "%y = clamp|add %a, %b", "1:6", "clamp takes 1 operand, not 2" },
      { "%y = add %a, %b, ...", "1:18", "add takes 2 operands: '...' stands for none" },
      { "%y, %z = neg %a", "1:10", "neg gives 1 result, not 2" },
      { "%y = neg %a : i8[...], i8[...]", "1:1", "1 result and 2 types" },
    }
  end)

  it("for lines that do not lead to a root", function()
    refuses {
      { "%a = neg %x\n%y = abs %x", "1:1", "%a does not lead to a root: no line uses it "
        .. "('return %a, %b' names several roots)" },
      { "%a = neg %x\n%b = abs %a\n%y = abs %x\nreturn %y", "2:1",
        "%b does not lead to a root: no line uses it ('return %a, %b' names several roots)" },
      { "%y = abs %a\n%a = neg %x", "2:1",
        "%a was used above: a line stands before those that use it" },
      { "# nothing\n", "2:1", "a shape has a line that computes something: %y = add %a, %b" },
    }
  end)

  it("for roots that are none, or that nothing holds together", function()
    refuses {
      { "%y = abs %a\nreturn %a", "2:8", "%a is no root: no line above computes it" },
      { "%y = abs %a\nreturn %y, %y", "2:8", "%y is a root twice" },
      { "%y = abs %a\nreturn %y\nreturn %y", "3:1", "a shape has one return" },
    }
    assert.equal("shape: %a and %b share no value, so that nothing says which belong together\n"
      .. "  %a = neg %x\n  %b = abs %y\n  return %a, %b",
      refusal "%a = neg %x\n%b = abs %y\nreturn %a, %b")
  end)

  it("for conditions that contradict each other", function()
    refuses {
      { "%x : i8[...]\n%x : f32[...]\n%y = neg %x", "2:1", "%x has two types here" },
      { "%y : i8[...]\n%y = neg %x : f32[...]", "2:1", "%y has two types here" },
      { "%z : i8[...]\n%y = neg %x", "1:1", "no line has %z" },
      { "%k : i8[...]\n%y = add %x, $k", "1:1", "no line has %k" },
      { "%a = add %x, $k\n%y = add %a, %k", "2:14",
        "'k' is both $k and %k here: a constant has $ wherever it stands" },
      { "%a = neg %x\n%a = abs %x\n%y = add %a, %x", "2:1", "%a is computed twice" },
      { "%y = conv2d %x, $w, _\n%z = conv2d %y, _, $b", "2:1",
        "operand 2 of conv2d is never absent" },
      { "%y = add %x, %z?", "1:14", "operand 2 of add is never absent" },
      { "%a = conv2d %x, $w, $b?\n%y = conv2d %a, $v, $b", "2:21",
        "$b may be absent in one place, and not in another" },
      { "%y = neg %node", "1:10", "'node' names the nodes of a match, not a value" },
    }
  end)

  it("with its line and a caret", function()
    assert.equal("shape:2:6: there is no op 'klamp' (aotlua list ops)\n"
      .. "  %y = klamp %c\n       ^", refusal "%c = conv2d %x, $w\n%y = klamp %c")
  end)

  it("where a rule has a field that is none", function()
    assert.matches("a rule", refusal("%y = neg %x", { whem = function() end }))
  end)
end)

describe("the attributes of ops", function()
  local read = {} -- the names that the core reads, as text
  local sources = io.popen(("cat '%s'/core/op/*.c"):format(program.root)):read "a"
  for name in sources:gmatch '[ (]"([a-z_]+)"' do read[name] = true end

  it("are read by the core", function()
    local known = {}
    for _, op in ipairs(ir.ops()) do
      for _, name in ipairs(op.attributes) do
        assert.is_true(read[name], op.name .. " " .. name)
        known[name] = true
      end
    end
    for name in sources:gmatch 'attr_%w+%(%g*attrs, "([a-z_]+)"' do
      assert.is_true(known[name], name)
    end
  end)

  it("are those that passes and importers write", function()
    local known, count = {}, 0
    for _, op in ipairs(ir.ops()) do
      known[op.name] = { origin = true, schedule = true, at = true, scratch = true,
        operator = true }
      for _, name in ipairs(op.attributes) do known[op.name][name] = true end
    end
    for _, path in ipairs { "tests/kws/kws.ir", "examples/digits/digits_int8.onnx" } do
      local module = import.load(program.root .. "/" .. path)
      pipeline.run(module, { target = require "targets.c" })
      for _, graph in ipairs(module:graphs()) do
        for node in graph:nodes() do
          for name in pairs(node.attrs) do -- order: irrelevant, all must hold
            assert.is_true(known[node.op][name], node.op .. " " .. name)
            count = count + 1
          end
        end
      end
    end
    assert.is_true(count > 20)
  end)
end)

describe("a shape that fits", function()
  it("is read with its parts", function()
    local shape = text.parse_pattern "%c = conv2d|matmul %x, $w, $b?\n%y = clamp %c { lo = 0|_ }"
    assert.equal(2, #shape.lines)
    assert.same({ "%y" }, shape.roots)
    assert.same({ "conv2d", "matmul" }, shape.lines[1].ops)
    assert.same({ key = "$b", optional = true }, shape.lines[1].inputs[3])
    assert.equal(2, #shape.lines[2].attrs.lo)
  end)
end)
