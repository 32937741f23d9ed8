---@meta task
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---A task while it is being declared. It ends with `:build()`.
---@class evenkeel.TaskBuilder
local builder = {}

---@param text string
---@return evenkeel.TaskBuilder
function builder:description(text) end

---What the task does: a function, or a command for the shell. The function returns true or false with a reason, a table with
---`success`, `message` and `output`, or any other value, which is its output.
---@param command string|fun(params: table<string, any>, deps: table<string, any>, context: evenkeel.TaskContext): any, any, any
---@return evenkeel.TaskBuilder
function builder:command(command) end

---@param ... evenkeel.Task|string|(evenkeel.Task|string)[] What has to have succeeded before
---@return evenkeel.TaskBuilder
function builder:depends_on(...) end

---@param duration string|number Of one attempt: `5m`
---@return evenkeel.TaskBuilder
function builder:timeout(duration) end

---@param limit integer Attempts after the first one
---@param backoff? "exponential"|"linear"|"fixed" Default exponential
---@param delay? string|number Before the first retry. Default 1s
---@return evenkeel.TaskBuilder
function builder:retries(limit, backoff, delay) end

---The task is skipped where the function returns nil or false, or the command does not end with status 0.
---@param condition string|fun(params: table<string, any>, deps: table<string, any>, context: evenkeel.TaskContext): any
---@return evenkeel.TaskBuilder
function builder:condition(condition) end

---The same as condition.
---@param condition string|fun(params: table<string, any>, deps: table<string, any>, context: evenkeel.TaskContext): any
---@return evenkeel.TaskBuilder
function builder:run_if(condition) end

---Which results of what it depends on let it run; or a condition.
---@param trigger "success"|"failure"|"always"|fun(params: table<string, any>, deps: table<string, any>, context: evenkeel.TaskContext): any
---@return evenkeel.TaskBuilder
function builder:when(trigger) end

---@param hook fun(result: evenkeel.TaskResult, context: evenkeel.TaskContext)
---@return evenkeel.TaskBuilder
function builder:on_success(hook) end

---@param hook fun(result: evenkeel.TaskResult, context: evenkeel.TaskContext)
---@return evenkeel.TaskBuilder
function builder:on_failure(hook) end

---@param params table<string, evenkeel.ParamSpec|string|number|boolean|table> Specifications, or plain defaults
---@return evenkeel.TaskBuilder
function builder:params(params) end

---@param ... string|string[] Paths or globs that are kept with the run
---@return evenkeel.TaskBuilder
function builder:artifacts(...) end

---@return evenkeel.Task
function builder:build() end

---@class evenkeel.Task
---@field name string

---@class evenkeel.ParamSpec
---@field type? "string"|"number"|"boolean"|"list"|"object"
---@field description? string
---@field default? any
---@field required? boolean
---@field choices? (string|number|boolean)[]
---@field secret? boolean Masked wherever a run prints or stores text

---@class evenkeel.TaskContext
---@field run_id string
---@field pipeline_name string
---@field task_name string
---@field attempt integer From 1
---@field workdir string
---@field artifacts_directory string A folder for what the task leaves behind

---@class evenkeel.TaskResult
---@field name string
---@field state "succeeded"|"failed"|"skipped"|"blocked"|"cancelled"|"kept"
---@field success boolean
---@field output? any
---@field message? string
---@field error? { code: string, message: string, hint?: string }
---@field attempts integer
---@field duration_ms integer
---@field artifacts string[]

---Begins the declaration of a task.
---@param name string
---@return evenkeel.TaskBuilder
function task(name) end

return task
