---@meta log
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---Lines of the log of a run. Secrets that the run knows are masked in them.
---@class evenkeel.log
log = {}

---A line for who looks for a mistake.
---@param message any A text, or an error; anything else is written as JSON
---@param fields? table<string, any> Data that goes with it, for machines
function log.debug(message, fields) end

---A line on what happens.
---@param message any A text, or an error; anything else is written as JSON
---@param fields? table<string, any> Data that goes with it, for machines
function log.info(message, fields) end

---A line on what somebody should look at.
---@param message any A text, or an error; anything else is written as JSON
---@param fields? table<string, any> Data that goes with it, for machines
function log.warn(message, fields) end

---A line on what went wrong.
---@param message any A text, or an error; anything else is written as JSON
---@param fields? table<string, any> Data that goes with it, for machines
function log.error(message, fields) end

return log
