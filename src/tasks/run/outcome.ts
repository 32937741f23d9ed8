import { asEvenkeelError, codes, type ErrorCode, EvenkeelError, type Where } from '../../model/index.js';
import type { TaskError } from '../types.js';

/** What a task function said, in one form. */
export interface Outcome {
  success: boolean;
  output?: unknown;
  message?: string;
  /** Of a failure that says more of itself, such as the report of a sync. */
  error?: EvenkeelError;
}

/** Reads what a function returned; `TaskFunction` says what it may be. */
export function outcomeOf(returned: unknown): Outcome {
  if (returned === undefined || returned === null) return { success: true };
  if (typeof returned === 'boolean') return returned ? { success: true, output: true } : { success: false, output: false };
  if (typeof returned !== 'object' || !('success' in returned) || typeof returned.success !== 'boolean')
    return { success: true, output: returned };
  const { success, message, reason, error } = returned as { success: boolean; message?: unknown; reason?: unknown; error?: unknown };
  const text = (success ? undefined : reason) ?? message ?? reason;
  const told = success ? undefined : errorIn(error);
  return {
    success,
    ...(told === undefined ? {} : { error: told }),
    output: 'output' in returned ? returned.output : returned,
    ...(typeof text === 'string' && text !== '' ? { message: text } : {}),
  };
}

/** An error as `toJSON` of EvenkeelError writes it. */
function errorIn(value: unknown): EvenkeelError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, message, where, hint } = value as { code?: unknown; message?: unknown; where?: unknown; hint?: unknown };
  if (typeof code !== 'string' || !(code in codes) || typeof message !== 'string') return undefined;
  return new EvenkeelError(code as ErrorCode, message, {
    ...(typeof where === 'object' && where !== null ? { where: where as Where } : {}),
    ...(typeof hint === 'string' ? { hint } : {}),
  });
}

/** Whatever a script threw, as one of our errors. */
export function describeThrown(thrown: unknown): EvenkeelError {
  if (thrown instanceof EvenkeelError) return thrown;
  if (isOurs(thrown))
    return new EvenkeelError(thrown.code as 'INTERNAL', thrown.message, {
      where: thrown.where,
      hint: thrown.hint,
      details: thrown.details,
      cause: thrown,
    });
  if (thrown instanceof Error) {
    const name = thrown.name === 'Error' || thrown.name === '' ? '' : `${thrown.name}: `;
    return new EvenkeelError('TASK_FAILED', `${name}${thrown.message === '' ? 'an error without a message was thrown' : thrown.message}`, {
      cause: thrown,
    });
  }
  const { message } = asEvenkeelError(thrown);
  return new EvenkeelError('TASK_FAILED', `what was thrown is no error: ${message.slice(0, 500)}`, { cause: thrown });
}

/** An error of another copy of this module, as where a script brings its own. */
function isOurs(thrown: unknown): thrown is EvenkeelError {
  return thrown instanceof Error && thrown.name === 'EvenkeelError' && 'code' in thrown && 'where' in thrown;
}

export function errorData(error: EvenkeelError, mask: (text: string) => string): TaskError {
  return {
    code: error.code,
    message: mask(error.message),
    ...(Object.keys(error.where).length > 0 ? { where: error.where } : {}),
    ...(error.hint === undefined ? {} : { hint: mask(error.hint) }),
  };
}
