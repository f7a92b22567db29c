--- names: spells every symbol by the target's naming policy.
--
-- before:  symbol 3 { kind = "entry", role = "run", ... }
-- after:   symbol 3 { kind = "entry", role = "run", spelling = "tvmgen_kws_run", ... }

local names = require "aotlua.names"

local function load_policy(policy)
  if type(policy) == "table" then
    return policy
  end
  local name = "aotlua.policies." .. policy
  if not package.searchpath(name, package.path) then
    error(("there is no naming policy '%s'; there are: plain, tvm"):format(policy), 0)
  end
  return (require(name))
end

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
    local spellings = names.spell(symbols, load_policy(ctx.target.names), {
      model = module.name, format = source.format })
    for index, entry in ipairs(entries) do
      entry:set("spelling", spellings[index])
    end
  end,
}
