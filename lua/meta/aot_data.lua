--- aot.data: bytes, mapped from files or copied from strings.
---@meta aot.data

--- What a file is written from: a list is put together.
---@alias aot.Content string|aot.View|(string|aot.View)[]

--- Bytes that never change. Offsets count from 0; numbers are little-endian.
---@class aot.View
---@operator len: integer bytes
local View = {}

--- `length` bytes from `offset` on. Raises beyond the end.
---@param offset integer
---@param length integer
---@return aot.View
function View:sub(offset, length) end

--- The same as a Lua string, for names and headers, never for weights.
---@param offset integer
---@param length integer
---@return string
function View:string(offset, length) end

--- 64 hex digits.
---@return string
function View:sha256() end

--- One number.
---@param offset integer
---@return integer
function View:u8(offset) end

--- One number.
---@param offset integer
---@return integer
function View:i8(offset) end

--- One number.
---@param offset integer
---@return integer
function View:u16(offset) end

--- One number.
---@param offset integer
---@return integer
function View:i16(offset) end

--- One number.
---@param offset integer
---@return integer
function View:u32(offset) end

--- One number.
---@param offset integer
---@return integer
function View:i32(offset) end

--- One number; above 2^63 - 1 the negative integer of the same bits.
---@param offset integer
---@return integer
function View:u64(offset) end

--- One number.
---@param offset integer
---@return integer
function View:i64(offset) end

--- One number.
---@param offset integer
---@return number
function View:f32(offset) end

--- One number.
---@param offset integer
---@return number
function View:f64(offset) end

local data = {}

--- The whole file, mapped read-only. Raises for directories, devices, missing files.
---@param path string
---@return aot.View
function data.open(path) end

--- The same for a model's external data: a relative path, no `..`, no links.
---@param folder string
---@param path string
---@return aot.View
function data.open_beneath(folder, path) end

--- A copy of the string.
---@param bytes string
---@return aot.View
function data.from_string(bytes) end

--- Writes a whole file, through a temporary name and a rename.
---@param path string
---@param content aot.Content
function data.write(path, content) end

--- Writes in place, for a name that nobody reads yet; follows no link. A function is called with
--- one that takes strings and Views, in order.
---@param path string
---@param content aot.Content|fun(put: fun(piece: string|aot.View))
function data.put(path, content) end

--- Whether the file is there and holds exactly that.
---@param path string
---@param content aot.Content
---@return boolean
function data.matches(path, content) end

return data
