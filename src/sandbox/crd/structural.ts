import { equalJson } from '../../model/index.js';
import { type FieldError, type FieldErrors, forbiddenField, invalid, required } from '../strategy/field.js';
import { goRegExp } from './regexp.js';
import type { StructuralSchema } from './types.js';

type Level = 'root' | 'item' | 'field';

/**
 * What keeps a schema from being structural, sorted by its text
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
 */
export function structuralProblems(schema: StructuralSchema, at: string): FieldErrors {
  const out: FieldErrors = [];
  invariants(schema, 'root', at, out);
  complete(schema, schema, { at, because: at }, out);
  const text = (e: FieldError) => `${e.field}: ${e.message}`;
  return out.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}

const isSchema = (value: unknown): value is StructuralSchema => value !== null && typeof value === 'object' && !Array.isArray(value);

const emptyType = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function invariants(schema: StructuralSchema, level: Level, at: string, out: FieldErrors): void {
  if (schema.type === 'array' && !schema.items) out.push(required(`${at}.items`, 'must be specified'));
  if (isSchema(schema.items)) invariants(schema.items, 'item', `${at}.items`, out);
  for (const [name, property] of Object.entries(schema.properties ?? {})) invariants(property, 'field', `${at}.properties[${name}]`, out);
  const { additionalProperties: others } = schema;
  if (others !== undefined && level === 'root') out.push(forbiddenField(`${at}.additionalProperties`, 'must not be used at the root'));
  if (isSchema(others)) invariants(others, 'field', `${at}.additionalProperties`, out);
  extensions(schema, at, out);
  const intOrString = [{ type: 'integer' }, { type: 'string' }];
  valueRules(
    schema,
    { skipAnyOf: equalJson(schema.anyOf, intOrString), skipFirst: equalJson(schema.allOf?.[0]?.anyOf, intOrString) },
    at,
    out,
  );
  typeOf(schema, level, at, out);
  metadata(schema, level, at, out);
}

