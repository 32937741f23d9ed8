/**
 * `task` and `workflow` as scripts in Lua have them. What a script says about a task is gathered here and handed over
 * when it is built; the checks are those of every language. Gets the table of the prelude.
 */
export const frontend = `
local host <const> = ...
local call, place, raise, loaded = host.call, host.place, host.raise, host.loaded
local null, select, setmetatable, rawget, type = null, select, setmetatable, rawget, type
local ipairs, next, tostring, integer, unpack = ipairs, next, tostring, math.type, table.unpack

local drafts = setmetatable({}, { __mode = 'k' })
local Task = { __name = 'task', __metatable = false, __newindex = function(_, name) raise({ code = 'TASK_INVALID', message = 'a task that is built cannot be changed (' .. tostring(name) .. ')' }) end }
local Builder = { __name = 'task', __metatable = false }
local methods = {}
local known = {
  'description', 'command', 'depends_on', 'timeout', 'retries', 'condition', 'when', 'run_if', 'on_success', 'on_failure',
  'params', 'artifacts', 'build',
}

local function unbuilt(draft)
  return {
    code = 'TASK_INVALID', message = 'task "' .. draft.name .. '": it is not built',
    where = { file = draft.file, line = draft.line }, hint = 'End its declaration with :build()',
  }
end

local function given(...)
  local values = { ... }
  for i = 1, select('#', ...) do
    local value = values[i]
    if value == nil then values[i] = null
    elseif type(value) == 'table' and drafts[value] then raise(unbuilt(drafts[value]))
    elseif type(value) == 'table' then
      for _, one in next, value do if type(one) == 'table' and drafts[one] then raise(unbuilt(drafts[one])) end end
    end
  end
  return values
end

local function step(name)
  return function(self, ...)
    local draft = drafts[self]
    if draft == nil then
      raise({ code = 'TASK_INVALID', message = name .. ' is called on something that is no open task', hint = 'Write a colon: task("name"):' .. name .. '(…), before :build()' })
    end
    local file, line = place(2)
    draft.steps[#draft.steps + 1] = { name = name, args = given(...), file = file, line = line }
    return self
  end
end
for _, name in ipairs(known) do if name ~= 'build' then methods[name] = step(name) end end

function methods.build(self)
  local draft = drafts[self]
  if draft == nil then raise({ code = 'TASK_INVALID', message = 'build is called on something that is no open task', hint = 'A task is built once.' }) end
  local id, name = call('task.build', draft)
  drafts[self] = nil
  return setmetatable({ id = id, name = name }, Task)
end

Builder.__index = function(_, name)
  local method = methods[name]
  if method == nil and type(name) == 'string' then call('task.unknown', name, known) end
  return method
end
Builder.__newindex = function(_, name) call('task.unknown', tostring(name), known) end

function _G.task(...)
  local file, line = place(2)
  local id = call('task.new', file or null, line or null, (given(...))[1])
  local builder = setmetatable({}, Builder)
  drafts[builder] = { id = id, name = (...), file = file, line = line, steps = {} }
  return builder
end

local define = function(...)
  local file, line = place(2)
  local options = select(2, ...)
  if type(options) == 'table' and type(rawget(options, 'tasks')) == 'table' then
    local tasks, last = rawget(options, 'tasks'), 0
    for position, one in next, tasks do
      if type(one) == 'table' and drafts[one] then raise(unbuilt(drafts[one])) end
      if integer(position) == 'integer' and position > last then last = position end
    end
    for position = 1, last do
      if tasks[position] == nil then
        raise({ code = 'TASK_INVALID', message = 'pipeline "' .. tostring((...)) .. '": task ' .. position .. ' of its tasks is nil', hint = 'Is the variable misspelt, or declared further down?' })
      end
    end
  end
  call('workflow.define', file or null, line or null, unpack(given(...)))
end
_G.workflow = setmetatable({ define = define }, {
  __name = 'workflow',
  __index = function(_, name) if type(name) == 'string' then call('workflow.unknown', name) end end,
})
loaded.task, loaded.workflow = _G.task, _G.workflow

function _G.sleep(duration) call('sleep', duration == nil and null or duration) end
`;
