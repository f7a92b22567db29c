--- environment_spec: closed streams, small limits and strange environments change no byte and
--- bring no crash.

local hostile = require "tests.tools.hostile"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local writer = require "tests.tools.onnx_writer"

local model = writer.model(writer.small())
local folder, plain

setup(function()
  folder = shell.folder()
  shell.write(folder.path .. "/m.onnx", model)
  plain = hostile.compiles(model, { name = "m.onnx" })
end)

teardown(function() getmetatable(folder).__close(folder) end)

-- Runs a shell script with $1, the folder, and $2, the program; returns its exit code and what it
-- said.
local function sh(script)
  return shell.run({ "timeout", "60", "sh", "-c", script, "sh", folder.path, program.path },
    { folder = folder.path })
end

-- Compiles under `options` and checks that all bytes come.
local function same(options)
  local files = hostile.compiles(model, { name = "m.onnx", under = options.under,
    environment = options.environment })
  assert.same({}, shell.differences(plain, files))
end

describe("standard output", function()
  local verbs = { "--help", "--version", "explain m.onnx", "compile --help", "list ops",
    "opt canonicalize m.ir" }

  setup(function()
    -- so much text that it does not wait in a buffer
    local lines = { "module m {}", "graph @main(%x0 : f32[2]) {" }
    for i = 1, 2000 do lines[i + 2] = ("  %%x%d = neg %%x%d : f32[2]"):format(i, i - 1) end
    lines[#lines + 1] = "  return %x2000\n}\n"
    shell.write(folder.path .. "/m.ir", table.concat(lines, "\n"))
  end)

  for _, verb in ipairs(verbs) do
    it("row 105: that is full, closed or a pipe nobody reads loses no error: " .. verb, function()
      for where, reason in pairs {
        [">/dev/full"] = "No space left on device", [">&-"] = "Bad file descriptor",
        ["| true; } 2>&1; {"] = "Broken pipe",
      } do -- order: irrelevant, each alone
        local code, said = sh(("{ sleep 0.1; \"$2\" %s; echo code $? >&2; } %s"):format(verb,
          where:find "true" and "| true" or where))
        assert.equal(0, code, said)
        reason = verb:find "^opt" and "not all could be written" or reason
        hostile.check_said(said:gsub("code %d+\n$", ""), "aotlua: standard output: " .. reason)
        assert.equal("code 4", said:match "code %d+", said)
      end
    end)
  end

  it("row 105: is no matter to the files", function()
    for index, closed in ipairs { ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full" } do
      local code, said = sh(("\"$2\" m.onnx -o out%d %s"):format(index, closed))
      assert.equal(0, code, said)
      assert.same({}, shell.differences(plain, shell.files(folder.path .. "/out" .. index)))
    end
  end)
end)

describe("a limit", function()
  local function limited(words, under, environment, code)
    hostile.fails(folder.path, { folder.path .. "/m.onnx", "-o", folder.path .. "/limited" },
      code or 4, words, { under = under, environment = environment })
  end

  it("row 106: of open files is named", function()
    limited("Too many open files", { "prlimit", "--nofile=4" })
    same { under = { "prlimit", "--nofile=6" } }
  end)

  it("row 106: of the size of files is named", function()
    limited("File too large", { "prlimit", "--fsize=1024" })
  end)

  it("row 106: of the stack is none to us", function()
    same { under = { "prlimit", "--stack=131072" } }
  end)

  it("row 106: of memory is named", function()
    local text = "module m {}\n" .. ("# " .. ("x"):rep(77) .. "\n"):rep(500000)
    local limits = { "prlimit", "--as=60000000" }
    local options = { under = limits }
    if hostile.run({ "--version" }, options) ~= 0 then -- sanitizers want addresses
      options = { environment = {
        "ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=1:log_path="
          .. folder.path .. "/asan" } }
    end
    local home <close> = shell.folder()
    shell.write(home.path .. "/large.ir", text)
    local code, said = hostile.run({ home.path .. "/large.ir", "-o", home.path .. "/out" },
      options)
    assert.equal(1, code, said)
    hostile.check_said(said, "memory")
  end)
end)

describe("the environment", function()
  it("row 107: gives no script and no bytes", function()
    local scripts <close> = shell.folder()
    local trap = 'io.stdout:write("trapped\\n") os.exit(77)'
    for _, name in ipairs { "trap", "aotlua", "lpeg", "init" } do
      shell.write(("%s/%s.lua"):format(scripts.path, name), trap)
    end
    same { environment = { "LUA_PATH=" .. scripts.path .. "/?.lua", "LUA_PATH_5_4="
      .. scripts.path .. "/?.lua", "LUA_INIT=" .. trap, "LUA_INIT_5_4=" .. trap,
      "LUA_CPATH=" .. scripts.path .. "/?.so" } }
  end)

  it("row 107: may lack what is usual, or have it strange", function()
    same { under = { "env", "-i" } }
    same { under = { "env", "-u", "HOME", "-u", "PATH" } }
    same { environment = { "LC_ALL=xx_YY.nonsense", "LANG=\xff", "TZ=:/etc/passwd",
      "TMPDIR=/nowhere", "HOME=/dev/null", "TERM=\27[2J", "COLUMNS=-1" } }
    same { environment = { "LC_ALL=C.UTF-8", "TZ=Pacific/Kiritimati" } }
  end)

  it("row 107: may be a folder that is gone", function()
    local code, said = sh [[
      mkdir gone && cd gone && rmdir "$1/gone" && "$2" "$1/m.onnx" -o "$1/from_gone"]]
    assert.equal(0, code, said)
    assert.same({}, shell.differences(plain, shell.files(folder.path .. "/from_gone")))
    code, said = sh [[mkdir gone && cd gone && rmdir "$1/gone" && "$2" "$1/m.onnx"]]
    assert.equal(4, code, said)
    hostile.check_said(said, "m_c: No such file or directory")
  end)

  it("row 107: runs nothing that lies beside the model", function()
    local home <close> = shell.folder()
    shell.write(home.path .. "/m.onnx", model)
    for _, path in ipairs { "aotlua.lua", "lua/aotlua/cli.lua", "passes/fuse.lua",
      "targets/c.lua", "lpeg.so", "build.lua" } do
      shell.must { "mkdir", "-p", (home.path .. "/" .. path):match "^(.*)/" }
      shell.write(home.path .. "/" .. path, "os.exit(77)")
    end
    local code, said = hostile.run({ "m.onnx" }, { folder = home.path })
    assert.equal(0, code, said)
    assert.same({}, shell.differences(plain, shell.files(home.path .. "/m_c")))
  end)

  it("row 108: has a clock that nothing looks at", function()
    -- os.date with a time of its own formats that one
    local said = select(2, shell.run({ "grep", "-rnE",
      "os[.](time|date)[^a-z(]|os[.](time|date)[(][^,]*$|os[.]date[(][^,]*[)]|"
        .. "[^a-z_](time|gettimeofday|localtime|gmtime)[(](NULL|0|&)|REALTIME",
      "core", "lua", "passes", "targets", "runtime" }, { folder = program.root }))
    assert.equal("", said)
    same { environment = { "SOURCE_DATE_EPOCH=0" } }
  end)
end)
