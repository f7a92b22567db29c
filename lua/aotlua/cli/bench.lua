--- bench: builds a compiled model and times it.

local bench = require "aotlua.bench"
local json = require "aotlua.json"
local shared = require "aotlua.cli.shared"

return {
  about = "builds a compiled model and times it on random inputs",
  usage = "MODEL [--runs N] [--json] [OPTIONS]",
  least = 1, most = 1,
  options = shared.options({
    { "--runs", "N", "measurements (default: as many as three seconds hold)" },
    { "--json", nil, "prints JSON" },
  }, shared.reading, shared.compiling, shared.watching),
  run = function(words, options)
    local settings = shared.job(options)
    settings.runs = shared.whole_number(options, "runs", 1)
    local times, macs = bench.run(words[1], settings)
    if options.json then
      io.write(json.encode(times))
    else
      io.write(("%s for %s: min %.2f us, median %.2f us of %d runs, %.3f GMAC/s\n"):format(
        times.model, times.target, times.min_us, times.median_us, times.runs,
        macs / times.min_us * 1e-3))
    end
  end,
}
