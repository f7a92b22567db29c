--- symbols: the `symbol` entries of a module, found by what they stand for.
--
-- Fields of a symbol: `kind` (entry, function, struct, member, macro, guard, operator, constant,
-- object, buffer, file, library), `role` (what it is among its kind), `owner` and `index` (the
-- input, output, state or pool it belongs to, or its number, from 1), `scope` (of a member: its
-- struct), `hint` (the model's word for it), `linkage` (exported: declared in the public header;
-- internal: shared by the generated files; private: seen in one file only) and `spelling`.

local symbols = {}

local function key(kind, role, owner, index)
  return ("%s/%s/%s/%s"):format(kind, role, owner or "", index or "")
end

--- Gives a function (kind, role, owner, index) -> spelling or nil over the module's symbols.
function symbols.spellings(module)
  local found = {}
  for _, entry in ipairs(module:symbols()) do
    local symbol = entry.attrs
    found[key(symbol.kind, symbol.role, symbol.owner, symbol.index)] = symbol.spelling
  end
  return function(kind, role, owner, index)
    return found[key(kind, role, owner, index)]
  end
end

return symbols
