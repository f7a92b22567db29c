--- check: evaluates before and after every pass.

local cases = require "aotlua.cases"
local check = require "aotlua.check"
local failure = require "aotlua.failure"
local script = require "aotlua.script"
local shared = require "aotlua.cli.shared"

local function say(line) io.write(line, "\n") end

-- Checks each model that a build script names, as the script would have it compiled.
local function check_script(words)
  local all_right = true
  script.run(words[1], table.move(words, 2, #words, 1, {}), function(module, target, options)
    say(("%s for %s"):format(module.name, target.name))
    local run = { cases = cases.made(module), say = say }
    all_right = check.module(module, target, run, options) and all_right
  end)
  return all_right
end

return {
  about = "evaluates a model before and after every pass\n\n"
    .. "Each pass promises what it changes: nothing, the order of float sums, or so many units\n"
    .. "of the last place. Exit code 3: one did not keep its word.",
  usage = "MODEL [OPTIONS] | BUILD.lua [ARGS]",
  least = 1,
  options = shared.options(shared.data, shared.reading, shared.compiling, shared.watching),
  run = function(words, options)
    local all_right
    if words[1]:find "%.lua$" then
      if next(options) then
        failure.raise("usage", "a build script has its options in itself")
      end
      all_right = check_script(words)
    elseif #words > 1 then
      failure.raise("usage", "check takes one model, not %d", #words)
    else
      all_right = check.run(words[1], shared.job(options), say)
    end
    return all_right and failure.ok or failure.mismatch
  end,
}
