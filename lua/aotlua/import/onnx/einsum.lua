--- onnx.einsum: sums of products by the letters of their axes, as matmuls.
local compose = require "aotlua.import.onnx.compose"
local words = require "aotlua.import.words"

local op = compose.op

-- The letters of one term as a list; "..." stands for `covered` axes, named "1", "2", ... from
-- the last.
local function letters_of(n, term, covered)
  local list, at = {}, 1
  while at <= #term do
    if term:sub(at, at + 2) == "..." then
      for i = covered, 1, -1 do
        list[#list + 1] = tostring(i)
      end
      at = at + 3
    else
      local letter = term:sub(at, at)
      if not letter:find "^%a$" then
        n:fail("the equation has %s", words.quote(letter))
      end
      list[#list + 1] = letter
      at = at + 1
    end
  end
  return list
end

local function find(list, letter)
  for i, other in ipairs(list) do
    if other == letter then
      return i
    end
  end
end

-- { terms, result, dots }: the letters of operands and result as strings.
local function parse(n)
  local equation = n:required("equation"):gsub("%s+", "")
  local left, right = equation:match "^(.-)%->(.*)$"
  left = left or equation
  local terms, counts = {}, {}
  for term in (left .. ","):gmatch "([^,]*)," do
    terms[#terms + 1] = term
    for letter in term:gmatch "%a" do
      counts[letter] = (counts[letter] or 0) + 1
    end
  end
  if #terms ~= n:input_count() then
    n:fail("the equation %s has %d terms, there are %d inputs", words.quote(equation), #terms,
      n:input_count())
  end
  if not right then -- what comes once, in the order of the alphabet
    local once = {}
    for letter, count in pairs(counts) do -- order: sorted below
      once[#once + 1] = count == 1 and letter or nil
    end
    table.sort(once)
    right = (left:find("...", 1, true) and "..." or "") .. table.concat(once)
  end
  return terms, right
end

-- Sums over axes of a labeled value { value, letters } that `keeps(letter)` does not want.
local function sum_out(n, x, keeps)
  local gone, kept = {}, {}
  for i, letter in ipairs(x.letters) do
    if keeps(letter) then
      kept[#kept + 1] = letter
    else
      gone[#gone + 1] = i - 1
    end
  end
  if #gone == 0 then
    return x
  end
  return { value = compose.reduce(n, "reduce_sum", x.value, gone, false), letters = kept }
end

-- Takes the diagonal of axes that have the same letter.
local function diagonal(n, x)
  for i = 1, #x.letters do
    for j = i + 1, #x.letters do
      if x.letters[i] == x.letters[j] then
        local shape, rank = x.value.type.shape, #x.letters
        if shape[i] ~= shape[j] then
          n:fail("letter %s has extents %d and %d", x.letters[i], shape[i], shape[j])
        end
        local same = op(n, "equal", { compose.iota(n, shape[i], i - 1, rank),
          compose.iota(n, shape[j], j - 1, rank) })
        local only = op(n, "select",
          { same, x.value, compose.number(n, x.value.type.dtype, 0) })
        local letters = table.move(x.letters, 1, rank, 1, {})
        table.remove(letters, j)
        local value = compose.reduce(n, "reduce_sum", only, { j - 1 }, false)
        return diagonal(n, { value = value, letters = letters })
      end
    end
  end
  return x
end

-- A labeled value with its axes in the order of `letters`.
local function arranged(n, x, letters)
  local perm, moved = {}, false
  for i, letter in ipairs(letters) do
    perm[i] = find(x.letters, letter) - 1
    moved = moved or perm[i] ~= i - 1
  end
  return moved and compose.transpose(n, x.value, perm) or x.value
end

local function join(...)
  local all = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #all + 1, all)
  end
  return all
end

local function extents(x, letters)
  local list = {}
  for i, letter in ipairs(letters) do
    list[i] = x.value.type.shape[find(x.letters, letter)]
  end
  return list
end

-- The product of two, summed over the letters of both that `keeps` does not want: a matmul of
-- [batch, left, inner] and [batch, inner, right].
local function contract(n, a, b, keeps)
  local batch, inner, left, right = {}, {}, {}, {}
  for _, letter in ipairs(a.letters) do
    local list = not find(b.letters, letter) and left or keeps(letter) and batch or inner
    list[#list + 1] = letter
  end
  for _, letter in ipairs(b.letters) do
    if not find(a.letters, letter) then
      right[#right + 1] = letter
    end
  end
  for _, shared in ipairs { batch, inner } do
    if words.list(extents(a, shared)) ~= words.list(extents(b, shared)) then
      n:unsupported("axes of different extents, %s and %s", words.list(extents(a, shared)),
        words.list(extents(b, shared)))
    end
  end
  local batches, depth = extents(a, batch), compose.size(extents(a, inner))
  local count = compose.size(batches)
  local rows, columns = extents(a, left), extents(b, right)
  local product = n:emit {
    op = "matmul",
    inputs = {
      n:reshape(arranged(n, a, join(batch, left, inner)), { count, compose.size(rows), depth }),
      n:reshape(arranged(n, b, join(batch, inner, right)), { count, depth, compose.size(columns) }),
      false,
    },
  }
  return { value = n:reshape(product, join(batches, rows, columns)),
    letters = join(batch, left, right) }
end

-- How many axes the dots of an operand cover.
local function covered(n, term, i)
  local letters = #term:gsub("%.%.%.", "")
  local rank = #n:operand(i):type().shape
  local dots = term:find("...", 1, true) and rank - letters or 0
  if dots < 0 or letters + dots ~= rank then
    n:fail("the term %s does not suit an input of rank %d", words.quote(term), rank)
  end
  return dots
end

return {
  Einsum = compose.entry({ 1, math.huge }, { equation = "string" }, function(n)
    local terms, right = parse(n)
    local operands, most = {}, 0
    for i, term in ipairs(terms) do
      local dots = covered(n, term, i)
      most = math.max(most, dots)
      operands[i] = diagonal(n, { value = n:value(i), letters = letters_of(n, term, dots) })
    end
    local wanted = letters_of(n, right, most)
    local function keeps_after(first)
      return function(letter)
        local needed = find(wanted, letter)
        for i = first, #operands do
          needed = needed or find(operands[i].letters, letter)
        end
        return needed ~= nil
      end
    end
    local result = sum_out(n, operands[1], keeps_after(2))
    for i = 2, #operands do
      local other = sum_out(n, operands[i], function(letter)
        return find(result.letters, letter) ~= nil or keeps_after(i + 1)(letter)
      end)
      result = contract(n, result, other, keeps_after(i + 1))
    end
    for _, letter in ipairs(wanted) do
      if not find(result.letters, letter) then
        n:fail("the result's letter %s comes in no term", letter)
      end
    end
    return arranged(n, result, wanted)
  end),
}
