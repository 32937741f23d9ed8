import { EvenkeelError } from '../model/index.js';

/** How many of the mistakes of one run an error lists in its details. */
const listed = 100;

/** Gathers mistakes, so that a person sees all of them at once and not one after another. */
export interface Problems {
  add(error: EvenkeelError): void;
  /** Runs a step; what it throws as EvenkeelError is gathered. */
  attempt<T>(step: () => T): T | undefined;
  /**
   * @throws EvenkeelError the one mistake; of several the first, with "(and N more)" and all in
   * `details.problems`
   */
  throwIfAny(): void;
}

export function gatherProblems(): Problems {
  const errors: EvenkeelError[] = [];
  const add = (error: EvenkeelError) => {
    const inner = error.details['problems'];
    if (Array.isArray(inner) && error.cause instanceof AggregateError) errors.push(...(error.cause.errors as EvenkeelError[]));
    else errors.push(error);
  };
  return {
    add,
    attempt(step) {
      try {
        return step();
      } catch (error) {
        if (!(error instanceof EvenkeelError)) throw error;
        add(error);
        return undefined;
      }
    },
    throwIfAny() {
      const [first, ...more] = errors;
      if (first === undefined) return;
      if (more.length === 0) throw first;
      throw new EvenkeelError(first.code, `${first.message} (and ${more.length} more)`, {
        where: first.where,
        hint: first.hint,
        cause: new AggregateError(errors),
        details: { ...first.details, problems: errors.slice(0, listed).map((error) => error.toJSON()), problemCount: errors.length },
      });
    },
  };
}
