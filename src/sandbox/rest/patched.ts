import { type Json, joinApiVersion, type KubeObject, stringifyJson } from '../../model/index.js';
import { unstructuredProblem } from '../gotypes/unstructured.js';
import { goPrint } from '../merge/index.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/types.js';
import { invalid, invalidObject } from '../strategy/field.js';
import { JsonError, parseGoJson } from './body.js';
import { type DecodeOptions, decodeObject, ShapeError } from './decode.js';
import { kindMismatch } from './decode-body.js';
import { duplicateFields } from './duplicates.js';
import { applyPatch } from './managed.js';
import { badRequest, failure } from './status.js';

export type PatchKind = 'json' | 'merge' | 'strategic';

export interface PatchText {
  kind: PatchKind;
  /** The request's body as it came. */
  text: string;
}

const mostOperations = 10_000;

/**
 * What a patch makes of an object, decoded as the object's own kind.
 * @throws ApiError 400 where the patch is none, 422 where its result is no such object
 */
export function patchedObject(
  registry: Registry,
  type: ResourceType,
  live: KubeObject,
  { kind, text }: PatchText,
  options: DecodeOptions,
): KubeObject {
  const lenient = options.validation === 'Ignore';
  const patch = readPatch(kind, text, lenient);
  const said = lenient ? [] : saidTwice(kind, text, patch);
  const raw = applyPatch(type, kind, live, patch ?? {});
  const refuse = (why: string) =>
    invalidObject('', '', '', [invalid('patch', kind === 'strategic' ? goPrint(patch, 'integers') : stringifyJson(raw), why)]);
  const why = kind === 'strategic' ? type.go && unstructuredProblem(type.go, raw) : kindProblem(registry, type, raw);
  if (why !== undefined) throw refuse(why);
  try {
    return decodeObject(type, raw, { ...options, duplicates: said });
  } catch (error) {
    if (error instanceof ShapeError) throw refuse(error.message);
    throw error;
  }
}

function kindProblem(registry: Registry, type: ResourceType, raw: unknown): string | undefined {
  const { apiVersion, kind } = (raw ?? {}) as { apiVersion?: unknown; kind?: unknown };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || type.custom) return undefined;
  if (apiVersion === joinApiVersion(type.group, type.version) && kind === type.kind) return undefined;
  const slash = apiVersion.indexOf('/');
  return kindMismatch(registry, type, { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1), kind });
}

/** The patch as data, in the words of what reads it upstream. @throws ApiError 400, 413 */
function readPatch(kind: PatchKind, text: string, lenient: boolean): Json {
  const prefix = kind === 'strategic' || (kind === 'json' && lenient) ? '' : 'error decoding patch: ';
  let patch: Json;
  try {
    patch = parseGoJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw badRequest(kind === 'merge' && lenient ? 'Invalid JSON Patch' : `${prefix}${error.message}`);
    throw error;
  }
  const refuse = (value: Json, wanted: string) =>
    badRequest(`${prefix}json: cannot unmarshal ${kindOf(value)} into Go value of type ${wanted}`);
  if (kind !== 'json') {
    if (kind === 'merge' && patch === null) throw badRequest('Invalid JSON Patch');
    if (patch !== null && (typeof patch !== 'object' || Array.isArray(patch))) throw refuse(patch, 'map[string]interface {}');
    return patch;
  }
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw refuse(patch, lenient ? 'jsonpatch.Patch' : '[]handlers.jsonPatchOp');
  for (const operation of patch) {
    if (operation === null) continue;
    if (typeof operation !== 'object' || Array.isArray(operation))
      throw refuse(operation, lenient ? 'jsonpatch.Operation' : 'handlers.jsonPatchOp');
    for (const name of lenient ? [] : ['op', 'path', 'from']) {
      const value = Object.hasOwn(operation, name) ? (operation[name] as Json) : null;
      if (value !== null && typeof value !== 'string')
        throw badRequest(`${prefix}json: cannot unmarshal ${kindOf(value)} into Go struct field jsonPatchOp.${name} of type string`);
    }
  }
  if (patch.length > mostOperations)
    throw failure(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${mostOperations}, got ${patch.length}`,
    );
  return patch;
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'number' : typeof value;
}

const operationFields = new Set(['op', 'path', 'from', 'value']);

/** What strict reading says of the patch itself. */
function saidTwice(kind: PatchKind, text: string, patch: Json): string[] {
  const twice = /^\s*[{[]/.test(text) ? duplicateFields(text).map((f) => `duplicate field ${JSON.stringify(f.path)}`) : [];
  if (kind !== 'json' || !Array.isArray(patch)) return twice;
  const unknown = patch.flatMap((operation, i) =>
    Object.keys(operation ?? {})
      .filter((name) => !operationFields.has(name))
      .map((name) => `unknown field ${JSON.stringify(`[${i}].${name}`)}`),
  );
  return [...unknown, ...twice].map((text) => `json patch ${text}`);
}
