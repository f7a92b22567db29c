--- problem: says where a text goes wrong, and what would have been right there.

local failure = require "aotlua.failure"
local grammar = require "aotlua.text.grammar"

local M = {}

--- Stops reading. `token` is the text of the value, constant or number at fault, if there is one.
function M.stop(what, token) error({ what = what, token = token }, 0) end

-- What LPeg says of attributes that nest too deep for it.
local function is_overflow(raised)
  return type(raised) == "string" and raised:find "stack overflow" ~= nil
end

--- Whether what was raised while reading is no fault of the text but of ours.
function M.is_ours(raised) return failure.is_fault(raised) and not is_overflow(raised) end

--- Stops reading where the grammar found no way on.
function M.unreadable() error({ unreadable = true }, 0) end

-- Reads the statement at `at` again, watching. Returns where the reading broke off, what would
-- have been right there, and where `token` stands.
local function watch_again(source, rule, at, token)
  local farthest, wanted, token_at = at, {}, nil
  local patterns = grammar.build(function(what, here)
    if here > farthest then farthest, wanted = here, {} end
    if here == farthest and not wanted[what] then
      wanted[what] = true
      wanted[#wanted + 1] = what
    end
  end, function(name, here)
    if name == token then token_at = token_at or here end
  end)
  pcall(patterns[rule].match, patterns[rule], source, at)
  return farthest, wanted, token_at
end

local function one_of(words)
  if #words < 2 then return words[1] or "something else" end
  return table.concat(words, ", ", 1, #words - 1) .. " or " .. words[#words]
end

--- "chunk:line:column: what is wrong", the line and a caret below its column. `reader` tells
-- { source, chunk, rule, at }; `problem` is a message or { what, token, unreadable }.
function M.locate(reader, problem)
  local source, at = reader.source, reader.at
  local what = type(problem) == "table" and problem.what or tostring(problem)
  if is_overflow(what) then what = "attributes nest too deep" end
  local token = type(problem) == "table" and problem.token
  local start = source:find("[^ \t\r]", at) or at
  local farthest, wanted, token_at = watch_again(source, reader.rule, at, token)
  if type(problem) == "table" and problem.unreadable then
    start, what = farthest, "expected " .. one_of(wanted)
  elseif token then
    start = token_at or source:find(token, start, true) or start
  end
  local line, line_start = 1, 1
  for ending in source:sub(1, start - 1):gmatch "()\n" do
    line, line_start = line + 1, ending + 1
  end
  local shown = source:match("[^\r\n]*", line_start):gsub("[^\x20-\x7e]", "?")
  if #shown > 200 then shown = shown:sub(1, 200) .. "..." end
  local column = start - line_start + 1
  local caret = column <= 200 and "\n  " .. (" "):rep(column - 1) .. "^" or ""
  return ("%s:%d:%d: %s\n  %s%s"):format(reader.chunk, line, column, what, shown, caret)
end

return M
