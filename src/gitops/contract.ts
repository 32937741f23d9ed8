import { toSnake } from './options.js';

/** Members whose contents belong to Kubernetes and are never renamed. */
const opaque = new Set(['currentState', 'desiredState', 'before', 'after', 'ours', 'theirs', 'base', 'details', 'desired']);

/**
 * Data of the contract under its own snake_case names, as scripts and machines read it. What is inside a
 * Kubernetes object stays as it is.
 */
export function toContract(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toContract);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [toSnake(name), opaque.has(name) ? member : toContract(member)]),
  );
}
