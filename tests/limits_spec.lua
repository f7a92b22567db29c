--- Large inputs: time grows with the number of nodes, memory stays within its bound.

local models = require "tests.tools.models"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local writer = require "tests.tools.onnx_writer"

local KIB, MIB = 1024, 1024 * 1024

-- A network of `count` nodes as text: a chain, each result named by its number.
local function ir_text(count)
  local ops, lines = { "neg", "abs", "exp", "tanh" }, { "module big" }
  lines[2] = "graph @main(%v0 : f32[1, 4]) {"
  for i = 1, count do
    local op = ops[i % #ops + 1]
    lines[#lines + 1] = ("  %%v%d = %s %%v%d : f32[1, 4]"):format(i, op, i - 1)
  end
  lines[#lines + 1] = ("  return %%v%d\n}\n"):format(count)
  return table.concat(lines, "\n")
end

-- The same as an ONNX file, with a second operand now and then.
local function onnx_file(count)
  local ops, nodes = { "Relu", "Add", "Sigmoid", "Mul", "Neg" }, {}
  for i = 1, count do
    local op = ops[i % #ops + 1]
    local inputs = { "v" .. i - 1 }
    if op == "Add" or op == "Mul" then inputs[2] = op == "Add" and "v0" or "c" end
    nodes[i] = { op, inputs, { "v" .. i } }
  end
  return writer.model {
    inputs = { writer.value("v0", { 1, 4 }) }, outputs = { writer.value("v" .. count, { 1, 4 }) },
    tensors = { { name = "c", dims = { 4 }, floats = { 1, 2, 3, 4 } } }, nodes = nodes,
  }
end

local function weights(name, seed)
  local list = {}
  for i = 1, 36 do list[i] = (i * 37 % 19 - 9 + seed) / 8 end
  return { name = name, dims = { 2, 2, 3, 3 }, raw = string.pack("<" .. ("f"):rep(36),
    table.unpack(list)) }
end

-- A chain of convolutions, each with its clamp, as an ONNX file; `own`: each has its own weights.
local function convolutions(count, own)
  local nodes, tensors = {}, { not own and weights("w", 0) or nil }
  local attributes = { { "kernel_shape", { 3, 3 } }, { "pads", { 1, 1, 1, 1 } } }
  for i = 1, count, 2 do
    local name = own and "w" .. i or "w"
    if own then tensors[#tensors + 1] = weights(name, i) end
    nodes[i] = { "Conv", { "v" .. i - 1, name }, { "v" .. i }, attributes = attributes }
    nodes[i + 1] = { "Relu", { "v" .. i }, { "v" .. i + 1 } }
  end
  return writer.model {
    inputs = { writer.value("v0", { 1, 2, 4, 4 }) },
    outputs = { writer.value("v" .. count, { 1, 2, 4, 4 }) }, tensors = tensors, nodes = nodes,
  }
end

-- Files, who makes them, how many nodes always compile, and how many are measured on demand.
local FORMS = {
  { "big.ir", ir_text, always = 20000, measured = { 50000, 100000 } },
  { "big.onnx", onnx_file, always = 20000, measured = { 50000, 100000 } },
  { "convolutions.onnx", convolutions, always = 2000, measured = { 50000, 100000 } },
  { "own_weights.onnx", function(count) return convolutions(count, true) end, always = 2000,
    measured = { 20000, 40000 } },
}

-- A build of aotlua without sanitizers, as fast as users have it, or nil.
local function fast_build()
  for _, preset in ipairs { "release", "clang" } do
    local path = ("%s/build/%s/aotlua"):format(program.root, preset)
    if models.is_current(path) then return path end
  end
end

-- Processor time and memory of one compilation, the best of three.
local function measure(aotlua, path)
  local best
  for _ = 1, 3 do
    local folder <close> = shell.folder()
    local said = shell.must { aotlua, program.root .. "/tests/tools/measure.lua", path,
      folder.path }
    local code, seconds, peak = said:match "(%d+)\t([%d.]+)\t(%d+)\n*$"
    assert(code == "0", said)
    local found = { seconds = tonumber(seconds), peak = tonumber(peak) * KIB }
    if not best or found.seconds < best.seconds then best = found end
  end
  return best
end

local function bytes_of(path) return #shell.read(path) end

local function memory_allowed(model_bytes, nodes)
  return 64 * MIB + 3 * model_bytes + 2 * KIB * nodes
end

-- What takes minutes is a case with AOT_TESTS=all only.
local on_demand = models.all and it or function() end

describe("graphs of many nodes", function()
  for _, form in ipairs(FORMS) do
    it("compile: " .. form[1], function()
      local folder <close> = shell.folder()
      local path = folder.path .. "/" .. form[1]
      shell.write(path, form[2](form.always))
      models.must { "compile", path, "-o", folder.path .. "/out" }
    end)

    on_demand("take time and memory in proportion: " .. form[1], function()
      local aotlua = fast_build()
      if not aotlua then return pending "no release or clang build is up to date" end
      local folder <close> = shell.folder()
      local path, taken = folder.path .. "/" .. form[1], {}
      for i, count in ipairs(form.measured) do
        shell.write(path, form[2](count))
        taken[i] = measure(aotlua, path)
        local allowed = memory_allowed(bytes_of(path), count)
        assert.is_true(taken[i].peak <= allowed, ("%d nodes: %.0f MiB, allowed are %.0f"):format(
          count, taken[i].peak / MIB, allowed / MIB))
      end
      local ratio = taken[2].seconds / taken[1].seconds
      assert.is_true(ratio <= 2.3, ("twice the nodes take %.2f times the time"):format(ratio))
    end)
  end
end)

describe("networks", function()
  on_demand("are compiled within a second, very large ones within five", function()
    local aotlua = fast_build()
    if not aotlua then return pending "no release or clang build is up to date" end
    local slow = {}
    for _, model in ipairs((models.list())) do
      local bytes = bytes_of(model.path) + (model.weights and bytes_of(model.weights) or 0)
      local taken = measure(aotlua, model.path)
      local limit = bytes <= MIB and 1 or 5
      if taken.seconds > limit then
        slow[#slow + 1] = ("%s takes %.2f s"):format(model.name, taken.seconds)
      end
      if taken.peak > memory_allowed(bytes, 0) then
        slow[#slow + 1] = ("%s takes %.0f MiB"):format(model.name, taken.peak / MIB)
      end
    end
    assert.same({}, slow)
  end)
end)
