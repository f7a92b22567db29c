--- explain: says what runs, in which order, and who takes which layer.

local explain = require "aotlua.explain"
local job = require "aotlua.job"
local shared = require "aotlua.cli.shared"
local words_of = require "aotlua.import.words"

local function say(lines) io.write(words_of.escape_lines(table.concat(lines, "\n")), "\n") end

-- A model, or a script, which either returns a target or names models.
local function explain_named(words, options)
  local target = shared.each_model("explain", words, options, function(path, settings)
    say(explain.model(path, settings))
  end)
  if type(target) == "table" then
    say(explain.target(job.target(words[1], shared.job(options))))
  end
end

return {
  about = "says what a target does, or who computes each layer of a model and why",
  usage = "MODEL|BUILD.lua|TARGET [OPTIONS]",
  least = 1,
  options = shared.options(shared.reading, shared.compiling),
  run = function(words, options)
    if #words == 1 and words[1]:find "^[%w_,]+$" then
      return say(explain.target(job.target(words[1], shared.job(options))))
    end
    explain_named(words, options)
  end,
}
