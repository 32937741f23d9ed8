import { setTimeout as sleep } from 'node:timers/promises';
import { EvenkeelError } from '../model/index.js';
import type { LuaFunction } from './core/functions.js';
import { type Interpreter, type InterpreterLimits, openInterpreter } from './interpreter.js';

export interface Bench extends Interpreter {
  /** What was printed or said. */
  said: unknown[];
  /** What a chunk returns. */
  values(source: string): Promise<unknown[]>;
  /** The error that a chunk ends with. */
  failure(source: string): Promise<EvenkeelError>;
}

/** An interpreter with a module `h` that has a function for everything a host can do. */
export async function openBench(limits: InterpreterLimits = {}, files: { [name: string]: string } = {}): Promise<Bench> {
  const said: unknown[] = [];
  const names = ['echo', 'later', 'fail', 'refuse', 'never', 'call', 'deep', 'bytes', 'special'];
  const lua = await openInterpreter({
    limits,
    modules: [{ name: 'h', functions: { ...Object.fromEntries(names.map((name) => [name, `:${name}`])), say: '!say' }, global: true }],
    say: ({ args }) => said.push(...args),
    async call({ name, args, signal }) {
      switch (name) {
        case 'echo':
          return args;
        case 'later':
          await sleep(1);
          return args;
        case 'fail':
          throw new Error('boom');
        case 'refuse':
          throw new EvenkeelError('OPTION_UNKNOWN', 'unknown option "colour"', { hint: 'Did you mean "color"?', details: { n: 1 } });
        case 'never':
          await sleep(60_000, undefined, { signal }).catch(() => said.push('the call was aborted'));
          return [];
        case 'call':
          return await (args[0] as LuaFunction).call(args.slice(1));
        case 'deep':
          return [nested(args[0] as number)];
        case 'bytes':
          return [new Uint8Array([0xff, 0, 0x41]), new Date(0)];
        case 'special':
          return [new Map()];
        case 'require': {
          const source = files[args[0] as string];
          if (source === undefined) throw new EvenkeelError('LUA_MODULE_NOT_FOUND', `there is no ${String(args[0])}`);
          return [`${String(args[0])}.lua`, source];
        }
        case 'read':
          return [`${String(args[0])}!`];
        default:
          said.push(...args);
          return [];
      }
    },
  });
  return {
    ...lua,
    said,
    values: (source) => lua.run(source, 'script.lua'),
    failure: async (source) => {
      try {
        await lua.run(source, 'script.lua');
      } catch (thrown) {
        if (thrown instanceof EvenkeelError) return thrown;
        throw thrown;
      }
      throw new Error(`no error in ${source}`);
    },
  };
}

function nested(depth: number): unknown {
  let value: unknown = 'bottom';
  for (let i = 0; i < depth; i++) value = { in: value };
  return value;
}
