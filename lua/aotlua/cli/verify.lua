--- verify: compiles, builds, runs and compares.

local failure = require "aotlua.failure"
local shared = require "aotlua.cli.shared"
local verify = require "aotlua.verify"

return {
  about = "compiles a model, builds and runs it, and compares its numbers\n\n"
    .. "Without --data it takes samples and the evaluator's numbers. Exit code 3: they differ.",
  usage = "MODEL [--data DIR] [OPTIONS]",
  least = 1, most = 1,
  options = shared.options({
    { "--per-layer", nil, "also compares each operator by itself, operators called unpacked" },
    { "--rtol", "R", "relative tolerance" },
    { "--atol", "A", "absolute tolerance" },
    { "--sanitize", nil, "builds with address and undefined-behavior checks, one array a buffer" },
    { "--keep", "DIR", "keeps what is built in DIR" },
  }, shared.data, shared.reading, shared.compiling, shared.watching),
  run = function(words, options)
    local settings = shared.job(options)
    settings.rtol = shared.number(options, "rtol", 0)
    settings.atol = shared.number(options, "atol", 0)
    settings.say = function(line) io.write(line, "\n") end
    return verify.run(words[1], settings) and failure.ok or failure.mismatch
  end,
}
