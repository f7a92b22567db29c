--- aot.system: folders and processes, without a shell in between.
---@meta aot.system

local system = {}

--- Makes the folder and those above it that do not exist.
---@param path string
function system.make_folders(path) end

--- The path of a new, empty folder.
---@return string
function system.temporary_folder() end

--- Removes a file, or a folder with all that is in it.
---@param path string
function system.remove(path) end

--- What is there.
---@param path string
---@return "file"|"folder"|"other"|nil
function system.kind(path) end

--- The names in a folder, in no order.
---@param path string
---@return string[]
function system.entries(path) end

--- Whether two paths lead to one file or folder that exists.
---@param a string
---@param b string
---@return boolean
function system.same(a, b) end

--- Waits until no other process holds the folder's lock; it is held as long as the result lives.
---@param folder string
---@return any
function system.lock(folder) end

--- Runs a program to its end, its input empty, both outputs into the file `output`. Gives the exit
--- code, or nil and why there is none.
---@param words string[] the program and its arguments
---@param output? string
---@return integer? code
---@return string? why
function system.run(words, output) end

--- Whether a person reads stream 1 or 2.
---@param stream integer
---@return boolean
function system.is_terminal(stream) end

--- Seconds that only grow.
---@return number
function system.clock() end

return system
