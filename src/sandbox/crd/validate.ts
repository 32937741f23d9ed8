import { canonicalJson, equalJson } from '../../model/index.js';
import { duplicate, type FieldErrors, GoText, invalid, notSupported, required } from '../strategy/field.js';
import type { StructuralSchema } from './types.js';

type Obj = { [key: string]: unknown };

const isObject = (value: unknown): value is Obj => value !== null && typeof value === 'object' && !Array.isArray(value);
const child = (at: string, key: string) => (at === '' ? key : `${at}.${key}`);

/** What is wrong with a value under a schema, worded as the API server's validation of custom resources words it. */
export function validateValue(schema: StructuralSchema, value: unknown, at: string): FieldErrors {
  const out: FieldErrors = [];
  visit(schema, value, at, out);
  return out;
}

function visit(schema: StructuralSchema, value: unknown, at: string, out: FieldErrors): void {
  if (value === null && schema.nullable === true) return;
  if (!checkType(schema, value, at, out)) return;
  if (schema.enum && !schema.enum.some((allowed) => equalJson(allowed, value)))
    out.push(
      notSupported(
        at,
        value,
        schema.enum.map((v) => (typeof v === 'string' ? v : String(v))),
      ),
    );
  if (typeof value === 'number' || typeof value === 'bigint') checkNumber(schema, value, at, out);
  if (typeof value === 'string') checkText(schema, value, at, out);
  if (Array.isArray(value)) checkList(schema, value, at, out);
  if (isObject(value)) checkObject(schema, value, at, out);
  checkCombined(schema, value, at, out);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return 'integer';
  return typeof value;
}

function checkType(schema: StructuralSchema, value: unknown, at: string, out: FieldErrors): boolean {
  const actual = typeOf(value);
  const wanted = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : undefined;
  if (!wanted || wanted.includes(actual) || (actual === 'integer' && wanted.includes('number'))) return true;
  out.push(invalid(at, actual, `${at || '.'} in body must be of type ${wanted.join(',')}: ${JSON.stringify(actual)}`));
  return false;
}

function checkNumber(schema: StructuralSchema, given: number | bigint, at: string, out: FieldErrors): void {
  const value = Number(given);
  const say = (what: string) => out.push(invalid(at, given, `${at} in body should be ${what}`));
  if (schema.maximum !== undefined && (schema.exclusiveMaximum ? value >= schema.maximum : value > schema.maximum))
    say(`less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${schema.maximum}`);
  if (schema.minimum !== undefined && (schema.exclusiveMinimum ? value <= schema.minimum : value < schema.minimum))
    say(`greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${schema.minimum}`);
  if (schema.multipleOf !== undefined && Math.abs(value / schema.multipleOf - Math.round(value / schema.multipleOf)) > 1e-9)
    say(`a multiple of ${schema.multipleOf}`);
  if (schema.format === 'int32' && (value > 2147483647 || value < -2147483648)) say(`of type int32: ${JSON.stringify(String(given))}`);
}

const formats: { [format: string]: (text: string) => boolean } = {
  'date-time': (t) => /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(t) && !Number.isNaN(Date.parse(t)),
  date: (t) => /^\d{4}-\d\d-\d\d$/.test(t) && !Number.isNaN(Date.parse(t)),
  duration: (t) => /^([+-]?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d|w))+|0)$/.test(t),
  email: (t) => /^[^\s@]+@[^\s@]+$/.test(t),
  hostname: (t) => /^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/.test(t),
  ipv4: (t) => /^(\d{1,3}\.){3}\d{1,3}$/.test(t) && t.split('.').every((p) => Number(p) < 256),
  ipv6: (t) => /^[0-9a-fA-F:.]+$/.test(t) && t.includes(':'),
  cidr: (t) => /^[0-9a-fA-F:.]+\/\d{1,3}$/.test(t),
  uri: (t) => /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(t) || t.startsWith('/'),
  uuid: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(t),
  byte: (t) => /^[A-Za-z0-9+/]*={0,2}$/.test(t) && t.length % 4 === 0,
};

const patterns = new Map<string, RegExp | undefined>();

