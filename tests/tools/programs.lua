--- programs: small models and what C programs say of them, many in one executable.
--
--     local built = programs.build { compiler = "gcc", cases = {
--       { models = { { text = "module m ..." } }, code = "CHECK(...);" } } }
--     assert.same({ 0, "" }, { built:run(1) })
--
-- The models are compiled as C99; the programs, written as users would, in the dialect that is
-- asked for. `code` is the body of a function that returns 0 if all is well; `globals` comes
-- before it.

local cc = require "aotlua.cc"
local pipeline = require "aotlua.pipeline"
local shell = require "tests.tools.shell"
local target = require "aotlua.target"
local text = require "aotlua.text"
local writers = require "aotlua.writers"

local M = {}

local head = [[
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
%s
#define CHECK(what) do { if (!(what)) { \
    printf("%%d: %%s\n", __LINE__, #what); return 1; } } while (0)
%s
#ifdef __cplusplus
extern "C" int check_%d(void);
#else
extern int check_%d(void);
#endif
int check_%d(void)
{
%s
    return 0;
}
]]

-- The dialects of the programs: flags, and the compiler that goes with gcc or clang.
local dialects = {
  c11 = { flags = { "-std=c11" }, suffix = ".c", compilers = { gcc = "gcc", clang = "clang" } },
  cxx = { flags = { "-std=c++11" }, suffix = ".cpp",
    compilers = { gcc = "g++", clang = "clang++" } },
}

local warnings = { "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-O1" }

local function silent(words, folder)
  local said = shell.must(words, { folder = folder })
  if said ~= "" then error(said, 0) end
end

--- The files of a model, { text, options, memory }: IR text, what is chosen, on top of `options`,
-- and the target's memory if it is not that of c.
function M.files(model, options)
  local chosen = {}
  for _, set in ipairs { options or {}, model.options or {} } do
    for key, value in pairs(set) do chosen[key] = value end -- order: irrelevant, a copy
  end
  local own = setmetatable({ memory = model.memory }, { __index = target.load "c" })
  target.check(own)
  local module = text.parse(model.text, "in.ir")
  pipeline.run(module, { target = own, options = chosen, pipeline = pipeline.new {
    "plan_memory", "interface", "names" } })
  return writers.files(module, own)
end

-- Puts the files of all models into the folder. Returns the sources and, by case, the headers.
local function write_models(folder, cases, options)
  local sources, headers = {}, {}
  for number, case in ipairs(cases) do
    headers[number] = {}
    for _, model in ipairs(case.models) do
      for path, content in pairs(M.files(model, options)) do -- order: sorted below
        local name = path:match "[^/]*$"
        shell.write(folder .. "/" .. name, type(content) == "string" and content
          or content:string(0, #content))
        sources[#sources + 1] = name:find "%.c$" and name or nil
        headers[number][#headers[number] + 1] = path:find "^include/tvmgen"
          and ('#include "%s"'):format(name) or nil
      end
    end
    table.sort(headers[number])
  end
  table.sort(sources)
  return sources, headers
end

local function main_of(cases)
  local lines = { "#include <stdlib.h>" }
  for number in ipairs(cases) do
    lines[#lines + 1] = ("int check_%d(void);"):format(number)
  end
  lines[#lines + 1] = "int main(int argc, char **argv)\n{\n"
    .. "    switch (argc > 1 ? atoi(argv[1]) : 0) {"
  for number in ipairs(cases) do
    lines[#lines + 1] = ("    case %d: return check_%d();"):format(number, number)
  end
  lines[#lines + 1] = "    }\n    return 99;\n}\n"
  return table.concat(lines, "\n")
end

local Built = {}
Built.__index = Built

--- Runs the program of case number `k`. Returns its exit code and what it printed.
function Built:run(k) return shell.run { self.folder.path .. "/program", tostring(k) } end

--- The text of a generated file.
function Built:read(name) return shell.read(self.folder.path .. "/" .. name) end

function Built:close() getmetatable(self.folder).__close(self.folder) end

--- Compiles and links. `spec`: `compiler`, "gcc" or "clang"; `dialect` of the programs, "c11" by
-- default, or "cxx"; `options` of all models, which their own come after; `flags` for all; `cases`.
-- No compiler may have anything to say.
function M.build(spec)
  local folder = shell.folder()
  local sources, headers = write_models(folder.path, spec.cases, spec.options or {})
  local dialect = dialects[spec.dialect or "c11"]
  local programs = {}
  for number, case in ipairs(spec.cases) do
    programs[number] = ("check_%d%s"):format(number, dialect.suffix)
    shell.write(folder.path .. "/" .. programs[number], head:format(
      table.concat(headers[number], "\n"), case.globals or "", number, number, number, case.code))
  end
  local function compile(compiler, flags, names)
    local words = table.move(flags, 1, #flags, 2, { compiler })
    table.move(spec.flags or {}, 1, #(spec.flags or {}), #words + 1, words)
    words[#words + 1] = "-c"
    silent(table.move(names, 1, #names, #words + 1, words), folder.path)
  end
  shell.write(folder.path .. "/main.c", main_of(spec.cases))
  sources[#sources + 1] = "main.c"
  compile(spec.compiler, table.move(cc.strict, 1, #cc.strict, 2, { "-O1" }), sources)
  compile(dialect.compilers[spec.compiler], table.move(warnings, 1, #warnings, 2,
    { table.unpack(dialect.flags) }), programs)
  local link = { dialect.compilers[spec.compiler], "-o", "program" }
  table.move(spec.flags or {}, 1, #(spec.flags or {}), #link + 1, link)
  for _, names in ipairs { sources, programs } do
    for _, name in ipairs(names) do link[#link + 1] = name:gsub("%.%w+$", ".o") end
  end
  link[#link + 1] = "-lm"
  silent(link, folder.path)
  return setmetatable({ folder = folder }, Built)
end

return M
