import { codes, type ErrorCode, EvenkeelError, printable, stringifyJson, type Where } from '../model/index.js';
import { type Failure, type PlainError, Stop } from './core/protocol.js';

/** An error as Lua gets it. */
export function plainError(error: EvenkeelError): PlainError {
  const { code, message, hint, where, details } = error.toJSON() as unknown as PlainError;
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(where === undefined ? {} : { where }),
    ...(details === undefined ? {} : { details }),
  };
}

/** How a run in Lua failed, as our error with the file and line of the script. */
export function failureToError(failure: Failure, limits: { computeMs: number; memoryBytes: number }): EvenkeelError {
  switch (failure.kind) {
    case 'stopped':
      if (failure.why !== Stop.time) return new EvenkeelError('CANCELLED', 'cancelled');
      return new EvenkeelError('LUA_TIME_LIMIT', `the script computed for more than ${limits.computeMs / 1000} s without a pause`, {
        where: whereOf(failure),
        hint: 'Look for a loop that does not end.',
        details: failure.trace === undefined ? {} : { traceback: traceback(failure.trace) },
      });
    case 'memory':
      return new EvenkeelError('LUA_MEMORY_LIMIT', `the script wanted more than ${Math.round(limits.memoryBytes / 1024 / 1024)} MiB`, {
        where: whereOf({ file: failure.file }),
        hint: 'Look for a text or a table that grows without end.',
      });
    case 'value':
      return new EvenkeelError('LUA_VALUE', `a value cannot be handed over: ${printable(failure.message)}`);
    case 'syntax':
    case 'host':
      return fromPlain(failure.error, failure.kind === 'host' ? failure.trace : '');
    case 'error': {
      const hint = adviceOn(failure.message);
      return new EvenkeelError('LUA_ERROR', printable(failure.message.slice(0, 4000)), {
        where: whereOf(failure),
        ...(hint === undefined ? {} : { hint }),
        details: {
          ...(failure.trace === '' ? {} : { traceback: traceback(failure.trace) }),
          ...(isSmall(failure.value) ? { value: failure.value } : {}),
        },
      });
    }
  }
}

/** An error of ours that went through a script, which may have changed anything in it. */
function fromPlain(error: unknown, trace: string): EvenkeelError {
  const { code, message, hint, where, details } = (isRecord(error) ? error : {}) as { [name: string]: unknown };
  const known = (typeof code === 'string' && Object.hasOwn(codes, code) ? code : 'LUA_ERROR') as ErrorCode;
  return new EvenkeelError(known, typeof message === 'string' ? printable(message.slice(0, 4000)) : 'an error without a message', {
    where: placeOf(where),
    ...(typeof hint === 'string' ? { hint: printable(hint.slice(0, 4000)) } : {}),
    details: { ...(isRecord(details) ? details : {}), ...(trace === '' ? {} : { traceback: traceback(trace) }) },
  });
}

function placeOf(where: unknown): Where {
  if (!isRecord(where)) return {};
  const numbers = ['line', 'column'].filter((name) => Number.isSafeInteger(where[name]));
  const texts = ['file', 'field', 'resource', 'url', 'revision'].filter((name) => typeof where[name] === 'string');
  return Object.fromEntries([...texts, ...numbers].map((name) => [name, where[name]]));
}

function isRecord(value: unknown): value is { [name: string]: unknown } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** What was raised goes with the error where a person would want to see it. */
function isSmall(value: unknown): boolean {
  return value !== undefined && stringifyJson(value).length <= 4000;
}

const whereOf = ({ file, line }: { file?: string | undefined; line?: number }): Where => ({
  ...(file === undefined ? {} : { file }),
  ...(line === undefined ? {} : { line }),
});

/** `file:line: in what` lines, innermost first. */
function traceback(trace: string): string[] {
  return trace
    .split('\n')
    .map((line) => printable(line.trim().slice(0, 300)))
    .filter((line) => line !== '' && line !== 'stack traceback:' && line !== '[C]: in ?' && line !== '(...tail calls...)')
    .filter((line) => !line.includes('[evenkeel]') && line !== "[C]: in upvalue 'xpcall'")
    .slice(0, 30);
}

function adviceOn(message: string): string | undefined {
  const missing = /attempt to (?:call|index) a nil value \((?:global|field) '(\w+)'\)/.exec(message)?.[1];
  switch (missing) {
    case 'getenv':
      return 'Scripts do not see the environment: give values with --param, --values or the values module.';
    case 'execute':
    case 'popen':
      return 'Commands run through exec.run, or as the command of a task.';
    case 'open':
    case 'lines':
    case 'dofile':
    case 'loadfile':
      return 'Files are read through the fs module, and other scripts through require.';
    case 'exit':
      return 'A task ends with return, or with error(…).';
    default:
      return undefined;
  }
}
