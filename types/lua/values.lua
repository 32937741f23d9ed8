---@meta values
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.values.load.options
---@field params? boolean Lay the parameters of the run over the files. Default true
---@field optional? boolean Files that do not exist are left out. Default false

---Values from files and from the command line, one layer over the other.
---@class evenkeel.values
local values = {}

---Reads YAML or JSON files in order, a later one over an earlier one, and the run's parameters over all of them.
---@param files string|string[] A file or several, relative to the working directory
---@param options? evenkeel.values.load.options Options
---@return any?
---@return string? reason Why not
---@return string? code The code of the error
function values.load(files, options) end

---Lays values over each other: mappings are merged, lists and everything else replaced, null takes a key away.
---@param ... table<string, any> From the lowest to the highest
---@return any
---@return string? reason Why not
---@return string? code The code of the error
function values.merge(...) end

---What stands at a path like `image.tag` or `hosts[0].name`. Items count from 0.
---@param values any Where it is looked for
---@param path string Names with dots between them, items in brackets
---@param fallback? any What is returned where there is nothing
---@return any?
---@return string? reason Why not
---@return string? code The code of the error
function values.get(values, path, fallback) end

---The parameters of the run: what `--param` and `--values` gave.
---@return any
---@return string? reason Why not
---@return string? code The code of the error
function values.params() end

return values
