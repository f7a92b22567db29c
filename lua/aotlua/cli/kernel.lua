--- kernel: prints the loop nest of one node as C.

local job = require "aotlua.job"
local kernels = require "aotlua.kernels"
local shared = require "aotlua.cli.shared"
local storage = require "aotlua.storage"
local words_of = require "aotlua.import.words"

local SHOWN = 40 -- names in a message

-- The node of @main that computes %name, or the only one whose name holds these characters.
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
  error(("%s of @main with code; there are:%s%s"):format(
    #partial == 0 and "%" .. words_of.escape(name) .. " is no node"
      or words_of.quote(name) .. " names several nodes",
    table.concat(lines, "", 1, math.min(#lines, SHOWN)), rest), 0)
end

-- A model is compiled first; IR text is taken as it stands.
local function is_fresh(module)
  return module:get "source" ~= nil and module:get "after" == nil
end

return {
  about = "prints the loop nest of one node as C\n\n"
    .. "IR text is taken as it stands; a model is compiled first. NAME may be part of a name.",
  usage = "FILE.ir|MODEL %NAME [OPTIONS]",
  least = 2, most = 2,
  options = shared.options(shared.reading, shared.compiling),
  run = function(words, options)
    local settings = shared.job(options)
    local module = job.load(words[1], settings)
    local target = job.target_of(module, settings)
    if is_fresh(module) then job.lower(module, target, settings) end
    local node = find(module, words[2]:gsub("^%%", ""):gsub('^"(.*)"$', "%1"))
    io.write(kernels.build(node, target):definition("kernel"), "\n")
  end,
}
