--- compile: a model to C files, or to IR text after a pass.

local job = require "aotlua.job"
local output = require "aotlua.output"
local report = require "aotlua.report"
local shared = require "aotlua.cli.shared"
local failure = require "aotlua.failure"

-- IR text at `path` and the blob file beside it, the blobs first: text without them is of no use.
local function write_text(module, path)
  failure.within("io", function()
    module:write_blobs((path:gsub("%.ir$", "")) .. ".bin")
    require "aot.data".write(path, module:print())
  end)
end

-- What --dump prints: the text after each pass, or after one.
local function dumper(which)
  if not which then return nil end
  return function(pass, module)
    if which == true or which == pass.name then
      io.stderr:write("# after ", pass.name, "\n", module:print(), "\n")
    end
  end
end

return {
  about = "compiles a model to C, into <name>_c or the folder given",
  usage = "MODEL [-o DIR] [OPTIONS]",
  least = 1, most = 1,
  options = shared.options({
    { "--output", "DIR", "the folder for the files; with --stop a FILE.ir", short = "-o" },
    { "--stop", "PASS", "stops after that pass and writes IR text that can be compiled on" },
    { "--dump", "[=PASS]", "prints the IR text after each pass, or after one, on stderr" },
    { "--time-passes", nil, "prints what each pass took on stderr" },
    { "--depfile", "FILE", "writes what the output depends on, for build systems" },
  }, shared.compiling),
  run = function(words, options)
    local settings = shared.job(options)
    settings.dump = dumper(options.dump)
    if options.stop and not options.output then
      failure.raise("usage", "--stop wants -o FILE.ir")
    end
    local module, target = job.compile(words[1], settings)
    if options.stop then
      write_text(module, options.output)
      return failure.ok
    end
    local folder = options.output or module.name .. "_c"
    output.write(folder, job.files(module, target))
    if options.depfile then report.depfile(options.depfile, folder, words[1]) end
    io.stderr:write(report.summary(module, target), "\n")
  end,
}
