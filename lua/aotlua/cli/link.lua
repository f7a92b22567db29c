--- link: says whether models compiled apart can be linked into one program.

local failure = require "aotlua.failure"
local link = require "aotlua.link"
local words_of = require "aotlua.import.words"

return {
  about = "proves that models compiled apart fit into one program, or lists what clashes",
  usage = "A/symbols.json B/symbols.json ...",
  least = 1, most = math.huge,
  options = {},
  run = function(words)
    local records = {}
    for index, path in ipairs(words) do records[index] = link.read(path) end
    local problems, counts = link.check(records)
    if #problems > 0 then
      failure.raise("model", "%d of %d names clash; compile a model with another --name\n  %s",
        #problems, counts.symbols + #problems, table.concat(problems, "\n  "))
    end
    io.write(("%s can be linked: %d names are distinct, %d are shared\n"):format(
      words_of.count(#records, "model"), counts.symbols, counts.shared))
  end,
}
