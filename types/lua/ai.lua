---@meta ai
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.ai.predict_failure.options
---@field workflow_id? string The workflow that it syncs: past syncs and the present diff count, too. Default: the one that its last executions synced
---@field diff? any The preview of what it syncs, where there is one already

---@class (exact) evenkeel.ai.RiskFactor
---@field factor string Its name, like `recent_failures` or `no_history`
---@field description string For people
---@field weight number How much it moves the odds (logarithm); 0 where it is only worth knowing

---@class (exact) evenkeel.ai.Prediction
---@field failure_probability number From 0 to 1
---@field confidence number 0 where nothing is known, towards 1 the more is
---@field risk_factors evenkeel.ai.RiskFactor[] What speaks for a failure
---@field recommendations string[] What to do
---@field similar_failures integer How many failures were counted
---@field based_on integer How many executions were counted

---@class (exact) evenkeel.ai.record_execution.execution
---@field task_name string Name of the task
---@field command? string What it ran
---@field success boolean How it ended
---@field execution_time? string|number How long it took
---@field error? string What went wrong, in a line
---@field predicted_failure_probability? number What had been predicted: kept, so that predictions can be judged
---@field ai_prediction_used? boolean Whether somebody acted by it: then it may have changed what came
---@field diff? any The preview of what was synced

---@class (exact) evenkeel.ai.get_task_history.options
---@field limit? integer How many, up to 1000. Default 50

---@class (exact) evenkeel.ai.PastExecution
---@field task_name string Name of the task
---@field command string What it ran; empty for a function
---@field success boolean How it ended
---@field execution_time? number How long it took, in seconds
---@field at string When it began
---@field error? string What went wrong
---@field source "recorded"|"run"|"sync" Who told of it

---@class (exact) evenkeel.ai.PredictionScore
---@field count integer Predictions that were recorded
---@field used integer How many of them somebody acted by
---@field brier_score number Mean square of how far off they were: 0 is perfect
---@field base_rate_score number That of who only knows how often it fails

---@class (exact) evenkeel.ai.TaskStats
---@field task_name string Name of the task
---@field total_executions integer Executions that are known
---@field success_count integer Successes
---@field failure_count integer Failures
---@field success_rate? number From 0 to 1
---@field average_execution_time? number Mean, in seconds
---@field median_execution_time? number Median, in seconds
---@field p95_execution_time? number What 19 of 20 do not exceed, in seconds
---@field last_execution? string When it began last
---@field last_success? string When it succeeded last
---@field last_failure? string When it failed last
---@field trend "unknown"|"steady"|"better"|"worse" Of failures: the last ten against those before
---@field predictions? evenkeel.ai.PredictionScore How good predictions were

---@class (exact) evenkeel.ai.find_similar_tasks.options
---@field limit? integer How many. Default 10
---@field min_similarity? number From 0 to 1. Default 0.6

---@class (exact) evenkeel.ai.SimilarTask
---@field task_name string Name of the task
---@field command string Its most similar command
---@field similarity number From 0 to 1
---@field executions integer Executions of such commands
---@field failure_rate number How many of them failed, from 0 to 1

---@class (exact) evenkeel.ai.SlowExecution
---@field at string When it began
---@field seconds number How long it took
---@field command string What it ran

---@class (exact) evenkeel.ai.Performance
---@field task_name string Name of the task
---@field executions integer Executions that are known
---@field median_execution_time? number Median of successes, in seconds
---@field trend "unknown"|"steady"|"better"|"worse" Of seconds
---@field change_per_ten? number What ten executions add to it, in seconds
---@field slowest evenkeel.ai.SlowExecution[] Executions that took far longer, newest first
---@field insights string[] For people

---Statistics over what was recorded: predictions come with how sure they are, and none is made up.
---@class evenkeel.ai
local ai = {}

---How likely a task fails, by what became of it and of similar commands before.
---@param task_name string Name of the task
---@param command? string What it is going to run
---@param options? evenkeel.ai.predict_failure.options Options
---@return evenkeel.ai.Prediction?
---@return string? reason Why not
---@return string? code The code of the error
function ai.predict_failure(task_name, command, options) end

---Remembers how an execution ended. Tasks that the runner runs are remembered by themselves.
---@param execution evenkeel.ai.record_execution.execution What became of it
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function ai.record_execution(execution) end

---Past executions of a task, newest first: recorded ones, and those of the runner.
---@param task_name string Name of the task
---@param options? evenkeel.ai.get_task_history.options Options
---@return evenkeel.ai.PastExecution[]?
---@return string? reason Why not
---@return string? code The code of the error
function ai.get_task_history(task_name, options) end

---Counts, times and trend of a task.
---@param task_name string Name of the task
---@return evenkeel.ai.TaskStats?
---@return string? reason Why not
---@return string? code The code of the error
function ai.get_task_stats(task_name) end

---Tasks that ran similar commands, most similar first.
---@param command string The command
---@param options? evenkeel.ai.find_similar_tasks.options Options
---@return evenkeel.ai.SimilarTask[]?
---@return string? reason Why not
---@return string? code The code of the error
function ai.find_similar_tasks(command, options) end

---Whether a task grows slower, and which executions took far longer than others.
---@param task_name string Name of the task
---@return evenkeel.ai.Performance?
---@return string? reason Why not
---@return string? code The code of the error
function ai.analyze_performance(task_name) end

return ai
