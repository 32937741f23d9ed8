---@meta evenkeel
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---What JSON calls null: in a table it stands for a value that is there and empty, where nil is none.
---@type lightuserdata
null = nil

---Waits, and lets other tasks go on.
---@param duration string|number `30s`, or a number of seconds
function sleep(duration) end

---@class evenkeel.KubernetesObject
---@field apiVersion string
---@field kind string
---@field metadata table<string, any>
---@field [string] any

---An error that a module raised, as pcall gives it.
---@class evenkeel.Error
---@field code string
---@field message string
---@field hint? string
---@field where? table<string, any>
