import { styleText } from 'node:util';
import { printable } from '../model/index.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';

/** Where a command writes: results on `out`, everything else on `err`. */
export interface Terminal {
  /** Whether results go to a person's terminal: colour, live lines. */
  readonly live: boolean;
  readonly color: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Whether somebody can be asked. */
  readonly interactive: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Raw, for a line that is written over. */
  raw(text: string): void;
  style(style: Style | Style[], text: string): string;
}

export function processTerminal(env: NodeJS.ProcessEnv): Terminal {
  const live = process.stdout.isTTY === true && env['TERM'] !== 'dumb';
  // What a script writes may be captured meanwhile; the terminal's own output is not.
  const out = process.stdout.write.bind(process.stdout);
  const err = process.stderr.write.bind(process.stderr);
  const color = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0' ? true : live && (env['NO_COLOR'] ?? '') === '';
  return {
    live,
    color,
    get columns() {
      return process.stdout.columns || 100;
    },
    get rows() {
      return process.stdout.rows || 24;
    },
    interactive: process.stdin.isTTY === true && live,
    out: (text) => void out(`${text}\n`),
    err: (text) => void err(`${text}\n`),
    raw: (text) => void out(text),
    style: (style, text) => (color ? styleText(style, text) : text),
  };
}

/** Text from Git or a cluster, safe to print on one line. */
export function oneLine(text: string): string {
  return printable(text)
    .replace(/[\n\t]+/g, ' ')
    .trim();
}

/** Rows as columns, two spaces apart, the last one as long as it is. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.slice(0, -1).forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, width(cell));
    });
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd(),
  );
}

/** Columns that a text takes: without its escape sequences. */
export function width(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colour sequences are what is cut out
  return [...text.replace(/\u001b\[[0-9;]*m/g, '')].length;
}

const statusColors: { [status: string]: Style } = {
  synced: 'green',
  syncing: 'cyan',
  failed: 'red',
  degraded: 'red',
  drifted: 'yellow',
  missing: 'red',
  'left-over': 'yellow',
  Healthy: 'green',
  Progressing: 'yellow',
  Suspended: 'cyan',
  Degraded: 'red',
  Missing: 'red',
  Unknown: 'magenta',
};

/** The colour in which a status of a workflow, a resource or a health is shown. */
export function statusColor(status: string): Style {
  return statusColors[status] ?? 'dim';
}
