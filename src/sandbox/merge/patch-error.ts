import { goNumber } from '../../manifest/index.js';

/** Why a patch cannot be applied. `status` is what the API server answers; the message is the patch library's own. */
export class PatchError extends Error {
  constructor(
    readonly status: 400 | 422 | 500,
    message: string,
  ) {
    super(message);
    this.name = 'PatchError';
  }
}

export type JsonKind = 'null' | 'array' | 'object' | 'string' | 'number' | 'bool';

export function jsonKind(value: unknown): JsonKind {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'number';
  return typeof value as 'object' | 'string' | 'number';
}

/** A value as Go's %v prints it. */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : goNumber(value);
  if (typeof value !== 'object') return String(value);
  const members = value as { [key: string]: unknown };
  return `map[${Object.keys(members)
    .sort()
    .map((key) => `${key}:${goPrint(members[key])}`)
    .join(' ')}]`;
}
