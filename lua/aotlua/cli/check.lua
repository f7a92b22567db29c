--- check: evaluates before and after every pass.

local check = require "aotlua.check"
local failure = require "aotlua.failure"
local shared = require "aotlua.cli.shared"

local function say(line) io.write(line, "\n") end

return {
  about = "evaluates a model before and after every pass\n\n"
    .. "Each pass promises what it changes: nothing, the order of float sums, or so many units\n"
    .. "of the last place. Exit code 3: one did not keep its word.",
  usage = "MODEL|BUILD.lua [OPTIONS]",
  least = 1,
  options = shared.options(shared.data, shared.reading, shared.compiling, shared.watching),
  run = function(words, options)
    local all_right = true
    shared.each_model("check", words, options, function(path, settings)
      all_right = check.run(path, settings, say) and all_right
    end)
    return all_right and failure.ok or failure.mismatch
  end,
}
