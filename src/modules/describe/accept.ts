import { toCamel, toSnake } from '../../gitops/index.js';
import { EvenkeelError, nearest, parseDuration, printable } from '../../model/index.js';
import { whyNotData } from './data.js';
import type { FieldDescription, FunctionDescription, ParameterDescription, TypeDescription } from './types.js';
import { expectation, kindOf } from './words.js';

/** In whose names the caller writes, and is answered. */
export type Names = 'camel' | 'snake';

interface Context {
  /** `kubernetes.get`, in the caller's names. */
  what: string;
  names: Names;
}

/**
 * Checks the arguments of a call and gives them as the function takes them: option names in camelCase,
 * an empty table as the list or object that is wanted. The caller's own values are left as they are.
 * @throws EvenkeelError ARGUMENT_INVALID, OPTION_UNKNOWN with the nearest known name, OPTION_INVALID
 */
export function acceptArguments(description: FunctionDescription, given: readonly unknown[], context: Context): unknown[] {
  const { parameters } = description;
  const last = parameters.at(-1);
  if (given.length > parameters.length && last?.repeated !== true) {
    // What follows and says nothing is what a caller's own wrapper passes on.
    const extra = given.slice(parameters.length).findIndex((value) => value !== undefined);
    if (extra >= 0)
      throw new EvenkeelError('ARGUMENT_INVALID', `${context.what} takes ${countOf(parameters)}, and got ${given.length}`, {
        hint: `Call it as ${signature(context, parameters)}.`,
      });
  }
  const count = last?.repeated === true ? Math.max(given.length, parameters.length) : parameters.length;
  return Array.from({ length: count }, (_, index) => {
    const parameter = (parameters[index] ?? last) as ParameterDescription;
    const value = given[index];
    const repeats = parameter.repeated === true && index >= parameters.length;
    if (value === undefined || (value === null && parameter.type.type !== 'data')) {
      if (parameter.optional === true || repeats) return undefined;
      throw new EvenkeelError('ARGUMENT_INVALID', `${context.what}: the argument ${quoted(parameter.name, context)} is missing`, {
        where: { field: nameIn(parameter.name, context.names) },
        hint: `Call it as ${signature(context, parameters)}.`,
      });
    }
    return accept(parameter.type, value, { ...context, path: [], parameter: nameIn(parameter.name, context.names) });
  });
}

interface Place extends Context {
  parameter: string;
  path: readonly (string | number)[];
}

function accept(type: TypeDescription, value: unknown, place: Place): unknown {
  switch (type.type) {
    case 'list':
      if (isEmptyObject(value)) return [];
      if (!Array.isArray(value)) throw wrong(type, value, place);
      return value.map((item, index) => accept(type.of, item, { ...place, path: [...place.path, index] }));
    case 'record':
      if (isEmptyList(value)) return {};
      if (!isPlain(value)) throw wrong(type, value, place);
      return record(Object.entries(value).map(([key, item]) => [key, accept(type.of, item, { ...place, path: [...place.path, key] })]));
    case 'object':
      return acceptObject(type.fields, isEmptyList(value) ? {} : value, type, place);
    case 'any-of': {
      const fitting = type.of.filter((each) => fits(each, value));
      if (fitting.length === 0) throw wrong(type, value, place);
      if (fitting.length === 1) return accept(fitting[0] as TypeDescription, value, place);
      return firstThatAccepts(fitting, value, place);
    }
    case 'kubernetes':
      if (!isPlain(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') throw wrong(type, value, place);
      checkData(value, place);
      return value;
    case 'duration':
      if (!fits(type, value)) throw wrong(type, value, place);
      if (typeof value === 'string') parseDuration(value, field(place));
      return value;
    case 'data':
      checkData(value, place);
      return value;
    default:
      if (!fits(type, value)) throw wrong(type, value, place);
      return value;
  }
}

function acceptObject(fields: { [name: string]: FieldDescription }, value: unknown, type: TypeDescription, place: Place): unknown {
  if (!isPlain(value)) throw wrong(type, value, place);
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const name = place.names === 'snake' ? toCamel(key) : key;
    // Where both spellings are one word, only that of the caller's language is right.
    const known = Object.hasOwn(fields, name) && nameIn(name, place.names) === key;
    if (!known) throw unknown(key, fields, place);
    if (item === undefined || (item === null && fields[name]?.type.type !== 'data')) continue;
    entries.push([name, accept((fields[name] as FieldDescription).type, item, { ...place, path: [...place.path, key] })]);
  }
  for (const [name, { optional }] of Object.entries(fields))
    if (optional !== true && !entries.some(([given]) => given === name)) {
      const path = field({ ...place, path: [...place.path, nameIn(name, place.names)] });
      throw new EvenkeelError('OPTION_INVALID', `${place.what}: option "${path}" is missing`, { where: { field: path } });
    }
  return record(entries);
}

function firstThatAccepts(types: readonly TypeDescription[], value: unknown, place: Place): unknown {
  let failure: unknown;
  for (const type of types)
    try {
      return accept(type, value, place);
    } catch (thrown) {
      failure ??= thrown;
    }
  throw failure;
}

/** Whether a value is of the kind that a type wants, as far as can be seen without going into it. */
function fits(type: TypeDescription, value: unknown): boolean {
  switch (type.type) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'nothing':
      return value === undefined;
    case 'time':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
    case 'duration':
      return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value) && value >= 0);
    case 'bytes':
      return typeof value === 'string' || value instanceof Uint8Array;
    case 'data':
      return typeof value !== 'function' && typeof value !== 'symbol';
    case 'callback':
      return typeof value === 'function';
    case 'choice':
      return typeof value === 'string' && type.values.includes(value);
    case 'list':
      return Array.isArray(value) || isEmptyObject(value);
    case 'record':
    case 'object':
      return isPlain(value) || isEmptyList(value);
    case 'kubernetes':
      return isPlain(value);
    case 'any-of':
      return type.of.some((each) => fits(each, value));
  }
}

