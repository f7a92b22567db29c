--- text: what is parsed prints the same, and what cannot be read says where.

local data = require "aot.data"
local ir = require "aot.ir"
local text = require "aotlua.text"

local whole = [==[
module kws { after = plan_memory, list = [1, 2.5, nan, [a, "b c\x00\n\"\\"]], target = cortex_m4 }

const $w : i8[2, 3] = dense [1, -2, 3, 4, 5, -128]
const $s : f32[2] = dense [0.100000001, 9.99999994e-09]
const $z : i64[2] = dense [-9223372036854775808, 9223372036854775807]
const $q : i8[2, 3] q($s, $z, axis 0) = splat -1
const $n : f32[2] = bits [0x7fc00001, 0xffc00000]
const $"a/b:0" : u64[2] = dense [0, 18446744073709551615]
const $p : i8[2, 2, 2] = pack $w { layout = "oi:Io2i" }
const $e : f32[0, 3] = dense []

pool @workspace { align = 16 }

state %ring : i8[1, 2] q(0.100000001, -128) = splat 0

symbol 1 { kind = operator, of = @body }

graph @main(%"in \xff" : f32[2], %y : i8[1, 2] q(0.100000001, -128)) {
  %c, %d = call @body %"in \xff", %y by npu { at = [[@workspace, 0], []] } : f32[2], f32[]
  %e = call @inner %c : f32[2]
  return %e, %d, next %ring = %y
}

graph @inner(%x : f32[2]) {
  %y = neg %x : f32[2]
  return %y
}

graph @body(%x : f32[2], %z : i8[1, 2] q(0.100000001, -128)) {
  %y = call @inner %x : f32[2]
  %r = reduce_sum %y { axes = [0], keep = false } : f32[]
  return %y, %r
}
]==]

local function problem(source, blobs)
  local ok, message = pcall(text.parse, source, "t", blobs)
  assert.is_false(ok)
  return message
end

