import { type ErrorCode, EvenkeelError, printable, type Where } from '../model/index.js';

export interface Place extends Where {
  hint?: string;
}

/** Every text of an error here may hold what a repository says: it is made printable and of bounded length. */
export function failure(code: ErrorCode, message: string, { hint, ...where }: Place = {}): EvenkeelError {
  return new EvenkeelError(code, clip(printable(message)), { where, hint });
}

const longest = 2000;

function clip(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

const kindNames = { scalar: 'ScalarNode', map: 'MappingNode', list: 'SequenceNode' };
type Kind = keyof typeof kindNames;

/** A node that must be of a kind is of another. */
export class WrongKind extends Error {
  constructor(
    readonly expected: Kind,
    readonly actual: Kind,
  ) {
    super(`wrong node kind: expected ${kindNames[expected]} but got ${kindNames[actual]}`);
  }
}

/** The same error with places filled in that it did not know. */
export function located(error: unknown, where: Where): unknown {
  if (error instanceof WrongKind) return failure('KUSTOMIZE_RESOURCE_INVALID', error.message, where);
  if (!(error instanceof EvenkeelError)) return error;
  const known = { ...where, ...error.where };
  if (Object.keys(known).length === Object.keys(error.where).length) return error;
  return new EvenkeelError(error.code, error.message, {
    where: known,
    hint: error.hint,
    details: error.details,
    cause: error.cause,
    transient: error.transient,
  });
}

export function within<T>(where: Where, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw located(error, where);
  }
}

export async function withinAsync<T>(where: Where, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw located(error, where);
  }
}
