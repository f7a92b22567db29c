--- verify: compiles, builds, runs and compares.

local failure = require "aotlua.failure"
local shared = require "aotlua.cli.shared"
local verify = require "aotlua.verify"

return {
  about = "compiles a model, builds and runs it, and compares its numbers\n\n"
    .. "Without --data it takes samples and the evaluator's numbers. Exit code 3: they differ.",
  usage = "MODEL|BUILD.lua [--data DIR] [OPTIONS]",
  least = 1,
  options = shared.options({
    { "--per-layer", nil, "also compares each operator by itself, operators called unpacked" },
    { "--rtol", "R", "relative tolerance" },
    { "--atol", "A", "absolute tolerance" },
    { "--sanitize", nil, "builds with address and undefined-behavior checks, one array a buffer" },
    { "--keep", "DIR", "keeps what is built in DIR" },
  }, shared.data, shared.reading, shared.compiling, shared.watching),
  run = function(words, options)
    local all_right = true
    local rtol, atol = shared.number(options, "rtol", 0), shared.number(options, "atol", 0)
    shared.each_model("verify", words, options, function(path, settings)
      settings.rtol, settings.atol = rtol, atol
      settings.say = function(line) io.write(line, "\n") end
      all_right = verify.run(path, settings) and all_right
    end)
    return all_right and failure.ok or failure.mismatch
  end,
}
