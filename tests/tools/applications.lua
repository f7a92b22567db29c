--- applications: several small models in one program that knows the right answers.

local application = require "aotlua.application"
local callers = require "tests.tools.callers"
local cases = require "aotlua.cases"
local job = require "aotlua.job"
local program = require "aot.program"
local samples = require "aotlua.samples"
local shell = require "tests.tools.shell"
local text = require "aotlua.text"

local M = {}

M.digits = program.root .. "/examples/digits/digits_%s.onnx"

--- The identity, a convolution, and one that keeps what it was given, as IR text.
M.identity = [[
module m
graph @main(%x : f32[2, 3]) {
  %y = reshape %x { shape = [3, 2] } : f32[3, 2]
  return %y
}
]]

M.conv = [[
module m
const $w : f32[8, 3, 3, 2] = splat 0.25
graph @main(%x : f32[1, 6, 6, 2]) {
  %c = conv2d %x, $w, _ { pad = [1, 1, 1, 1], stride = [1, 1] } : f32[1, 6, 6, 8]
  %r = clamp %c { lo = 0.0 } : f32[1, 6, 6, 8]
  %p = max_pool2d %r { pad = [0, 0, 0, 0], stride = [2, 2], window = [2, 2] } : f32[1, 3, 3, 8]
  %s = softmax %p { axis = 3 } : f32[1, 3, 3, 8]
  return %s
}
]]

M.counter = [[
module m
state %sum : i32[3] = dense [1, 2, 3]
graph @main(%x : i32[3]) {
  %next = add %sum, %x : i32[3]
  %y = neg %next : i32[3]
  return %y, next %sum = %next
}
]]

local function load(model)
  if model.path then return job.load(model.path, { name = model.name }) end
  return text.parse(model.text:gsub("^%s*module m", "module " .. model.name), "model.ir")
end

-- What the model is to compute for some inputs, a list a step.
local function answers(model)
  local module, types, inputs = load(model), {}, {}
  for index, param in ipairs(module:main().params) do types[index] = param.type end
  for step, set in ipairs(samples.of(types)) do inputs[step] = set.inputs end
  return inputs, cases.evaluate(module, inputs)
end

--- Compiles `models`, { name, path or text, target, options (of aotlua.job) }, with the `plan` of
-- application.compile. Gives its files and record.
function M.compile(models, plan)
  local units = {}
  for index, model in ipairs(models) do
    local options = {}
    for key, value in pairs(model.options or {}) do options[key] = value end -- order: a copy
    local set = {}
    for key, value in pairs(options.set or {}) do set[key] = value end -- order: a copy
    options.set = set
    units[index] = { module = load(model), target = job.target(model.target or "c", options),
      options = options }
  end
  return application.compile(units, plan)
end

--- A main.c around the models of an application that returns 0 if all their answers are right.
function M.caller(models, record)
  local checked = {}
  for index, model in ipairs(models) do
    local inputs, outputs = answers(model)
    checked[index] = { record = record.models[index], inputs = inputs, outputs = outputs }
  end
  return callers.program(checked)
end

--- Writes files, { [path] = content }, beneath a folder.
function M.write(folder, files)
  for path, content in pairs(files) do -- order: irrelevant, files of their own
    local room = path:match "^(.*)/"
    if room then shell.must { "mkdir", "-p", folder .. "/" .. room } end
    if type(content) == "table" then
      local pieces = {}
      for i, piece in ipairs(content) do
        pieces[i] = type(piece) == "string" and piece or piece:string(0, #piece)
      end
      content = table.concat(pieces)
    end
    shell.write(folder .. "/" .. path, type(content) == "string" and content
      or content:string(0, #content))
  end
end

return M
