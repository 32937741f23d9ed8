import { asEvenkeelError, describeWhere, type ErrorCode, type EvenkeelError, isAbort, printable, stringifyJson } from '../model/index.js';
import type { Terminal } from './output.js';

/** Exit statuses: 0 done, 1 failed, 2 changes found, 64 wrong usage, 130 interrupted. */
export const exit = { done: 0, failed: 1, changes: 2, usage: 64, interrupted: 130 } as const;

const usageCodes = new Set<ErrorCode>(['USAGE']);

/** Says what went wrong, where, and what to do next. @returns the exit status */
export function reportError(thrown: unknown, terminal: Terminal, json: boolean): number {
  const error = asEvenkeelError(thrown);
  const status = isAbort(thrown) ? exit.interrupted : usageCodes.has(error.code) ? exit.usage : exit.failed;
  if (json) terminal.out(stringifyJson({ error: error.toJSON() }, 2));
  for (const line of errorLines(error, terminal)) terminal.err(line);
  return status;
}

export function errorLines(error: EvenkeelError, terminal: Terminal): string[] {
  const lines = [`${terminal.style(['red', 'bold'], 'error')} ${printable(error.message)} ${terminal.style('dim', `[${error.code}]`)}`];
  const where = describeWhere(error.where);
  if (where !== '') lines.push(`  at ${printable(where)}`);
  const others = error.details['errors'];
  if (Array.isArray(others)) {
    for (const other of others.slice(1, 6) as { message?: unknown; where?: object }[]) {
      const place = other.where === undefined ? '' : ` (${describeWhere(other.where)})`;
      lines.push(`  also: ${printable(`${String(other.message)}${place}`)}`);
    }
    if (others.length > 6) lines.push(`  and ${others.length - 6} more`);
  }
  if (error.hint !== undefined) lines.push(`  ${terminal.style('cyan', '→')} ${printable(error.hint)}`);
  if (error.code === 'INTERNAL' && error.cause instanceof Error && error.cause.stack !== undefined)
    lines.push(terminal.style('dim', error.cause.stack));
  return lines;
}
