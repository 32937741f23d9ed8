import { toCamel, toContract, toSnake } from '../gitops/index.js';
import { EvenkeelError, nearest } from '../model/index.js';
import type { Modules } from './create.js';
import { acceptArguments } from './describe/accept.js';
import { giveSnake } from './describe/give.js';
import type { FunctionDescription } from './describe/types.js';
import { moduleDescriptions } from './descriptions.js';

/**
 * Calls a function of a module for a script that writes snake_case: names of functions, options and results
 * are mapped, what is inside data and Kubernetes objects is not. The value is what the function returns in
 * TypeScript; `returns.convention` of its description says what to make of it.
 * @param name `get_workflow_status`
 * @throws EvenkeelError ARGUMENT_INVALID, OPTION_UNKNOWN, OPTION_INVALID in the script's names; what the function throws
 */
export async function invokeSnake(modules: Modules, module: keyof Modules, name: string, args: readonly unknown[]): Promise<unknown> {
  const { camel, about } = functionCalled(module, name);
  const accepted = acceptArguments(about, args, { what: `${module}.${name}`, names: 'snake' });
  const call = modules[module][camel as never] as (...args: unknown[]) => unknown;
  try {
    const value = await call(...accepted);
    return about.returns.names === 'contract' ? toContract(value) : giveSnake(about.returns.type, value);
  } catch (thrown) {
    throw inSnake(thrown, `${module}.${camel}`, `${module}.${name}`);
  }
}

/** @throws EvenkeelError ARGUMENT_INVALID with the nearest known name */
function functionCalled(module: keyof Modules, name: string): { camel: string; about: FunctionDescription } {
  const functions = moduleDescriptions[module].functions as { [name: string]: FunctionDescription };
  const camel = toCamel(name);
  const about = Object.hasOwn(functions, camel) && toSnake(camel) === name ? functions[camel] : undefined;
  if (about !== undefined) return { camel, about };
  const near = nearest(name, Object.keys(functions).map(toSnake));
  throw new EvenkeelError('ARGUMENT_INVALID', `there is no function ${module}.${name}`, {
    hint: near === undefined ? `See docs/modules.md for what ${module} has.` : `Did you mean ${module}.${near}?`,
  });
}

/** Errors that the function itself found in options name them as the script wrote them. */
function inSnake(thrown: unknown, camel: string, snake: string): unknown {
  if (!(thrown instanceof EvenkeelError) || !/^(?:OPTION|ARGUMENT)_/.test(thrown.code)) return thrown;
  const { field } = thrown.where;
  const named = (text: string) => {
    const called = text.replaceAll(camel, snake);
    return field === undefined ? called : called.replaceAll(`"${field}"`, `"${toSnake(field)}"`);
  };
  return new EvenkeelError(thrown.code, named(thrown.message), {
    where: { ...thrown.where, ...(field === undefined ? {} : { field: toSnake(field) }) },
    ...(thrown.hint === undefined
      ? {}
      : { hint: thrown.hint.replace(/"([a-z][A-Za-z0-9.]*)"/g, (_, word: string) => `"${toSnake(word)}"`) }),
    cause: thrown,
    details: thrown.details,
  });
}
