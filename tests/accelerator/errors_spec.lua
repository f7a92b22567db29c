--- errors_spec: what is wrong with an accelerator is said in its vendor's words, where it stands.

local accelerator = require "aotlua.accelerator"
local command = require "tests.tools.command"
local metadata = require "aotlua.metadata"
local pipeline = require "aotlua.pipeline"
local target = require "aotlua.target"
local text = require "aotlua.text"
local function refusal(fields)
  local ok, why = pcall(accelerator, fields)
  assert.is_false(ok)
  return tostring(why)
end

local function with(offer)
  local whole = { name = "o", match = "%y = neg %x" }
  for key, value in pairs(offer) do whole[key] = value end -- order: irrelevant, a copy
  return { name = "npu", offers = { whole } }
end

describe("a description of an accelerator", function()
  it("tvm 106: is refused with the field that is wrong", function()
    for part, fields in pairs { -- order: irrelevant, each by itself
      ["field 'offers' is missing"] = { name = "npu" },
      ["there is no field 'offer'"] = { name = "npu", offers = {}, offer = {} },
      ["its name is part of names in C"] = { name = "my-npu", offers = {} },
      ["two offers are called 'o'"] = { name = "npu", offers = { { name = "o",
        match = "%y = neg %x" }, { name = "o", match = "%y = abs %x" } } },
      ["'align' is 24, no power of two"] = { name = "npu", offers = {}, align = 24 },
      ["there is no field 'includes'"] = { name = "npu", offers = {}, cc = { includes = {} } },
      ["is not \"nothing\", \"float_order\" or { lsb = n }"] = with { changes = { lsb = 0.5 } },
      ["field 'emit' is"] = with { emit = "status = 1;" },
      ["there is no op 'negg'"] = with { match = "%y = negg %x" },
    } do
      assert.is_truthy(refusal(fields):find(part, 1, true), part .. ": " .. refusal(fields))
    end
  end)
end)

