--- script: loads the scripts that a user names: build scripts, targets, policies.
--
-- They are programs of the user's. A build script's folder is where it may require from, and
-- where relative paths in it count from.

local depends = require "aotlua.depends"
local failure = require "aotlua.failure"

local M = {
  folder = ".",  -- of the running build script
  instead = nil, -- function(path, options): what is done with a model, if it is not compiled
}

local function load(path)
  local chunk, why = loadfile(path, "t")
  if not chunk then
    failure.raise(why:find "^cannot open" and "io" or "model", "%s%s",
      why:find(path, 1, true) and "" or path .. ": ", why)
  end
  depends.on(path)
  return chunk
end

--- Returns the table that the script at `path` returns. Raises an I/O failure where it cannot be
-- opened.
function M.table(path)
  local result = failure.within("model", load(path))
  if type(result) ~= "table" then failure.raise("model", "%s returns no table", path) end
  return result
end

--- Runs the build script at `path` with the arguments `list`, and gives what it returns.
-- `instead(path, options)` is called with each model that it would compile, and what aotlua.job
-- needs to know; nil: they are compiled.
function M.run(path, list, instead)
  M.folder, M.instead = path:match "^(.*)/" or ".", instead
  package.path = ("%s;%s/?.lua"):format(package.path, (M.folder:gsub("[?;]", "_")))
  return load(path)(table.unpack(list))
end

return M
