import { createHash } from 'node:crypto';
import { formatYaml } from '../../manifest/index.js';
import { compareText, stringifyJson } from '../../model/index.js';

/** Thrown by a filter; whoever called it adds the place. */
export class FilterFault extends Error {}

export type Filter = (value: unknown, args: readonly unknown[], keep: (length: number) => void) => unknown;

/** What is given to a filter is never undefined, but for `default` and `required`. */
export const acceptsMissing = new Set(['default', 'required']);

const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  throw new FilterFault('needs a text');
};
const list = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw new FilterFault('needs a list');
};
const argument = (args: readonly unknown[], index: number): unknown => {
  if (args[index] === undefined) throw new FilterFault('needs an argument');
  return args[index];
};
const spaces = (value: unknown): string => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 100)
    throw new FilterFault('takes a number from 0 to 100');
  return ' '.repeat(value);
};
const indented = (value: unknown, by: unknown, keep: (length: number) => void): string => {
  const lines = text(value).split('\n');
  const pad = spaces(by);
  keep(text(value).length + lines.length * pad.length);
  return lines.map((line, index) => (index === 0 || line === '' ? line : pad + line)).join('\n');
};

/** How a value stands in the text. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  return typeof value === 'object' ? stringifyJson(value) : String(value);
}

export const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['default', (value, args) => (value === undefined || value === null || value === '' ? argument(args, 0) : value)],
  [
    'required',
    (value, args) => {
      if (value === undefined || value === null || value === '')
        throw new FilterFault(args[0] === undefined ? 'has no value' : text(args[0]));
      return value;
    },
  ],
  ['upper', (value) => text(value).toUpperCase()],
  ['lower', (value) => text(value).toLowerCase()],
  ['trim', (value) => text(value).trim()],
  ['quote', (value) => JSON.stringify(textOf(value))],
  ['json', (value) => stringifyJson(value)],
  ['yaml', (value) => formatYaml(value).replace(/\n$/, '')],
  ['indent', (value, args, keep) => indented(value, argument(args, 0), keep)],
  [
    'join',
    (value, args, keep) => {
      const separator = args[0] === undefined ? '' : text(args[0]);
      const parts = list(value).map(textOf);
      keep(parts.reduce((sum, part) => sum + part.length + separator.length, 0));
      return parts.join(separator);
    },
  ],
  [
    'replace',
    (value, args, keep) => {
      const [source, from, to] = [text(value), text(argument(args, 0)), text(argument(args, 1))];
      if (from === '') throw new FilterFault('takes a text that is not empty');
      const parts = source.split(from);
      keep(source.length + (parts.length - 1) * to.length);
      return parts.join(to);
    },
  ],
  [
    'split',
    (value, args) => {
      const by = text(argument(args, 0));
      if (by === '') throw new FilterFault('takes a text that is not empty');
      return text(value).split(by);
    },
  ],
  [
    'length',
    (value) => {
      if (typeof value === 'string' || Array.isArray(value)) return value.length;
      if (value !== null && typeof value === 'object') return Object.keys(value).length;
      throw new FilterFault('needs a text, a list or an object');
    },
  ],
  [
    'keys',
    (value) => {
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) return Object.keys(value).sort(compareText);
      throw new FilterFault('needs an object');
    },
  ],
  ['first', (value) => list(value)[0] ?? null],
  ['last', (value) => list(value).at(-1) ?? null],
  [
    'sort',
    (value) =>
      [...list(value)].sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : compareText(textOf(a), textOf(b)))),
  ],
  ['base64', (value) => Buffer.from(text(value)).toString('base64')],
  ['sha256', (value) => createHash('sha256').update(text(value)).digest('hex')],
]);