describe("what an offer says", function()
  local folder = command.folder()
  folder:write("net.ir", [[
module net
const $k : f32[4] = dense [1.0, 2.0, 3.0, 4.0]
graph @main(%x : f32[4]) {
  %y = mul %x, $k : f32[4]
  return %y
}
]])
  teardown(function() folder:close() end)

  -- The offer with one of its lines replaced; what compiling says.
  local function said(field, body, words)
    local lines = { match = [["%y = mul %x, $k"]],
      emit = [[function() return "status = f(${x}, ${y});" end]] }
    lines[field] = body or nil
    local parts = {}
    for _, key in ipairs { "match", "when", "constants", "scratch", "emit" } do
      parts[#parts + 1] = lines[key] and ("%s = %s"):format(key, lines[key]) or nil
    end
    folder:write("npu.lua", ([[
local ir = require "aot.ir"
return require "aotlua.accelerator" { name = "npu", headers = { "npu.h" }, offers = { {
  name = "scale", %s } }, ir and nil }
]]):format(table.concat(parts, ",\n  ")))
    local code, printed = folder:run(words or { "compile", "net.ir", "--target", "c,npu.lua", "-o",
      "out" })
    return printed, code
  end

  it("tvm 105: is an error with accelerator, offer and place where it cannot be", function()
    for part, change in pairs { -- order: irrelevant, each by itself
      ["accelerator npu: offer 'scale' emits ${z}: there is no such value"] =
        { "emit", [[function() return "status = f(${z}, ${y});" end]] },
      ["accelerator npu: emit of offer 'scale' gives nil, not text"] =
        { "emit", "function() end" },
      ["accelerator npu: nothing that its offers emit for %y names the result %y"] =
        { "emit", [[function() return "status = f(${x});" end]] },
      ["accelerator npu: offer 'scale' has no emit, so there is no C for %y"] = { "emit", false },
      ["accelerator npu: offer 'scale' emits ${scratch}: there is no such value"] =
        { "emit", [[function() return "status = f(${x}, ${y}, ${scratch});" end]] },
      ["accelerator npu: offer 'scale' emits ${context}: there is no such value"] =
        { "emit", [[function() return "status = f(${x}, ${y}, ${context});" end]] },
      ["accelerator npu: scratch of offer 'scale' is -1, not a number of bytes"] =
        { "scratch", "function() return -1 end" },
      ["accelerator npu: offer 'scale' cannot call a constant 'x'"] =
        { "constants", "function(m) return { x = m.k.data } end" },
      ["accelerator npu: constant 'c' of offer 'scale' is no tensor"] =
        { "constants", "function() return { c = 3 } end" },
      ["accelerator npu: when of offer 'scale': npu.lua:4: too small"] =
        { "when", [[function() error "too small" end]] },
      ["npu.lua:4: attempt to index a nil value (field 'z')"] =
        { "scratch", "function(m) return m.z.type.shape[1] end" },
    } do
      local printed, code = said(change[1], change[2])
      assert.equal(1, code)
      assert.is_truthy(printed:find(part, 1, true), part .. "\n" .. printed)
      assert.is_nil(printed:find("internal fault", 1, true), printed)
    end
  end)

  it("tvm 105: is C that a compiler refuses where a header is missing", function()
    local printed, code = said("when", nil, { "verify", "net.ir", "--target", "c,npu.lua" })
    assert.equal(1, code)
    assert.is_truthy(printed:find("npu.h", 1, true) and printed:find("did not compile", 1, true),
      printed)
  end)

  it("tvm 105: is needed again to go on from a dump", function()
    said("when", nil, { "compile", "net.ir", "--target", "c,npu.lua", "--stop", "partition", "-o",
      "parted.ir" })
    local code, printed = folder:run { "compile", "parted.ir", "--target", "c", "-o", "out" }
    assert.equal(2, code)
    assert.is_truthy(printed:find("compiled for target 'c,npu', not 'c'", 1, true), printed)
    folder:write("npu.lua", (folder:read "npu.lua":gsub('name = "scale"', 'name = "other"')))
    code, printed = folder:run { "compile", "parted.ir", "--target", "c,npu.lua", "-o", "out" }
    assert.equal(1, code)
    assert.is_truthy(printed:find("npu has no offer 'scale' any more", 1, true), printed)
  end)

  it("is held to its promise by verify, layer by layer", function()
    folder:write("bytes.ir",
      "module net\ngraph @main(%x : i8[4]) {\n  %y = neg %x : i8[4]\n  return %y\n}\n")
    local function judged(lsb, off, ...)
      folder:write("off.lua", ([[
return require "aotlua.accelerator" { name = "off", offers = { { name = "neg",
  match = "%%y = neg %%x", changes = { lsb = %d }, emit = function()
    return "for (int i = 0; i < 4; i++)\n    ${y}[i] = (int8_t)(${x}[i] == -128 ? 127 - %d : "
      .. "${x}[i] < 100 ? -${x}[i] : %d - ${x}[i]);"
  end } } }
]]):format(lsb, off, off))
      local code, printed = folder:run { "verify", "bytes.ir", "--target", "c,off.lua", ... }
      return code, printed
    end
    assert.equal(0, (judged(1, 0)))
    local code, printed = judged(1, 1)
    assert.equal(3, code)
    assert.is_truthy(printed:find("1 operator of accelerators promised to be close", 1, true))
    assert.equal(0, (judged(1, 1, "--atol", "1")))
    code, printed = judged(0, 1)
    assert.equal(3, code)
    assert.is_nil(printed:find("promised", 1, true))
    code, printed = judged(1, 1, "--per-layer")
    assert.is_truthy(printed:find(" ok        1 LSB", 1, true), printed)
    assert.equal(3, code)
    code, printed = judged(1, 2, "--per-layer")
    assert.is_truthy(printed:find("DIFFERENT 2 LSB", 1, true), printed)
    assert.equal(3, code)
  end)

  it("leaves nothing behind", function()
    said("emit", "function() end")
    assert.is_nil(io.open(folder.path .. "/out/src/net_lib0.c"))
  end)
end)

describe("the memory of a region", function()
  it("tvm 57: counts what its parts need, and what they hand on", function()
    local device = accelerator { name = "npu", regions = true, offers = { {
      name = "neg", match = "%y = neg %x", scratch = function() return 100 end,
      emit = function() return "status = f(${x}, ${y}, ${scratch});" end,
    } } }
    local module = text.parse([[
module net
graph @main(%x : f32[64]) {
  %a = neg %x : f32[64]
  %b = neg %a : f32[64]
  %c = neg %b : f32[64]
  return %c
}
]], "in.ir")
    local c = setmetatable({ accelerators = { device } },
      { __index = target.load "c" })
    pipeline.run(module, { target = c, pipeline = pipeline.new { "partition", "plan_memory",
      "interface", "names" } })
    local record = metadata.of(module, c)
    -- The second part reads 256 bytes, writes 256, and has 100 for itself.
    assert.equal(256 + 256 + 100, record.operators[1].scratch)
    assert.is_true(record.workspace_bytes >= record.operators[1].scratch)
    assert.equal(1, #record.operators)
  end)
end)
