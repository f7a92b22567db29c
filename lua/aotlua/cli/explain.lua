--- explain: says what runs, in which order, and who takes which layer.

local explain = require "aotlua.explain"
local job = require "aotlua.job"
local shared = require "aotlua.cli.shared"
local words_of = require "aotlua.import.words"

local function is_target(word) return word:find "^[%w_,]+$" or word:find "%.lua$" end

return {
  about = "says what a target does, or who computes each layer of a model and why",
  usage = "MODEL|TARGET [OPTIONS]",
  least = 1, most = 1,
  options = shared.options(shared.reading, shared.compiling),
  run = function(words, options)
    local settings = shared.job(options)
    local lines = is_target(words[1]) and explain.target(job.target(words[1], settings))
      or explain.model(words[1], settings)
    io.write(words_of.escape_lines(table.concat(lines, "\n")), "\n")
  end,
}
