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
