--- annotations: reads the annotation files in lua/meta, and makes the reference of lua/README.md.
--
-- They are for LuaLS, the language server of many editors; here a small part of its language is
-- read: ---@meta, @class, @alias, @field, @param, and functions with the lines of `---` above.

local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"

local M = {}

local folder = program.root .. "/lua/meta/"

-- A declaration, "name? type words": the type may hold blanks within brackets and after a colon.
local function read_field(line)
  local name, optional, rest = line:match "^([%w_]+)(%??)%s+(.*)$"
  local type, depth = "", 0
  for word, gap in rest:gmatch "(%S+)(%s*)" do
    type = type .. word
    for bracket in word:gmatch "[%[%](){}<>]" do
      depth = depth + (bracket:find "[%[({<]" and 1 or -1)
    end
    if depth == 0 and not word:find "[:,]$" then break end
    type = type .. gap
  end
  return { name = name, optional = optional == "?", type = type,
    doc = rest:sub(#type + 1):match "^%s*(.*)$" }
end

local readers = {}

function readers.meta(file, words) file.module = words ~= "_" and words or nil end

function readers.class(file, words, state)
  state.class = { name = words, fields = {}, functions = {}, operators = {}, doc = state.doc }
  file.classes[#file.classes + 1], file.by_class[words] = state.class, state.class
end

function readers.alias(file, words) file.aliases[#file.aliases + 1] = words:match "^%S+" end

function readers.field(_, words, state) table.insert(state.class.fields, read_field(words)) end

function readers.operator(_, words, state)
  state.class.operators[words:match "^%w+"] = words:match ":%s*%S+%s*(.*)$" or ""
end

function readers.param(_, words, state)
  local name, optional, type = words:match "^([%w_.]+)(%??)%s+(%S+)"
  state.params[name] = { optional = optional == "?", type = type }
end

local function read_signature(file, line, state)
  local owner, dot, name, list = line:match "^function ([%w_]+)([.:])([%w_]+)%((.-)%) end$"
  if not owner then
    name, list = line:match "^local function ([%w_]+)%((.-)%) end$"
  end
  if not name then return end
  local params = {}
  for param in list:gmatch "[%w_.]+" do
    local known = assert(state.params[param], ("%s: @param %s is missing"):format(name, param))
    params[#params + 1] = { name = param, optional = known.optional, type = known.type }
  end
  local to = owner and file.locals[owner] or file
  table.insert(to.functions, { name = name, dot = dot, params = params,
    doc = table.concat(state.doc, " ") })
end

-- What a line that is no comment declares: a class's or the module's table, or a function.
local function read_code(file, line, state)
  local name = line:match "^local ([%w_]+) = {}$"
  if name then file.locals[name] = state.class or file end
  if name and state.class then state.class.is_object = true end
  file.returned = file.locals[line:match "^return ([%w_]+)$" or ""] or file
  read_signature(file, line, state)
end

local function fresh() return { doc = {}, params = {} } end

local function read_file(path)
  local file = { classes = {}, by_class = {}, aliases = {}, functions = {}, locals = {} }
  local state, first = fresh(), {}
  for line in (shell.read(path) .. "\n"):gmatch "([^\n]*)\n" do
    local tag, words = line:match "^%-%-%-@(%w+)%s*(.*)$"
    if tag == "meta" then
      first, state = state.doc, fresh()
    end
    if tag then
      if readers[tag] then readers[tag](file, words, state) end
    elseif line:find "^%-%-%- " then
      table.insert(state.doc, line:sub(5))
    elseif line == "" then
      state = fresh()
    else
      read_code(file, line, state)
      state = fresh()
    end
  end
  file.title, file.text = table.concat(first, " "), shell.read(path)
  return file
end

--- All annotation files, by their names' order: { title, text, module, classes, aliases, functions,
-- returned }; `returned` is the file, or the class that the module is. A class is { name, fields,
-- functions, operators, is_object }, a function { name, dot, params, doc }.
function M.files()
  local names, files = system.entries(folder), {}
  table.sort(names)
  for i, name in ipairs(names) do files[i] = read_file(folder .. name) end
  return files
end

-- The reference -----------------------------------------------------------------------------------

local function row(out, call, doc)
  out[#out + 1] = ("| `%s` | %s |"):format(call, (doc:gsub("|", "\\|")))
end

-- What a class is called in words: "aot.Module" is Module.
local function short(name) return name:match "[^.]*$" end

-- The parameter as a reader wants it; the table of named fields that it is, if it is one.
local function show_param(param, plain)
  local class = plain[param.type]
  return (class and short(class.name) or param.name) .. (param.optional and "?" or "")
end

local function add_functions(out, owner, functions, plain)
  for _, f in ipairs(functions) do
    if f.doc ~= "" then
      local name, params = f.dot and owner .. f.dot .. f.name or f.name, {}
      for i, param in ipairs(f.params) do params[i] = show_param(param, plain) end
      row(out, ("%s(%s)"):format(name, table.concat(params, ", ")), f.doc)
    end
  end
end

-- A table of named fields, in one line.
local function add_plain(out, class)
  local names, docs = {}, { table.concat(class.doc, " ") }
  for i, field in ipairs(class.fields) do
    names[i] = field.name .. (field.optional and "?" or "")
    if field.doc ~= "" then docs[#docs + 1] = ("`%s`: %s"):format(field.name, field.doc) end
  end
  if docs[1] == "" then table.remove(docs, 1) end
  row(out, ("%s { %s }"):format(short(class.name), table.concat(names, ", ")),
    table.concat(docs, "; "))
end

local function add_object(out, class, plain)
  local owner = short(class.name):lower()
  if class.operators.len then row(out, "#" .. owner, class.operators.len) end
  for _, field in ipairs(class.fields) do
    if field.doc ~= "" then row(out, owner .. "." .. field.name, field.doc) end
  end
  add_functions(out, owner, class.functions, plain)
end

local function add_file(out, file, plain)
  local rows = {}
  if file.module then
    add_functions(rows, file.module:match "[^.]*$", file.functions, plain)
  end
  for _, class in ipairs(file.classes) do
    if class.is_object then add_object(rows, class, plain) else add_plain(rows, class) end
  end
  if #rows == 0 then return end
  out[#out + 1] = ("### %s\n"):format((file.title:gsub("%.$", "")))
  out[#out + 1] = "| call | gives |\n|---|---|"
  table.move(rows, 1, #rows, #out + 1, out)
  out[#out + 1] = ""
end

--- The reference as Markdown: a table for each file that has something to say.
function M.reference()
  local files, plain, out = M.files(), {}, {}
  for _, file in ipairs(files) do
    for _, class in ipairs(file.classes) do
      if not class.is_object then plain[class.name] = class end
    end
  end
  for _, file in ipairs(files) do add_file(out, file, plain) end
  return table.concat(out, "\n")
end

return M
