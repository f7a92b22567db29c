--- random_spec: networks whose nodes, tensors, inputs, outputs, constants and files are called by
--- random bytes compile, and define what symbols.json says.

local import = require "aotlua.import"
local job = require "aotlua.job"
local json = require "aotlua.json"
local names = require "aotlua.names"
local output = require "aotlua.output"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local spelling = require "aotlua.spelling"
local writer = require "tests.tools.onnx_writer"

local own = program.root .. "/examples/own_names/names.lua"
local count = os.getenv "AOT_TESTS" == "all" and 10000 or 600
local names_per_model = 300
local names_per_lane = 6

-- Names -------------------------------------------------------------------------------------

local words = {}
for word in ([[int char while for class new this operator template NULL EOF INT8_MAX errno I
    unix linux main memcpy printf malloc exp y0 assert true false bool restrict _Bool asm inline
    near far min max size count run inputs outputs state workspace quantize op1 data1 input x y
    SIZE H_ tvmgen TVMGEN lib status OK 0 1 1a _x __x x_ F PI HIGH CONFIG_X SCB NVIC]])
    :gmatch "%S+" do
  words[#words + 1] = word
end

local pieces = { "*/", "/*", "//", "\\", "??/", "??<", "%:", "\"", "'", "%s%n", "\n", "\r\n", "\t",
  "\n#define int long\n", "#include <x>", "::", ":", ".", "-", " ", "/", "__", "_", "$", "@",
  "\u{e9}", "\u{202e}", "\u{4e2d}\u{6587}", "\xff\xfe", "\xc3", "\1", "\27[2J", ";0", "0:0", "->" }

-- A generator of numbers 1 .. n that is the same everywhere.
local function dice(seed)
  return function(n)
    seed = (seed * 6364136223846793005 + 1442695040888963407) & ~0
    return (seed >> 33) % n + 1
  end
end

local function random_bytes(draw)
  local bytes = {}
  for i = 1, draw(12) do bytes[i] = string.char(draw(255)) end
  return table.concat(bytes)
end

local function joined(draw)
  local parts = {}
  for i = 1, draw(4) do
    local kind = draw(8)
    parts[i] = kind < 4 and words[draw(#words)] or kind < 8 and pieces[draw(#pieces)]
      or random_bytes(draw)
  end
  return table.concat(parts)
end

-- Almost the name of another.
local function near(draw, name)
  local change, at = draw(6), draw(#name)
  if change == 1 then return name:upper() end
  if change == 2 then return name:lower() end
  if change == 3 then return name:sub(1, at) .. "_" .. name:sub(at + 1) end
  if change == 4 then return name:sub(1, at - 1) .. pieces[draw(#pieces)] .. name:sub(at + 1) end
  if change == 5 then return ("n"):rep(60 + draw(20)) .. name end
  return name .. "_" .. draw(3)
end

--- `wanted` different names, none of them empty.
local function random_names(wanted)
  local draw, list, seen = dice(20), {}, {}
  while #list < wanted do
    local name = #list > 0 and draw(3) == 1 and near(draw, list[draw(#list)]) or joined(draw)
    if name ~= "" and not seen[name] then
      seen[name] = true
      list[#list + 1] = name
    end
  end
  return list
end

-- Networks ----------------------------------------------------------------------------------

-- The name that policy tvm gives an input, which it does not change where two are the same.
local function tvm_input(name)
  return spelling.hint({ owner = "input", index = 1, hint = name },
    { attempt = 1, problem = require "aot.emit".identifier_problem }, { prefix = "tvmgen_" })
end

-- Lanes of `name -> mul by a constant -> relu`, six names each. What cannot be an input beside
-- the others is the name of a node.
local function network(list)
  local model = { inputs = {}, outputs = {}, nodes = {}, tensors = {} }
  local inputs, others, taken = {}, {}, {}
  for _, name in ipairs(list) do
    local spelled = tvm_input(name)
    local fits = #inputs < #list // names_per_lane and not taken[spelled]
      and not spelled:find "^input_%d+$" -- which an input without a letter is called
    taken[spelled] = taken[spelled] or fits
    table.insert(fits and inputs or others, name)
  end
  local function another() return table.remove(others) end
  for i, input in ipairs(inputs) do
    local weights, middle, result = another(), another(), another()
    local extent = i % 5 + 1
    model.inputs[i] = writer.value(input, { extent })
    model.outputs[i] = writer.value(result, { extent })
    local values = {}
    for k = 1, extent do values[k] = k + i / 8 end
    model.tensors[i] = { name = weights, dims = { extent }, floats = values }
    table.insert(model.nodes, { "Mul", { input, weights }, { middle }, name = another() })
    table.insert(model.nodes, { "Relu", { middle }, { result }, name = another() })
  end
  return writer.model(model)
end

-- A file called by a name, whose model is called like no other one.
local function file_name(list, taken)
  for _, name in ipairs(list) do
    local file = name:gsub("[/%z]", "_"):sub(1, 200) .. ".onnx"
    local model = import.name(file)
    if not taken[model] and not file:find "^%.*onnx$" then
      taken[model] = true
      return file
    end
  end
end

-- Compiling ---------------------------------------------------------------------------------

local defined_kinds = { entry = true, operator = true, constant = true }
local inline = { quantize = true, dequantize = true }

local function is_defined(symbol)
  return (symbol.linkage == "exported" or symbol.linkage == "internal")
    and (defined_kinds[symbol.kind] or symbol.kind == "function" and not inline[symbol.role])
end

local function check_text(path, bytes)
  assert.is_nil(bytes:find "[^\n\x20-\x7e]", path)
end

-- Writes the files of a model and adds to `symbols` what its objects will define.
local function compile(path, options, folder, symbols)
  local module = job.load(path, {})
  local target = job.target("c", options)
  job.lower(module, target, {})
  local files = job.files(module, target)
  for name, bytes in pairs(files) do -- order: irrelevant, each alone
    if type(bytes) == "string" and not name:find "%.json$" then check_text(name, bytes) end
  end
  for _, symbol in ipairs(json.decode(files["symbols.json"]).symbols) do
    if is_defined(symbol) then table.insert(symbols, symbol.spelling) end
  end
  output.write(folder, files)
end

local build = [[
set -e
strict="-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Wcomment -Wtrigraphs -Werror"
for d in m*; do
  (mkdir $d/o && cd $d/o && ${CC:-cc} $strict -O0 -I../include -I../src -c ../src/*.c)
  for h in $d/include/*.h; do
    echo "#include \"$h\"" >>all.cc
  done
done
${CXX:-c++} -std=c++11 -pedantic -Wall -Wextra -Wconversion -Werror -I. -fsyntax-only all.cc
${CC:-cc} -r -nostdlib -o all.o m*/o/*.o
nm --defined-only --extern-only m*/o/*.o | awk 'NF == 3 { print $3 }' | LC_ALL=C sort]]

local function check(options, list)
  local folder <close> = shell.folder()
  local models <close> = shell.folder()
  local symbols, taken = {}, {}
  for first = 1, #list, names_per_model do
    local some = table.move(list, first, math.min(first + names_per_model - 1, #list), 1, {})
    local path = models.path .. "/" .. file_name(some, taken)
    shell.write(path, network(some))
    compile(path, options, ("%s/m%d"):format(folder.path, first), symbols)
  end
  table.sort(symbols)
  local said = shell.must({ "sh", "-c", build }, { folder = folder.path })
  assert.equal(table.concat(symbols, "\n") .. "\n", said)
end

describe("random names", function()
  local list = random_names(count)

  for _, options in ipairs { { names = "tvm" }, { names = "plain" },
                             { names = "plain", interface = "packed" }, { names = own } } do
    it(("compile and define what symbols.json says: %d by policy %s, interface %s"):format(count,
      options.names:match "[%w_]+/names" or options.names, options.interface or "c"),
      function() check(options, list) end)
  end

  it("defect D3: of files give a legal model's name, of the command line are refused", function()
    local legal = 0
    for _, name in ipairs(list) do
      assert.is_nil(names.model_problem(import.name(name .. ".onnx")), name)
      local problem = names.model_problem(name)
      if problem then
        assert.is_true(#problem > 0)
      else
        legal = legal + 1
        assert.is_truthy(name:find "^%a[%w_]*$")
      end
    end
    assert.is_true(legal > 0 and legal < #list / 2)
  end)
end)
