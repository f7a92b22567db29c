--- names: spells every symbol by the target's naming policy.
--
-- before:  symbol 3 { kind = "entry", role = "run", ... }
-- after:   symbol 3 { kind = "entry", role = "run", spelling = "tvmgen_kws_run", ... }

local names = require "aotlua.names"

return {
  name = "names",
  changes = "nothing",
  leaves_no = {},
  run = function(graph, ctx)
    local module, entries, symbols = graph.module, graph.module:symbols(), {}
    local problem = names.model_problem(module.name)
    if problem then
      error(("the model's name '%s' %s"):format(module.name, problem), 0)
    end
    for index, entry in ipairs(entries) do
      symbols[index] = entry.attrs
    end
    local source = module:get "source" or {}
    local spellings = names.spell(symbols, names.policy(ctx.target.names), {
      model = module.name, format = source.format })
    for index, entry in ipairs(entries) do
      entry:set("spelling", spellings[index])
    end
  end,
}
