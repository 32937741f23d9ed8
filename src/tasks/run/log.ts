import type { LogLevel, TaskLog } from '../types.js';
import type { LogEvent } from './events.js';

/** A log whose lines go to `emit`, one by one. */
export function createLog(emit: (level: LogEvent['level'], line: string) => void): TaskLog {
  const say =
    (level: LogLevel) =>
    (message: unknown, fields?: { [name: string]: unknown }): void => {
      const facts = fields === undefined ? '' : factsOf(fields);
      for (const line of `${textOf(message)}${facts}`.split(/\r?\n/)) emit(level, line);
    };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

function factsOf(fields: { [name: string]: unknown }): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${textOf(value)}`)
    .join('');
}

/** A value as a line shows it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.message;
  if (typeof value === 'object' && value !== null) {
    try {
      return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member));
    } catch {
      return '[an object that cannot be shown]';
    }
  }
  return String(value);
}
