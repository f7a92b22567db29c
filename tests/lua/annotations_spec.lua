--- annotations_spec: what lua/meta says of the Lua API is so, and lua/README.md says the same.

local annotations = require "tests.tools.annotations"
local program = require "aot.program"
local shell = require "tests.tools.shell"

local files = annotations.files()
local classes, declared = {}, {}
for _, file in ipairs(files) do
  for _, class in ipairs(file.classes) do
    classes[class.name], declared[class.name] = class, true
  end
  for _, alias in ipairs(file.aliases) do declared[alias] = true end
end

local function sorted(names)
  table.sort(names)
  return table.concat(names, " ")
end

local function names_of(list)
  local names = {}
  for i, item in ipairs(list) do names[i] = item.name end
  return sorted(names)
end

local function keys_of(object)
  local keys = {}
  for key in pairs(object) do -- order: sorted below
    if not key:find "^__" then keys[#keys + 1] = key end
  end
  return sorted(keys)
end

-- What a module's table is to hold.
local function members(returned)
  local names = {}
  for _, list in ipairs { returned.functions, returned.module and {} or returned.fields } do
    for _, item in ipairs(list) do names[#names + 1] = item.name end
  end
  return sorted(names)
end

-- The fields that a call takes, from its refusal of another one.
local function fields_of(call)
  local ok, message = pcall(call)
  assert.is_false(ok)
  return sorted((function()
    local list = {}
    for name in message:match "there are: (.*)$":gmatch "[%w_]+" do list[#list + 1] = name end
    return list
  end)())
end

describe("the annotations", function()
  it("have every module of the core", function()
    local annotated = {}
    for _, file in ipairs(files) do annotated[file.module or ""] = true end
    for name in pairs(package.preload) do -- order: irrelevant, all must hold
      assert.is_true(not name:find "^aot%." or annotated[name], name)
    end
  end)

  it("have what the modules hold, and nothing else", function()
    for _, file in ipairs(files) do
      local module = file.module and require(file.module)
      if type(module) == "table" then
        assert.equal(keys_of(module), members(file.returned), file.module)
      elseif module then
        assert.equal("function", type(module))
        assert.equal(1, #file.functions, file.module)
      end
    end
  end)

  it("have the fields and methods of what the core makes", function()
    local count = 0
    for name, meta in pairs(debug.getregistry()) do -- order: irrelevant, all must hold
      local index = type(name) == "string" and type(meta) == "table" and rawget(meta, "__index")
      local _, methods = debug.getupvalue(type(index) == "function" and index or print, 1)
      if type(methods) == "table" then
        local _, fields = debug.getupvalue(index, 2)
        local class = assert(classes["aot." .. name], name)
        assert.equal(keys_of(methods), names_of(class.functions), name)
        assert.equal(keys_of(fields), names_of(class.fields), name)
        count = count + 1
      end
    end
    assert.equal(8, count)
  end)

  it("have the methods of what scripts make", function()
    local kernel = require "aotlua.kernel".new { name = "k" }
    local buffer = kernel:buffer { name = "x", type = { dtype = "f32", shape = { 1 } },
      role = "input" }
    local op
    local c = require "targets.c"
    local module = require "aotlua.text".parse(
      "module m\ngraph @main(%x : f32[2]) {\n  %y = softmax %x : f32[2]\n  return %y\n}\n")
    local target = { name = "own", memory = c.memory, kernels = { softmax = function(_, given)
      op = given
      given:store({ 0 }, given.inputs[1](0))
    end } }
    require "aotlua.kernels".build(module:main().returns[1].node, target)
    for name, object in pairs { -- order: irrelevant, all must hold
      Pipeline = c.pipeline, Kernel = kernel, Buffer = buffer, Op = op,
    } do
      local class = classes["aotlua." .. name]
      assert.equal(keys_of(getmetatable(object).__index), names_of(class.functions), name)
    end
    for _, field in ipairs(classes["aotlua.Op"].fields) do
      assert.is_not_nil(op[field.name], field.name)
    end
  end)

  it("have the fields that calls check", function()
    local aot, accelerator = require "aotlua", require "aotlua.accelerator"
    local pipeline, rewrite = require "aotlua.pipeline", require "aotlua.rewrite"
    for name, call in pairs { -- order: irrelevant, all must hold
      Build = function() aot.build { what = 1 } end,
      Application = function() aot.application { what = 1 } end,
      Accelerator = function() accelerator { what = 1 } end,
      Offer = function() accelerator { name = "a", offers = { { what = 1 } } } end,
      Pass = function() pipeline.new { { what = 1 } } end,
      Rule = function() rewrite.rules { { what = 1 } } end,
    } do
      assert.equal(fields_of(call), names_of(classes["aotlua." .. name].fields), name)
    end
  end)

  it("have methods that importers have", function()
    local builder = getmetatable(require "aotlua.import.tflite.builder".new {}).__index
    for name, methods in pairs { -- order: irrelevant, all must hold
      TfliteBuilder = builder, OnnxNode = require "aotlua.import.onnx.node",
    } do
      local functions = classes["aotlua." .. name].functions
      assert.is_true(#functions > 5)
      for _, f in ipairs(functions) do assert.equal("function", type(methods[f.name]), f.name) end
    end
  end)

  it("speak of classes that are declared", function()
    for _, file in ipairs(files) do
      for line in file.text:gmatch "%-%-%-@[^\n]*" do
        for name in line:gmatch "%f[%w](aot[%a]*%.%u%w*)" do
          assert.is_true(declared[name], line)
        end
      end
    end
  end)

  it("are what lua/README.md says", function()
    local path = program.root .. "/lua/README.md"
    local text = shell.read(path)
    local head, old, tail = text:match(
      "^(.*\n<!%-%- made from lua/meta[^\n]*\n)(.*)(\n<!%-%- end of what is made.*)$")
    local new = "\n" .. annotations.reference()
    if os.getenv "AOT_BLESS" == "1" then
      shell.write(path, head .. new .. tail)
    else
      assert.equal(new, old, "lua/meta says something else; AOT_BLESS=1 writes the reference")
    end
  end)
end)
