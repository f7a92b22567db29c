--- output_spec: the folder of a compiled model is wholly old or wholly new, whatever happens.

local hostile = require "tests.tools.hostile"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"
local writer = require "tests.tools.onnx_writer"

local RUNS = 16 -- that are killed

-- Two networks with files of other content and, in the second, more files.
local first = writer.model(writer.small())
local second = hostile.changed(function(small)
  small.tensors[1].floats[1] = 77.5
  small.nodes[2][1] = "Sigmoid"
end)

-- A folder with first.onnx, second.onnx and the first one's code in out/.
local function workshop()
  local folder = shell.folder()
  shell.write(folder.path .. "/first.onnx", first)
  shell.write(folder.path .. "/second.onnx", second)
  shell.must { program.path, folder.path .. "/first.onnx", "--name", "net", "-o",
    folder.path .. "/out" }
  return folder
end

local function compile(folder, model, options)
  return hostile.run({ folder.path .. "/" .. model, "--name", "net", "-o", folder.path .. "/out" },
    options)
end

-- The files of the networks, each compiled into a folder of its own.
local function expected(model)
  return hostile.compiles(model, { arguments = { "--name", "net" } })
end

local function refuses(folder, model, out, words, options)
  hostile.fails(folder.path, { folder.path .. "/" .. model, "--name", "net", "-o",
    folder.path .. "/" .. out }, 4, words, options)
end

