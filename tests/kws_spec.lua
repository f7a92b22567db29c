--- kws_spec: one small network, as it looks after every pass of the standard order.

local import = require "aotlua.import"
local pipeline = require "aotlua.pipeline"
local program = require "aot.program"
local target = require "targets.c"

local folder = program.root .. "/tests/kws/"

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

local function names()
  local list = {}
  for i, entry in ipairs(target.pipeline) do list[i] = pipeline.resolve(entry).name end
  return list
end

describe("the small keyword spotter", function()
  for number, name in ipairs(names()) do
    it("looks as its text says after " .. name, function()
      local module = import.load(folder .. "kws.ir")
      pipeline.run(module, { target = target, stop = name })
      local path = ("%s%02d_%s.ir"):format(folder, number, name)
      if os.getenv "AOT_BLESS" then write(path, module:print()) end
      assert.are.equal(read(path), module:print(),
        path .. " differs; if that is right, run AOT_BLESS=1 tests/run kws")
    end)

    it("is the same in the end if it is read back after " .. name, function()
      local whole = import.load(folder .. "kws.ir")
      pipeline.run(whole, { target = target })
      local before = import.load(folder .. "kws.ir")
      pipeline.run(before, { target = target, stop = name })
      local path = os.tmpname()
      os.remove(path)
      write(path .. ".ir", before:print())
      before:write_blobs(path .. ".bin")
      local restarted = import.load(path .. ".ir")
      pipeline.run(restarted, { target = target })
      os.remove(path .. ".ir")
      os.remove(path .. ".bin")
      assert.are.equal(whole:print(), restarted:print())
    end)
  end
end)
