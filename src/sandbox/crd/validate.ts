import { equalJson } from '../../model/index.js';
import { type FieldError, type FieldErrors, GoText, goValue, invalid, notSupported, required } from '../strategy/field.js';
import { hasFormat, isCheckedFormat } from './formats.js';
import { childOf, fieldOf, rootField } from './paths.js';
import { goRegExp } from './regexp.js';
import type { StructuralSchema } from './types.js';

type Obj = { [key: string]: unknown };

const isObject = (value: unknown): value is Obj => value !== null && typeof value === 'object' && !Array.isArray(value);

/** What validating found: the errors, and how many checks passed, by which alternatives are compared. */
interface Result {
  errors: FieldErrors;
  matches: number;
}

/**
 * What is wrong with a value under a schema, worded and ordered as the API server's validation of custom
 * resources has it. Properties come in the order of their names.
 */
export function validateValue(schema: StructuralSchema, value: unknown, at = ''): FieldErrors {
  return visit(schema, value, at).errors;
}

const typeInvalid = (at: string, value: unknown, detail: string): FieldError => ({
  ...invalid(fieldOf(at), value, detail),
  reason: 'FieldValueTypeInvalid',
});

/** An error that names no value, of a combination of schemas. */
const general = (message: string): FieldError => invalid(rootField, '', message);

function visit(schema: StructuralSchema, value: unknown, at: string): Result {
  const out: Result = { errors: [], matches: 0 };
  const checks = value === null ? [checkType, checkEnum] : checksOf(schema, value);
  for (const check of checks) {
    check(schema, value, at, out);
    out.matches++;
  }
  out.matches++;
  return out;
}

type Check = (schema: StructuralSchema, value: unknown, at: string, out: Result) => void;

function checksOf(schema: StructuralSchema, value: unknown): Check[] {
  const checks: Check[] = [];
  if (typesOf(schema).length > 0 || schema.format) checks.push(checkType);
  checks.push(checkCombined);
  if (typeof value === 'string') checks.push(checkText, checkFormat);
  if (typeof value === 'number' || typeof value === 'bigint') checks.push(checkNumber);
  if (Array.isArray(value)) checks.push(checkList);
  checks.push(checkEnum);
  if (isObject(value)) checks.push(checkObject);
  return checks;
}

function merge(out: Result, other: Result): void {
  out.errors.push(...other.errors);
  out.matches += other.matches;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return 'integer';
  return typeof value;
}

function typesOf(schema: StructuralSchema): string[] {
  if (schema['x-kubernetes-int-or-string']) return ['integer', 'string'];
  return schema.type ? [schema.type] : [];
}

function checkType(schema: StructuralSchema, value: unknown, at: string, out: Result): void {
  const actual = typeOf(value);
  const wanted = typesOf(schema);
  if (value === null ? wanted.length === 0 || schema.nullable === true : fits(schema, wanted, actual)) {
    out.matches++;
    return;
  }
  out.errors.push(typeInvalid(at, actual, `${at} in body must be of type ${wanted.join(',')}: ${JSON.stringify(actual)}`));
}

function fits(schema: StructuralSchema, wanted: string[], actual: string): boolean {
  if (wanted.length === 0 || wanted.includes(actual) || (actual === 'integer' && wanted.includes('number'))) return true;
  // A text or a list of something with a checked format is that format's to judge.
  const numeric = wanted.includes('number') || wanted.includes('integer');
  return !numeric && schema.format !== undefined && isCheckedFormat(schema.format) && (actual === 'string' || actual === 'array');
}

const numberText = (value: number): string =>
  Math.abs(value) >= 1e21 ? value.toExponential().replace(/e\+(\d)$/, 'e+0$1') : String(value);

function checkNumber(schema: StructuralSchema, given: unknown, at: string, out: Result): void {
  const value = Number(given);
  const say = (what: string) => out.errors.push(invalid(fieldOf(at), given, `${at} in body should be ${what}`));
  const { multipleOf, minimum, maximum } = schema;
  if (multipleOf !== undefined && !isMultiple(given as number | bigint, multipleOf)) say(`a multiple of ${numberText(multipleOf)}`);
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum))
    say(`greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${numberText(minimum)}`);
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum))
    say(`less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${numberText(maximum)}`);
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (factor <= 0) return false;
  const whole = typeof value === 'bigint' || Number.isInteger(value);
  if (whole && Number.isInteger(factor)) return BigInt(value) % BigInt(factor) === 0n;
  const quotient = Number(value) / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function checkText(schema: StructuralSchema, given: unknown, at: string, out: Result): void {
  const value = given as string;
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    out.errors.push({ reason: 'FieldValueTooLong', field: fieldOf(at), message: `Too long: may not be longer than ${schema.maxLength}` });
  else if (schema.minLength !== undefined && length < schema.minLength)
    out.errors.push(invalid(fieldOf(at), value, `${at} in body should be at least ${schema.minLength} chars long`));
  else if (schema.pattern && goRegExp(schema.pattern)?.test(value) === false)
    out.errors.push(invalid(fieldOf(at), value, `${at} in body should match '${schema.pattern}'`));
}

