import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EvenkeelError, parseDuration } from '../model/index.js';
import type { LoadedScript, ScriptHost, ScriptLoader, TaskContext } from '../tasks/index.js';
import { callModule, moduleTables } from './bridge.js';
import { createDeclarations } from './declare.js';
import { findRequired } from './files.js';
import { frontend } from './frontend.js';
import { type HostCall, type InterpreterLimits, openInterpreter } from './interpreter.js';
import { readText } from './read.js';

/** What a timer of Node can wait. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Lua 5.4. Every script has an interpreter of its own, until it is closed. */
export const luaLoader: ScriptLoader = { extensions: ['.lua'], load: (file, host) => loadLuaScript(file, host) };

/** @throws EvenkeelError LUA_*, TASK_INVALID, TASK_DUPLICATE, OPTION_UNKNOWN, with the file and line of the script */
export async function loadLuaScript(file: string, host: ScriptHost, limits: InterpreterLimits = {}): Promise<LoadedScript> {
  const root = dirname(file);
  const source = await readText(file);
  const declarations = createDeclarations((chunk) => join(root, chunk));
  const modules = moduleTables(host.modules);
  const names = [...modules.map(({ name }) => name), 'task', 'workflow'];
  const problems = new WeakMap<object, { name: string; error: EvenkeelError }>();
  let topLevelProblem: { name: string; error: EvenkeelError } | undefined;

  async function answer({ name, args, context, signal }: HostCall): Promise<unknown[]> {
    const task = context as TaskContext | undefined;
    const log = task?.log ?? host.log;
    switch (name) {
      case 'print':
        log.info(lineOf(args[0]));
        return [];
      case 'warn':
        log.warn(lineOf(args[0]));
        return [];
      case 'read':
        return [read(await (task ?? host).ask(textOf(args[0]).trimEnd()), args[2])];
      case 'sleep':
        for (let left = durationOf(args[0]); left > 0; left -= LONGEST_TIMER)
          await sleep(Math.min(left, LONGEST_TIMER), undefined, { signal });
        return [];
      case 'require': {
        const caller = typeof args[1] === 'string' ? args[1] : undefined;
        const { chunk, source: text } = await findRequired({ root, name: textOf(args[0]), caller, modules: names });
        return [chunk, text];
      }
      default: {
        const declared = declarations.answer(name, args);
        if (declared !== undefined) return declared;
        const { values, problem } = await callModule(
          task === undefined ? host.modules : (host.modulesFor?.(task) ?? host.modules),
          name,
          args,
        );
        if (problem !== undefined) {
          if (task === undefined) topLevelProblem = { name, error: problem };
          else problems.set(task, { name, error: problem });
        }
        return values;
      }
    }
  }

  const lua = await openInterpreter({
    modules,
    frontend,
    limits,
    call: answer,
    say: (call) => void answer(call).catch(() => undefined),
    explain: (error, context) => {
      const problem = context === undefined ? topLevelProblem : problems.get(context as object);
      return located(withProblem(error, problem), root);
    },
  });
  try {
    await lua.run(source, basename(file), { signal: host.signal });
    return { ...declarations.declared(), close: () => lua.close() };
  } catch (thrown) {
    await lua.close();
    throw thrown;
  }
}

/** Chunks are called by their paths from the script's folder; errors name the file. */
function located(error: EvenkeelError, root: string): EvenkeelError {
  const { file } = error.where;
  if (file !== undefined && !file.startsWith('/')) error.where.file = join(root, file);
  return error;
}

/** What went wrong before is why a value is missing now. */
function withProblem(error: EvenkeelError, problem: { name: string; error: EvenkeelError } | undefined): EvenkeelError {
  if (problem === undefined || error.code !== 'LUA_ERROR' || error.hint !== undefined) return error;
  if (!/\bnil\b|no value/.test(error.message)) return error;
  return new EvenkeelError(error.code, error.message, {
    where: error.where,
    details: error.details,
    hint: `Before, ${problem.name} gave nothing: ${problem.error.message} (${problem.error.code})`,
  });
}

/** Milliseconds of `1m30s` or of a number of seconds. @throws EvenkeelError DURATION_INVALID, ARGUMENT_INVALID */
function durationOf(value: unknown): number {
  if (typeof value === 'string') return parseDuration(value, 'duration');
  if (typeof value === 'number' && value >= 0 && value <= 2_000_000) return value * 1000;
  throw new EvenkeelError('ARGUMENT_INVALID', 'sleep: argument "duration" must be a duration like 30s, or a number of seconds', {
    where: { field: 'duration' },
  });
}

/** A line as io.read gives it in the format that was asked for. */
function read(line: string, format: unknown): unknown {
  switch (typeof format === 'string' ? format.replace(/^\*/, '')[0] : format) {
    case 'n': {
      const number = Number(line.trim());
      return line.trim() === '' || Number.isNaN(number) ? undefined : number;
    }
    case 'L':
      return `${line}\n`;
    default:
      return typeof format === 'number' ? line.slice(0, format) : line;
  }
}

/** Longer lines are cut: a log is read by people. */
const LONGEST_LINE = 64 * 1024;

function lineOf(value: unknown): string {
  const text = textOf(value);
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)} … (${text.length} characters)` : text;
}

const textOf = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString() : typeof value === 'string' ? value : '');
