--- dataset_spec: folders of inputs and outputs are read as they are laid out, or refused.

local cases = require "aotlua.cases"
local data = require "aot.data"
local dataset = require "aotlua.dataset"
local failure = require "aotlua.failure"
local ir = require "aot.ir"
local npy = require "aotlua.import.npy"
local shell = require "tests.tools.shell"
local system = require "aot.system"
local writer = require "tests.tools.onnx_writer"

describe("a data folder", function()
  local folder
  before_each(function() folder = shell.folder() end)
  after_each(function() system.remove(folder.path) end)

  local function put(place, dtype, shape, numbers)
    local path = ("%s/%s"):format(folder.path, place)
    system.make_folders(path:match "^(.*)/")
    npy.write(path, ir.tensor({ dtype = dtype, shape = shape }, numbers))
  end

  local function refusal(path, kind)
    local ok, raised = pcall(dataset.read, folder.path .. path)
    assert.is_false(ok)
    assert.equal(failure[kind or "io"], failure.code(raised))
    return tostring(raised)
  end

  it("is one set, or several below it", function()
    put("one/input_0.npy", "f32", { 1 }, { 1 })
    put("one/output_0.npy", "f32", { 1 }, { 2 })
    put("many/test_data_set_0/input_0.npy", "f32", { 1 }, { 3 })
    put("many/test_data_set_1/input_0.npy", "f32", { 1 }, { 4 })
    put("many/test_data_set_3/input_0.npy", "f32", { 1 }, { 5 })
    local sets = dataset.read(folder.path .. "/one/")
    assert.equal(1, #sets)
    assert.equal("one", sets[1].name)
    assert.is_nil(sets[1].below)
    assert.equal(2.0, sets[1].outputs[1]:get(1))
    sets = dataset.read(folder.path .. "/many")
    assert.equal(2, #sets)
    assert.equal("test_data_set_1", sets[2].name)
    assert.is_true(sets[2].below)
    assert.equal(4.0, sets[2].inputs[1]:get(1))
  end)

  it("is judged as golden.json in it or above it says", function()
    put("m/a/input_0.npy", "f32", { 2, 1 }, { 1, 2 })
    put("m/b/input_0.npy", "f32", { 2, 1 }, { 1, 2 })
    shell.write(folder.path .. "/m/golden.json",
      '{ "steps": 2, "compare": { "atol": 0.5 }, "sets": [{ "dir": "b" }] }')
    local sets = dataset.read(folder.path .. "/m")
    assert.equal(1, #sets)
    assert.equal(2, sets[1].steps)
    assert.equal(0.5, dataset.read(folder.path .. "/m/a")[1].compare.atol)
    assert.same({ 1 }, dataset.step(sets[1].inputs, 2, 2)[1].type.shape)
    assert.equal(2.0, dataset.step(sets[1].inputs, 2, 2)[1]:get(1))
    assert.has_error(function() dataset.step(sets[1].inputs, 3, 1) end,
      "array 0 of the data is f32[2, 1], without a leading dimension of 3 steps")
  end)

  it("is refused in words", function()
    assert.matches("/nope: no such folder$", refusal "/nope")
    assert.matches("there is no input_0.npy or .pb, and no set below it$", refusal "")
    for text, part in pairs { -- order: irrelevant, because each stands alone
      ["[1, 2"] = "this is no JSON from byte",
      ["3"] = "an object with 'sets' and 'compare' is wanted",
      ['{ "sets": 1 }'] = "an object with 'sets' and 'compare' is wanted",
      ['{ "sets": [], "compare": { "mode": "roughly" } }'] = "there is no mode 'roughly'",
      ['{ "sets": [], "compare": { "atol": -1 } }'] = "rtol and atol are numbers from 0 on",
      ['{ "sets": [], "steps": 0.5 }'] = "steps is a whole number from 1 on",
      ['{ "sets": [{ "dir": "../x" }] }'] = "entry 1 of 'sets' names no folder below it",
    } do
      shell.write(folder.path .. "/golden.json", text)
      assert.is_truthy(refusal(""):find("golden.json: " .. part, 1, true), refusal "")
    end
    shell.write(folder.path .. "/input_0.pb", "\255\255")
    os.remove(folder.path .. "/golden.json")
    assert.matches("input_0.pb", refusal "")
  end)

  it("tells extents that a model leaves open, and operands that fix a shape", function()
    local model = writer.model {
      inputs = { writer.value("x", { "N", 4 }), writer.value("shape", { 2 }, writer.I64) },
      outputs = { writer.value("y", { "A", "B" }) },
      nodes = { { "Reshape", { "x", "shape" }, { "y" } } },
    }
    local path = folder.path .. "/m.onnx"
    data.write(path, model)
    put("d/test_data_set_0/input_0.npy", "f32", { 3, 4 }, 1)
    put("d/test_data_set_0/input_1.npy", "i64", { 2 }, { 2, -1 })
    put("d/test_data_set_1/input_0.npy", "f32", { 2, 4 }, 1)
    put("d/test_data_set_1/input_1.npy", "i64", { 2 }, { 1, 8 })
    local shapes = {}
    for group in cases.groups(path, { data = folder.path .. "/d" }) do
      local main = group.module:main()
      assert.equal(1, #main.params)
      assert.same({ 1 }, (group.module:get "source").fixed)
      shapes[#shapes + 1] = table.concat(main.returns[1].type.shape, "x")
      local outputs = cases.evaluate(group.module, group.cases[1].inputs)
      assert.same(main.returns[1].type.shape, outputs[1][1].type.shape)
    end
    assert.same({ "2x6", "1x8" }, shapes)
  end)
end)
