--- compile: a model to C files, or to IR text after a pass.

local example = require "aotlua.example"
local failure = require "aotlua.failure"
local job = require "aotlua.job"
local metadata = require "aotlua.metadata"
local output = require "aotlua.output"
local report = require "aotlua.report"
local shared = require "aotlua.cli.shared"

return {
  about = "compiles a model to C, into <name>_c or the folder given",
  usage = "MODEL [-o DIR] [OPTIONS]",
  least = 1, most = 1,
  options = shared.options({
    { "--output", "DIR", "the folder for the files; with --stop a FILE.ir", short = "-o" },
    { "--stop", "PASS", "stops after that pass and writes IR text that can be compiled on" },
    { "--example", nil, "writes a main.c too, that runs the model once and prints its outputs" },
    { "--depfile", "FILE", "writes what the output depends on, for build systems" },
  }, shared.reading, shared.compiling, shared.watching),
  run = function(words, options)
    local settings = shared.job(options)
    if options.stop and not options.output then
      failure.raise("usage", "--stop wants -o FILE.ir")
    end
    local module, target = job.compile(words[1], settings)
    if options.stop then return shared.write_text(module, options.output) end
    local folder = options.output or module.name .. "_c"
    local files = job.files(module, target)
    if options.example then files["main.c"] = example(metadata.of(module, target)) end
    output.write(folder, files)
    if options.depfile then report.depfile(options.depfile, folder, words[1]) end
    io.stderr:write(report.summary(module, target), "\n")
  end,
}
