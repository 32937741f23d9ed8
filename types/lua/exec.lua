---@meta exec
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.exec.run.options
---@field cwd? string Folder to run in. Default: the working directory
---@field env? table<string, string> Variables over those of the run
---@field input? string Standard input. Default: empty
---@field timeout? string|number Default 10m
---@field max_output? integer Bytes of standard output that may come; more ends it. Default 16 MiB
---@field allow_failure? boolean Another exit status than 0 is a result. Default false
---@field stream? boolean Write its lines to the log as they come. Default false

---@class (exact) evenkeel.exec.RunResult
---@field success boolean Whether the exit status was 0
---@field exit_code integer The exit status; 128 + n after signal n
---@field stdout string Standard output
---@field stderr string The last 64 KiB of standard error
---@field seconds number How long it took

---Programs. Each runs in a process group of its own, which ends as a whole with its time limit or with the run.
---@class evenkeel.exec
local exec = {}

---Runs a command to its end. Another exit status than 0 is an error unless `allow_failure`.
---@param command string|string[] A text for the shell, or a list of a program and its arguments, without a shell
---@param options? evenkeel.exec.run.options Options
---@return evenkeel.exec.RunResult?
---@return string? reason Why not
---@return string? code The code of the error
function exec.run(command, options) end

---Where a program is that can be run by its name.
---@param program string Its name
---@return string? # Its path
---@return string? reason Why not
---@return string? code The code of the error
function exec.which(program) end

return exec