/** A Go regular expression as one of ours; undefined where it cannot be said here. */
function regularExpression(pattern: string): RegExp | undefined {
  if (!patterns.has(pattern)) {
    let compiled: RegExp | undefined;
    try {
      const flags = /^\(\?([ims]+)\)/.exec(pattern);
      compiled = new RegExp(flags ? pattern.slice(flags[0].length) : pattern, `u${flags?.[1] ?? ''}`);
    } catch {
      try {
        compiled = new RegExp(pattern);
      } catch {
        compiled = undefined;
      }
    }
    patterns.set(pattern, compiled);
  }
  return patterns.get(pattern);
}

function checkText(schema: StructuralSchema, value: string, at: string, out: FieldErrors): void {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    out.push({ reason: 'FieldValueTooLong', field: at, message: `Too long: may not be longer than ${schema.maxLength}` });
  if (schema.minLength !== undefined && length < schema.minLength)
    out.push(invalid(at, value, `${at} in body should be at least ${schema.minLength} chars long`));
  if (schema.pattern !== undefined && regularExpression(schema.pattern)?.test(value) === false)
    out.push(invalid(at, value, `${at} in body should match '${schema.pattern}'`));
  if (
    schema.format !== undefined &&
    !schema['x-kubernetes-int-or-string'] &&
    Object.hasOwn(formats, schema.format) &&
    !formats[schema.format]?.(value)
  )
    out.push(invalid(at, value, `${at} in body must be of type ${schema.format}: ${JSON.stringify(value)}`));
}

function checkList(schema: StructuralSchema, value: unknown[], at: string, out: FieldErrors): void {
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    out.push({ reason: 'FieldValueTooMany', field: at, message: `Too many: ${value.length}: must have at most ${schema.maxItems} items` });
  if (schema.minItems !== undefined && value.length < schema.minItems)
    out.push(invalid(at, value.length, `${at} in body should have at least ${schema.minItems} items`));
  const { items } = schema;
  if (items)
    value.forEach((item, i) => {
      visit(items, item, `${at}[${i}]`, out);
    });
  checkUnique(schema, value, at, out);
}

function checkUnique(schema: StructuralSchema, value: unknown[], at: string, out: FieldErrors): void {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return;
  const seen = new Set<string>();
  value.forEach((item, i) => {
    let key: unknown = item;
    if (type === 'map') {
      if (!isObject(item)) return;
      key = Object.fromEntries((schema['x-kubernetes-list-map-keys'] ?? []).filter((k) => Object.hasOwn(item, k)).map((k) => [k, item[k]]));
    }
    const text = canonicalJson(key);
    if (seen.has(text)) out.push(duplicate(`${at}[${i}]`, type === 'map' ? goMap(key as Obj) : key));
    seen.add(text);
  });
}

function goMap(map: Obj): GoText {
  return new GoText(
    `map[string]interface {}{${Object.keys(map)
      .sort()
      .map((k) => `${JSON.stringify(k)}:${JSON.stringify(map[k])}`)
      .join(', ')}}`,
  );
}

function checkObject(schema: StructuralSchema, value: Obj, at: string, out: FieldErrors): void {
  const count = Object.keys(value).length;
  if (schema.maxProperties !== undefined && count > schema.maxProperties)
    out.push({ reason: 'FieldValueTooMany', field: at, message: `Too many: ${count}: must have at most ${schema.maxProperties} items` });
  if (schema.minProperties !== undefined && count < schema.minProperties)
    out.push(invalid(at, count, `${at} in body should have at least ${schema.minProperties} properties`));
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) out.push(required(child(at, name)));
  for (const key of Object.keys(value).sort()) {
    const property = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (property) visit(property, value[key], child(at, key), out);
    else if (isObject(schema.additionalProperties)) visit(schema.additionalProperties as StructuralSchema, value[key], child(at, key), out);
  }
}

function checkCombined(schema: StructuralSchema, value: unknown, at: string, out: FieldErrors): void {
  const passes = (s: StructuralSchema) => validateValue(s, value, at).length === 0;
  const say = (what: string) => out.push(invalid(at, '', `${JSON.stringify(at)} must ${what}`));
  for (const s of schema.allOf ?? []) visit(s, value, at, out);
  if (schema.anyOf && !schema.anyOf.some(passes)) say('validate at least one schema (anyOf)');
  if (schema.oneOf) {
    const valid = schema.oneOf.filter(passes).length;
    if (valid !== 1)
      say(`validate one and only one schema (oneOf). ${valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`}`);
  }
  if (schema.not && passes(schema.not)) say('not validate the schema (not)');
}