describe("text", function()
  it("prints what it parsed", function()
    assert.equal(whole, text.parse(whole, "kws.ir"):print())
  end)

  it("reads comments, blank lines and free indentation", function()
    local module = text.parse(
      "# a\n module m # b\n\n\ngraph @main(%x:f32[1]){ # c\n\treturn %x\r\n}")
    assert.equal("module m\n\ngraph @main(%x : f32[1]) {\n  return %x\n}\n", module:print())
  end)

  it("takes data of any size from the blob file", function()
    local bytes = {}
    for i = 1, 64 do bytes[i] = string.char(i) end
    local module = text.parse("module m\nconst $w : u8[32] = blob 8\ngraph @main() {\nreturn $w\n}",
      "m.ir", data.from_string(table.concat(bytes)))
    assert.equal(9, module:consts()[1].data:get(1))
    assert.equal(40, module:consts()[1].data:get(32))
  end)

  local wrong = {
    { "an undefined value", "module m\ngraph @main() {\n%a = neg %b : f32[]\n  return %a\n}",
      "t:3:10: %b is not defined before it is used here\n  %a = neg %b : f32[]\n           ^" },
    { "a token that is missing", "module m\nconst $a : f32[1] splat 1.0",
      "t:2:19: expected 'q(' or '='\n  const $a : f32[1] splat 1.0\n                    ^" },
    { "an unknown type", "module m\nconst $a : f33[1] = splat 1.0",
      "t:2:12: expected an element type\n  const $a : f33[1] = splat 1.0\n             ^" },
    { "a name given twice",
      "module m\ngraph @main(%x : f32[1], %x : f32[1]) {\n  return\n}",
      "t:2:13: there is a value %x already" },
    { "an attribute given twice", "module m { a = 1, a = 2 }", "t:1:12: 'a' is given twice" },
    { "a number beyond 64 bits", "module m { a = 9223372036854775808 }",
      "t:1:16: 9223372036854775808 does not fit 64 bits" },
    { "lists without end",
      "module m { a = " .. ("["):rep(100000), "t:1:1: attributes nest too deep" },
    { "an unknown graph", "module m\ngraph @main() {\n  %a = call @f : f32[1]\n  return\n}",
      "t:3:13: there is no graph @f" },
    { "a graph that calls itself",
      "module m\ngraph @main() {\nreturn\n}\ngraph @f() {\n  %a = call @f : f32[]\nreturn %a\n}",
      "t:6:13: @f calls itself" },
    { "a body without return", "module m\ngraph @main() {\n}", "t:3:1: @main has no 'return'" },
    { "a graph without end", "module m\ngraph @main() {\n  return\n", "t:4:1: expected" },
    { "data beyond the blob",
      "module m\nconst $w : u8[32] = blob 8\n", "t:2:1: its data is in a blob" },
    { "more data than fits", "module m\nconst $w : f32[2] = dense [1.0]\n",
      "t:2:1: the list has 1 number, the type needs 2" },
    { "a number that does not fit", "module m\nconst $w : i8[2] = dense [1, 128]\n",
      "t:2:1: 128 does not fit i8" },
    { "a fraction among integers", "module m\nconst $w : i8[2] = splat 1.5\n",
      "t:2:1: 1.5 does not fit i8" },
    { "a number that fits u64 alone", "module m\nconst $w : i64[] = splat 18446744073709551615\n",
      "t:2:26: 18446744073709551615 does not fit i64" },
    { "a number that would fill the memory",
      "module m\nconst $w : f32[2147483647] = splat 1.0\n",
      "t:2:1: one number for 8589934588 bytes; the limit is 268435456" },
    { "an expression that would fill the memory", "module m\nconst $w : f32[1] = splat 1.0\n"
      .. "const $v : f32[2000000000] = broadcast $w { shape = [2000000000] }\n",
      "t:3:1: 8000000000 bytes made of 4; the limit is 268435456" },
    { "a negative extent", "module m\ngraph @main(%x : f32[3, -2]) {\nreturn\n}",
      "t:2:25: an extent is 0 to 2147483647, not -2" },
    { "too many extents", "module m\ngraph @main(%x : f32[1, 1, 1, 1, 1, 1, 1, 1, 1]) {\nreturn\n}",
      "t:2:1: 9 extents; a type has at most 8" },
    { "an axis that is not there", "module m\nconst $s : f32[1] = splat 1.0\n"
      .. "graph @main(%x : f32[1] q($s, 0, axis 1)) {\nreturn\n}",
      "t:3:1: the type is quantized along axis 1 and has 1" },
    { "a float that is quantized",
      "module m\ngraph @main(%x : f16[1] q(0.5, 0)) {\nreturn\n}",
      "t:2:1: f16 values have no quantization" },
    { "a zero point beyond its type",
      "module m\nconst $w : u8[1] q(0.5, 256) = splat 0\n",
      "t:2:1: zero point 256 does not fit u8" },
    { "an unknown op", "module m\ngraph @main(%x : f32[1]) {\n  %y = nag %x : f32[1]\nreturn\n}",
      "t:3:8: there is no op 'nag'" },
    { "an unknown op of a constant",
      "module m\nconst $w : f32[1] = splat 1.0\nconst $p : f32[1] = nag $w\n",
      "t:3:21: there is no op 'nag'" },
    { "a result too many", "module m\ngraph @main(%x : f32[]) {\n  %y, %z = neg %x : f32[]\n"
      .. "return\n}", "t:3:12: neg gives 1 result, here are 2 results" },
    { "a type too many", "module m\ngraph @main(%x : f32[]) {\n  %y = neg %x : f32[], f32[]\n"
      .. "return\n}", "t:3:8: neg gives 1 result, here are 2 types" },
    { "a zero byte in a name", "module m\npool @\"a\\x00\" {}\n",
      "t:2:6: a name has no zero byte" },
    { "lists that nest too deep", "module m { a = " .. ("["):rep(33) .. ("]"):rep(33) .. " }",
      "t:1:1: attributes nest too deep" },
    { "bytes that are not in the blob", "module m\nconst $w : u8[8] = blob 4\n",
      "t:2:1: 8 bytes from byte 4 on are not within the 8 bytes of the blob file", "8 bytes." },
    { "too many elements", "module m\nconst $w : f32[2147483647, 2147483647, 9] = splat 1.0",
      "t:2:1: there are too many elements" },
    { "an operand that does not fit", "module m\ngraph @main(%x : f32[2]) {\n"
      .. "  %a = add %x : f32[2]\n  return %a\n}", "t:3:3: " },
    { "a type that is not so", "module m\ngraph @main(%x : f32[2]) {\n  %a = neg %x : f32[3]\n"
      .. "  return %a\n}", "f32[3]" },
    { "no module", "", "t:1:1: there is no module here" },
  }
  for _, case in ipairs(wrong) do
    it("shows where " .. case[1] .. " stands", function()
      local message = problem(case[2], case[4] and data.from_string(case[4]))
      assert.is_truthy(message:find(case[3], 1, true), message)
    end)
  end

  it("never crashes on a cut or damaged text", function()
    for cut = 1, #whole, 31 do
      pcall(text.parse, whole:sub(1, cut), "t")
      pcall(text.parse, whole:sub(1, cut) .. "\0}" .. whole:sub(cut + 3), "t")
    end
  end)

  it("is linear in the number of nodes", function()
    local function seconds(count)
      local lines = { "module m", "graph @main(%v0 : f32[4]) {" }
      for i = 1, count do
        lines[#lines + 1] = ("  %%v%d = neg %%v%d { origin = \"%d\" } : f32[4]"):format(i, i - 1, i)
      end
      lines[#lines + 1] = ("  return %%v%d\n}\n"):format(count)
      local source = table.concat(lines, "\n")
      collectgarbage()
      local start = os.clock()
      text.parse(source, "m")
      return os.clock() - start
    end
    local small, large = seconds(4000), seconds(16000)
    assert.is_true(large < 8 * small + 0.05, ("%g s and %g s"):format(small, large))
  end)

  it("shows types as it reads them", function()
    local shown = "i8[1, 49] q(0.100000001, -3)"
    assert.equal(shown, text.show_type(text.parse_type(shown)))
    assert.equal("f32[]", text.show_type { dtype = "f32", shape = {} })
    assert.same({ false, "type:1:5: expected ',' or ']'\n  i8[1\n      ^" },
      { pcall(text.parse_type, "i8[1") })
  end)

  it("keeps the bits of numbers", function()
    local module = text.parse(whole)
    for _, const in ipairs(module:consts()) do
      if const.name == "n" then
        assert.equal("\1\0\xc0\x7f\0\0\xc0\xff", const.data:view():string(0, 8))
      end
    end
    assert.equal(1, ir.tensor({ dtype = "f32", shape = {} }, 1.0):get(1))
  end)
end)
