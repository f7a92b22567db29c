--- types_spec: models of every element type and form have a header that C and C++ take.

local generated = require "tests.tools.generated"
local header_of = require "tests.tools.header"
local programs = require "tests.tools.programs"
local shell = require "tests.tools.shell"

-- Types of elements whose values a model computes, with numbers to negate or invert.
local computed = {
  { "f32", "float", "neg", "1.5f", "-1.5f" }, { "f64", "double", "neg", "1.5", "-1.5" },
  { "i8", "int8_t", "neg", "5", "-5" }, { "i16", "int16_t", "neg", "5", "-5" },
  { "i32", "int32_t", "neg", "5", "-5" }, { "i64", "int64_t", "neg", "5000000000", "-5000000000" },
  { "u8", "uint8_t", "bit_not", "5", "250" }, { "u16", "uint16_t", "bit_not", "5", "65530" },
  { "u32", "uint32_t", "bit_not", "5", "4294967290u" },
  { "u64", "uint64_t", "bit_not", "5", "18446744073709551610u" },
  { "bool", "uint8_t", "bit_not", "1", "0" },
}

local function computing(dtype, op)
  return ([[
module net_%s { source = { format = tflite, inputs = [x, none], outputs = [y, empty] } }
graph @main(%%x : %s[], %%none : %s[0, 3]) {
  %%y = %s %%x : %s[]
  %%empty = %s %%none : %s[0, 3]
  return %%y, %%empty
}
]]):format(dtype, dtype, dtype, op, dtype, op, dtype)
end

local cases = {}
for index, row in ipairs(computed) do
  local dtype, ctype, op, given, right = table.unpack(row)
  cases[index] = { name = dtype, models = { { text = computing(dtype, op) } }, code = ([[
    %s x = %s, y = 0;
    struct tvmgen_net_@_inputs inputs;
    struct tvmgen_net_@_outputs outputs;
    inputs.x = &x;
    inputs.none = NULL;
    outputs.y = &y;
    outputs.empty = NULL;
    CHECK(tvmgen_net_@_run(&inputs, &outputs) == 0);
    CHECK(y == %s);
    CHECK(TVMGEN_NET_#_X_SIZE == sizeof x && TVMGEN_NET_#_X_COUNT == 1);
    CHECK(TVMGEN_NET_#_X_RANK == 0);
    CHECK(TVMGEN_NET_#_NONE_SIZE == 0 && TVMGEN_NET_#_NONE_RANK == 2);
]]):format(ctype, given, right):gsub("@", dtype):gsub("#", dtype:upper()) }
end

for _, way in ipairs { { "gcc", "c11" }, { "clang", "c11" }, { "gcc", "cxx" } } do
  local compiler, dialect = table.unpack(way)
  describe(("scalars and tensors without elements (%s, %s)"):format(compiler, dialect), function()
    local built
    setup(function()
      built = programs.build { compiler = compiler, dialect = dialect, cases = cases,
        options = { files = "single" } }
    end)
    teardown(function() built:close() end)
    for number, case in ipairs(cases) do
      it("are computed, of type " .. case.name, function()
        assert.same({ 0, "" }, { built:run(number) })
      end)
    end
  end)
end

describe("the header", function()
  local said, read
  setup(function()
    local params = table.concat({ "%x : i8[2] q(0.25, -3)", "%half : f16[3]", "%brain : bf16[3]",
      "%low : i4[3] q(0.5, -1)", "%high : u4[2, 2]", "%flag : bool[2]",
      "%wide : u64[70000, 70000]" }, ", ")
    local _, files = generated.compiled({}, ([[
module net { source = { format = onnx, inputs = [x, half, brain, low, high, flag, wide] } }
graph @main(%s) {
  %%y = neg %%x : i8[2] q(0.25, -3)
  return %%y
}
]]):format(params))
    said = files["include/tvmgen_net.h"]
    read = header_of.read(said)
  end)

  it("has the bits of numbers that C has no type for, and says how they lie", function()
    local lines = {}
    for index, member in ipairs(read.structs.tvmgen_net_inputs) do
      lines[index] = member.type .. member.name
    end
    assert.same({ "const int8_t *x", "const uint16_t *half", "const uint16_t *brain",
      "const uint8_t *low", "const uint8_t *high", "const uint8_t *flag", "const uint64_t *wide" },
      lines)
    for _, words in ipairs { "f16[3], the bits of IEEE 754 half-precision floats",
      "bf16[3], the upper 16 bits of floats",
      "i4[3], two in a byte, the first in the lower half, real = 0.5 * (stored + 1)",
      "u4[2, 2], two in a byte", "bool[2], each 0 or 1" } do
      assert.is_truthy(said:find(words, 1, true), words)
    end
    local macros = read.macros
    assert.same({ "6", "3", "2", "3" }, { macros.TVMGEN_NET_HALF_SIZE,
      macros.TVMGEN_NET_HALF_COUNT, macros.TVMGEN_NET_LOW_SIZE, macros.TVMGEN_NET_LOW_COUNT })
  end)

  it("defect D15: states sizes beyond 2 and 4 GiB", function()
    assert.equal("39200000000", read.macros.TVMGEN_NET_WIDE_SIZE)
    assert.equal("4900000000", read.macros.TVMGEN_NET_WIDE_COUNT)
  end)

  it("defect D21: is C99 and C++ to every compiler, without extensions", function()
    local folder <close> = shell.folder()
    shell.write(folder.path .. "/tvmgen_net.h", said)
    shell.write(folder.path .. "/h.c", '#include "tvmgen_net.h"\nint main(void) { return 0; }\n')
    shell.write(folder.path .. "/h.cpp", '#include "tvmgen_net.h"\nint main() { return 0; }\n')
    for _, words in ipairs { { "gcc", "-std=c99", "h.c" }, { "clang", "-std=c99", "h.c" },
      { "gcc", "-std=c11", "h.c" }, { "clang", "-std=c11", "-Weverything", "-Wno-padded",
        "-Wno-unused-macros", "-Wno-declaration-after-statement", "-Wno-documentation", "h.c" },
      { "g++", "-std=c++11", "h.cpp" }, { "clang++", "-std=c++17", "h.cpp" } } do
      for _, flag in ipairs { "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror",
        "-fsyntax-only" } do
        words[#words + 1] = flag
      end
      assert.equal("", shell.must(words, { folder = folder.path }), words[1])
    end
  end)
end)
