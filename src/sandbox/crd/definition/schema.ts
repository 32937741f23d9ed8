import { type FieldErrors, forbiddenField, GoText, goStrings, invalid, notSupported, required } from '../../strategy/field.js';
import type { Loose } from '../../strategy/types.js';
import { structuralProblems } from '../structural.js';
import type { StructuralSchema } from '../types.js';
import { defaultProblems } from './defaults.js';
import { type RulePlace, rulePlaces, ruleProblems } from './rules.js';

/** What is asked of a schema; old definitions that broke it may go on breaking it. */
export interface SchemaRequirements {
  structural: boolean;
  prunedDefaults: boolean;
  atomicSets: boolean;
  mapKeys: boolean;
  types: boolean;
}

const rootFields =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const goName = (field: string) =>
  field === 'x-kubernetes-preserve-unknown-fields'
    ? 'XPreserveUnknownFields'
    : field === 'x-kubernetes-validations'
      ? 'XValidations'
      : `${field.charAt(0).toUpperCase()}${field.slice(1)}`;

/** What is wrong with a schema that stands at a place of a definition. */
export function schemaProblems(schema: Loose, at: string, statusEnabled: boolean, requirement: SchemaRequirements): FieldErrors {
  if (!schema) return [];
  const place = `${at}.openAPIV3Schema`;
  const out: FieldErrors = statusEnabled ? rootProblems(schema, place) : [];
  if (schema.nullable) out.push(forbiddenField(`${place}.nullable`, 'nullable cannot be true at the root'));
  let sound = false;
  if (requirement.structural || hasExtensions(schema)) {
    const problems = structuralProblems(schema, place);
    out.push(...(problems.length > 0 ? problems : defaultProblems(schema, place, requirement.prunedDefaults)));
    sound = problems.length === 0 && out.length === 0;
  }
  const found: FieldErrors = [];
  walk(schema, { at: place, root: true, meta: false, defaults: undefined }, requirement, found);
  out.push(...found);
  if (sound) {
    const places: RulePlace[] = rulePlaces(schema, place);
    // Rules are looked at only where the schema around them is sound.
    out.push(
      ...ruleProblems(
        places.filter((p) => !found.some((e) => e.field.startsWith(p.at))),
        place,
      ),
    );
  }
  return out;
}

const isSchema = (value: unknown): value is StructuralSchema => value !== null && typeof value === 'object' && !Array.isArray(value);

function children(schema: Loose): Loose[] {
  return [
    schema.items,
    schema.additionalProperties,
    schema.not,
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
    ...Object.values(schema.properties ?? {}),
  ].filter(isSchema);
}

const schemaHas = (schema: Loose, test: (schema: Loose) => boolean): boolean =>
  test(schema) || children(schema).some((child) => schemaHas(child, test));

/** Whether any schema of a definition has something. */
export function specHas(spec: Loose, test: (schema: Loose) => boolean): boolean {
  return (spec.versions ?? []).some((v: Loose) => v.schema?.openAPIV3Schema && schemaHas(v.schema.openAPIV3Schema, test));
}

const hasExtensions = (schema: Loose) =>
  schemaHas(schema, (s) => Object.keys(s).some((key) => key.startsWith('x-kubernetes-') && key !== 'x-kubernetes-map-type'));

function rootProblems(schema: Loose, place: string): FieldErrors {
  const allowed = new Set(rootFields.split(' '));
  if (schema.type && schema.type !== 'object')
    return [
      invalid(
        `${place}.type`,
        schema.type,
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      ),
    ];
  const other = Object.keys(schema).find((field) => !allowed.has(goName(field)) && isSet(schema[field]));
  if (other === undefined) return [];
  const shown = new GoText(`apiextensions.JSONSchemaProps${JSON.stringify(schema)}`);
  return [invalid(place, shown, `only [${rootFields}] fields are allowed at the root of the schema if the status subresource is enabled`)];
}

