import { printable, stringifyJson } from '../model/index.js';
import { data, type ModuleDescription, nothing, optionalParameter, parameter, record } from './describe/types.js';
import type { LogLevel, ModuleHost } from './host.js';
import { maskData } from './secrets.js';

/** Lines of the run's log. Secrets that the run knows are masked. */
export interface LogModule {
  debug(message: unknown, fields?: { [name: string]: unknown }): void;
  info(message: unknown, fields?: { [name: string]: unknown }): void;
  warn(message: unknown, fields?: { [name: string]: unknown }): void;
  error(message: unknown, fields?: { [name: string]: unknown }): void;
}

/** Longer messages are cut: a log is read by people. */
const LONGEST = 64 * 1024;

export function openLog({ log, clock, secrets }: Pick<ModuleHost, 'log' | 'clock' | 'secrets'>): LogModule {
  const at = (level: LogLevel) => (message: unknown, fields?: { [name: string]: unknown }) => {
    const text = typeof message === 'string' ? message : message instanceof Error ? message.message : stringifyJson(message);
    const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)} … (${text.length} characters)` : text;
    log({
      level,
      message: printable(secrets.mask(cut)),
      ...(fields === undefined ? {} : { fields: maskData(fields, secrets) as { [name: string]: unknown } }),
      at: clock.now(),
    });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

const line = (summary: string) => ({
  summary,
  parameters: [
    parameter('message', data, 'A text, or an error; anything else is written as JSON'),
    optionalParameter('fields', record(data), 'Data that goes with it, for machines'),
  ],
  returns: { type: nothing },
  async: false,
});

export const logDescription: ModuleDescription<LogModule> = {
  summary: 'Lines of the log of a run. Secrets that the run knows are masked in them.',
  functions: {
    debug: line('A line for who looks for a mistake.'),
    info: line('A line on what happens.'),
    warn: line('A line on what somebody should look at.'),
    error: line('A line on what went wrong.'),
  },
};
