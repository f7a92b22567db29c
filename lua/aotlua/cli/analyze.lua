--- analyze: prints what a compiled model needs of a machine.

local analyze = require "aotlua.analyze"
local json = require "aotlua.json"
local shared = require "aotlua.cli.shared"
local words_of = require "aotlua.import.words"

return {
  about = "prints RAM per pool, flash, and the multiplications of each layer",
  usage = "MODEL|BUILD.lua [--json] [OPTIONS]",
  least = 1,
  options = shared.options({
    { "--json", nil, "prints JSON; what is not known is null" },
  }, shared.reading, shared.compiling, shared.watching),
  run = function(words, options)
    shared.each_model("analyze", words, options, function(path, settings)
      local costs = analyze.run(path, settings)
      io.write(options.json and json.encode(costs) or words_of.escape_lines(analyze.text(costs)))
    end)
  end,
}
