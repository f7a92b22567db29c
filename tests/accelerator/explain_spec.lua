--- explain_spec: every node is accounted for: who computes it, and why others that could do not.

local command = require "tests.tools.command"

local devices = {
  npu = [[
    { name = "mul_add", match = "%m = mul %x, $k\n%y = add %m, %z",
      when = function(m) return m.z.name ~= "never", "not that one" end },
    { name = "relu", match = "%y = clamp %x { lo = 0.0, hi = _ } : f32[..., 4]" },
    { name = "neg", match = "%y = neg %x" },
  ]],
  dsp = [[
    { name = "neg", match = "%y = neg %x" },
    { name = "abs", match = "%x : i8[...]\n%y = abs %x" },
    { name = "neg_exp", match = "%n = neg %x\n%y = exp %n" },
  ]],
}

-- The model, and lines of what is to be said of each node, in order.
local cases = {
  { "neg %x", "%y: neg\n  by accelerator npu (neg)\n"
    .. "  not by neg of dsp: taken by neg of npu before it\n"
    .. "  not by neg_exp of dsp: no exp reads %y\n" },
  { "abs %x", "%y: abs\n  by portable recipe elementwise\n"
    .. "  not by abs of dsp: %x is f32[2, 4]\n" },
  { "clamp %x { lo = 0.0, hi = 6.0 }", "%y: clamp\n  by portable recipe elementwise\n"
    .. "  not by relu of npu: hi of clamp is 6.0\n" },
  { "clamp %x { lo = 1.0, hi = 6.0 }", "%y: clamp\n  by portable recipe elementwise\n"
    .. "  not by relu of npu: hi of clamp is 6.0; lo of clamp is 1.0\n" },
  { "clamp %x { lo = 0.0 }", "%y: clamp\n  by accelerator npu (relu)\n" },
  { "exp %x", "%y: exp\n  by portable recipe elementwise\n"
    .. "  not by neg_exp of dsp: %x comes from outside, not neg\n" },
  { "sub %x, $k", "%y: sub\n  by portable recipe elementwise\n" },
  { "add %x, %never", "%y: add\n  by portable recipe elementwise\n"
    .. "  not by mul_add of npu: %x comes from outside, not mul\n" },
}

describe("explain", function()
  local folder = command.folder()
  teardown(function() folder:close() end)
  for name, offers in pairs(devices) do -- order: irrelevant, a file each
    folder:write(name .. ".lua", ([[return require "aotlua.accelerator" { name = "%s",
      regions = true, offers = { %s } }]]):format(name, offers))
  end

  local function explained(lines, more)
    folder:write("net.ir", ([[
module net
const $k : f32[1] = dense [2.0]
graph @main(%%x : f32[2, 4], %%never : f32[2, 4]) {
%s
  return %%y
}
]]):format((lines:gsub("[^\n]+", "  %0" .. (more or " : f32[2, 4]")))))
    return (folder:output { "explain", "net.ir", "--target", "c,npu.lua,dsp.lua",
      "--disable-pass", "fuse" }:gsub("^[^\n]*\n", ""))
  end

  for _, case in ipairs(cases) do
    it("tells about " .. case[1], function()
      assert.equal(case[2], explained("%y = " .. case[1]))
    end)
  end

  it("tells what a condition says, and who else reads a result", function()
    assert.matches("%%y: add\n  by portable recipe elementwise\n"
      .. "  not by mul_add of npu: not that one\n", explained [[
%m = mul %x, $k
%y = add %m, %never]])
    assert.matches("%%y: sub\n", explained [[
%m = mul %x, $k
%a = add %m, %x
%y = sub %a, %m]])
    assert.matches("%%a: add\n[^\n]*\n  not by mul_add of npu: others read %%m, too\n", explained [[
%m = mul %x, $k
%a = add %m, %x
%y = sub %a, %m]])
  end)

  it("tells who computes what of a region, and of nodes that are views", function()
    assert.equal([[
%y_1: neg, neg
  by accelerator npu (region)
  of it %a by neg: neg
  not by neg of dsp: taken by neg of npu before it
  not by neg_exp of dsp: no exp reads %a
  of it %y_1 by neg: neg
  not by neg of dsp: taken by neg of npu before it
  not by neg_exp of dsp: no exp reads %y_1
%y: reshape
  by nobody: the bytes of %y_1
]], explained([[
%a = neg %x : f32[2, 4]
%s = reshape %a { shape = [8] } : f32[8]
%y = neg %s : f32[8]
]], ""))
  end)
end)
