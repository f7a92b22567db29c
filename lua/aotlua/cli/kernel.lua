--- kernel: prints the loop nest of one node as C.

local job = require "aotlua.job"
local kernels = require "aotlua.kernels"
local shared = require "aotlua.cli.shared"
local storage = require "aotlua.storage"
local words_of = require "aotlua.import.words"

local SHOWN = 40 -- names in a message

-- The node of @main that computes %name, or the only one whose name holds these characters; nil
-- and what is there instead.
local function find(module, name)
  local exact, partial, lines = nil, {}, {}
  for node in module:main():nodes() do
    for _, output in ipairs(storage.is_view(node) and {} or node.outputs) do
      if output.name == name then exact = node end
      if output.name:find(name, 1, true) then partial[#partial + 1] = node end
      lines[#lines + 1] = "\n  %" .. words_of.escape(output.name)
    end
  end
  if exact or #partial == 1 then return exact or partial[1] end
  local rest = #lines > SHOWN and ("\n  and %d more"):format(#lines - SHOWN) or ""
  return nil, ("%s of @main with code; there are:%s%s"):format(
    #partial == 0 and "%" .. words_of.escape(name) .. " is no node"
      or words_of.quote(name) .. " names several nodes",
    table.concat(lines, "", 1, math.min(#lines, SHOWN)), rest)
end

-- A model is compiled first, and what a script compiles; IR text is taken as it stands.
local function is_fresh(module, settings)
  return module:get "after" == nil and (module:get "source" ~= nil or settings.own ~= nil)
end

-- The C of a model's node, or nil and why not.
local function show(path, name, settings)
  local module = job.load(path, settings)
  local target = job.target_of(module, settings)
  if is_fresh(module, settings) then job.lower(module, target, settings) end
  local node, problem = find(module, name)
  return node and kernels.build(node, target):definition("kernel"), problem
end

return {
  about = "prints the loop nest of one node as C\n\n"
    .. "IR text is taken as it stands; models are compiled first. NAME may be part of a name.",
  usage = "FILE.ir|MODEL|BUILD.lua %NAME [OPTIONS]",
  least = 2, most = 2,
  options = shared.options(shared.reading, shared.compiling),
  run = function(words, options)
    local name, found, problem = words[2]:gsub("^%%", ""):gsub('^"(.*)"$', "%1"), nil, nil
    shared.each_model("kernel", { words[1] }, options, function(path, settings)
      local text, why = show(path, name, settings)
      found, problem = found or text, problem or why
      if text then io.write(text, "\n") end
    end)
    if not found then error(problem or "the script compiles no model", 0) end
  end,
}
