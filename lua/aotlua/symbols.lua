--- symbols: the `symbol` entries of a module, found by what they stand for.
--
-- Fields of a symbol:
--   kind        entry, function, struct, member, macro, guard, operator, constant, object, buffer,
--               file, library, hook
--   role        what it is among its kind: `run`, `inputs`, `size`, `quantize`, ...
--   owner       input, output, state, pool or device it belongs to, if it does
--   index       of the owner, or the symbol's own number, from 1
--   scope       of a member: its struct
--   suffix      of a member: what stands behind its hint
--   hint        the model's word for it: a tensor, pool, device, or the graph of an operator
--   by          of an operator: the accelerator that computes it
--   application the application it belongs to, where it does not belong to one model
--   linkage     exported: declared in the public header; internal: shared by the generated files;
--               private: seen in one file only; hook: declared by us and defined by the user, the
--               same for all models
--   of          of a constant: the values it stands for
--   at          of a constant that is in a pool: [@pool, offset]
--   spelling    what it is called in C, after the pass `names`

local symbols = {}

local function key(kind, role, owner, index)
  return ("%s/%s/%s/%s"):format(kind, role, owner or "", index or "")
end

--- Gives a function (kind, role, owner, index) -> spelling or nil over the module's symbols but
-- those of constants.
function symbols.spellings(module)
  local found = {}
  for _, entry in ipairs(module:symbols()) do
    if entry:get "kind" ~= "constant" then -- there may be very many, and each has its record
      local symbol = entry.attrs
      found[key(symbol.kind, symbol.role, symbol.owner, symbol.index)] = symbol.spelling
    end
  end
  return function(kind, role, owner, index)
    return found[key(kind, role, owner, index)]
  end
end

return symbols
