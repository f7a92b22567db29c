--- house_spec: the architecture: floors, file sizes, what belongs together and what must not.

local ir = require "aot.ir"
local root = (require "aot.program").root

-- Files that may be longer than their kind, each with the reason.
local long_files = {
  ["core/emit/deny.def"] = "a list of names: data",
}

local line_limits = { c = 500, h = 500, def = 500, lua = 300 }

-- What stands at the top level, and nothing else.
local top_level = {
  "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "core", "examples", "lua",
  "passes", "runtime", "targets", "tests",
}

-- Floors of the core: what a room may include besides itself.
local core_floors = {
  base = {},
  ir = { "base" },
  emit = { "base", "ir" },
  op = { "base", "ir", "emit" },
  kernel = { "base", "ir", "emit" },
  plan = { "base", "ir", "emit" },
  bind = { "base", "ir", "emit", "op", "kernel", "plan" },
}

-- Floors of the scripts, by path: which modules may be required there.
local lua_floors = {
  { path = "^lua/", may = { "^aot%.", "^aotlua", "^lpeg$" },
    -- What a user names is looked up by its name: the literal ends in the folder's dot.
    named = { "^passes%.$", "^targets%.$" } },
  { path = "^passes/", may = { "^aot%.", "^aotlua", "^lpeg$" } },
  { path = "^targets/", may = { "^aot%.", "^aotlua", "^lpeg$", "^targets%." } },
}

