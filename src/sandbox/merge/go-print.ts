import { goNumber, goQuote } from '../../manifest/index.js';
import { isMembers, type Members } from './atom.js';

/** How a number is read: as a float from YAML, or as an integer where it is one. */
export type Numbers = 'floats' | 'integers';

function numberText(value: number | bigint, numbers: Numbers): string {
  return numbers === 'integers' && (typeof value === 'bigint' || Number.isInteger(value)) ? String(value) : goNumber(value);
}

/** A JSON value as Go's %v prints it. */
export function goPrint(value: unknown, numbers: Numbers): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map((item) => goPrint(item, numbers)).join(' ')}]`;
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value, numbers);
  if (!isMembers(value)) return String(value);
  return `map[${members(value, (key, member) => `${key}:${goPrint(member, numbers)}`).join(' ')}]`;
}

/** A JSON value as Go's %#v prints it. */
export function goSyntax(value: unknown, numbers: Numbers): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map((item) => goSyntax(item, numbers)).join(', ')}}`;
  if (!isMembers(value)) return goPrint(value, numbers);
  return `map[string]interface {}{${members(value, (key, member) => `${goQuote(key)}:${goSyntax(member, numbers)}`).join(', ')}}`;
}

function members(value: Members, write: (key: string, member: unknown) => string): string[] {
  return Object.keys(value)
    .sort()
    .map((key) => write(key, value[key]));
}
