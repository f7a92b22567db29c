--- aot.plan: offsets of buffers in pools.
---@meta aot.plan

--- A buffer of `size` bytes, alive from position `first` to `last`.
---@class aot.Buffer
---@field size integer
---@field align integer
---@field first integer
---@field last integer

--- A pool: without `limit` it has no end. Without pools there is one such.
---@class aot.Room
---@field limit? integer bytes
---@field align? integer

local plan = {}

--- The best legal plan that was found: offsets, the pools' indices, the pools' bytes. Pools come in
--- order of preference; only the last may be planned beyond its limit.
---@param buffers aot.Buffer[]
---@param pools? aot.Room[]
---@return integer[] offsets
---@return integer[] homes
---@return integer[] totals
function plan.assign(buffers, pools) end

--- A plan as malloc and free would make it.
---@param buffers aot.Buffer[]
---@param pools? aot.Room[]
---@return integer[] offsets
---@return integer[] homes
---@return integer[] totals
function plan.arrival(buffers, pools) end

--- Puts the buffers one after the other at the lowest offset, or into the tightest gap, of the
--- first pool that has room.
---@param buffers aot.Buffer[]
---@param pools? aot.Room[]
---@param order integer[] the buffers' indices
---@param tight? boolean
---@return integer[] offsets
---@return integer[] homes
---@return integer[] totals
function plan.place(buffers, pools, order, tight) end

--- The most bytes that are alive at once, and the first position where they are.
---@param buffers aot.Buffer[]
---@return integer bytes
---@return integer position
function plan.bound(buffers) end

--- Raises unless the plan is legal.
---@param buffers aot.Buffer[]
---@param pools? aot.Room[]
---@param offsets integer[]
---@param homes integer[]
---@param totals integer[]
function plan.verify(buffers, pools, offsets, homes, totals) end

return plan
