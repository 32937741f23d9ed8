import { toCamel, toSnake } from '../gitops/index.js';
import { asEvenkeelError, type EvenkeelError } from '../model/index.js';
import {
  type FunctionDescription,
  invokeSnake,
  type ModuleDescription,
  type Modules,
  moduleDescriptions,
  type TypeDescription,
} from '../modules/index.js';
import type { ModuleTable } from './core/protocol.js';

/** Modules that are there without `require`. */
export const globals = new Set(['gitops', 'log']);

const described = moduleDescriptions as unknown as { [module: string]: ModuleDescription };

/** The modules that a host has, as an interpreter defines them. */
export function moduleTables(modules: { readonly [name: string]: unknown }): ModuleTable[] {
  return Object.entries(described)
    .filter(([name]) => modules[name] !== undefined)
    .map(([name, { functions }]) => ({
      name,
      global: globals.has(name),
      functions: Object.fromEntries(
        Object.entries(functions).map(([camel, about]) => [toSnake(camel), `${isSaid(about) ? '!' : ':'}${name}.${toSnake(camel)}`]),
      ),
    }));
}

/** What nobody waits for, such as a line of the log. */
const isSaid = (about: FunctionDescription) => !about.async && about.returns.type.type === 'nothing';

/** How a call of a module ended, for hints on what went wrong after it. */
export interface Answer {
  values: unknown[];
  /** Where it gave nothing: why. */
  problem?: EvenkeelError;
}

/**
 * Calls a function of a module for Lua, by its convention: the value, or `false` or `nil`, a reason and a code.
 * @param name `gitops.sync_workflow`
 * @throws EvenkeelError what is a mistake in the script, and what must not be overlooked
 */
export async function callModule(modules: { readonly [name: string]: unknown }, name: string, args: readonly unknown[]): Promise<Answer> {
  const dot = name.indexOf('.');
  const module = name.slice(0, dot) as keyof Modules;
  const fn = name.slice(dot + 1);
  const about = descriptionOf(module, fn);
  // Arguments that are left out at the end are no arguments; but a line of the log may well be nil.
  const said = module === 'log' && args.length > 0 ? [args[0] ?? 'nil', ...args.slice(1)] : args;
  const given = said.slice(0, said.findLastIndex((arg) => arg !== undefined) + 1);
  try {
    const returned = await invokeSnake(modules as unknown as Modules, module, fn, given);
    const value = about === undefined ? returned : withoutNulls(about.returns.type, returned);
    if (about?.returns.convention !== 'success')
      return { values: about?.returns.type.type === 'nothing' && about.async ? [true] : [value] };
    const { success, reason, message, error } = value as { success: boolean; reason?: string; message?: string; error?: { code?: string } };
    return { values: success ? [true] : [false, reason ?? message ?? 'it failed', error?.code] };
  } catch (thrown) {
    const problem = asEvenkeelError(thrown);
    if (raises(problem, name)) throw problem;
    return { values: [isYesOrNo(about) ? false : undefined, problem.message, problem.code], problem };
  }
}

/** What is null in a structure of ours is not there, which Lua calls nil. In data and in Kubernetes objects null stays. */
function withoutNulls(type: TypeDescription, value: unknown): unknown {
  if (value === null) return type.type === 'data' ? null : undefined;
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    const items = type.type === 'any-of' ? type.of.find((one) => one.type === 'list') : type;
    return items?.type === 'list' ? value.map((item) => (item === null ? null : withoutNulls(items.of, item))) : value;
  }
  if (type.type === 'record')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, item === null ? null : withoutNulls(type.of, item)]));
  const structure = type.type === 'any-of' ? type.of.find((one) => one.type === 'object') : type;
  if (structure?.type !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const field = structure.fields[toCamel(key)];
      return [key, field === undefined ? item : withoutNulls(field.type, item)];
    }),
  );
}

function descriptionOf(module: string, fn: string): FunctionDescription | undefined {
  const functions = described[module]?.functions ?? {};
  return Object.entries(functions).find(([camel]) => toSnake(camel) === fn)?.[1];
}

const isYesOrNo = (about: FunctionDescription | undefined) =>
  about?.returns.convention === 'success' || about?.returns.type.type === 'boolean' || about?.returns.type.type === 'nothing';

/** A diff is always one: a preview that cannot be made must not pass for one without changes. */
export const mustGive = new Set(['gitops.generate_diff', 'gitops.preview_changes', 'gitops.preview_rollback']);

const raises = ({ code }: EvenkeelError, name: string) =>
  mustGive.has(name) ||
  /^(?:OPTION|ARGUMENT|PROMPT|SCRIPT)_/.test(code) ||
  ['CANCELLED', 'INTERNAL', 'TASK_OUTSIDE_RUN', 'NOT_YET'].includes(code);
