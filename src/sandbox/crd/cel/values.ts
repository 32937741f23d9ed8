import { setOwn } from '../../../model/index.js';
import type { StructuralSchema } from '../types.js';
import { loadedEngine } from './engine.js';
import { identifierOf } from './names.js';

type Obj = { [key: string]: unknown };

/** What rules see of a value under its schema: integers as int, numbers as double, times, durations and bytes as such. */
export function ruleValue(schema: StructuralSchema | undefined, value: unknown, root = false): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'bigint') return numberValue(schema, value);
  if (typeof value === 'string') return textValue(schema, value);
  if (Array.isArray(value)) return value.map((item) => ruleValue(schema?.items, item));
  return typeof value === 'object' ? objectValue(schema, value as Obj, root) : value;
}

function numberValue(schema: StructuralSchema | undefined, value: number | bigint): unknown {
  if (schema?.type === 'number') return Number(value);
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

function textValue(schema: StructuralSchema | undefined, text: string): unknown {
  if (schema?.type !== 'string') return text;
  switch (schema.format) {
    case 'byte':
      return new Uint8Array(Buffer.from(text, 'base64'));
    case 'date':
    case 'date-time': {
      const time = new Date(text);
      return Number.isNaN(time.getTime()) ? text : time;
    }
    case 'duration':
      try {
        return loadedEngine()?.duration(text);
      } catch {
        return text;
      }
    default:
      return text;
  }
}

/** A map as it is; a structure by the identifiers of its properties. */
function objectValue(schema: StructuralSchema | undefined, value: Obj, root: boolean): Obj {
  const out: Obj = {};
  const { properties, additionalProperties } = schema ?? {};
  const isMap = !properties && typeof additionalProperties === 'object';
  for (const key of Object.keys(value)) {
    if (isMap) setOwn(out, key, ruleValue(additionalProperties as StructuralSchema, value[key]));
    else if (properties && Object.hasOwn(properties, key)) {
      const name = identifierOf(key);
      const child = properties[key] as StructuralSchema;
      if (name !== undefined) setOwn(out, name, ruleValue(child, value[key], child['x-kubernetes-embedded-resource']));
    } else if (!schema) setOwn(out, key, ruleValue(undefined, value[key]));
  }
  if (root || schema?.['x-kubernetes-embedded-resource']) addMeta(out, value);
  return out;
}

/** What every resource shows to rules: its apiVersion, kind and names. */
function addMeta(out: Obj, value: Obj): void {
  for (const key of ['apiVersion', 'kind']) if (typeof value[key] === 'string') out[key] = value[key];
  const meta = value['metadata'];
  if (meta === null || typeof meta !== 'object') return;
  const shown: Obj = {};
  for (const key of ['name', 'generateName']) {
    const text = (meta as Obj)[key];
    if (typeof text === 'string') shown[key] = text;
  }
  out['metadata'] = { ...(out['metadata'] as object | undefined), ...shown };
}
