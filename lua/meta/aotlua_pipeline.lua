--- aotlua.pipeline: ordered lists of passes, and the driver that runs one.
---@meta aotlua.pipeline

---@class aotlua.Context
---@field target aotlua.Target
---@field options table<string, any> the pass's, defaults filled in

---@class aotlua.Pass
---@field name string
---@field run fun(graph: aot.Graph, ctx: aotlua.Context) edits @main, returns nothing
---@field changes? "nothing"|"float_order"|{ lsb: integer } what `aotlua check` holds it to
---@field leaves_no? string[] ops that are gone afterwards
---@field options? table<string, { [1]: any, [2]: string }> key = { default, doc }
---@field optional? boolean --disable-pass may leave it out
---@field check? fun(options: table, target: table) refuses what cannot be, before any pass runs
---@field kept? fun(graph: aot.Graph, ctx: aotlua.Context) refuses a text not as the pass leaves it

--- What a file in targets/ returns: targets/README.md.
---@class aotlua.Target
---@field name string
---@field pipeline aotlua.Pipeline
---@field kernels? table<string, any>
---@field schedules? table<string, any>|function
---@field accelerators? table[]
---@field memory { pools: table[] }
---@field names string|table
---@field interface? table
---@field options? table
---@field cc? table

--- A list of names and passes; an edit gives a new one.
---@class aotlua.Pipeline
local Pipeline = {}

--- The place of the pass. Fails if there is none.
---@param name string
---@return integer
function Pipeline:at(name) end

--- The list with `entry` before the pass.
---@param name string
---@param entry string|aotlua.Pass
---@return aotlua.Pipeline
function Pipeline:before(name, entry) end

--- The list with `entry` after the pass.
---@param name string
---@param entry string|aotlua.Pass
---@return aotlua.Pipeline
function Pipeline:after(name, entry) end

--- The list with `entry` instead of the pass.
---@param name string
---@param entry string|aotlua.Pass
---@return aotlua.Pipeline
function Pipeline:replace(name, entry) end

--- The list without the pass.
---@param name string
---@return aotlua.Pipeline
function Pipeline:without(name) end

local pipeline = {}

--- A pipeline of names and passes. Fails if one comes twice.
---@param entries (string|aotlua.Pass)[]
---@return aotlua.Pipeline
function pipeline.new(entries) end

--- The pass that an entry stands for.
---@param entry string|aotlua.Pass
---@return aotlua.Pass
function pipeline.resolve(entry) end

--- Checks what is asked for and gives a function that runs the passes, from the one after that
--- which the module says ran last. `spec`: target, pipeline, options, stop, disable, bisect, anew,
--- dump(pass, module), time(pass, seconds).
---@param module aot.Module
---@param spec table
---@return fun()
function pipeline.prepare(module, spec) end

--- Prepares and runs; gives the module.
---@param module aot.Module
---@param spec table
---@return aot.Module
function pipeline.run(module, spec) end

return pipeline
