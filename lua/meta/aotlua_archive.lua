--- aotlua.archive: Model Library Format archives.
---@meta aotlua.archive

---@class aotlua.Compiled
---@field module aot.Module
---@field target aotlua.Target
---@field files? table<string, aot.Content> what the writers gave, if that is known

---@class aotlua.Library
---@field members table[] each { path, content }, content a View, in order
---@field files table<string, aot.View> the same by path
---@field metadata table of metadata.json

local archive = {}

--- Writes all or nothing. Fails if two models have the same name or file.
---@param path string
---@param compiled aotlua.Compiled[]
---@param options? table `style`, and `shared`, { name, files }, what the models have in common
function archive.write(path, compiled, options) end

--- Reads an archive. Fails if it is damaged, would do harm, or is of another version.
---@param path string
---@return aotlua.Library
function archive.read(path) end

--- Fails unless there is such a style of archives and it suits that many models.
---@param style? string
---@param count integer
function archive.check_style(style, count) end

return archive
