---@meta template
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.template.render.options
---@field strict? boolean A name that stands for nothing is an error; otherwise it is empty. Default true

---@class (exact) evenkeel.template.render_file.options
---@field strict? boolean A name that stands for nothing is an error; otherwise it is empty. Default true

---Texts with values filled in, in a small language that reaches nothing but the values and always ends.
---@class evenkeel.template
local template = {}

---Fills in a template.
---@param template string The template
---@param values table<string, any> What names in it stand for
---@param options? evenkeel.template.render.options Options
---@return string
---@return string? reason Why not
---@return string? code The code of the error
function template.render(template, values, options) end

---Fills in a template that is a file.
---@param path string Relative to the working directory
---@param values table<string, any> What names in it stand for
---@param options? evenkeel.template.render_file.options Options
---@return string?
---@return string? reason Why not
---@return string? code The code of the error
function template.render_file(path, values, options) end

return template
