--- names: spells every symbol by the target's naming policy.
--
-- before:  symbol 3 { kind = "entry", role = "run", ... }
-- after:   symbol 3 { kind = "entry", role = "run", spelling = "tvmgen_kws_run", ... }

local names = require "aotlua.names"

-- What linkers and compilers tell apart: C90 asks for 6 characters, C99 for 31, all of today
-- for 63 at least.
local least, most = 31, 63

--- Gives a function from a symbol to where it comes from in the model, for messages.
local function origins(graph)
  local of
  return function(symbol)
    if symbol.kind == "constant" then
      return symbol.of and symbol.of[1] and symbol.of[1].ref
    elseif symbol.kind ~= "operator" then
      return nil
    elseif not of then
      of = {}
      for node in graph:nodes() do
        local number = node:get "operator"
        if number and not of[number] then
          of[number] = ("layer '%s'"):format(node:get "origin" or node:output().name)
        end
      end
    end
    return of[symbol.index]
  end
end

local function denied(target)
  local list = target.deny or {}
  return { { owner = "target " .. target.name, table.unpack(list) } }
end

local function check(options)
  if options.significant < least or options.significant > most then
    error(("--set significant=%d: it is from %d to %d"):format(options.significant, least, most), 0)
  end
end

-- Spells the symbols by the policy.
local function spell(graph, ctx, policy)
  local module, symbols = graph.module, {}
  local problem = names.model_problem(module.name)
  if problem then
    error(("the model's name '%s' %s"):format(module.name, problem), 0)
  end
  for index, entry in ipairs(module:symbols()) do
    symbols[index] = entry.attrs
  end
  local source = module:get "source" or {}
  return names.spell(symbols, policy, {
    model = module.name, format = source.format, significant = ctx.options.significant,
    denied = denied(ctx.target), origin = origins(graph) })
end

-- Fails where the text's spellings are not legal.
local function check_kept(graph, ctx)
  local policy = names.policy(ctx.target.names)
  spell(graph, ctx, names.fixed(policy))
end

return {
  name = "names",
  changes = "nothing",
  leaves_no = {},
  options = {
    significant = { most, "how many characters of a name linkers tell apart: 31 to 63" },
  },
  check = check,
  kept = check_kept,
  run = function(graph, ctx)
    local spellings = spell(graph, ctx, names.policy(ctx.target.names))
    for index, entry in ipairs(graph.module:symbols()) do
      entry:set("spelling", spellings[index])
    end
  end,
}
