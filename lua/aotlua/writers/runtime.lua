--- runtime: the headers of runtime/ that generated code includes, copied beside it.

local data = require "aot.data"
local depends = require "aotlua.depends"
local program = require "aot.program"

local runtime = {}

--- Gives the texts of the headers in the set `names`, and of those that they include, by name.
function runtime.needed(names)
  local texts, waiting = {}, {}
  for name in pairs(names) do -- order: irrelevant, into a table
    waiting[#waiting + 1] = name
  end
  while #waiting > 0 do
    local name = table.remove(waiting)
    if not texts[name] then
      local view = data.open(depends.on(program.root .. "/runtime/" .. name))
      texts[name] = view:string(0, #view)
      for included in texts[name]:gmatch '#include "([%w_]+%.h)"' do
        waiting[#waiting + 1] = included
      end
    end
  end
  return texts
end

return runtime
