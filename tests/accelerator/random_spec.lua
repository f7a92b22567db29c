--- random_spec: any network that two accelerators share with the host computes what it did.

local command = require "tests.tools.command"

local count = os.getenv "AOT_TESTS" == "all" and 60 or 6

-- Regions, alignment, working memory that one offer uses, and a value within a shape as memory.
local first = [[
local function loop(formula)
  return function()
    return "for (int i = 0; i < 4; i++)\n    ${y}[i] = " .. formula .. ";"
  end
end

return require "aotlua.accelerator" {
  name = "first", regions = true, align = 64,
  offers = {
    { name = "neg", match = "%y = neg %x", emit = loop "-${x}[i]" },
    { name = "same", match = "%m = neg %x\n%y = neg %m", emit = loop "${x}[i]" },
    { name = "add", match = "%y = add %p, %q", scratch = function() return 20 end,
      emit = function() return [=[
for (int i = 0; i < 4; i++)
    ((float *)${scratch})[i + 1] = ${p}[i] + ${q}[i];
for (int i = 0; i < 4; i++)
    ${y}[i] = ((float *)${scratch})[i + 1];]=] end },
    { name = "difference", match = "%n = neg %p\n%y = add %n, %q", emit = function() return [=[
for (int i = 0; i < 4; i++)
    ${n}[i] = -${p}[i];
for (int i = 0; i < 4; i++)
    ${y}[i] = ${n}[i] + ${q}[i];]=] end },
  },
}
]]

-- A device: what it computes while it is not open is an error.
local second = [[
local here = debug.getinfo(1, "S").source:match "^@(.*)/" or "."
local function call(formula)
  return function()
    return "status = second_state(${context}) != 2;\nfor (int i = 0; i < 4; i++)\n    ${y}[i] = "
      .. formula .. ";"
  end
end

return require "aotlua.accelerator" {
  name = "second", device = true, align = 8, headers = { "second.h" },
  cc = { flags = { "-I", here }, link = { here .. "/second.c" } },
  offers = {
    { name = "abs", match = "%y = abs %x", emit = call "${x}[i] < 0.0f ? -${x}[i] : ${x}[i]" },
    { name = "max", match = "%y = max %p, %q",
      emit = call "${p}[i] > ${q}[i] ? ${p}[i] : ${q}[i]" },
  },
}
]]

local header = [[
#include <stdint.h>
int32_t second_state(void *context);
]]

local driver = [[
#include "second.h"
static int32_t state;
int32_t TVMDeviceSecondActivate(void *context);
int32_t TVMDeviceSecondOpen(void *context);
int32_t TVMDeviceSecondClose(void *context);
int32_t TVMDeviceSecondDeactivate(void *context);
int32_t TVMDeviceSecondActivate(void *context) { (void)context; return state++ != 0; }
int32_t TVMDeviceSecondOpen(void *context) { (void)context; return state++ != 1; }
int32_t TVMDeviceSecondClose(void *context) { (void)context; return state-- != 2; }
int32_t TVMDeviceSecondDeactivate(void *context) { (void)context; return state-- != 1; }
int32_t second_state(void *context) { (void)context; return state; }
]]

local seed = 7
local function random(n)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % n + 1
end

-- A network of inputs, a state, a constant and `size` nodes; any of these may be returned.
local function network(size)
  local lines, names = {}, { "%x", "%z", "%s" }
  local function recent() return names[#names - random(math.min(6, #names)) + 1] end
  for i = 1, size do
    local op = ({ "neg", "neg", "abs", "tanh", "add", "add", "max" })[random(7)]
    local other = random(10) == 1 and "$k" or names[random(#names)]
    local two = op == "add" or op == "max"
    lines[i] = ("  %%v%d = %s %s%s : f32[4]\n"):format(i, op, recent(),
      two and ", " .. other or "")
    names[#names + 1] = "%v" .. i
  end
  return ([[
module net
const $k : f32[4] = dense [1.0, 2.0, 3.0, 4.0]
state %%s : f32[4] = splat 0.5
graph @main(%%x : f32[4], %%z : f32[4]) {
%s  return %s, %s, %s, next %%s = %s
}
]]):format(table.concat(lines), recent(), recent(), names[random(#names)], recent())
end

describe("any network of two accelerators and the host", function()
  local folder = command.folder()
  teardown(function() folder:close() end)
  for name, bytes in pairs { ["first.lua"] = first, ["second.lua"] = second, -- order: irrelevant
    ["second.h"] = header, ["second.c"] = driver } do
    folder:write(name, bytes)
  end
  local ways = { {}, { "--set", "io=pools" }, { "--sanitize" }, { "--set", "files=single" },
    { "--interface", "packed" }, { "--set", "workspace=caller" } }

  for number = 1, count do
    local way = ways[number % #ways + 1]
    it(("computes what it did: number %d %s"):format(number, table.concat(way, " ")), function()
      folder:write("net.ir", network(16))
      local words = { "verify", "net.ir", "--target",
        number % 2 == 0 and "c,first.lua,second.lua" or "c,second.lua,first.lua" }
      folder:output(table.move(way, 1, #way, #words + 1, words))
    end)
  end
end)
