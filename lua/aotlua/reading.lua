--- reading: which model a name speaks of, told from the name alone.
--
-- Models are compiled apart and linked together, so no symbol may be spelled like one of another
-- model, which is not known. `a` with the input `b_x` and `a_b` with the input `x` both want the
-- macro `A_B_X_SIZE`. So every word `<model>_<rest>` has one reading, which depends on nothing
-- else. Where the reading is another pair than the one meant, or where lower case loses what
-- tells two models apart, the model's part ends in a mark, `_h` and eight hex digits of its hash:
-- `a_hca978112_b_x_size`. What is marked can be read in one way only: the first mark ends the
-- model's part.
--
-- Words have one of two forms: "code" (functions, types, data) and "macro", which is lower case
-- here, whatever a policy makes of it.

local reading = {}

local digit = "[0-9a-f]"
local mark = "_h(" .. digit:rep(8) .. ")%f[_\0]"

local function set(words)
  local list = {}
  for word in words:gmatch "%S+" do list[word] = true end
  return list
end

-- What ends a word by itself, without a hint.
local tails = {
  code = set [[run inputs outputs devices workspace_pools state status reset save restore
    map_inputs map_outputs input_index output_index function metadata state_memory]],
  macro = set [[h_ lib_h_ abi_version no_checks ok error_null error_alignment error_workspace
    error_arguments workspace_size workspace_alignment state_size number_of_models]],
}

-- What ends a word behind a hint, the name of a tensor or pool.
local hinted_tails = {
  code = set "memory",
  macro = set [[size count rank shape scale zero_point workspace_pool_size constant_pool_size
    constant_pool_data]],
}

-- What names of tensors, and of TVM's pools, often begin with, and models' names rarely have
-- within; digits may follow.
local usual = set [[input inputs output outputs serving x y image images img pixel data identity
  statefulpartitionedcall args keras onnx audio features logits scores probs probabilities
  predictions softmax dense conv1d conv2d reshape flatten tensor token tokens label labels boxes
  hidden last mask raw normalized sequential functional global]]

-- Whether a word begins the rest, whose hint follows it.
local function is_head(word)
  return word == "quantize" or word == "dequantize" or word:find "^op%d+$" ~= nil
end

-- Calls visit(place, word) for each word but the first; returns what it returns first.
local function each_word(joined, visit)
  for place in joined:gmatch "_()" do
    local found = visit(place, joined:match("^[^_]*", place))
    if found then return found end
  end
end

-- Where the longest of `words` that ends `joined` begins.
local function tail_at(joined, words)
  return each_word(joined, function(place)
    return words[joined:sub(place)] and place
  end)
end

-- Where the hint in `joined` begins, which stands before the tail at `tail`: at a usual word,
-- else at the last one that may begin a name; at the tail itself where there is none.
local function hint_at(joined, tail)
  local last = tail
  return each_word(joined:sub(1, tail - 2), function(place, word)
    last = word:find "^%a" and place or last
    word = word:lower()
    return (usual[word] or usual[word:match "^(.-)%d*$"]) and place
  end) or last
end

local function head_at(joined)
  return each_word(joined, function(place, word) return is_head(word) and place end)
end

-- Where the rest begins.
local function split(joined, form)
  local _, marked = joined:find(mark)
  if marked then return marked + 2 end
  local fixed = tail_at(joined, tails[form])
  local hinted = tail_at(joined, hinted_tails[form])
  if fixed and (not hinted or fixed <= hinted) then return fixed end
  local numbered = form == "code" and (joined:match "_()data%d+$" or joined:match "_()buffer%d+$")
  return numbered or form == "code" and head_at(joined) or hinted and hint_at(joined, hinted)
    or joined:match "_()"
end

--- Whether `<model>_<rest>` is read as just that.
function reading.is_plain(model, rest, form)
  local joined = model .. "_" .. rest
  return split(joined, form) == #model + 2
end

--- Whether these words, in lower case, end as macros do.
function reading.is_like_macro(words)
  return (tail_at(words, tails.macro) or tail_at(words, hinted_tails.macro)) ~= nil
end

--- Replaces what could be taken for a mark.
function reading.without_marks(words) return (words:gsub(mark, "_x%1")) end

return reading
