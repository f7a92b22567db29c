--- networks: whole networks in this process, each imported once and compiled in several ways.

local cases = require "aotlua.cases"
local data = require "aot.data"
local harness = require "aotlua.harness"
local job = require "aotlua.job"
local shell = require "tests.tools.shell"
local system = require "aot.system"
local text = require "aotlua.text"

local M = {}

local Network = {}
Network.__index = Network

-- The bytes of a file as the writers give it: a string, a View, or a list of both.
local function bytes_of(content)
  if type(content) == "string" then return content end
  if type(content) ~= "table" then return content:string(0, #content) end
  local pieces = {}
  for i, piece in ipairs(content) do pieces[i] = bytes_of(piece) end
  return table.concat(pieces)
end

local function joined(...)
  local all = {}
  for _, part in ipairs { ... } do
    for key, value in pairs(part) do all[key] = value end -- order: irrelevant, a copy
  end
  return all
end

-- The text of a module and its data, which stay in the folder.
local function keep(module, folder, name)
  local path = ("%s/%s.bin"):format(folder, name)
  module:write_blobs(path)
  return { text = module:print(), blobs = system.kind(path) and path }
end

--- The network of `model` (an entry of tests.tools.models) for `options`, those of aotlua.job;
-- with `made`, on inputs that are made up, whatever data there are. A list: as many as there are
-- shapes of inputs in its data. What they need is in `folder`.
function M.of(model, folder, options)
  local list, settings = {}, joined({ set = {} }, options or {})
  settings.data = not settings.made and model.data[2] or nil
  for group, number in cases.groups(model.path, settings) do
    for _, case in ipairs(group.cases) do
      case.outputs = case.outputs or cases.evaluate(group.module, case.inputs)
    end
    local place = ("%s/%d"):format(folder, number)
    system.make_folders(place)
    list[number] = setmetatable({ name = model.name, cases = group.cases, folder = place,
      options = settings, start = keep(group.module, place, "import") }, Network)
  end
  return list
end

local function compile(name, kept, settings)
  local module = text.parse(kept.text, name, kept.blobs and data.open(kept.blobs))
  local target = job.target_of(module, settings)
  job.lower(module, target, settings)
  local files = {}
  for path, content in pairs(job.files(module, target)) do -- order: irrelevant, into a table
    files[path] = bytes_of(content)
  end
  return { module = module, target = target, files = files }
end

--- Compiles the network with `more` options. Returns { module, target, files }.
function Network:compile(more)
  return compile(self.name, self.start, joined(self.options, more or {}))
end

--- Compiles the network, and again from the text that each pass leaves, which has to know all
-- that was asked for; but `again`, options that no text can hold. Returns the files that come out
-- otherwise, as lines.
function Network:restart(again)
  local stops, lines = {}, {}
  local whole = self:compile { watch = function(pass, module)
    stops[#stops + 1] = { pass = pass.name, kept = keep(module, self.folder, pass.name) }
  end }
  for _, stop in ipairs(stops) do
    local rest = compile(self.name, stop.kept, joined({ set = {} }, again or {}))
    for _, line in ipairs(shell.differences(whole.files, rest.files)) do
      lines[#lines + 1] = ("%s, after %s: %s"):format(self.name, stop.pass, line)
    end
  end
  return lines
end

--- Builds what was compiled and runs it on all cases; gives the outputs of each step, by case.
function Network:run(compiled, flags)
  local folder <close> = harness.folder()
  local built = harness.build(compiled.module, compiled.target,
    { files = compiled.files, folder = folder.path, flags = flags })
  local outputs = {}
  for number, case in ipairs(self.cases) do outputs[number] = harness.run(built, case.inputs) end
  return outputs
end

return M
