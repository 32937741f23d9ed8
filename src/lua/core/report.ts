import { type LuaApi, LuaType } from './api.js';
import type { Codec } from './codec.js';
import { type Failure, type PlainError, Stop } from './protocol.js';

export interface Raised {
  L: number;
  /** Where the prelude's report, or what there is in place of one, stands. */
  index: number;
  /** The chunk that ran. */
  file: string | undefined;
  /** Whether the run was stopped: a value of `Stop`. */
  why: number;
}

/** What ended a run, from the report that the prelude has made of it. Scripts may have put anything into it. */
export function readReport({ api, codec }: { api: LuaApi; codec: Codec }, { L, index, file, why }: Raised): Failure {
  const unreadable: Failure = { kind: 'error', message: 'an error that is no data', file, trace: '' };
  // Where there was no room for a report, what was raised is all there is.
  if (api._lua_type(L, index) !== LuaType.table) return why === Stop.no ? unreadable : { kind: 'stopped', why, file };
  const read = () => {
    try {
      return codec.read(L, index, () => 'function') as { [name: string]: unknown };
    } catch {
      return undefined;
    }
  };
  let report = read();
  if (report === undefined) {
    // What was raised is no data: its text will do.
    codec.push(L, 'value');
    api._lua_pushnil(L);
    api._lua_rawset(L, index);
    report = read();
  }
  return report === undefined ? unreadable : failureOf(report, why);
}

function failureOf(report: { [name: string]: unknown }, why: number): Failure {
  const text = (name: string) => textOf(report[name]);
  const at = {
    ...(report['file'] === undefined ? {} : { file: text('file') }),
    ...(typeof report['line'] === 'number' ? { line: report['line'] } : {}),
    trace: text('trace'),
  };
  // A script can only have taken the mark from another one of its threads that was stopped.
  if (report['kind'] === 'stopped')
    return why === Stop.no ? { kind: 'error', message: 'a mark was raised as an error', ...at } : { kind: 'stopped', why, ...at };
  if (report['kind'] === 'failure') {
    const error = report['failure'] as PlainError;
    return error.code === 'LUA_SYNTAX' ? { kind: 'syntax', error } : { kind: 'host', error, trace: text('trace') };
  }
  const message = text('message');
  const parsed = /^([^\n]*?):(\d+): ([\s\S]*)$/.exec(message);
  const own = parsed !== null && parsed[1] === text('short');
  return {
    kind: 'error',
    message: own ? (parsed[3] as string) : message,
    ...at,
    ...(own ? { line: Number(parsed[2]) } : {}),
    ...(report['value'] === undefined ? {} : { value: report['value'] }),
  };
}

/** An error of which there is only the text. */
export const textFailure = (message: string, file: string | undefined): Failure =>
  message === 'not enough memory' ? { kind: 'memory', file } : { kind: 'error', message, file, trace: '' };

const textOf = (value: unknown) => (typeof value === 'string' ? value : value instanceof Uint8Array ? Buffer.from(value).toString() : '');
