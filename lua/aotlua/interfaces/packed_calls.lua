--- packed_calls: the symbols of operators that are called with tensors, and how many those take.
--
-- Of each operator there are two functions: one that is called with tensors, and within its file
-- the one that computes.

local most = 16 -- AOTRT_MOST_ARGUMENTS of runtime/aotrt_packed.h; their tensors stand in a frame

local function tensor_count(operator)
  local count = 0
  for _, argument in ipairs(operator.arguments) do
    count = count + (argument == "context" and 0 or 1)
  end
  return count
end

--- Adds the symbols of the operators in `list` (of aotlua.operators), which have the `numbers` of
-- their nodes, with `add`. Fails if one takes too many tensors.
return function(list, numbers, add)
  local seen = {}
  for _, operator in ipairs(list) do
    local node, count = operator.node, tensor_count(operator)
    local number = numbers[node]
    if count > most then
      error(("%s (%s) takes %d tensors, and packed calls have %d at most; --calls unpacked has no "
        .. "limit"):format("%" .. node:output().name, node.body and node.body.name or node.op,
        count, most), 0)
    end
    if not seen[number] then
      seen[number] = true
      add { kind = "function", role = "compute", owner = "operator", index = number,
        linkage = "private", hint = node.body and node.body.name or node.op }
    end
  end
end
