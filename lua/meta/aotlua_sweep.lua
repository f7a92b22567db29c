--- aotlua.sweep: removes what nothing uses.
---@meta aotlua.sweep

local sweep = {}

--- Removes a constant at once, if nothing uses it, and frees its data if they are large.
---@param module aot.Module
---@param value aot.Value
function sweep.constant(module, value) end

--- Removes constants that nothing uses, be it as an operand or by a type.
---@param module aot.Module
function sweep.constants(module) end

--- Removes nodes none of whose results is used.
---@param graph aot.Graph
function sweep.nodes(graph) end

--- Removes graphs that nobody calls.
---@param module aot.Module
function sweep.graphs(module) end

return sweep
