import { type ErrorCode, EvenkeelError, printable, type Where } from '../model/index.js';

export interface Place extends Where {
  hint?: string;
}

/** Every text of an error here may hold what a repository says: it is made printable and of bounded length. */
export function failure(code: ErrorCode, message: string, { hint, ...where }: Place = {}): EvenkeelError {
  return new EvenkeelError(code, clip(printable(message)), { where: defined(where), hint });
}

function defined(where: Where): Where {
  return Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
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

/**
 * The same error with places filled in that it did not know. Where it already knows a file, the field that led
 * there is told in the message.
 */
export function located(error: unknown, where: Where): unknown {
  if (error instanceof WrongKind) return failure('KUSTOMIZE_RESOURCE_INVALID', error.message, where);
  if (!(error instanceof EvenkeelError)) return error;
  const outer = defined(where);
  const inner = error.where;
  if (inner.file !== undefined) return ledTo(error, outer);
  const known = { ...outer, ...inner };
  if (outer.field !== undefined && inner.field !== undefined && !inner.field.startsWith(outer.field))
    known.field = inner.field.includes('/') ? outer.field : `${outer.field}.${inner.field}`;
  else if (Object.keys(known).length === Object.keys(inner).length) return error;
  return changed(error, { where: known });
}

/** Notes the field, and then the file, of the kustomization that names the file with the mistake. */
function ledTo(error: EvenkeelError, { file, field }: Where): EvenkeelError {
  const by = error.details['namedBy'] as { file?: string; field?: string } | undefined;
  if (field !== undefined && by?.file === undefined && file !== error.where.file) {
    const longer = by?.field === undefined || by.field.startsWith(field) ? (by?.field ?? field) : `${field}.${by.field}`;
    const named = { field: longer, ...(file === undefined ? {} : { file }) };
    return changed(error, { details: { ...error.details, namedBy: named }, message: withName(error.message, named) });
  }
  if (by === undefined || by.file !== undefined || file === undefined) return error;
  if (file === error.where.file) return changed(error, { details: {} });
  const named = { ...by, file };
  return changed(error, { details: { ...error.details, namedBy: named }, message: withName(error.message, named) });
}

function withName(message: string, { file, field }: { file?: string; field?: string }): string {
  return file === undefined ? message : `${message} (by ${file}, ${field})`;
}

function changed(error: EvenkeelError, to: { where?: Where; details?: { [key: string]: unknown }; message?: string }): EvenkeelError {
  const { code, hint, cause, transient } = error;
  const { where = error.where, details = error.details, message = error.message } = to;
  return new EvenkeelError(code, message, { where, hint, details, cause, transient });
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
