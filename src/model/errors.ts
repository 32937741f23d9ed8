import { codes } from './codes.js';

export type ErrorCode = keyof typeof codes;

/** Who has to act: the person who wrote the input, whoever runs what is around us, or us. */
export type ErrorClass = 'input' | 'environment' | 'refused' | 'internal';

export interface CodeFacts {
  class: ErrorClass;
  /** Whether the same request may succeed later without anybody changing anything. */
  transient?: boolean;
  /** One line for docs/errors.md. */
  summary: string;
}

/** Where something is wrong, as exactly as it is known. */
export interface Where {
  file?: string;
  line?: number;
  column?: number;
  /** A key as describeKey writes it. */
  resource?: string;
  /** A path into the object, the option or the setting. */
  field?: string;
  url?: string;
  revision?: string;
}

export interface ErrorOptions {
  where?: Where;
  /** What to do next, as a sentence. */
  hint?: string;
  cause?: unknown;
  /** Overrides what the registry says of the code. */
  transient?: boolean;
  /** Further facts for machines; JSON data without secrets. */
  details?: { [key: string]: unknown };
}

/**
 * Every error that Evenkeel throws on purpose. `message` says what happened and holds no secret; the
 * code is stable across versions and stands in docs/errors.md.
 */
export class EvenkeelError extends Error {
  readonly code: ErrorCode;
  readonly where: Where;
  readonly hint: string | undefined;
  readonly details: { [key: string]: unknown };
  readonly transient: boolean;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EvenkeelError';
    this.code = code;
    this.where = options.where ?? {};
    this.hint = options.hint;
    this.details = options.details ?? {};
    this.transient = options.transient ?? (codes[code] as CodeFacts).transient ?? false;
  }

  get class(): ErrorClass {
    return (codes[this.code] as CodeFacts).class;
  }

  toJSON(): { [key: string]: unknown } {
    return {
      code: this.code,
      message: this.message,
      ...(Object.keys(this.where).length > 0 ? { where: this.where } : {}),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(Object.keys(this.details).length > 0 ? { details: this.details } : {}),
    };
  }
}

/** `deploy/web.yaml:12:3`, `Deployment/web in shop, field spec.replicas`, or '' where nothing is known. */
export function describeWhere(where: Where): string {
  const parts: string[] = [];
  if (where.file !== undefined)
    parts.push([where.file, where.line, where.line === undefined ? undefined : where.column].filter((p) => p !== undefined).join(':'));
  if (where.resource !== undefined) parts.push(where.resource);
  if (where.field !== undefined) parts.push(`field ${where.field}`);
  if (where.url !== undefined) parts.push(where.url);
  if (where.revision !== undefined) parts.push(`revision ${where.revision.slice(0, 12)}`);
  return parts.join(', ');
}

/** Whatever was thrown, as an EvenkeelError: something unforeseen becomes INTERNAL and keeps its cause. */
export function asEvenkeelError(thrown: unknown): EvenkeelError {
  if (thrown instanceof EvenkeelError) return thrown;
  return new EvenkeelError('INTERNAL', messageOf(thrown), {
    cause: thrown,
    hint: 'This is a bug in Evenkeel; please report it with the output of "evenkeel doctor".',
  });
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return 'something was thrown that has no text';
  }
}

/** True for what an aborted signal makes its waiters throw. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || (thrown instanceof EvenkeelError && thrown.code === 'CANCELLED'));
}