function extensions(schema: StructuralSchema, at: string, out: FieldErrors): void {
  if (!schema['x-kubernetes-int-or-string']) return;
  for (const name of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    if (schema[name]) out.push(invalid(`${at}.${name}`, true, 'must be false if x-kubernetes-int-or-string is true'));
}

function typeOf(schema: StructuralSchema, level: Level, at: string, out: FieldErrors): void {
  const { type } = schema;
  const embedded = schema['x-kubernetes-embedded-resource'];
  const preserves = schema['x-kubernetes-preserve-unknown-fields'];
  if (embedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    out.push(type ? invalid(`${at}.type`, type, detail) : required(`${at}.type`, detail));
  } else if (!type && !schema['x-kubernetes-int-or-string'] && !preserves) out.push(required(`${at}.type`, emptyType[level]));
  if (embedded && schema.additionalProperties !== undefined)
    out.push(forbiddenField(`${at}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'));
  if (level === 'root' && type && type !== 'object') out.push(invalid(`${at}.type`, type, 'must be object at the root'));
  if (embedded && !preserves && Object.keys(schema.properties ?? {}).length === 0)
    out.push(
      required(
        `${at}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
}

/** What a schema may say of apiVersion, kind and metadata, which every resource has. */
function metadata(schema: StructuralSchema, level: Level, at: string, out: FieldErrors): void {
  if (level !== 'root' && !schema['x-kubernetes-embedded-resource']) return;
  const { properties = {} } = schema;
  for (const name of ['kind', 'apiVersion'])
    if (Object.hasOwn(properties, name) && properties[name]?.type !== 'string')
      out.push(invalid(`${at}.properties[${name}].type`, properties[name]?.type ?? '', 'must be string'));
  const meta = Object.hasOwn(properties, 'metadata') ? properties['metadata'] : undefined;
  if (!meta) return;
  const place = `${at}.properties[metadata]`;
  if (meta.type !== 'object') out.push(invalid(`${place}.type`, meta.type ?? '', 'must be object'));
  if (level !== 'root') return;
  const { type: _, default: __, properties: members = {}, ...rest } = meta;
  const names = Object.keys(members);
  if (names.some((n) => n !== 'name' && n !== 'generateName') || Object.keys(rest).length > 0)
    out.push(forbiddenField(place, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
}

interface Skip {
  skipAnyOf: boolean;
  skipFirst: boolean;
}
const nothing: Skip = { skipAnyOf: false, skipFirst: false };

function valueRules(schema: StructuralSchema, skip: Skip, at: string, out: FieldErrors): void {
  if (!skip.skipAnyOf) (schema.anyOf ?? []).forEach((s, i) => void nested(s, nothing, `${at}.anyOf[${i}]`, out));
  (schema.allOf ?? []).forEach((s, i) => {
    nested(s, { skipAnyOf: skip.skipFirst && i === 0, skipFirst: false }, `${at}.allOf[${i}]`, out);
  });
  (schema.oneOf ?? []).forEach((s, i) => void nested(s, nothing, `${at}.oneOf[${i}]`, out));
  if (schema.not) nested(schema.not, nothing, `${at}.not`, out);
  if (schema.pattern && !goRegExp(schema.pattern))
    out.push(invalid(`${at}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${regexpProblem(schema.pattern)}`));
}

function regexpProblem(pattern: string): string {
  const look = /\(\?(=|!|<=|<!)/.exec(pattern);
  if (look) return `error parsing regexp: invalid or unsupported Perl syntax: \`${look[0]}\``;
  const quoted = `: \`${pattern}\``;
  let depth = 0;
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '\\') i++;
    else if (inClass) inClass = c !== ']';
    else if (c === '[') inClass = true;
    else if (c === '(') depth++;
    else if (c === ')' && --depth < 0) return `error parsing regexp: unexpected )${quoted}`;
  }
  if (inClass) return `error parsing regexp: missing closing ]: \`${pattern.slice(pattern.lastIndexOf('['))}\``;
  if (depth > 0) return `error parsing regexp: missing closing )${quoted}`;
  const repeat = /^([*+?])/.exec(pattern);
  return repeat
    ? `error parsing regexp: missing argument to repetition operator: \`${repeat[1]}\``
    : `error parsing regexp: invalid syntax${quoted}`;
}

const forbidden: readonly [keyof StructuralSchema, string][] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

/** A schema below anyOf and the like: it may check values, and say nothing of their shape. */
function nested(schema: StructuralSchema, skip: Skip, at: string, out: FieldErrors): void {
  valueRules(schema, skip, at, out);
  if (isSchema(schema.items)) nested(schema.items, nothing, `${at}.items`, out);
  for (const [name, property] of Object.entries(schema.properties ?? {})) nested(property, nothing, `${at}.properties[${name}]`, out);
  const empty = (value: unknown) => value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
  for (const [field, detail] of forbidden)
    if (field === 'additionalProperties' ? schema[field] !== undefined : !empty(schema[field]))
      out.push(forbiddenField(`${at}.${field}`, detail));
  if (schema.properties && Object.hasOwn(schema.properties, 'metadata'))
    out.push(forbiddenField(`${at}.properties[metadata]`, 'must not be specified in a nested context'));
}

interface Places {
  at: string;
  because: string;
}

/** Each field that a check names has to be specified outside of it too. */
function complete(checks: StructuralSchema, schema: StructuralSchema, { at, because }: Places, out: FieldErrors): void {
  if (checks.not) completeNested(checks.not, schema, { at, because: `${because}.not` }, out);
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const)
    (checks[name] ?? []).forEach((s, i) => {
      completeNested(s, schema, { at, because: `${because}.${name}[${i}]` }, out);
    });
}

function completeNested(checks: StructuralSchema, schema: StructuralSchema | undefined, { at, because }: Places, out: FieldErrors): void {
  if (!schema) {
    out.push(required(at, `because it is defined in ${because}`));
    return;
  }
  complete(checks, schema, { at, because }, out);
  if (checks.items) completeNested(checks.items, schema.items, { at: `${at}.items`, because: `${because}.items` }, out);
  for (const [name, property] of Object.entries(checks.properties ?? {})) {
    const own = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    completeNested(property, own, { at: `${at}.properties[${name}]`, because: `${because}.properties[${name}]` }, out);
  }
}
