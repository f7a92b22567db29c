--- writers_spec: what the generated files say, and do not say.

local data = require "aot.data"
local generated = require "tests.tools.generated"
local json = require "aotlua.json"
local output = require "aotlua.output"
local pipeline = require "aotlua.pipeline"
local system = require "aot.system"
local target = require "aotlua.target"
local text = require "aotlua.text"
local writers = require "aotlua.writers"

local compiled, run, source = generated.compiled, generated.run, generated.source

describe("generated files", function()
  it("are the same for the same text, whatever ran before", function()
    local module, files = compiled()
    local again = text.parse(module:print(), "again")
    assert.equal(module:print(), again:print())
    assert.same(files, writers.files(again, target.load "c"))
  end)

  it("say in metadata.json what the header says", function()
    local _, files = compiled()
    local record = json.decode(files["metadata.json"])
    local header = files["include/" .. record.header]
    assert.equal("tvmgen_kws_run", record.entry)
    for _, owner in ipairs { "inputs", "outputs" } do
      for _, tensor in ipairs(record[owner]) do
        local macro = ("TVMGEN_KWS_%s_SIZE"):format(tensor.member:upper())
        assert.matches(("#define %s %d\n"):format(macro, tensor.bytes), header)
        assert.matches((" *%s;"):format(tensor.member), header, 1, true)
      end
    end
    assert.equal(record.workspace_bytes, tonumber(header:match "WORKSPACE_SIZE (%d+)"))
    assert.equal(5, #record.operators)
    assert.equal("serving/audio:0", record.inputs[1].name)
  end)

  it("have no word of the model outside of escaped comments", function()
    local nasty = source:gsub("x%*/b", "*/ int pwned; /*\\n#define int long\\\\")
    local _, files = compiled({}, nasty)
    local code, said = generated.build_and_run("gcc", files, "int main(void) { return 0; }\n")
    assert.equal("", said)
    assert.equal(0, code)
    for path, content in pairs(files) do -- order: irrelevant, each is checked
      if path:find "%.[chS]$" then
        assert.is_nil(content:find("*/ int pwned", 1, true))
        assert.is_nil(content:find "[^\n\32-\126]")
      end
    end
  end)

  it("hold no writable global but workspace and state, none with memory of the caller", function()
    local wanted = { static = { "tvmgen_kws_state_memory", "tvmgen_kws_workspace_memory" },
      caller = {} }
    for _, owner in ipairs { "static", "caller" } do
      local _, files = compiled { workspace = owner }
      local folder, writable = system.temporary_folder(), {}
      output.write(folder, files)
      for path in pairs(files) do -- order: sorted below
        if path:find "%.c$" then
          local object = folder .. "/object.o"
          assert.equal(0, (run({ "gcc", "-std=c99", "-I", folder .. "/include", "-c", "-o", object,
            folder .. "/" .. path }, folder)))
          local _, said = run({ "nm", object }, folder)
          for name in said:gmatch " [bBdDC] (%S+)" do
            writable[#writable + 1] = name
          end
        end
      end
      system.remove(folder)
      table.sort(writable)
      assert.same(wanted[owner], writable)
    end
  end)

  it("name the buffers that do not fit a pool", function()
    local small = setmetatable({ memory = { pools = { { name = "sram", size = 100 } } } },
      { __index = target.load "c" })
    local module = text.parse(source, "in.ir")
    assert.error_matches(function()
      pipeline.run(module, { target = small, pipeline = pipeline.new { "plan_memory" } })
    end, "pass plan_memory: %%old %(96%), %%y %(96%) need 192 bytes at once, the plan has 192; "
      .. "pool @sram has 100")
  end)

  it("hold every constant once", function()
    local twice = source:gsub("graph @main", "const $v : f32[4, 3] = dense [1.0, 2.0, 3.0, 4.0, "
      .. "5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]\n%0"):gsub("(%%z = neg [^\n]*)",
      "%1\n  %%w2 = mul %%x, $v : f32[2, 4, 3]")
    local _, files = compiled({ weights = "incbin" }, twice)
    local size = 0
    for _, piece in ipairs(files["src/kws_data.bin"]) do
      size = size + #piece
    end
    assert.equal(48, size)
    assert.equal("string", type(files["src/kws_data.S"]))
    assert.is_nil(files["src/kws_data.S"]:find("/tmp", 1, true))
  end)

  it("compile as C++ where they are headers", function()
    local _, files = compiled { workspace = "caller" }
    local folder = system.temporary_folder()
    data.write(folder .. "/h.cpp", files["include/tvmgen_kws.h"])
    local code, said = run({ "g++", "-x", "c++", "-Wall", "-Wextra", "-Wconversion", "-pedantic",
      "-Werror", "-fsyntax-only", folder .. "/h.cpp" }, folder)
    system.remove(folder)
    assert.equal("", said)
    assert.equal(0, code)
  end)
end)
