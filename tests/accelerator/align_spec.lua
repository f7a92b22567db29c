--- align_spec: accelerators are passed what lies as they want it, whoever owns the memory.

local accelerator = require "aotlua.accelerator"
local command = require "tests.tools.command"

-- Scales by a constant of its own, in C that looks at each address itself.
local picky = [[
local ir = require "aot.ir"
return require "aotlua.accelerator" {
  name = "picky", align = 256, regions = REGIONS,
  offers = { { name = "scale", match = "%y = mul %x, $w",
    constants = function(m) return { k = ir.tensor({ dtype = "f32", shape = { 3 } },
      { m.w.data:get(1), m.w.data:get(1), m.w.data:get(1) }) } end,
    scratch = function() return 12 end,
    emit = function() return [==[
if ((uintptr_t)${x} % 256 != 0 || (uintptr_t)${y} % 256 != 0 || (uintptr_t)${k} % 256 != 0 ||
    (uintptr_t)${scratch} % 256 != 0)
    status = 1;
else
    for (int i = 0; i < 3; i++) {
        ((float *)${scratch})[i] = ${x}[i] * ${k}[i];
        ${y}[i] = ((float *)${scratch})[i];
    }]==] end } },
}
]]

-- Reads an input twice, a state, and a result; writes two outputs, one of them twice, and a state.
local source = [[
module net
const $w : f32[1] = dense [2.0]
const $v : f32[1] = dense [-3.0]
state %m : f32[3] = splat 0.5
graph @main(%x : f32[3], %b : i8[1]) {
  %y = mul %x, $w : f32[3]
  %z = mul %x, $v : f32[3]
  %zz = mul %z, $v : f32[3]
  %n = neg %zz : f32[3]
  %u = mul %n, $v : f32[3]
  %k = mul %m, $w : f32[3]
  %s = add %k, %u : f32[3]
  %t = mul %s, $w : f32[3]
  %c = neg %b : i8[1]
  return %y, %c, %u, %y, next %m = %t
}
]]

local function count(text, piece) return select(2, text:gsub(piece, "")) end

describe("what an accelerator is passed", function()
  local folder = command.folder()
  folder:write("picky.lua", (picky:gsub("REGIONS", "false")))
  folder:write("regions.lua", (picky:gsub("REGIONS", "true")))
  folder:write("net.ir", source)
  teardown(function() folder:close() end)

  for _, options in ipairs { "", "--set io=pools", "--set arena=separate", "--set files=single",
    "--set workspace=caller", "--set constants=pool", "--interface packed",
    "--set weights=incbin", "--set pools=near:64,far" } do
    for _, device in ipairs(options == "" and { "picky", "regions" } or { "picky" }) do
      it(("is aligned: %s %s"):format(device, options), function()
        local words = { "verify", "net.ir", "--target", ("c,%s.lua"):format(device) }
        for word in options:gmatch "%S+" do words[#words + 1] = word end
        folder:output(words)
      end)
    end
  end

  it("is a copy where it lies with the caller, and only there", function()
    local function copies(...)
      local words = { "compile", "net.ir", "--target", "c,picky.lua", "--stop", "plan_memory", "-o",
        "planned.ir", ... }
      folder:output(words)
      return count(folder:read "planned.ir", " = slice ")
    end
    assert.equal(2 + 3 + 1, copies()) -- x and m; y, y and u; the next m
    assert.equal(1 + 1 + 1, copies("--set", "io=pools")) -- m; the second y; the next m
  end)

  it("cannot want what no memory has", function()
    assert.error_matches(function()
      accelerator { name = "odd", offers = {}, align = 24 }
    end, "an accelerator: field 'align' is 24, no power of two")
  end)
end)
