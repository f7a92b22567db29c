--- program_spec: several models in one program, each with the right answers.

local applications = require "tests.tools.applications"
local json = require "aotlua.json"
local shell = require "tests.tools.shell"

local strict = "-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -Wno-unused-function"

local function plan(more)
  local new = { name = "app", share = "concurrent", operators = "own" }
  for key, value in pairs(more or {}) do new[key] = value end -- order: irrelevant, a copy
  return new
end

-- Compiles all sources with one compiler, links and runs them: what is wrong, or "".
local function run(models, more, lines)
  local files, record = applications.compile(models, plan(more))
  files["main.c"] = applications.caller(models, record)
  local folder <close> = shell.folder()
  applications.write(folder.path, files)
  for _, line in ipairs(lines or { "gcc" }) do
    local said = shell.must({ "sh", "-c", ("%s %s -O1 -ffp-contract=off -Iinclude -Isrc main.c "
      .. "src/*.c -lm -o program && ./program"):format(line, strict) }, { folder = folder.path })
    assert.equal("", said, line)
  end
  return record, files
end

local function macro(files, header, name)
  return math.tointeger(files["include/" .. header]:match("#define " .. name .. " (%d+)\n"))
end

local function refusal(models, more)
  local ok, why = pcall(applications.compile, models, plan(more))
  assert.is_false(ok)
  return tostring(why)
end

local identity, conv, counter = applications.identity, applications.conv, applications.counter
local small, exact = applications.digits:format "int8", applications.digits:format "fp32"

describe("an application", function()
  it("tvm 48: has an identity and a convolution that both are right", function()
    run({ { name = "mod1", text = identity }, { name = "mod2", text = conv } }, nil,
      { "gcc", "clang", "gcc -flto", "clang -O2" })
  end)

  it("defect D2: may have Foo and foo, a and a_b, and one model twice", function()
    local models = {
      { name = "Foo", path = small }, { name = "foo", path = exact },
      { name = "a", text = conv }, { name = "a_b", text = conv }, { name = "ring", text = counter },
    }
    run(models, nil, { "gcc", "clang" })
    local _, files = run(models, { share = "exclusive", operators = "shared" },
      { "gcc", "gcc -flto" })
    assert.is_truthy(files["src/app_lib0.c"]:find("tvmgen_app_op1_", 1, true))
  end)

  it("tvm 66: has as much memory as its largest model needs, where one runs at a time", function()
    local models = { { name = "one", path = exact }, { name = "two", text = conv },
      { name = "three", text = counter } }
    local alone, sum = {}, 0
    for index, model in ipairs(models) do
      local record = select(2, applications.compile({ model }, plan())).models[1]
      alone[index] = record.workspace_bytes
      sum = sum + record.workspace_bytes + record.state_bytes
    end
    local record, files = run(models, { share = "exclusive" })
    local largest = math.max(table.unpack(alone))
    assert.equal(largest, record.pools[1].bytes)
    assert.equal(largest + 12, macro(files, "tvmgen_app.h", "TVMGEN_APP_WORKSPACE_SIZE"))
    assert.equal(3, macro(files, "tvmgen_app.h", "TVMGEN_APP_NUMBER_OF_MODELS"))
    record, files = run(models)
    assert.equal(0, #record.pools)
    assert.equal(sum, macro(files, "tvmgen_app.h", "TVMGEN_APP_WORKSPACE_SIZE"))
  end)

  it("has the memory that models share where their targets put it", function()
    local c = require "targets.c"
    local function model(name, section)
      local own = setmetatable({ name = "board", memory = { pools = {
        { name = "sram", section = section } } } }, { __index = c })
      return { name = name, text = conv, target = own }
    end
    local exclusive = { share = "exclusive" }
    local _, files = run({ model("one", ".bss.fast"), model("two", ".bss.fast") }, exclusive)
    assert.matches('AOTRT_SECTION%("%.bss%.fast"%) uint8_t tvmgen_app_sram_memory%[',
      files["src/app_lib0.c"])
    assert.matches("'sram' of model 'one' goes to section %.bss%.fast, that of model 'two' to no "
      .. "section", refusal({ model("one", ".bss.fast"), model("two") }, exclusive))
  end)

  it("defect D11: mixes interfaces, each model with a look-up of its own", function()
    local packed = { interface = "packed" }
    run({ { name = "one", text = conv, options = packed },
      { name = "two", text = counter, options = packed },
      { name = "three", text = conv, options = { calls = "packed" } },
      { name = "four", text = identity, options = { set = { pointers = "void" } } },
      { name = "five", text = counter, options = { set = { workspace = "caller" } } },
      { name = "six", text = conv, options = { set = { io = "pools" } } },
    }, { share = "exclusive", operators = "shared" }, { "gcc", "clang" })
  end)

  it("may have each model in one file, and the same bytes twice", function()
    local models = { { name = "one", text = conv, options = { set = { files = "single" } } },
      { name = "two", text = conv, options = { set = { files = "single" } } } }
    local _, files = run(models)
    local again = applications.compile(models, plan())
    files["main.c"] = nil
    assert.same(files, again)
  end)

  it("has functions that are the same once", function()
    local models = { { name = "one", text = conv }, { name = "two", text = conv } }
    local record, files = run(models, { operators = "shared" })
    assert.is_true(#record.shared >= 2)
    assert.is_nil(files["src/one_lib1.c"])
    assert.is_nil(files["src/two_lib1.c"])
    record = run(models)
    assert.same({}, record.shared)
  end)

  it("takes a pipeline that is a plain list", function()
    local list = table.move(require("targets.c").pipeline, 2, #require("targets.c").pipeline, 1, {})
    local files = applications.compile({ { name = "one", text = conv,
      options = { pipeline = list } } }, plan())
    assert.is_truthy(files["src/one_lib0.c"])
  end)

  it("tells all its symbols in one map", function()
    local files = applications.compile({ { name = "one", text = conv },
      { name = "two", text = counter } }, plan { share = "exclusive" })
    local map, of = json.decode(files["symbols.json"]), {}
    for _, symbol in ipairs(map.symbols) do
      local whose = symbol.application or symbol.model
      of[whose] = (of[whose] or 0) + 1
    end
    assert.is_true(of.app > 3 and of.one > 10 and of.two > 10)
    local metadata = json.decode(files["metadata.json"])
    assert.equal("app", metadata.application)
    assert.equal("two", metadata.models[2].model)
  end)

  it("refuses what cannot be", function()
    local one = { name = "one", text = conv }
    assert.matches("two parts of application 'app' are called 'one'", refusal { one, one })
    assert.matches("two parts of application 'app' are called 'app'",
      refusal { { name = "app", text = conv } })
    assert.matches("application 'app' has no models", refusal {})
    assert.matches("share is 'never'; it is concurrent or exclusive",
      refusal({ one }, { share = "never" }))
    assert.matches("name '9' must be a letter", refusal({ one }, { name = "9" }))
    local blind = { name = "blind", spell = function(symbol)
      local words = { symbol.kind, symbol.role, symbol.owner, symbol.index, symbol.suffix }
      local name = {}
      for i = 1, 5 do name[#name + 1] = words[i] and tostring(words[i]) end
      return (table.concat(name, "_"):gsub("_+", "_"):gsub("_$", ""))
    end }
    assert.matches("'entry_run' is the run entry of model 'one' and the run entry of model 'two'",
      (refusal { { name = "one", text = conv, options = { names = blind } },
        { name = "two", text = conv, options = { names = blind } } }))
  end)
end)