local function lines_of(command)
  local pipe <close> = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do
    list[#list + 1] = line
  end
  return list
end

local function quote(s)
  return "'" .. s:gsub("'", "'\\''") .. "'"
end

-- The project's files below a folder ("": all), by extension, sorted.
local function files(folder, extension)
  return lines_of(("cd %s && find ./%s -path ./build -prune -o -path ./.git -prune -o"
    .. " -type f -name '*.%s' -print | sed 's,^\\./,,; s,//,/,' | LC_ALL=C sort")
    :format(quote(root), folder, extension))
end

local function read(path)
  local file = io.open(root .. "/" .. path, "r")
  if not file then
    return nil
  end
  local text = file:read "a"
  file:close()
  return text
end

local function each_line(path)
  local number = 0
  local step = (read(path) .. "\n"):gmatch("([^\n]*)\n")
  return function()
    number = number + 1
    local line = step()
    return line and number, line
  end
end

local function matches_one(text, patterns)
  for _, pattern in ipairs(patterns or {}) do
    if text:find(pattern) then
      return true
    end
  end
  return false
end

-- All problems at once: one failure shows the whole list.
local function none(problems)
  assert.equal("", table.concat(problems, "\n"))
end

local c_files = {}
for _, extension in ipairs { "c", "h", "def" } do
  for _, path in ipairs(files("core", extension)) do
    c_files[#c_files + 1] = path
  end
end

describe("the house", function()
  it("includes downward only", function()
    local problems = {}
    for _, path in ipairs(c_files) do
      local room = path:match("^core/(%w+)/") or "main"
      local may = { [room] = true }
      for _, name in ipairs(core_floors[room] or { "bind" }) do
        may[name] = true
      end
      for number, line in each_line(path) do
        local included = line:match('^%s*#%s*include%s+"(.-)"')
        local there = included and included:match("^core/(%w+)/")
        if included and (not there or not may[there]) then
          problems[#problems + 1] = ("%s:%d: may not include %s"):format(path, number, included)
        end
      end
    end
    none(problems)
  end)

  it("knows Lua and JSON in core/bind and main.c only", function()
    local problems = {}
    for _, path in ipairs(c_files) do
      local may = path:find "^core/bind/" or path == "core/main.c"
      for number, line in each_line(path) do
        if not may and line:find '#%s*include%s+[<"].*l?ua' or
           not may and line:find "#%s*include.*cJSON" then
          problems[#problems + 1] = ("%s:%d: %s"):format(path, number, line)
        end
      end
    end
    none(problems)
  end)

  it("requires downward only", function()
    local problems = {}
    for _, floor in ipairs(lua_floors) do
      for _, path in ipairs(files("", "lua")) do
        if path:find(floor.path) then
          for number, line in each_line(path) do
            local code = line:gsub("%-%-.*", "")
            for name in code:gmatch("require%s*%(?%s*[\"']([%w_.]+)[\"']") do
              if not matches_one(name, floor.may) and not matches_one(name, floor.named) then
                problems[#problems + 1] = ("%s:%d: may not require %s"):format(path, number, name)
              end
            end
          end
        end
      end
    end
    none(problems)
  end)

  it("keeps files short", function()
    local problems = {}
    for _, extension in ipairs { "c", "h", "def", "lua" } do
      for _, path in ipairs(files("", extension)) do
        local _, count = read(path):gsub("\n", "")
        if count > line_limits[extension] and not long_files[path] then
          problems[#problems + 1] = ("%s has %d lines, %d are the most"):format(path, count,
            line_limits[extension])
        end
      end
    end
    none(problems)
  end)

  it("opens every file with a sentence that says what it is", function()
    local problems = {}
    for _, extension in ipairs { "c", "h", "def", "lua" } do
      for _, path in ipairs(files("", extension)) do
        local name = path:match("([^/]+)$")
        local first = read(path):match("^[^\n]*")
        local ok
        if extension == "lua" then
          ok = first:find("^%-%-%- [^ ].*: .") ~= nil
        else
          ok = first:find("/* " .. name .. " - ", 1, true) == 1
        end
        if not ok then
          problems[#problems + 1] = path .. ": " .. first
        end
      end
    end
    none(problems)
  end)

  it("allocates in arena.c and block.c only", function()
    local problems = {}
    for _, path in ipairs(c_files) do
      if path ~= "core/base/arena.c" and path ~= "core/ir/block.c" then
        for number, line in each_line(path) do
          local call = line:match "%f[%w_](%a*alloc)%s*%("
          if call == "malloc" or call == "calloc" or call == "realloc" then
            problems[#problems + 1] = ("%s:%d: %s"):format(path, number, line)
          end
        end
      end
    end
    none(problems)
  end)

  it("never lets the order of pairs reach output", function()
    local problems = {}
    for _, folder in ipairs { "lua", "passes", "targets" } do
      for _, path in ipairs(files(folder, "lua")) do
        local before = ""
        for number, line in each_line(path) do
          local code = line:gsub("%-%-.*", "")
          local unordered = code:find "%f[%w_]pairs%s*%(" or code:find "%f[%w_]in%s+next%s*,"
          if unordered and not (line .. before):find "order:" then
            problems[#problems + 1] = ("%s:%d: say why the order is right (`-- order: ...`): %s")
              :format(path, number, line)
          end
          before = line
        end
      end
    end
    none(problems)
  end)

  it("has a golden file for every pass", function()
    local problems = {}
    for _, path in ipairs(files("passes", "lua")) do
      local golden = ("tests/passes/%s.golden"):format(path:match "([^/]+)%.lua$")
      if not read(golden) then
        problems[#problems + 1] = golden .. " is missing"
      end
    end
    none(problems)
  end)

  -- That every op can be inferred and evaluated is proved by the linker: op.c names them all.
  it("has for every op a recipe and a test that runs it", function()
    local problems = {}
    local formulas = require "aotlua.kernels.formula"
    local tests = ""
    for _, path in ipairs(files("tests/kernels", "lua")) do
      tests = tests .. read(path)
    end
    for _, op in ipairs(ir.ops()) do
      if not (op.flags.control or op.flags.view or op.flags.constant) then
        if not formulas[op.name] and not read(("lua/aotlua/kernels/%s.lua"):format(op.name)) then
          problems[#problems + 1] = op.name .. ": no recipe in lua/aotlua/kernels"
        end
        if not tests:find("%f[%w_]" .. op.name .. "%f[^%w_]") then
          problems[#problems + 1] = op.name .. ": no test in tests/kernels"
        end
      end
    end
    none(problems)
  end)

  it("has the agreed rooms, each with its README", function()
    local expected = {}
    for _, name in ipairs(top_level) do
      expected[name] = true
    end
    local problems = {}
    for _, name in ipairs(lines_of("ls " .. quote(root))) do
      if not expected[name] and name ~= "build" then
        problems[#problems + 1] = name .. " is no part of the house"
      end
    end
    for _, room in ipairs { "", "core/", "core/op/", "lua/", "passes/", "targets/", "runtime/",
                            "tests/", "examples/" } do
      if not read(room .. "README.md") then
        problems[#problems + 1] = room .. "README.md is missing"
      end
    end
    none(problems)
  end)

  it("says nothing of when, who and which machine", function()
    local problems = {}
    for _, extension in ipairs { "c", "h", "lua", "md", "def" } do
      for _, path in ipairs(files("", extension)) do
        for number, line in each_line(path) do
          local left = line:match "%f[%w_](TODO)%f[^%w_]" or line:match "%f[%w_](FIXME)%f[^%w_]"
                       or line:match "/home/%w+"
          if left and path ~= "tests/house_spec.lua" then
            problems[#problems + 1] = ("%s:%d: %s"):format(path, number, line)
          end
        end
      end
    end
    none(problems)
  end)
end)
