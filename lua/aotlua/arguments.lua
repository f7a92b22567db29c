--- arguments: reads a command line against a verb's table of options.
--
-- A verb is { usage = "MODEL [-o DIR]", about = "...", options = { { "--name", "N", "doc" },
-- ... }, least = 1, most = 1, run = function(words, options) ... end }. An option without a
-- placeholder is a switch; one whose placeholder is "[=X]" may do without its value; one marked
-- `many` is a list.

local failure = require "aotlua.failure"

local M = {}

local function find(verb, flag)
  for _, option in ipairs(verb.options) do
    if option[1] == flag or option.short == flag then return option end
  end
end

local function known_flags(verb)
  local flags = {}
  for i, option in ipairs(verb.options) do flags[i] = option[1] end
  return #flags > 0 and table.concat(flags, ", ") or "none"
end

-- The key under which an option's value is kept: --disable-pass is disable_pass.
local function key_of(option) return (option[1]:gsub("^%-+", ""):gsub("%-", "_")) end

local function store(options, option, value)
  local key = key_of(option)
  if option.many then
    options[key] = options[key] or {}
    table.insert(options[key], value)
  elseif options[key] ~= nil then
    failure.raise("usage", "%s stands there twice", option[1])
  else
    options[key] = value
  end
end

-- The option that `word` names, and the value behind its "=", if there is one.
local function split(name, verb, word)
  local flag, value = word:match "^(%-%-?[%w-]+)=(.*)$"
  flag = flag or word
  local option = find(verb, flag)
  if not option then
    failure.raise("usage", "%s has no option %s; it has: %s", name, flag, known_flags(verb))
  elseif value and not option[2] then
    failure.raise("usage", "%s takes no value", flag)
  end
  return option, value
end

local function refuse_value(flag, option, why)
  failure.raise("usage", "%s wants a value, %s%s", flag, option[2]:match "^%[=(.*)%]$" or option[2],
    why)
end

-- Fails unless there are as many words as the verb takes, and each says something.
local function check_words(name, verb, words)
  local problem
  for _, word in ipairs(words) do
    problem = problem or word == "" and "an argument is empty"
  end
  if #words < (verb.least or 0) then
    problem = "something is missing"
  elseif #words > (verb.most or math.huge) then
    problem = problem or ("'%s' is one too many"):format(words[verb.most + 1])
  end
  if problem then failure.raise("usage", "%s; usage: aotlua %s %s", problem, name, verb.usage) end
end

--- Splits `list` into words and options; behind "--" all are words. Raises a usage failure that
-- names the verb's own.
function M.read(name, verb, list)
  local words, options, i = {}, {}, 1
  while i <= #list do
    local word = list[i]
    i = i + 1
    if word == "--" then
      table.move(list, i, #list, #words + 1, words)
      break
    elseif not word:find "^%-." then
      words[#words + 1] = word
    else
      local option, value = split(name, verb, word)
      if option[2] and not value and not option[2]:find "^%[" then
        value = list[i]
        i = i + 1
        if not value then refuse_value(word, option, "") end
      end
      if value == "" then refuse_value(option[1], option, "; it is empty") end
      store(options, option, value or true)
    end
  end
  check_words(name, verb, words)
  return words, options
end

--- The text that `aotlua VERB --help` prints.
function M.help(name, verb)
  local lines = { ("usage: aotlua %s %s"):format(name, verb.usage), "", verb.about }
  if #verb.options > 0 then lines[#lines + 1] = "" end
  for _, option in ipairs(verb.options) do
    local place = option[2] or ""
    local gap = (place == "" or place:find "^%[") and "" or " "
    local left = ("  %s%s%s%s"):format(option[1], option.short and ", " .. option.short or "",
      gap, place)
    lines[#lines + 1] = ("%-30s %s"):format(left, option[3])
  end
  return table.concat(lines, "\n") .. "\n"
end

--- Reads a list of "key=value" words into a dict. Raises a usage failure naming the option.
function M.pairs_of(flag, list)
  local dict = {}
  for _, word in ipairs(list or {}) do
    local key, value = word:match "^([^=]+)=(.*)$"
    if not key then
      failure.raise("usage", "%s wants key=value, not '%s'", flag, word)
    elseif dict[key] then
      failure.raise("usage", "%s %s is given twice", flag, key)
    end
    dict[key] = value
  end
  return dict
end

return M
