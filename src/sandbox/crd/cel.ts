import type { Environment } from '@marcbachmann/cel-js';
import { setOwn } from '../../model/index.js';
import { type FieldError, type FieldErrors, invalid } from '../strategy/field.js';
import type { StructuralSchema } from './types.js';

type Obj = { [key: string]: unknown };
type Program = (context: { [name: string]: unknown }) => unknown;

let environment: Environment | undefined;
const programs = new Map<string, Program | Error>();

/** Loads the rule engine: to be awaited before a kind with rules is written. */
export async function loadRules(): Promise<void> {
  if (environment) return;
  const { Environment } = await import('@marcbachmann/cel-js');
  environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 5000, maxDepth: 100, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 32 },
  });
  for (const name of ['self', 'oldSelf']) environment.registerVariable(name, 'dyn');
}

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

function compile(rule: string): Program | Error {
  let program = programs.get(rule);
  if (program === undefined) {
    try {
      const parsed = (environment as Environment).parse(rule);
      program = (context) => parsed(context);
    } catch (error) {
      program = error instanceof Error ? error : new Error(String(error));
    }
    programs.set(rule, program);
  }
  return program;
}

/** Integers of JSON are CEL's int, which this engine has as bigint. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (value === null || typeof value !== 'object') return value;
  const out: Obj = {};
  for (const key of Object.keys(value)) setOwn(out, key, celValue((value as Obj)[key]));
  return out;
}

/** What rules of a schema an object breaks; rules that look at `oldSelf` count where there is an old value. */
export function celProblems(schema: StructuralSchema, object: unknown, old: unknown): FieldErrors {
  if (!environment || !hasRules(schema)) return [];
  const out: FieldErrors = [];
  visit(schema, object, old, '', out);
  return out;
}

function visit(schema: StructuralSchema, value: unknown, old: unknown, at: string, out: FieldErrors): void {
  if (value === undefined || value === null) return;
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    const problem = check(schema, rule, value, old, at);
    if (problem) out.push(problem);
  }
  const child = (key: string) => (at === '' ? key : `${at}.${key}`);
  const of = (from: unknown, key: string) =>
    from !== null && typeof from === 'object' && Object.hasOwn(from, key) ? (from as Obj)[key] : undefined;
  if (Array.isArray(value)) {
    if (schema.items)
      for (let i = 0; i < value.length; i++) visit(schema.items, value[i], correlated(schema, value[i], old), `${at}[${i}]`, out);
    return;
  }
  if (typeof value !== 'object') return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) visit(property, of(value, key), of(old, key), child(key), out);
  const { additionalProperties: other } = schema;
  if (typeof other === 'object')
    for (const key of Object.keys(value))
      if (!Object.hasOwn(schema.properties ?? {}, key)) visit(other, (value as Obj)[key], of(old, key), child(key), out);
}

/** The old item that a list item corresponds to: by its keys, in lists that have some. */
function correlated(schema: StructuralSchema, item: unknown, old: unknown): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (!keys || !Array.isArray(old)) return undefined;
  return old.find((o: Obj) => keys.every((key) => o?.[key] === (item as Obj)?.[key]));
}

type Rule = NonNullable<StructuralSchema['x-kubernetes-validations']>[number];

const reasons: { [reason: string]: FieldError['reason'] } = {
  FieldValueInvalid: 'FieldValueInvalid',
  FieldValueForbidden: 'FieldValueForbidden',
  FieldValueRequired: 'FieldValueRequired',
  FieldValueDuplicate: 'FieldValueDuplicate',
};

function check(schema: StructuralSchema, rule: Rule, value: unknown, old: unknown, at: string): FieldError | undefined {
  if (/\boldSelf\b/.test(rule.rule) && old === undefined) return undefined;
  const program = compile(rule.rule);
  const context = { self: celValue(value), ...(old === undefined ? {} : { oldSelf: celValue(old) }) };
  const field = rule.fieldPath ? `${at}${rule.fieldPath}`.replace(/^\./, '') : at;
  const say = (message: string): FieldError => ({
    ...invalid(field, schema.type ?? 'object', message),
    ...(rule.reason && reasons[rule.reason] ? { reason: reasons[rule.reason] as FieldError['reason'] } : {}),
  });
  if (program instanceof Error) return say(`rule compilation error: ${program.message.split('\n')[0]}`);
  try {
    if (program(context) === true) return undefined;
    return say(messageOf(rule, context));
  } catch (error) {
    return say(`rule evaluation error: ${(error instanceof Error ? error.message : String(error)).split('\n')[0]}`);
  }
}

function messageOf(rule: Rule, context: { [name: string]: unknown }): string {
  if (rule.messageExpression) {
    const program = compile(rule.messageExpression);
    try {
      const text = program instanceof Error ? undefined : program(context);
      if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) return text;
    } catch {
      // The plain message stands in.
    }
  }
  return rule.message?.trim() || `failed rule: ${rule.rule}`;
}
