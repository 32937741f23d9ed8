---@meta fs
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.fs.read_text.options
---@field max_bytes? integer A larger file is refused. Default 64 MiB

---@class (exact) evenkeel.fs.read_bytes.options
---@field max_bytes? integer A larger file is refused. Default 64 MiB

---@class (exact) evenkeel.fs.write.options
---@field mode? string Like `600`. Default: as it was, or 644 less the umask
---@field exclusive? boolean Refuse where it exists. Default false

---@class (exact) evenkeel.fs.FileInfo
---@field path string As it was asked for; in lists relative to the folder
---@field type "file"|"folder"|"link"|"other" What it is
---@field size integer Bytes
---@field modified_at string When it was written last
---@field mode string Like `644`

---@class (exact) evenkeel.fs.list.options
---@field recursive? boolean In folders below, too. Default false, and true where the pattern has a `/`
---@field match? string A pattern for the path from that folder: `*`, `?`, `**`, `[a-c]`, `{a,b}`

---@class (exact) evenkeel.fs.remove.options
---@field recursive? boolean Also what is in the folder. Default false

---@class (exact) evenkeel.fs.copy.options
---@field overwrite? boolean In place of what is there. Default false

---@class (exact) evenkeel.fs.move.options
---@field overwrite? boolean In place of what is there. Default false

---Files of the working directory and nowhere else, whatever links lead out of it.
---@class evenkeel.fs
local fs = {}

---Reads a file of UTF-8 text.
---@param path string Relative to the working directory
---@param options? evenkeel.fs.read_text.options Options
---@return string?
---@return string? reason Why not
---@return string? code The code of the error
function fs.read_text(path, options) end

---Reads a file of bytes.
---@param path string Relative to the working directory
---@param options? evenkeel.fs.read_bytes.options Options
---@return string?
---@return string? reason Why not
---@return string? code The code of the error
function fs.read_bytes(path, options) end

---Writes a file, wholly or not at all. Folders on the way are made.
---@param path string Relative to the working directory
---@param content string A text or bytes
---@param options? evenkeel.fs.write.options Options
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function fs.write(path, content, options) end

---Writes at the end of a file, and makes it where it is not there.
---@param path string Relative to the working directory
---@param content string A text or bytes
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function fs.append(path, content) end

---Whether a file or folder is there.
---@param path string Relative to the working directory
---@return boolean
---@return string? reason Why not
---@return string? code The code of the error
function fs.exists(path) end

---What is known of a file or folder.
---@param path string Relative to the working directory
---@return evenkeel.fs.FileInfo?
---@return string? reason Why not
---@return string? code The code of the error
function fs.stat(path) end

---What is in a folder, by path. Links are listed and not followed.
---@param path? string Relative to the working directory
---@param options? evenkeel.fs.list.options Options
---@return evenkeel.fs.FileInfo[]?
---@return string? reason Why not
---@return string? code The code of the error
function fs.list(path, options) end

---Makes a folder and those on the way to it.
---@param path string Relative to the working directory
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function fs.make_folder(path) end

---Removes a file, a link or a folder.
---@param path string Relative to the working directory
---@param options? evenkeel.fs.remove.options Options
---@return boolean # Whether it was there
---@return string? reason Why not
---@return string? code The code of the error
function fs.remove(path, options) end

---Copies a file, or a folder with all that is in it.
---@param from string What
---@param to string Where to
---@param options? evenkeel.fs.copy.options Options
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function fs.copy(from, to, options) end

---Moves or renames a file or folder.
---@param from string What
---@param to string Where to
---@param options? evenkeel.fs.move.options Options
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function fs.move(from, to, options) end

return fs
