import { type FieldError, type FieldErrors, invalid } from '../../strategy/field.js';
import { childOf, fieldOf, keyOf } from '../paths.js';
import type { StructuralSchema } from '../types.js';
import { isTransition } from './check.js';
import { loadedEngine } from './engine.js';
import { ruleValue } from './values.js';

type Obj = { [key: string]: unknown };
type Rule = NonNullable<StructuralSchema['x-kubernetes-validations']>[number];
type Program = (context: Obj) => unknown;

const isObject = (value: unknown): value is Obj => value !== null && typeof value === 'object' && !Array.isArray(value);
const programs = new Map<string, Program | Error>();
const withRules = new WeakMap<StructuralSchema, boolean>();

/** Whether a schema has rules (x-kubernetes-validations) anywhere. */
export function hasRules(schema: StructuralSchema | undefined): boolean {
  if (!schema) return false;
  let known = withRules.get(schema);
  if (known === undefined) {
    known =
      (schema['x-kubernetes-validations'] ?? []).length > 0 ||
      Object.values(schema.properties ?? {}).some(hasRules) ||
      hasRules(schema.items) ||
      (typeof schema.additionalProperties === 'object' && hasRules(schema.additionalProperties));
    withRules.set(schema, known);
  }
  return known;
}

/**
 * What rules of a schema a value breaks; rules that look at `oldSelf` count where there is an old value. The
 * engine has to be loaded.
 */
export function celProblems(schema: StructuralSchema, value: unknown, old: unknown, at = '', root = at === ''): FieldErrors {
  if (!loadedEngine() || !hasRules(schema)) return [];
  const out: FieldErrors = [];
  visit(schema, value, old, { at, root }, out);
  return out;
}

interface Place {
  at: string;
  root: boolean;
}

function visit(schema: StructuralSchema, value: unknown, old: unknown, { at, root }: Place, out: FieldErrors): void {
  if (value === undefined || value === null || !hasRules(schema)) return;
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length > 0) {
    const before = old === undefined || old === null ? undefined : { oldSelf: ruleValue(schema, old, root) };
    const context = { self: ruleValue(schema, value, root), ...before };
    for (const rule of rules) {
      const problem = check(schema, rule, context, at);
      if (problem) out.push(problem);
    }
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items)
      for (let i = 0; i < value.length; i++)
        visit(items, value[i], correlated(schema, value[i], old), { at: `${at}[${i}]`, root: isEmbedded(items) }, out);
    return;
  }
  if (!isObject(value)) return;
  const { properties, additionalProperties: others } = schema;
  const was = (key: string) => (isObject(old) && Object.hasOwn(old, key) ? old[key] : undefined);
  for (const key of Object.keys(value).sort()) {
    if (properties && Object.hasOwn(properties, key)) {
      const child = properties[key] as StructuralSchema;
      visit(child, value[key], was(key), { at: childOf(at, key), root: isEmbedded(child) }, out);
    } else if (typeof others === 'object') visit(others, value[key], was(key), { at: keyOf(at, key), root: isEmbedded(others) }, out);
  }
}

const isEmbedded = (schema: StructuralSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;

/** The old item that a list item corresponds to: by its keys, in lists that have some. */
function correlated(schema: StructuralSchema, item: unknown, old: unknown): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || !keys || !Array.isArray(old) || !isObject(item)) return undefined;
  return old.find((o: unknown) => isObject(o) && keys.every((key) => o[key] === item[key]));
}

function compile(rule: string): Program | Error {
  let program = programs.get(rule);
  if (program === undefined) {
    try {
      const parsed = loadedEngine()?.dynamic.parse(rule);
      program = (context) => parsed?.(context);
    } catch (error) {
      program = error instanceof Error ? error : new Error(String(error));
    }
    programs.set(rule, program);
  }
  return program;
}

const reasons = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'] as const;

function check(schema: StructuralSchema, rule: Rule, context: Obj, at: string): FieldError | undefined {
  if (rule.rule.trim() === '') return undefined;
  if (isTransition(rule.rule) && !Object.hasOwn(context, 'oldSelf') && rule.optionalOldSelf !== true) return undefined;
  const program = compile(rule.rule);
  const say = (message: string) => invalid(fieldOf(at), schema.type ?? '', message);
  if (program instanceof Error) return say(`rule compile error: ${firstLine(program)}`);
  try {
    return program(context) === true ? undefined : broken(schema, rule, context, at);
  } catch (error) {
    const reason = reworded(firstLine(error));
    if (reason === 'no such overload')
      return say(`'${reason}': call arguments did not match a supported operator, function or macro signature for rule: ${nameOf(rule)}`);
    return say(`${reason} evaluating rule: ${nameOf(rule)}`);
  }
}

const wordings: [RegExp, string][] = [
  [/^No such key: index out of bounds, index (\d+).*$/i, 'index out of bounds: $1'],
  [/^modulo by zero$/i, 'modulus by zero'],
  [/^integer overflow.*$/i, 'integer overflow'],
  [/^(int|uint|double|bool)\(\) type error.*$/, "type conversion error from 'string' to '$1'"],
  [/^Invalid duration string.*$/, "type conversion error from 'string' to 'google.protobuf.Duration'"],
  [/^timestamp\(\) requires a string.*$/, "type conversion error from 'string' to 'google.protobuf.Timestamp'"],
  [/^no such overload.*$/i, 'no such overload'],
  [/^No such/, 'no such'],
];

/** What went wrong in a rule as the API server says it. */
function reworded(text: string): string {
  const wording = wordings.find(([pattern]) => pattern.test(text));
  return wording ? text.replace(wording[0], wording[1]) : text;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] as string;
}

const nameOf = (rule: Rule): string => (rule.message ? rule.message.trim() : rule.rule.trim());

function broken(schema: StructuralSchema, rule: Rule, context: Obj, at: string): FieldError {
  const message = messageOf(rule, context);
  const field = fieldOf(rule.fieldPath ? `${at}${rule.fieldPath.trim()}`.replace(/^\./, '') : at);
  const reason = reasons.find((r) => r === rule.reason) ?? 'FieldValueInvalid';
  switch (reason) {
    case 'FieldValueForbidden':
      return { reason, field, message: `Forbidden: ${message}` };
    case 'FieldValueRequired':
      return { reason, field, message: `Required value: ${message}` };
    case 'FieldValueDuplicate':
      return { reason, field, message: `Duplicate value: ${JSON.stringify(schema.type ?? '')}` };
    default:
      return invalid(field, schema.type ?? '', message);
  }
}

function messageOf(rule: Rule, context: Obj): string {
  if (rule.messageExpression) {
    const program = compile(rule.messageExpression);
    try {
      const text = program instanceof Error ? undefined : program(context);
      if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) return text.trim();
    } catch {
      // The plain message stands in.
    }
  }
  return rule.message || `failed rule: ${nameOf(rule)}`;
}
