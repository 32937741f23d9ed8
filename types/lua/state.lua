---@meta state
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.state.set.options
---@field ttl? string|number How long it is there. Default: for good

---@class (exact) evenkeel.state.increment.options
---@field ttl? string|number How long it is there. Default: for good

---@class (exact) evenkeel.state.compare_and_set.options
---@field ttl? string|number How long it is there. Default: for good

---@class (exact) evenkeel.state.lock.options
---@field owner? string Who takes it: the same owner takes it again. Default: a new name
---@field lease? string|number How long others wait for an owner that is gone. Default 60s
---@field wait? string|number How long to wait for another owner. Default: not at all

---@class (exact) evenkeel.state.LockInfo
---@field name string Name of the lock
---@field owner string Who has it
---@field fence integer Grows with every time that the lock is taken: what an older owner writes can be told by it
---@field expires_at string When others may take it, unless it is renewed

---@class (exact) evenkeel.state.renew.options
---@field lease? string|number How long others wait for an owner that is gone. Default 60s

---@class (exact) evenkeel.state.with_lock.options
---@field owner? string Who takes it: the same owner takes it again. Default: a new name
---@field lease? string|number How long others wait for an owner that is gone. Default 60s
---@field wait? string|number How long to wait for another owner. Default: not at all

---Values and locks that outlast a run, shared by all runs of a workspace. Values are stored encrypted.
---@class evenkeel.state
local state = {}

---Reads a value.
---@param key string Name of the value
---@param fallback? any What is returned where there is nothing
---@return any?
---@return string? reason Why not
---@return string? code The code of the error
function state.get(key, fallback) end

---Writes a value.
---@param key string Name of the value
---@param value any JSON data of up to 1 MiB
---@param options? evenkeel.state.set.options Options
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function state.set(key, value, options) end

---Whether there is a value.
---@param key string Name of the value
---@return boolean
---@return string? reason Why not
---@return string? code The code of the error
function state.exists(key) end

---Forgets a value.
---@param key string Name of the value
---@return boolean # Whether it was there
---@return string? reason Why not
---@return string? code The code of the error
function state.delete(key) end

---The keys of all values, in order.
---@param prefix? string What they begin with
---@return string[]?
---@return string? reason Why not
---@return string? code The code of the error
function state.keys(prefix) end

---Adds to a number as one step. What is not there counts as 0.
---@param key string Name of the value
---@param by? number How much. Default 1
---@param options? evenkeel.state.increment.options Options
---@return number? # The new number
---@return string? reason Why not
---@return string? code The code of the error
function state.increment(key, by, options) end

---Writes a value only where the present one is as expected, as one step.
---@param key string Name of the value
---@param expected? any The present value; null where nothing is expected
---@param value any The new one
---@param options? evenkeel.state.compare_and_set.options Options
---@return boolean # Whether it was written
---@return string? reason Why not
---@return string? code The code of the error
function state.compare_and_set(key, expected, value, options) end

---Takes a lock.
---@param name string Name of the lock
---@param options? evenkeel.state.lock.options Options
---@return evenkeel.state.LockInfo?
---@return string? reason Why not
---@return string? code The code of the error
function state.lock(name, options) end

---Renews the lease of a lock.
---@param name string Name of the lock
---@param owner string Who has it
---@param options? evenkeel.state.renew.options Options
---@return boolean # false where the lock is not this owner's any more
---@return string? reason Why not
---@return string? code The code of the error
function state.renew(name, owner, options) end

---Gives a lock back.
---@param name string Name of the lock
---@param owner string Who has it
---@return boolean # Whether it was this owner's
---@return string? reason Why not
---@return string? code The code of the error
function state.unlock(name, owner) end

---Who has a lock.
---@param name string Name of the lock
---@return evenkeel.state.LockInfo?
---@return string? reason Why not
---@return string? code The code of the error
function state.holder(name) end

---Runs a function under a lock whose lease is renewed meanwhile, and gives it back, whether the function fails or not.
---@param name string Name of the lock
---@param action function What is run
---@param options? evenkeel.state.with_lock.options Options
---@return any? # What the function returned
---@return string? reason Why not
---@return string? code The code of the error
function state.with_lock(name, action, options) end

return state
