--- compile: a model to C files, or to IR text after a pass.

local archive = require "aotlua.archive"
local example = require "aotlua.example"
local failure = require "aotlua.failure"
local job = require "aotlua.job"
local report = require "aotlua.report"
local shared = require "aotlua.cli.shared"

local function check(options)
  local whole = options.mlf and "--mlf" or options.example and "--example"
  if options.stop and not options.output then
    failure.raise("usage", "--stop wants -o FILE.ir")
  elseif options.stop and whole then
    failure.raise("usage", "--stop writes IR text, %s a whole model: leave one of them out", whole)
  elseif options.example and options.mlf and not options.output then
    failure.raise("usage", "--example writes a main.c into a folder: with --mlf it wants -o DIR")
  elseif options.mlf_style and not options.mlf then
    failure.raise("usage", "--mlf-style wants --mlf FILE.tar")
  end
  failure.within("usage", archive.check_style, options.mlf_style, 1)
end

-- Writes what was asked for. Returns the file that was written last, and the record, which a text
-- that is stopped at has not.
local function write(module, target, options)
  if options.stop then
    shared.write_text(module, options.output)
    return options.output
  end
  local written, record = options.mlf, nil
  if options.mlf then
    local files
    files, record = job.files(module, target)
    archive.write(options.mlf, { { module = module, target = target, files = files } },
      { style = options.mlf_style })
  end
  if options.output or not options.mlf then
    local folder = options.output or module.name .. "_c"
    record = job.write(folder, module, target, function(files, made)
      if options.example then files["main.c"] = example.program(made) end
    end)
    written = folder .. "/manifest.txt"
  end
  return written, record
end

return {
  about = "compiles a model to C, into <name>_c or the folder given",
  usage = "MODEL [-o DIR] [OPTIONS]",
  least = 1, most = 1,
  options = shared.options({
    { "--output", "DIR", "the folder for the files; with --stop a FILE.ir", short = "-o" },
    { "--stop", "PASS", "stops after that pass and writes IR text that can be compiled on" },
    { "--example", nil, "writes a main.c too, that runs the model once and prints its outputs" },
    { "--mlf", "FILE.tar", "writes a Model Library Format archive, and a folder only with -o" },
    { "--mlf-style", "S", "full-model (default), or operator for a model of one operator" },
    { "--depfile", "FILE", "writes what the output depends on, for build systems" },
  }, shared.reading, shared.compiling, shared.watching),
  run = function(words, options)
    if words[1]:find "%.lua$" then
      failure.raise("usage", "%s is a build script, which says itself what is compiled: aotlua %s",
        words[1], words[1])
    end
    check(options)
    local module, target = job.compile(words[1], shared.job(options))
    local written, record = write(module, target, options)
    if options.depfile then report.depfile(options.depfile, written) end
    if options.stop then return end
    io.stderr:write(report.summary(record), "\n")
    if options.time_passes then shared.say_time() end
  end,
}
