--- complete_spec: nothing in the generated files has a name that is not in symbols.json.

local json = require "aotlua.json"
local command = require "tests.tools.command"
local shell = require "tests.tools.shell"

-- A constant, a state with an initial value, quantized and float tensors, scratch memory.
local text = [[
module net
const $w : f32[4] = dense [1.0, 2.0, 3.0, 4.0]
state %ring : f32[4] = dense [1.0, 2.0, 3.0, 5.0]
graph @main(%x : f32[4], %q : i8[4] q(0.5, 3)) {
  %y = mul %x, $w : f32[4]
  %n = add %y, %ring : f32[4]
  %z = softmax %n { axis = 0 } : f32[4]
  %r = max %q, %q : i8[4] q(0.5, 3)
  return %z, %r, next %ring = %n
}
]]

local cases = {
  {}, { "--set", "workspace=caller" }, { "--set", "io=pools" }, { "--set", "constants=pool" },
  { "--set", "files=single" }, { "--set", "arena=separate" }, { "--set", "pointers=void" },
  { "--interface", "packed" }, { "--calls", "packed" },
  { "--interface", "packed", "--calls", "packed", "--set", "files=single" },
  { "--names", "plain", "--set", "significant=31" },
}

-- What the sources define (objects tell), and the macros, types and functions of all files.
local function check(folder)
  local known = {}
  for _, symbol in ipairs(json.decode(folder:read "out/symbols.json").symbols) do
    known[symbol.spelling] = true
  end
  local said = shell.must({ "sh", "-c", [[
    set -e
    cd out
    for f in src/*.c; do cc -std=c99 -O0 -Iinclude -Isrc -c $f -o o.o; nm o.o; done |
      awk 'NF == 3 && $3 !~ /\./ { print $3 }'
    files=$(ls include/*.h src/* | grep -v aotrt_)
    cat $files | sed -n 's/^ *# *define *\([A-Za-z0-9_]*\).*/\1/p'
    cat $files | sed -n 's/^\(struct\|enum\) *\([A-Za-z0-9_]*\) *{.*/\2/p'
    ls include src | grep '[.]']] }, { folder = folder.path })
  local count = 0
  for name in said:gmatch "%S+" do
    count = count + 1
    assert.is_truthy(known[name] or name:lower():find "^aotrt_", name)
  end
  assert.is_true(count > 20)
end

describe("symbols.json", function()
  for _, arguments in ipairs(cases) do
    it("has every name in the files: " .. table.concat(arguments, " "), function()
      local folder <close> = setmetatable({}, { __index = command.folder(),
        __close = function(self) self:close() end })
      folder:write("net.ir", text)
      folder:output { "net.ir", "-o", "out", table.unpack(arguments) }
      check(folder)
    end)
  end
end)