const isSet = (value: unknown) =>
  value !== undefined && value !== null && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0);

interface Place {
  at: string;
  root: boolean;
  /** Within apiVersion, kind or metadata of a resource. */
  meta: boolean;
  /** Why defaults are forbidden here. */
  defaults: string | undefined;
}

const metaFields = new Set(['metadata', 'kind', 'apiVersion']);

function walk(schema: Loose, place: Place, requirement: SchemaRequirements, out: FieldErrors): void {
  const { at } = place;
  plainProblems(schema, place, requirement, out);
  const inner = { ...place, root: false };
  const { additionalProperties: others, properties = {} } = schema;
  if (others !== undefined) {
    if (Object.keys(properties).length > 0 && (others === false || isSchema(others)))
      out.push(forbiddenField(`${at}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
    const defaults = place.meta ? 'inside additionalProperties applying to object metadata' : place.defaults;
    if (isSchema(others)) walk(others, { ...inner, at: `${at}.additionalProperties`, defaults }, requirement, out);
  }
  for (const name of Object.keys(properties).sort()) {
    const isMeta = metaFields.has(name) && (place.root || schema['x-kubernetes-embedded-resource'] === true);
    const defaults = isMeta && place.root ? `in top-level ${name}` : place.defaults;
    walk(properties[name], { at: `${at}.properties[${name}]`, root: false, meta: place.meta || isMeta, defaults }, requirement, out);
  }
  if (schema.not) walk(schema.not, { ...inner, at: `${at}.not` }, requirement, out);
  for (const name of ['allOf', 'oneOf', 'anyOf'])
    (schema[name] ?? []).forEach((s: Loose, i: number) => void walk(s, { ...inner, at: `${at}.${name}[${i}]` }, requirement, out));
  if (isSchema(schema.items)) walk(schema.items, { ...inner, at: `${at}.items` }, requirement, out);
  shapeProblems(schema, at, requirement, out);
  ruleTextProblems(schema, at, out);
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const unsupported = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

function plainProblems(schema: Loose, { at, meta, defaults }: Place, requirement: SchemaRequirements, out: FieldErrors): void {
  if (requirement.types && schema.type && !types.includes(schema.type)) out.push(notSupported(`${at}.type`, schema.type, types));
  if (isGiven(schema.default) && defaults !== undefined) out.push(forbiddenField(`${at}.default`, `must not be set ${defaults}`));
  for (const field of unsupported)
    if (isSet(schema[field]) && !(isSchema(schema[field]) && Object.keys(schema[field]).length === 0))
      out.push(forbiddenField(`${at}.${field}`, `${field} is not supported`));
  if (schema.type === 'null') out.push(forbiddenField(`${at}.type`, 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(schema.items) && schema.items.length > 0)
    out.push(forbiddenField(`${at}.items`, 'items must be a schema object and not an array'));
  if (meta && schema['x-kubernetes-embedded-resource'])
    out.push(forbiddenField(`${at}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  if (schema.uniqueItems)
    out.push(forbiddenField(`${at}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function shapeProblems(schema: Loose, at: string, requirement: SchemaRequirements, out: FieldErrors): void {
  const listType = schema['x-kubernetes-list-type'];
  const mapType = schema['x-kubernetes-map-type'];
  const wrongType = (wanted: string, extension: string) => {
    const detail = `must be ${wanted} if ${extension} is specified`;
    out.push(schema.type ? invalid(`${at}.type`, schema.type, detail) : required(`${at}.type`, detail));
  };
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    out.push(invalid(`${at}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  if (isGiven(mapType) && schema.type !== 'object') wrongType('object', 'x-kubernetes-map-type');
  if (isGiven(mapType) && !['atomic', 'granular'].includes(mapType))
    out.push(notSupported(`${at}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  if (isGiven(listType) && schema.type !== 'array') wrongType('array', 'x-kubernetes-list-type');
  else if (requirement.atomicSets && listType === 'set' && isSchema(schema.items)) setItemProblems(schema.items, `${at}.items`, out);
  if (isGiven(listType) && !['atomic', 'set', 'map'].includes(listType))
    out.push(notSupported(`${at}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
  mapListProblems(schema, at, out);
  if (requirement.mapKeys) mapKeyProblems(schema, at, out);
}

function setItemProblems(items: Loose, at: string, out: FieldErrors): void {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic')
    out.push(invalid(`${at}.x-kubernetes-list-type`, listType, detail));
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    out.push(invalid(`${at}.x-kubernetes-map-type`, listType, detail));
}

function mapListProblems(schema: Loose, at: string, out: FieldErrors): void {
  const listType = schema['x-kubernetes-list-type'];
  const keys: string[] = schema['x-kubernetes-list-map-keys'] ?? [];
  const place = `${at}.x-kubernetes-list-map-keys`;
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const field = `${at}.x-kubernetes-list-type`;
    out.push(isGiven(listType) ? invalid(field, listType, detail) : required(field, detail));
  }
  if (listType !== 'map') return;
  if (keys.length === 0) out.push(required(place, 'must not be empty if x-kubernetes-list-type is map'));
  const { items } = schema;
  if (!isSchema(items)) {
    out.push(required(`${at}.items`, 'must have a schema if x-kubernetes-list-type is map'));
    return;
  }
  if (items.type !== 'object') {
    out.push(invalid(`${at}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"));
    return;
  }
  keys.forEach((key, i) => {
    const property = items.properties && Object.hasOwn(items.properties, key) ? items.properties[key] : undefined;
    if (!property) out.push(invalid(place, goStrings(keys), 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object')
      out.push(
        invalid(`${at}.items.properties[${key}].type`, items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"),
      );
    if (keys.indexOf(key) < i) out.push(invalid(place, goStrings(keys), 'must not contain duplicate entries'));
  });
}

function mapKeyProblems(schema: Loose, at: string, out: FieldErrors): void {
  const listType = schema['x-kubernetes-list-type'];
  const { items } = schema;
  if (!isSchema(items) || (listType !== 'set' && listType !== 'map')) return;
  if (items.nullable) out.push(forbiddenField(`${at}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  if (listType !== 'map') return;
  for (const key of (schema['x-kubernetes-list-map-keys'] ?? []) as string[]) {
    const property = items.properties && Object.hasOwn(items.properties, key) ? items.properties[key] : undefined;
    if (!property) continue;
    const place = `${at}.items.properties[${key}]`;
    if (!items.required?.includes(key) && !isGiven(property.default))
      out.push(
        required(`${place}.default`, 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'),
      );
    if (property.nullable)
      out.push(forbiddenField(`${place}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
  }
}

function ruleTextProblems(schema: Loose, at: string, out: FieldErrors): void {
  const broken = (text: string) => /[\n\r]/.test(text);
  (schema['x-kubernetes-validations'] ?? []).forEach((rule: Loose, i: number) => {
    const place = `${at}.x-kubernetes-validations[${i}]`;
    const text = (rule.rule ?? '').trim();
    const message = (rule.message ?? '').trim();
    if (text === '') out.push(required(`${place}.rule`, 'rule is not specified'));
    else if (rule.message && message === '') out.push(invalid(`${place}.message`, rule.message, 'message must be non-empty if specified'));
    else if (broken(message)) out.push(invalid(`${place}.message`, rule.message, 'message must not contain line breaks'));
    else if (broken(text) && message === '')
      out.push(required(`${place}.message`, 'message must be specified if rule contains line breaks'));
    const reasons = ['FieldValueRequired', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueDuplicate'];
    if (rule.reason && !reasons.includes(rule.reason)) out.push(notSupported(`${place}.reason`, rule.reason, reasons));
  });
}
