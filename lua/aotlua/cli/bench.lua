--- bench: builds a compiled model and times it.

local bench = require "aotlua.bench"
local json = require "aotlua.json"
local shared = require "aotlua.cli.shared"

-- One line for people.
local function describe(result, macs)
  if result.instructions then
    local share = macs > 0 and (", %.2f a MAC"):format(result.instructions / macs) or ""
    return ("%s for %s: %d instructions%s\n"):format(
      result.model, result.target, result.instructions, share)
  end
  return ("%s for %s: min %.2f us, median %.2f us of %d runs, %.3f GMAC/s\n"):format(
    result.model, result.target, result.min_us, result.median_us, result.runs,
    macs / result.min_us * 1e-3)
end

return {
  about = "builds a compiled model and times it on random inputs\n\n"
    .. "On Cortex-M, under QEMU, it counts instructions.",
  usage = "MODEL|BUILD.lua [--runs N] [--json] [OPTIONS]",
  least = 1,
  options = shared.options({
    { "--runs", "N", "measurements (default: as many as three seconds hold)" },
    { "--json", nil, "prints JSON" },
  }, shared.reading, shared.compiling, shared.watching),
  run = function(words, options)
    local runs = shared.whole_number(options, "runs", 1)
    shared.each_model("bench", words, options, function(path, settings)
      settings.runs = runs
      local result, macs = bench.run(path, settings)
      io.write(options.json and json.encode(result) or describe(result, macs))
    end)
  end,
}
