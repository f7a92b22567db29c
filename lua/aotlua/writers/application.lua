--- application: the files that the models of one application have in common.

local emit = require "aot.emit"
local memory = require "aotlua.writers.memory"
local page = require "aotlua.writers.page"
local runtime = require "aotlua.writers.runtime"
local sorted = require "aotlua.sorted"
local write_build = require "aotlua.writers.build"

-- What a page's head speaks of.
local function subject(record)
  local targets, seen = {}, {}
  for _, model in ipairs(record.models) do
    if not seen[model.target] then targets[#targets + 1] = model.target end
    seen[model.target] = true
  end
  return { application = record.name, source = {}, target = table.concat(targets, "; ") }
end

local function header(record, spelling)
  local out, guard = page.new(), spelling("guard", "h_")
  out:head(subject(record), ("The models of application '%s'."):format(record.name))
  out:line("#ifndef %s\n#define %s\n", guard, guard)
  for _, model in ipairs(record.models) do out:line("#include \"%s\"", model.header) end
  out:line()
  out:doc "How many models there are"
  out:line("#define %s %d\n", spelling("macro", "number_of_models"), #record.models)
  out:doc(record.share == "exclusive"
    and "Bytes of working memory and state; no two models may run at the same time"
    or "Bytes of working memory and state of all models")
  out:line("#define %s %d", spelling("macro", "workspace_size"), record.bytes)
  out:line("\n#endif /* %s */", guard)
  return out:text()
end

local function internal(record, spelling)
  local out, guard = page.new(), spelling("guard", "lib_h_")
  out:head(subject(record), ("What the models of application '%s' share; no interface."):format(
    record.name))
  out:line("#ifndef %s\n#define %s\n", guard, guard)
  out:line("#include <stdint.h>\n")
  out:line("#if defined(__GNUC__) && defined(__ELF__)\n#pragma GCC visibility push(hidden)\n#endif")
  for index, pool in ipairs(record.pools) do
    out:line("\nextern uint8_t %s[%d];", spelling("object", "memory", "pool", index), pool.bytes)
  end
  for index, operator in ipairs(record.shared) do
    local name = spelling("operator", "shared", nil, index)
    out:line("\n%s;", operator.kernel:prototype(name, { static = false }))
  end
  out:line("\n#if defined(__GNUC__) && defined(__ELF__)\n#pragma GCC visibility pop\n#endif")
  out:line("\n#endif /* %s */", guard)
  return out:text()
end

local function source(record, spelling, headers)
  local out = page.new()
  for _, operator in ipairs(record.shared) do
    for _, name in ipairs(operator.kernel.headers) do headers[name] = true end
  end
  out:head(subject(record), ("What the models of application '%s' share."):format(record.name))
  out:line("#include \"%s\"", spelling("file", "internal", "application", 1))
  for _, name in ipairs(sorted(headers)) do
    local is_quoted = name:find "^\""
    out:line("#include %s", is_quoted and name or (name:find "^aotrt_" and "\"%s\"" or "<%s>")
      :format(name))
  end
  for index, pool in ipairs(record.pools) do
    out:line("\n%s", memory.of_pool(pool, spelling("object", "memory", "pool", index)))
  end
  for index, operator in ipairs(record.shared) do
    local name = spelling("operator", "shared", nil, index)
    local others = operator.uses > 1 and (", and %d more"):format(operator.uses - 1) or ""
    out:line("\n%s", (operator.kernel:definition(name, { static = false,
      comment = emit.comment(operator.first) .. others }):gsub("\n+$", "")))
  end
  return out:text()
end

local function build(record, spelling, own)
  local groups = { { sources = { own }, flags = record.models[1].flags } }
  for _, model in ipairs(record.models) do
    local group = record.sources[model.model]
    groups[#groups + 1] = { sources = group, flags = model.flags, assembler = group.assembler,
      blob = group.blob }
  end
  return write_build { what = "application", name = record.name,
    library = spelling("library", "library"), groups = groups }
end

--- Adds to `files`, { [path] = content }, what the models have in common. `record`: { name, share,
-- bytes, pools, shared (operators: { kernel, uses, first }), models (metadata records), sources
-- (by model: paths in the folder, `assembler` and `blob` among them where there are) }; `spelling`
-- is that of the application's symbols.
return function(files, record, spelling)
  local headers = #record.pools > 0 and { ["aotrt_align.h"] = true } or {}
  local own = "src/" .. spelling("file", "entry")
  files["include/" .. spelling("file", "header")] = header(record, spelling)
  files["src/" .. spelling("file", "internal", "application", 1)] = internal(record, spelling)
  files[own] = source(record, spelling, headers)
  local ours = {}
  for name in pairs(headers) do -- order: irrelevant, into a set
    ours[name] = name:find "^aotrt_" and true or nil
  end
  for name, text in pairs(runtime.needed(ours)) do -- order: irrelevant, into a table
    files["src/" .. name] = text
  end
  files["CMakeLists.txt"] = build(record, spelling, own)
end
