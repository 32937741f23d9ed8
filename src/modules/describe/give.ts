import { toSnake } from '../../gitops/index.js';
import type { TypeDescription } from './types.js';

/**
 * A result under snake_case names, by its description: fields of ours are renamed, free data and Kubernetes
 * objects are handed over as they are.
 */
export function giveSnake(type: TypeDescription, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  switch (type.type) {
    case 'list':
      return Array.isArray(value) ? value.map((item) => giveSnake(type.of, item)) : value;
    case 'record':
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, giveSnake(type.of, item)]));
    case 'object':
      return Object.fromEntries(
        Object.entries(value)
          .filter(([name, item]) => item !== undefined && Object.hasOwn(type.fields, name))
          .map(([name, item]) => [toSnake(name), giveSnake((type.fields[name] as { type: TypeDescription }).type, item)]),
      );
    case 'any-of': {
      const fitting = type.of.find((each) => (each.type === 'list') === Array.isArray(value) && isStructure(each));
      return fitting === undefined ? value : giveSnake(fitting, value);
    }
    default:
      return value;
  }
}

const isStructure = ({ type }: TypeDescription) => type === 'list' || type === 'record' || type === 'object';
