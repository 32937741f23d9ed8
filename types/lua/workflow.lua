---@meta workflow
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class evenkeel.workflow
workflow = {}

---@class (exact) evenkeel.PipelineOptions
---@field description? string
---@field version? string
---@field metadata? table<string, any>
---@field tasks (evenkeel.Task|string)[]
---@field params? table<string, evenkeel.ParamSpec|string|number|boolean|table>
---@field max_parallel? integer
---@field on_task_start? fun(task_name: string)
---@field on_task_complete? fun(task_name: string, success: boolean, output: any)
---@field on_complete? fun(success: boolean, results: table<string, evenkeel.TaskResult>)

---Declares a pipeline.
---@param name string
---@param options evenkeel.PipelineOptions
function workflow.define(name, options) end

return workflow
