---@meta prompt
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.prompt.ask.options
---@field default? string What an empty answer stands for

---@class (exact) evenkeel.prompt.confirm.options
---@field default? boolean What an empty answer stands for

---Questions to the person at the terminal. Where there is none they fail, and say which flag answers them.
---@class evenkeel.prompt
local prompt = {}

---Asks for a text.
---@param question string What is asked
---@param options? evenkeel.prompt.ask.options Options
---@return string?
---@return string? reason Why not
---@return string? code The code of the error
function prompt.ask(question, options) end

---Asks for yes or no.
---@param question string What is asked
---@param options? evenkeel.prompt.confirm.options Options
---@return boolean
---@return string? reason Why not
---@return string? code The code of the error
function prompt.confirm(question, options) end

return prompt
