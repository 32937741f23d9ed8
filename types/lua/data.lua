---@meta data
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.data.to_json.options
---@field pretty? boolean Two spaces a level. Default: one line

---@class (exact) evenkeel.data.to_yaml.options
---@field sort_keys? boolean Keys in order, as kubectl prints them. Default: as they stand

---@class (exact) evenkeel.data.to_yaml_documents.options
---@field sort_keys? boolean Keys in order, as kubectl prints them. Default: as they stand

---@class (exact) evenkeel.data.hash.options
---@field algorithm? "sha256"|"sha512"|"sha1"|"md5" Default sha256

---JSON and YAML as Kubernetes reads them, and the usual encodings.
---@class evenkeel.data
local data = {}

---Reads JSON. Integers of 64 bits survive.
---@param text string JSON
---@return any
---@return string? reason Why not
---@return string? code The code of the error
function data.parse_json(text) end

---Writes JSON.
---@param value any What is written
---@param options? evenkeel.data.to_json.options Options
---@return string
---@return string? reason Why not
---@return string? code The code of the error
function data.to_json(value, options) end

---Reads one YAML document as Kubernetes reads it: `yes` is true, `012` is ten, a date is a text.
---@param text string YAML
---@return any # null where there is nothing
---@return string? reason Why not
---@return string? code The code of the error
function data.parse_yaml(text) end

---Reads all documents of a text with `---` between them. Empty ones are left out.
---@param text string YAML
---@return any[]
---@return string? reason Why not
---@return string? code The code of the error
function data.parse_yaml_documents(text) end

---Writes YAML that every reader understands alike: what another could take for a number or a date is quoted.
---@param value any What is written
---@param options? evenkeel.data.to_yaml.options Options
---@return string
---@return string? reason Why not
---@return string? code The code of the error
function data.to_yaml(value, options) end

---Writes several documents with `---` between them.
---@param values any[] What is written
---@param options? evenkeel.data.to_yaml_documents.options Options
---@return string
---@return string? reason Why not
---@return string? code The code of the error
function data.to_yaml_documents(values, options) end

---Writes base64, as the `data` of a Secret holds it.
---@param value string A text or bytes
---@return string
---@return string? reason Why not
---@return string? code The code of the error
function data.encode_base64(value) end

---Reads base64, also the form for URLs.
---@param text string base64
---@return string # A text where the bytes are UTF-8
---@return string? reason Why not
---@return string? code The code of the error
function data.decode_base64(text) end

---A hash in hexadecimal digits.
---@param value string A text or bytes
---@param options? evenkeel.data.hash.options Options
---@return string
---@return string? reason Why not
---@return string? code The code of the error
function data.hash(value, options) end

return data