function checkFormat(schema: StructuralSchema, given: unknown, at: string, out: Result): void {
  const value = given as string;
  if (schema.format && !hasFormat(schema.format, value))
    out.errors.push(typeInvalid(at, value, `${at} in body must be of type ${schema.format}: ${JSON.stringify(value)}`));
}

function checkEnum(schema: StructuralSchema, value: unknown, at: string, out: Result): void {
  if (!schema.enum?.length || schema.enum.some((allowed) => equalJson(allowed, value))) return;
  const supported = schema.enum.map((v) => (typeof v === 'string' ? v : JSON.stringify(v)));
  out.errors.push(notSupported(fieldOf(at), goAny(value), supported));
}

function checkList(schema: StructuralSchema, given: unknown, at: string, out: Result): void {
  const value = given as unknown[];
  const { items } = schema;
  if (items)
    value.forEach((item, i) => {
      merge(out, visit(items, item, `${at}[${i}]`));
    });
  if (schema.minItems !== undefined && value.length < schema.minItems)
    out.errors.push(invalid(fieldOf(at), value.length, `${at} in body should have at least ${schema.minItems} items`));
  if (schema.maxItems !== undefined && value.length > schema.maxItems) out.errors.push(tooMany(at, value.length, schema.maxItems));
  if (schema.uniqueItems && value.some((item, i) => value.slice(0, i).some((other) => equalJson(item, other))))
    out.errors.push(invalid(fieldOf(at), '', `${at} in body shouldn't contain duplicates`));
}

const tooMany = (at: string, count: number, max: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field: fieldOf(at),
  message: `Too many: ${count}: must have at most ${max} items`,
});

function checkObject(schema: StructuralSchema, given: unknown, at: string, out: Result): void {
  const value = given as Obj;
  const count = Object.keys(value).length;
  if (schema.minProperties !== undefined && count < schema.minProperties) {
    out.errors.push(invalid(fieldOf(at), count, `${at} in body should have at least ${schema.minProperties} properties`));
    return;
  }
  if (schema.maxProperties !== undefined && count > schema.maxProperties) {
    out.errors.push(tooMany(at, count, schema.maxProperties));
    return;
  }
  const { additionalProperties: others } = schema;
  for (const key of Object.keys(value).sort()) {
    const property = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (property) merge(out, visit(property, value[key], childOf(at, key)));
    else if (isObject(others)) merge(out, visit(others as StructuralSchema, value[key], at === '' ? `.${key}` : childOf(at, key)));
    else if (others === false) out.errors.push(invalid(fieldOf(at), key, `${at}.${key} in body is a forbidden property`));
  }
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) out.errors.push(required(childOf(at, name)));
}

function checkCombined(schema: StructuralSchema, value: unknown, at: string, out: Result): void {
  const place = JSON.stringify(at);
  if (schema.anyOf?.length) {
    const results = schema.anyOf.map((s) => visit(s, value, at));
    const passed = results.find((r) => r.errors.length === 0);
    if (!passed) out.errors.push(general(`${place} must validate at least one schema (anyOf)`));
    merge(out, passed ?? best(results));
  }
  if (schema.oneOf?.length) {
    const results = schema.oneOf.map((s) => visit(s, value, at));
    const passed = results.filter((r) => r.errors.length === 0);
    if (passed.length === 1) merge(out, passed[0] as Result);
    else {
      const found = passed.length === 0 ? 'Found none valid' : `Found ${passed.length} valid alternatives`;
      out.errors.push(general(`${place} must validate one and only one schema (oneOf). ${found}`));
      if (passed.length === 0) merge(out, best(results));
    }
  }
  if (schema.allOf?.length) {
    const results = schema.allOf.map((s) => visit(s, value, at));
    for (const result of results) merge(out, result);
    const passed = results.filter((r) => r.errors.length === 0).length;
    if (passed < results.length)
      out.errors.push(general(`${place} must validate all the schemas (allOf)${passed === 0 ? '. None validated' : ''}`));
  }
  if (schema.not && visit(schema.not, value, at).errors.length === 0)
    out.errors.push(general(`${place} must not validate the schema (not)`));
  out.matches++;
}

/** The failure that came closest. */
function best(results: Result[]): Result {
  return results.reduce((a, b) => (b.matches > a.matches ? b : a));
}

/** A JSON value as Go's %#v prints what was decoded from it. */
export function goAny(value: unknown): unknown {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'object') return value;
  return new GoText(goSyntax(value));
}

function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value !== 'object') return goValue(value);
  const entries = Object.keys(value)
    .sort()
    .map((k) => `${JSON.stringify(k)}:${goSyntax((value as Obj)[k])}`);
  return `map[string]interface {}{${entries.join(', ')}}`;
}
