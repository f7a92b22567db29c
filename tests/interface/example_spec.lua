--- example_spec: the main.c that --example writes fits every interface.

local example = require "aotlua.example"
local generated = require "tests.tools.generated"
local metadata = require "aotlua.metadata"
local target = require "aotlua.target"

-- Inputs and outputs of several types, one without elements, and a state.
local source = [[
module net { source = { format = tflite, inputs = [x, n, none], outputs = [y, m, empty] } }
const $w : f32[2, 2] = dense [1.0, 2.0, 3.0, 4.0]
state %sum : i64[2] = dense [3000000000, -1]
graph @main(%x : f32[2, 2], %n : i64[2], %none : u8[0]) {
  %a = add %x, $w : f32[2, 2]
  %y = neg %a : f32[2, 2]
  %m = add %n, %sum : i64[2]
  %empty = bit_not %none : u8[0]
  return %y, %m, %empty, next %sum = %m
}
]]

local said = "output_0[0] = -1\noutput_0[1] = -2\noutput_0[2] = -3\noutput_0[3] = -4\n"
  .. "output_1[0] = 3000000000\noutput_1[1] = -1\n"

local choices = {
  {}, { pointers = "void" }, { workspace = "caller" }, { workspace = "caller", pointers = "void" },
  { io = "pools" }, { io = "pools", workspace = "caller", constants = "pool" },
  { constants = "pool", pointers = "void", files = "single" },
  { arena = "separate", files = "single" },
}

local function words_of(options)
  local words = {}
  for key, value in pairs(options) do words[#words + 1] = key .. "=" .. value end -- order: sorted
  table.sort(words)
  return #words > 0 and table.concat(words, ", ") or "no options"
end

-- Every other program is compiled without the checks of arguments.
local function run(index, files, main)
  local even = index % 2 == 0
  return { generated.build_and_run(even and "clang" or "gcc", files, main,
    even and { "-DTVMGEN_NET_NO_CHECKS" } or {}) }
end

describe("the example program", function()
  for index, options in ipairs(choices) do
    it("runs the model once, with " .. words_of(options), function()
      local module, files = generated.compiled(options, source)
      local main = example.program(metadata.of(module, target.load "c"))
      assert.same({ 0, said }, run(index, files, main))
    end)
  end

  for _, calls in ipairs { "packed", "unpacked" } do
    for index, options in ipairs { {}, { workspace = "caller", constants = "pool" } } do
      it(("runs it by name, operators %s, with %s"):format(calls, words_of(options)), function()
        local interface = { kind = "packed", calls = calls }
        local module, files = generated.compiled(options, source, interface)
        local own = setmetatable({ interface = interface }, { __index = target.load "c" })
        local main = example.program(metadata.of(module, own))
        assert.same({ 0, said }, run(index, files, main))
      end)
    end
  end
end)
