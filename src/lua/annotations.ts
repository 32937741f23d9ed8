import { toSnake } from '../gitops/index.js';
import {
  type FieldDescription,
  type FunctionDescription,
  moduleDescriptions,
  type ParameterDescription,
  type TypeDescription,
} from '../modules/index.js';
import { globals, mustGive } from './bridge.js';

/**
 * The annotations for editors (LuaLS), a file a module: what `require` gives, and what is there without. Written from the
 * descriptions that arguments are checked by.
 * @returns texts by file name
 */
export function luaAnnotations(): Map<string, string> {
  const files = new Map<string, string>([
    ['task.lua', taskFile],
    ['workflow.lua', workflowFile],
    ['globals.lua', globalsFile],
  ]);
  for (const [name, { summary, functions }] of Object.entries(moduleDescriptions))
    files.set(`${name}.lua`, moduleFile(name, summary, functions as { [name: string]: FunctionDescription }));
  return files;
}

const head = (name: string) => `---@meta ${name}\n-- Written by scripts/lua-types.mjs. Do not change it by hand.\n`;

function moduleFile(module: string, summary: string, functions: { [name: string]: FunctionDescription }): string {
  const classes = new Map<string, string>();
  const blocks = Object.entries(functions).map(([name, about]) => functionBlock(module, toSnake(name), about, classes));
  return [
    head(module),
    ...classes.values(),
    `${comment(summary)}\n---@class evenkeel.${module}`,
    globals.has(module) ? `${module} = {}\n` : `local ${module} = {}\n`,
    ...blocks,
    `return ${module}\n`,
  ]
    .join('\n')
    .replace(/ +$/gm, '');
}

function functionBlock(module: string, name: string, about: FunctionDescription, classes: Classes): string {
  const full = `${module}.${name}`;
  const lines = [comment(about.summary)];
  for (const parameter of about.parameters) lines.push(parameterLine(parameter, { full, classes }));
  lines.push(...returnLines(full, about, classes));
  const names = about.parameters.map(({ name: camel, repeated }) => (repeated === true ? '...' : toSnake(camel)));
  return `${lines.join('\n')}\nfunction ${module}.${word(name)}(${names.join(', ')}) end\n`;
}

interface Place {
  /** What types without a name are called by. */
  full: string;
  classes: Classes;
}

type Classes = Map<string, string>;

function parameterLine({ name, type, optional, repeated, summary }: ParameterDescription, { full, classes }: Place): string {
  const what = luaType(type, { full: `${full}.${toSnake(name)}`, classes });
  if (repeated === true) return `---@param ... ${what} ${oneLine(summary)}`;
  return `---@param ${toSnake(name)}${optional === true ? '?' : ''} ${what} ${oneLine(summary)}`;
}

function returnLines(full: string, { returns, async }: FunctionDescription, classes: Classes): string[] {
  const { type, convention, optional, summary } = returns;
  const reason = ['---@return string? reason Why not', '---@return string? code The code of the error'];
  if (convention === 'success') return ['---@return boolean success', ...reason];
  if (type.type === 'nothing') return async ? ['---@return boolean done', ...reason] : [];
  const what = luaType(type, { full: `${full}.result`, classes });
  const about = summary === undefined ? '' : ` # ${oneLine(summary)}`;
  if (mustGive.has(full)) return [`---@return ${what}${about}`];
  return [`---@return ${what}${type.type === 'boolean' || (optional !== true && !async) ? '' : '?'}${about}`, ...reason];
}

function luaType(type: TypeDescription, place: Place): string {
  switch (type.type) {
    case 'text':
    case 'time':
    case 'bytes':
      return 'string';
    case 'number':
      return 'number';
    case 'integer':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'nothing':
      return 'nil';
    case 'duration':
      return 'string|number';
    case 'data':
      return 'any';
    case 'kubernetes':
      return 'evenkeel.KubernetesObject';
    case 'callback':
      return 'function';
    case 'choice':
      return type.values.map((value) => JSON.stringify(value)).join('|');
    case 'list':
      return `${grouped(type.of, place)}[]`;
    case 'record':
      return `table<string, ${luaType(type.of, place)}>`;
    case 'any-of':
      return [...new Set(type.of.map((one, i) => luaType(one, { ...place, full: `${place.full}.${variant(one) ?? i + 1}` })))].join('|');
    case 'object':
      return className(type, place);
  }
}