function wrong(type: TypeDescription, value: unknown, place: Place): EvenkeelError {
  const at = field(place);
  const isOption = place.path.length > 0;
  const near = type.type === 'choice' && typeof value === 'string' ? nearest(value, type.values) : undefined;
  return new EvenkeelError(
    isOption ? 'OPTION_INVALID' : 'ARGUMENT_INVALID',
    `${place.what}: ${isOption ? 'option' : 'argument'} "${at}" must be ${expectation(type, place.names)}, and is ${type.type === 'choice' && typeof value === 'string' ? `"${printable(value.slice(0, 100))}"` : kindOf(value)}`,
    { where: { field: at }, ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }) },
  );
}

function checkData(value: unknown, place: Place): void {
  const why = whyNotData(value);
  if (why === undefined) return;
  throw new EvenkeelError('ARGUMENT_INVALID', `${place.what}: "${field(place)}" ${why}`, { where: { field: field(place) } });
}

function unknown(key: string, fields: { [name: string]: FieldDescription }, place: Place): EvenkeelError {
  const known = Object.keys(fields).map((name) => nameIn(name, place.names));
  const near = nearest(key, known);
  return new EvenkeelError('OPTION_UNKNOWN', `${place.what}: unknown option "${key.slice(0, 100)}"`, {
    where: { field: field({ ...place, path: [...place.path, key.slice(0, 100)] }) },
    hint: near === undefined ? `Known options: ${known.sort().join(', ')}.` : `Did you mean "${near}"?`,
  });
}

/** `options.retry.limit` is written `retry.limit`: who reads it wrote that. */
function field({ parameter, path }: Place): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return path.length > 0 && parameter === 'options' ? steps.replace(/^\./, '') : `${parameter}${steps}`;
}

function nameIn(name: string, names: Names): string {
  return names === 'snake' ? toSnake(name) : name;
}

function quoted(name: string, { names }: Context): string {
  return `"${nameIn(name, names)}"`;
}

function countOf(parameters: readonly ParameterDescription[]): string {
  return parameters.length === 0 ? 'no arguments' : parameters.length === 1 ? 'one argument' : `${parameters.length} arguments`;
}

function signature({ what, names }: Context, parameters: readonly ParameterDescription[]): string {
  return `${what}(${parameters.map((p) => `${nameIn(p.name, names)}${p.optional ? '?' : ''}`).join(', ')})`;
}

function isPlain(value: unknown): value is { [key: string]: unknown } {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** An empty table of Lua is a list and an object. */
const isEmptyObject = (value: unknown) => isPlain(value) && Object.keys(value).length === 0;
const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;

/** With own members only, whatever they are called. */
function record(entries: Iterable<[string, unknown]>): { [key: string]: unknown } {
  return Object.fromEntries(entries);
}
