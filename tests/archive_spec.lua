--- archive_spec: Model Library Format archives hold whole models, say so, and build by themselves.

local accelerator = require "aotlua.accelerator"
local archive = require "aotlua.archive"
local job = require "aotlua.job"
local library = require "tests.tools.library"
local plain = require "aotlua.policies.plain"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local targets = require "aotlua.target"
local text = require "aotlua.text"

local DIGITS = program.root .. "/examples/digits/"


-- A sum with a product: inputs of 2 and 8 bytes, a constant of 8, an output of 8.
local cast_mul_add = [[
module sum { source = { format = tflite, inputs = [a, "b/c:0"], outputs = ["y:0"] } }
const $c : f32[1, 2] = dense [2.0, 3.0]
graph @main(%a : u8[1, 2], %b : f32[1, 2]) {
  %x = cast %a { to = f32 } : f32[1, 2]
  %p = mul %b, $c : f32[1, 2]
  %y = add %x, %p : f32[1, 2]
  return %y
}
]]

local function identity(name, elements)
  return ("module %s\ngraph @main(%%x : f32[%d]) {\n  %%y = neg %%x : f32[%d]\n  return %%y\n}\n")
    :format(name, elements, elements)
end

local function module_of(read, name) return read.metadata.modules[name] end

describe("an archive of models", function()
  it("tvm 69: has the layout and the keys of version 7, for a model in C", function()
    local read = library.exported { library.compiled(cast_mul_add) }
    assert.equal([[
codegen/host/include/tvmgen_sum.h
codegen/host/src/sum_data.c
codegen/host/src/sum_lib.h
codegen/host/src/sum_lib0.c
codegen/host/src/sum_lib1.c
metadata.json
runtime/include/aotrt_align.h
src/sum.bin
src/sum.ir
src/sum.symbols.json]], library.paths(read))
    assert.equal(7, read.metadata.version)
    local module = module_of(read, "sum")
    local main = module.memory.functions.main
    assert.equal("sum", module.model_name)
    assert.equal("1970-01-01 00:00:00Z", module.export_datetime)
    assert.same({ "c" }, module.target)
    assert.same({ "aot" }, module.executors)
    assert.equal("full-model", module.style)
    assert.same({ short_name = "aotrt", url = "./runtime", url_type = "mlf_path",
      version_spec = program.version }, module.external_dependencies[1])
    assert.equal(1, #main)
    assert.equal(1, main[1].device)
    assert.equal(18, main[1].io_size_bytes)
    assert.equal(8, main[1].constants_size_bytes)
    assert.equal(library.macro(read, "tvmgen_sum.h", "TVMGEN_SUM_WORKSPACE_SIZE"),
      main[1].workspace_size_bytes)
    assert.same({ a = { name = "a", size = 2, dtype = "uint8", shape = { 1, 2 } },
      b_c_0 = { name = "b/c:0", size = 8, dtype = "float32", shape = { 1, 2 } } }, main[1].inputs)
  end)

  it("tvm 78: records every output with its name, type and size", function()
    local read = library.exported { library.compiled [[
module boxes { source = { format = tflite, inputs = [x], outputs = [box, "class:0", score, n] } }
graph @main(%x : f32[3]) {
  %i = cast %x { to = i64 } : i64[3]
  %box = broadcast %i { shape = [20, 3] } : i64[20, 3]
  %class = broadcast %x { shape = [4, 3] } : f32[4, 3]
  %score = neg %class : f32[4, 3]
  %n = neg %x : f32[3]
  return %box, %class, %score, %n
}
]] }
    local function float(name, ...)
      return { name = name, size = 4 * (... or 1) * (select(2, ...) or 1), dtype = "float32",
        shape = { ... } }
    end
    assert.same({
      box = { name = "box", size = 480, dtype = "int64", shape = { 20, 3 } },
      class_0 = float("class:0", 4, 3), score = float("score", 4, 3), n = float("n", 3),
    }, module_of(read, "boxes").memory.functions.main[1].outputs)
  end)

  it("tvm 74: refuses two models of one name, and says which", function()
    local folder <close> = shell.folder()
    local source = ("kws { source = { format = onnx, sha256 = \"%s\" } }"):format(("ab"):rep(32))
    local first = library.compiled(identity(source, 2))
    local second = library.compiled(identity("kws", 3))
    assert.has_error(function()
      archive.write(folder.path .. "/x.tar", { first, second })
    end, "two models of the archive are called 'kws': one is onnx, SHA-256 abababababab..., the "
      .. "other made from text; give one of them another name")
    assert.same({}, shell.files(folder.path))
  end)

  it("refuses two models with one file, which another case does not change", function()
    local function named(name, word)
      local policy = { name = "shouting", refuses = {}, spell = function(symbol, context)
        local spelling = plain.spell(symbol, context)
        return symbol.role == "header" and word .. ".h" or spelling
      end }
      return library.compiled(identity(name, 2), { names = policy })
    end
    assert.has_error(function() library.exported { named("a", "Net"), named("b", "net") } end,
      "'a' and 'b' both have a file codegen/host/include/net.h: give one of them another "
      .. "name, or another naming policy")
  end)

  it("holds models, and at least one, and what they share", function()
    local one = library.compiled(identity("plus", 2))
    local read = library.exported({ one }, { shared = { name = "app", files = {
      ["src/app_lib.c"] = "", ["symbols.json"] = "{}" } } })
    assert.matches("host/src/app_lib.c\n.*src/app.symbols.json", library.paths(read))
    assert.has_error(function() library.exported {} end, "an archive holds at least one model")
    assert.error_matches(function() library.exported { one.module } end,
      "a model of an archive takes a table of named fields, not ")
    assert.has_error(function()
      library.exported { { module = text.parse(identity("plus", 2), "in.ir"), target = {} } }
    end, "model 'plus' is not compiled: pass interface has not run")
  end)

  it("tvm 75: states the memory of each of several models", function()
    local read = library.exported { library.compiled(identity("mod1", 100)),
      library.compiled((cast_mul_add:gsub("module sum", "module mod2"))) }
    for name, io in pairs { mod1 = 800, mod2 = 18 } do -- order: irrelevant, each is checked
      local main = module_of(read, name).memory.functions.main[1]
      assert.equal(io, main.io_size_bytes)
      assert.equal(library.macro(read, ("tvmgen_%s.h"):format(name),
        ("TVMGEN_%s_WORKSPACE_SIZE"):format(name:upper())), main.workspace_size_bytes)
    end
  end)

  it("tvm 76: of several models has one runtime, and builds from what it holds alone", function()
    local folder <close> = shell.folder()
    local module, target = job.compile(DIGITS .. "digits_int8.onnx", { name = "digits" })
    archive.write(folder.path .. "/x.tar", { { module = module, target = target },
      library.compiled(cast_mul_add, { set = { weights = "incbin" } }) })
    local read = archive.read(folder.path .. "/x.tar")
    for _, path in ipairs { "host/src/digits_lib0.c", "host/src/digits_lib1.c",
                            "host/src/sum_lib0.c", "host/src/sum_lib1.c", "host/src/sum_data.bin",
                            "host/include/tvmgen_digits.h", "host/include/tvmgen_sum.h" } do
      assert.is_truthy(read.files["codegen/" .. path], path)
    end
    assert.is_truthy(read.files["runtime/include/aotrt_align.h"])
    assert.is_nil(library.paths(read):find "host/%l+/aotrt_")
    for _, file in ipairs { "main.c", "picture.h" } do
      shell.write(folder.path .. "/" .. file, shell.read(DIGITS .. file))
    end
    library.build(folder.path .. "/x.tar", "digits", folder.path)
    for digit = 0, 9 do
      local said = shell.must { folder.path .. "/main", ("%simages/%d.pgm"):format(DIGITS, digit) }
      assert.matches(("this is a %d\n$"):format(digit), said)
    end
  end)

  it("holds the compiled model as text, which compiles again to the same sources", function()
    local folder <close> = shell.folder()
    local function compile(model, words)
      shell.must(table.move(words, 1, #words, 4, { program.path, "compile", model }),
        { folder = folder.path })
    end
    compile(DIGITS .. "digits_int8.onnx", { "--name", "net", "--set", "workspace=caller", "--mlf",
      "one.tar" })
    local read = archive.read(folder.path .. "/one.tar")
    for _, name in ipairs { "net.ir", "net.bin" } do
      shell.write(folder.path .. "/" .. name, library.text(read, "src/" .. name))
    end
    compile("net.ir", { "--mlf", "two.tar", "-o", "folder" })
    assert.equal(shell.read(folder.path .. "/one.tar"), shell.read(folder.path .. "/two.tar"))
    for path, bytes in pairs(shell.files(folder.path .. "/folder/src")) do -- order: irrelevant
      local place = path:find "^aotrt_" and "runtime/include/" or "codegen/host/src/"
      assert.equal(bytes, library.text(read, place .. path))
    end
    local options = module_of(read, "net").options
    assert.same({ workspace = "caller" }, options.set)
    assert.equal("unpacked", options.interface.calls)
  end)

  it("defect D16: is the same whenever, wherever and by whomever it is written", function()
    local folder <close> = shell.folder()
    shell.must { "mkdir", "-p", folder.path .. "/deep/er", folder.path .. "/tmp" }
    local function export(path, environment)
      local said = shell.must({ "sh", "-c", 'umask "$0"; exec "$@"', #path > 2 and "077" or "022",
        program.path, DIGITS .. "digits_int8.onnx", "--mlf", path .. ".tar" },
        { folder = folder.path, environment = environment })
      assert.matches("^digits_int8 for c: RAM ", said)
      return shell.read(("%s/%s.tar"):format(folder.path, path))
    end
    local first = export("a", { "TZ=Asia/Tokyo", "LC_ALL=C" })
    assert.equal(first, export("deep/er/b", { "TZ=America/Lima", "TMPDIR=" .. folder.path .. "/tmp",
      "USER=somebody" }))
    assert.is_nil(first:find(folder.path, 1, true))
    export("c", { "SOURCE_DATE_EPOCH=1600000000" })
    local module = module_of(archive.read(folder.path .. "/c.tar"), "digits_int8")
    assert.equal("2020-09-13 12:26:40Z", module.export_datetime)
    assert.matches(" 2020%-09%-13 12:26 ", shell.must({ "tar", "tvf", folder.path .. "/c.tar" },
      { environment = { "TZ=UTC" } }))
  end)

  -- Two chains for a device, one for the host, joined.
  local function heterogeneous()
    local chain = accelerator { name = "chains", offers = { {
      name = "chain", match = "%z = add %x, %a\n%p = sub %z, %b\n%q = mul %p, %c",
      scratch = function() return 80 end,
      emit = function()
        return "status = chains_run(${x}, ${a}, ${b}, ${c}, ${q}, ${scratch});"
      end,
    } } }
    local both = { name = "c,chains", accelerators = { chain } }
    for key, value in pairs(targets.load "c") do both[key] = both[key] or value end -- order: a copy
    local shape, params = "f32[10, 10]", {}
    for index = 0, 7 do params[index] = ("%%w%d : %s"):format(index, shape) end
    local function line(result, op, left, right)
      return ("  %%%s = %s %%%s, %%%s : %s\n"):format(result, op, left, right, shape)
    end
    return library.compiled(("module mix\ngraph @main(%%x : %s, %s, %s) {\n"):format(shape,
      params[0], table.concat(params, ", "))
      .. line("z0", "add", "x", "w0") .. line("p0", "sub", "z0", "w1")
      .. line("q0", "mul", "p0", "w2") .. line("z1", "add", "x", "w3")
      .. line("p1", "sub", "z1", "w4") .. line("q1", "mul", "p1", "w5")
      .. line("z2", "add", "x", "w6") .. line("q2", "sub", "z2", "w7")
      .. "  %r = concat %q0, %q1, %q2 { axis = 0 } : f32[30, 10]\n  return %r\n}\n", {}, both)
  end

  it("tvm 73: has the functions of an accelerator in its sources and its metadata", function()
    local read = library.exported { heterogeneous() }
    local functions = module_of(read, "mix").memory.functions
    assert.equal(4800, functions.main[1].io_size_bytes)
    assert.is_true(functions.main[1].workspace_size_bytes <= 1200 + 80 + 2 * 64)
    local offloaded = {}
    for _, entry in ipairs(functions.operator_functions) do
      local own = entry.workspace[1]
      if own.device == 12 then
        offloaded[#offloaded + 1] = entry.function_name
        assert.equal(80, own.workspace_size_bytes)
      end
    end
    assert.equal(1, #offloaded) -- the two chains are the same code
    local source = library.text(read, "codegen/host/src/mix_lib1.c")
    assert.is_truthy(source:find("int32_t " .. offloaded[1] .. "(", 1, true))
    assert.is_truthy(source:find("chains_run(", 1, true))
  end)

  it("defect D17: names every target of a model, and what each needs", function()
    local read = library.exported { heterogeneous(), library.compiled(cast_mul_add) }
    local module = module_of(read, "mix")
    assert.same({ "c", "chains" }, module.target)
    assert.same({ "c" }, module_of(read, "sum").target)
    local main = module.memory.functions.main
    assert.equal(2, #main)
    assert.equal("c", main[1].target)
    assert.same({ target = "chains", device = 12, workspace_size_bytes = 80,
      constants_size_bytes = 0, io_size_bytes = 0 }, main[2])
  end)
end)