/** What tells one of several objects from the others: the word that only it has in a field. */
function variant(type: TypeDescription): string | undefined {
  if (type.type !== 'object') return undefined;
  const words = Object.values(type.fields).flatMap(({ type: field }) =>
    field.type === 'choice' && field.values.length === 1 ? field.values : [],
  );
  return words[0];
}

function grouped(type: TypeDescription, place: Place): string {
  const text = luaType(type, place);
  return text.includes('|') ? `(${text})` : text;
}

function className({ name, fields }: TypeDescription & { type: 'object' }, { full, classes }: Place): string {
  const own = `evenkeel.${full.split('.')[0]}.${name ?? full.split('.').slice(1).join('.')}`;
  if (classes.has(own)) return own;
  // Before its fields, which may be of the same class.
  classes.set(own, '');
  const lines = Object.entries(fields).map(([field, { type, optional, summary }]: [string, FieldDescription]) => {
    const member = toSnake(field);
    return `---@field ${isWord(member) ? member : `[${JSON.stringify(member)}]`}${optional === true ? '?' : ''} ${luaType(type, { full: `${full}.${member}`, classes })} ${oneLine(summary)}`;
  });
  classes.delete(own);
  classes.set(own, `---@class (exact) ${own}\n${lines.join('\n')}\n`);
  return own;
}

/** In one line, with names as Lua has them. */
const oneLine = (text: string) =>
  text
    .replace(/\s+/g, ' ')
    .replace(/`[a-z]+[A-Z]\w*`/g, toSnake)
    .trim();
const comment = (text: string) => `---${oneLine(text)}`;

const reserved = new Set(
  'and break do else elseif end false for function goto if in local nil not or repeat return then true until while'.split(' '),
);
const isWord = (name: string) => /^[A-Za-z_]\w*$/.test(name) && !reserved.has(name);
/** @throws Error for a function that Lua could not call by its name */
function word(name: string): string {
  if (!isWord(name)) throw new Error(`${name} is no name in Lua`);
  return name;
}

const taskFile = `${head('task')}
---A task while it is being declared. It ends with \`:build()\`.
---@class evenkeel.TaskBuilder
local builder = {}

---@param text string
---@return evenkeel.TaskBuilder
function builder:description(text) end

---What the task does: a function, or a command for the shell. The function returns true or false with a reason, a table with
---\`success\`, \`message\` and \`output\`, or any other value, which is its output.
---@param command string|fun(params: table<string, any>, deps: table<string, any>, context: evenkeel.TaskContext): any, any, any
---@return evenkeel.TaskBuilder
function builder:command(command) end

---@param ... evenkeel.Task|string|(evenkeel.Task|string)[] What has to have succeeded before
---@return evenkeel.TaskBuilder
function builder:depends_on(...) end

---@param duration string|number Of one attempt: \`5m\`
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
`;

const workflowFile = `${head('workflow')}
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
`;

const globalsFile = `${head('evenkeel')}
---What JSON calls null: in a table it stands for a value that is there and empty, where nil is none.
---@type lightuserdata
null = nil

---Waits, and lets other tasks go on.
---@param duration string|number \`30s\`, or a number of seconds
function sleep(duration) end

---@class evenkeel.KubernetesObject
---@field apiVersion string
---@field kind string
---@field metadata table<string, any>
---@field [string] any

---An error that a module raised, as pcall gives it.
---@class evenkeel.Error
---@field code string
---@field message string
---@field hint? string
---@field where? table<string, any>
`;