describe("the output folder", function()
  it("row 101: stays as it was where it may not be written to", function()
    local folder <close> = workshop()
    local options = hostile.unprivileged(folder.path)
    if not options then return pending(hostile.NO_OTHER_USER) end
    shell.must { "chmod", "-R", "a-w", folder.path .. "/out" }
    refuses(folder, "second.onnx", "out", { "out/", "Permission denied" }, options)
    shell.must { "chmod", "-R", "u+w", folder.path .. "/out" }
  end)

  it("row 101: is not made where it cannot be", function()
    local folder <close> = workshop()
    refuses(folder, "first.onnx", "first.onnx", "first.onnx: Not a directory")
    refuses(folder, "first.onnx", "first.onnx/deeper", "first.onnx: Not a directory")
    refuses(folder, "first.onnx", ("n"):rep(300), "File name too long")
    refuses(folder, "first.onnx", "new/deeper/" .. ("n"):rep(300), "File name too long")
    assert.not_equal(0, (shell.run { "test", "-e", folder.path .. "/new" }))
  end)

  it("row 101: stays as it was where a file's place is taken by a folder", function()
    local folder <close> = workshop()
    os.remove(folder.path .. "/out/src/net_lib0.c")
    shell.must { "mkdir", folder.path .. "/out/src/net_lib0.c" }
    refuses(folder, "second.onnx", "out", "net_lib0.c: is a folder")
  end)

  it("row 101: stays as it was on a full disk", function()
    local folder <close> = workshop()
    for _, bytes in ipairs { 512, 1024, 2048, 4096 } do -- what the program says goes to a file too
      refuses(folder, "second.onnx", "out", "cannot write: File too large",
        { under = { "prlimit", "--fsize=" .. bytes } })
    end
  end)

  it("row 101: stays as it was on a file system without room", function()
    local folder <close> = workshop()
    shell.must { "mkdir", folder.path .. "/small" }
    local script = [[
      mount -t tmpfs -o size=256k none "$1/small" || exit 77
      cp -r "$1/out" "$1/small/out" || exit 78
      for i in $(seq 64); do head -c 4096 /dev/zero >"$1/small/$i"; done 2>/dev/null
      for i in 1 2 3 4; do # that many pages are free
        rm "$1/small/$i"
        "$2" compile "$1/second.onnx" --name net -o "$1/small/out"
        echo "code $?"
        diff -r "$1/out" "$1/small/out" && echo same
      done
    ]]
    local code, said = shell.run { "unshare", "-m", "sh", "-c", script, "sh", folder.path,
      program.path }
    if code == 77 or said:find("^unshare: ") then
      return pending "no file system can be mounted here"
    end
    assert.equal(0, code, said)
    local _, errors = said:gsub("cannot write: No space left on device\ncode 4\nsame\n", "")
    assert.equal(4, errors, said)
  end)

  it("row 102: is old or new when a run is killed, and right after the next", function()
    local before, after = expected(first), expected(second)
    local whole
    do
      local start = system.clock()
      local _ <close> = workshop()
      whole = system.clock() - start
    end
    for step = 1, RUNS do
      local folder <close> = workshop()
      local seconds = ("%.4f"):format(whole * (0.5 + 0.5 * step / RUNS))
      shell.run { "timeout", "--signal=KILL", seconds, program.path,
        folder.path .. "/second.onnx", "--name", "net", "-o", folder.path .. "/out" }
      local got = shell.files(folder.path .. "/out")
      for path in pairs(got) do -- order: irrelevant, each alone
        if path:find "%.part$" then got[path] = nil end
      end
      if #shell.differences(before, got) > 0 and #shell.differences(after, got) > 0 then
        assert(got["manifest.txt"]:find("interrupted", 1, true), "a mixture that does not say so")
      end
      assert.equal(0, (compile(folder, "second.onnx")))
      assert.same({}, shell.differences(after, shell.files(folder.path .. "/out")))
    end
  end)

  it("row 103: gets new files in the places of links, not behind them", function()
    local folder <close> = workshop()
    local header, other = folder.path .. "/out/include/tvmgen_net.h", folder.path .. "/other.h"
    for _, link in ipairs { { "ln", "-sf" }, { "ln", "-f" } } do
      shell.write(other, "not ours")
      link[#link + 1], link[#link + 2] = other, header
      shell.must(link)
      assert.equal(0, (compile(folder, "first.onnx")))
      assert.equal("not ours", shell.read(other))
      assert.equal(1, (shell.run { "test", "-h", header }))
    end
    assert.same({}, shell.differences(expected(first), shell.files(folder.path .. "/out")))
  end)

  it("row 103: gets new files in the places of read-only ones", function()
    local folder <close> = workshop()
    local options = hostile.unprivileged(folder.path)
    if not options then return pending(hostile.NO_OTHER_USER) end
    shell.must { "chmod", "444", folder.path .. "/out/include/tvmgen_net.h" }
    assert.equal(0, (compile(folder, "second.onnx", options)))
    assert.same({}, shell.differences(expected(second), shell.files(folder.path .. "/out")))
  end)

  it("row 104: is one of both when two processes write to it", function()
    local folder <close> = workshop()
    local sets = { expected(first), expected(second) }
    local script = [[
      for i in 1 2 3 4 5 6 7 8; do
        "$2" compile "$1/first.onnx" --name net -o "$1/out" 2>>"$1/log" || echo first $?
        "$2" compile "$1/second.onnx" --name net -o "$1/out" 2>>"$1/log" || echo second $?
      done & ]]
    local code, said = shell.run { "sh", "-c", script .. script .. "wait", "sh", folder.path,
      program.path }
    assert.equal(0, code)
    assert.equal("", said)
    local got = shell.files(folder.path .. "/out")
    assert(#shell.differences(sets[1], got) == 0 or #shell.differences(sets[2], got) == 0)
  end)

  it("row 115: loses files that are no longer made, and no others", function()
    local folder <close> = workshop()
    local out = folder.path .. "/out"
    shell.write(out .. "/mine.c", "mine")
    shell.must { "mkdir", out .. "/src/kept" }
    shell.write(out .. "/src/kept/mine.c", "mine")
    local code, said = hostile.run { folder.path .. "/first.onnx", "--name", "other", "-o", out }
    assert.equal(0, code, said)
    local got = shell.files(out)
    assert.equal("mine", got["mine.c"])
    assert.equal("mine", got["src/kept/mine.c"])
    assert.is_nil(got["src/net_lib0.c"])
    assert.is_nil(got["include/tvmgen_net.h"])
    assert.is_truthy(got["src/other_lib0.c"])
  end)

  it("row 115: keeps what a forged manifest names", function()
    local folder <close> = workshop()
    local out = folder.path .. "/out"
    local list = shell.read(out .. "/manifest.txt")
    shell.write(folder.path .. "/outside.txt", "mine")
    shell.must { "mkdir", out .. "/kept" }
    shell.write(out .. "/kept/mine.c", "mine")
    shell.write(out .. "/manifest.txt", list .. "kept\n../outside.txt\n" .. folder.path
      .. "/outside.txt\n.\nsrc/../kept/mine.c\n")
    assert.equal(0, (compile(folder, "second.onnx")))
    assert.equal("mine", shell.read(out .. "/kept/mine.c"))
    assert.equal("mine", shell.read(folder.path .. "/outside.txt"))
  end)

  it("row 88: gets no file name from the model", function()
    local bytes = hostile.changed(function(small)
      small.nodes[1].name = "../../etc/cron.d/x"
      small.nodes[5][3], small.outputs[1] = { "../up" }, writer.value("../up", { 1, 3 })
      small.inputs[1] = writer.value("CON", { 1, 2, 6, 6 })
      small.nodes[1][2][1] = "CON"
    end)
    local names = {}
    for path in pairs(hostile.compiles(bytes, { name = "..weird. name..onnx" })) do
      names[#names + 1] = path -- order: irrelevant, each alone
    end
    for _, path in ipairs(names) do
      assert(path:find "^[%w_]+[%w_./]*$" and not path:find("..", 1, true), path)
    end
  end)
end)
