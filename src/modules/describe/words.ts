import type { TypeDescription } from './types.js';

/** What a type wants, for messages: `a text`, `one of a, b`. */
export function expectation(type: TypeDescription, names: 'camel' | 'snake'): string {
  switch (type.type) {
    case 'text':
      return 'a text';
    case 'number':
      return 'a number';
    case 'integer':
      return 'a whole number';
    case 'boolean':
      return 'true or false';
    case 'nothing':
      return 'left out';
    case 'time':
      return 'a time like 2026-01-31T12:00:00Z';
    case 'duration':
      return 'a duration like 30s or 1h30m, or a number of seconds';
    case 'bytes':
      return 'a text or bytes';
    case 'data':
      return 'data';
    case 'kubernetes':
      return names === 'snake' ? 'a Kubernetes object with apiVersion and kind (a table)' : 'a Kubernetes object with apiVersion and kind';
    case 'callback':
      return 'a function';
    case 'choice':
      return `one of ${type.values.map((value) => `"${value}"`).join(', ')}`;
    case 'list':
      return names === 'snake' ? 'a list (a table)' : 'a list';
    case 'record':
    case 'object':
      return names === 'snake' ? 'a table' : 'an object';
    case 'any-of':
      return [...new Set(type.of.map((each) => expectation(each, names)))].join(', or ');
  }
}

/** What a value is, without showing it: it may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Uint8Array) return 'bytes';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty text' : 'a text';
    case 'number':
      return `the number ${value}`;
    case 'object':
      return 'an object';
    case 'undefined':
      return 'missing';
    default:
      return `a ${typeof value}`;
  }
}
