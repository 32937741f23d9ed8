import { equalJson } from '../../../model/index.js';
import { DecodeError } from '../../gotypes/decode.js';
import { type FieldErrors, invalid } from '../../strategy/field.js';
import type { Loose } from '../../strategy/types.js';
import { celProblems } from '../cel/rules.js';
import { decodeMetadata, embeddedProblems } from '../embedded.js';
import { pruneValue } from '../prune.js';
import { goAny, validateValue } from '../validate.js';

/** What is wrong with the defaults in a structural schema: each has to be valid by itself, and pruned. */
export function defaultProblems(schema: Loose, at: string, pruned: boolean): FieldErrors {
  const out: FieldErrors = [];
  visit(schema, at, { pruned, meta: false, root: true }, out);
  return out;
}

interface Place {
  pruned: boolean;
  meta: boolean;
  root: boolean;
}

function visit(schema: Loose, at: string, { pruned, meta, root }: Place, out: FieldErrors): void {
  const embedded = root || schema['x-kubernetes-embedded-resource'] === true;
  const inMeta = meta && !embedded;
  const value = schema.default;
  if (value !== undefined && value !== null) {
    const place = `${at}.default`;
    if (!inMeta && pruned && !equalJson(pruneValue(schema, value), value))
      out.push(invalid(place, goAny(value), 'must not have unknown fields'));
    out.push(...valueProblems(schema, value, place, inMeta));
  }
  if (schema.items && !Array.isArray(schema.items)) visit(schema.items, `${at}.items`, { pruned, meta: inMeta, root: false }, out);
  for (const name of Object.keys(schema.properties ?? {}).sort()) {
    const isMeta = embedded && (name === 'metadata' || name === 'apiVersion' || name === 'kind');
    visit(schema.properties[name], `${at}.properties[${name}]`, { pruned, meta: inMeta || isMeta, root: false }, out);
  }
}

function valueProblems(schema: Loose, value: unknown, place: string, inMeta: boolean): FieldErrors {
  if (!inMeta && schema['x-kubernetes-embedded-resource']) {
    try {
      decodeMetadata((value as Loose).metadata ?? {});
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return [invalid(`${place}.metadata`, goAny((value as Loose).metadata), error.message)];
    }
  }
  const embedded = inMeta ? [] : embeddedProblems(schema, value, place);
  if (embedded.length > 0) return embedded;
  const found = validateValue(schema, value).map((e) => ({
    ...e,
    field: e.field === '<nil>' ? place : e.field.startsWith('[') ? `${place}${e.field}` : `${place}.${e.field}`,
  }));
  return found.length > 0 ? found : celProblems(schema, value, value, place, schema['x-kubernetes-embedded-resource'] === true);
}
