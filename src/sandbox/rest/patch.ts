import type { WireRequest } from '../../model/index.js';
import { cloneJson, type Json, joinApiVersion, type KubeObject, stringifyJson } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import { invalid, invalidObject } from '../strategy/field.js';
import type { Api } from './api.js';
import { bodyText, mediaType, readJson, readYaml } from './body.js';
import { type DecodeOptions, decodeObject, ShapeError } from './decode.js';
import { duplicateFields } from './duplicates.js';
import { applyConfiguration, applyPatch } from './managed.js';
import { emptyObject, readObject, type Version } from './object.js';
import type { WriteOptions } from './options.js';
import { badRequest, failure, notFound, unsupportedMediaType } from './status.js';
import { checkNamespace, createObject, updateObject, type WriteTarget } from './write.js';

export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** The patch type that a request carries. @throws ApiError 415 */
export function patchType(type: ResourceType, request: WireRequest): keyof typeof patchTypes {
  const media = mediaType(request);
  const found = (Object.keys(patchTypes) as (keyof typeof patchTypes)[]).find((k) => patchTypes[k] === media);
  if (found === undefined) throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  if (found === 'strategic' && type.custom) throw unsupportedMediaType([patchTypes.json, patchTypes.merge, patchTypes.apply]);
  return found;
}

export interface PatchResult {
  version: Version;
  created: boolean;
}

/** A patch of any of the four types. */
export function patchObject(
  api: Api,
  target: WriteTarget,
  request: WireRequest,
  options: WriteOptions,
  warn: (message: string) => void,
): PatchResult {
  const kind = patchType(target.type, request);
  if (kind === 'apply') return applyObject(api, target, request, options, warn);
  const text = bodyText(request);
  const patch = readJson(text);
  const twice = options.validation === 'Ignore' || kind === 'json' ? [] : duplicateFields(text).map((f) => f.path);
  const decoding: DecodeOptions = { validation: options.validation, warn, duplicates: twice };
  const version = updateObject(api, target, options, (live) => ({
    next: decodePatched(target.type, patched(target.type, kind, live, patch), decoding),
  }));
  return { version, created: false };
}

function patched(type: ResourceType, kind: 'json' | 'merge' | 'strategic', live: KubeObject, patch: Json): unknown {
  if (kind === 'json' && Array.isArray(patch) && patch.length > 10_000)
    throw failure(413, 'RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is 10000, got ${patch.length}`);
  if (kind === 'merge' && (patch === null || typeof patch !== 'object' || Array.isArray(patch)))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {}`,
    );
  return applyPatch(type, kind, live, patch);
}

function decodePatched(type: ResourceType, raw: unknown, options: DecodeOptions): KubeObject {
  const given = raw as { apiVersion?: unknown; kind?: unknown };
  if (given.apiVersion !== joinApiVersion(type.group, type.version) || given.kind !== type.kind) {
    if (given.kind !== type.kind && given.kind !== undefined)
      throw badRequest(`the kind of the object (${String(given.kind)}) does not match the kind on the URL (${type.kind})`);
  }
  try {
    return decodeObject(type, raw, options);
  } catch (error) {
    if (error instanceof ShapeError) throw invalidObject('', '', '', [invalid('patch', stringifyJson(raw), error.message)]);
    throw error;
  }
}

function applyObject(
  api: Api,
  target: WriteTarget,
  request: WireRequest,
  options: WriteOptions,
  warn: (message: string) => void,
): PatchResult {
  const { type, namespace, name, subresource } = target;
  const applied = readYaml(bodyText(request)) as unknown as KubeObject;
  if (applied === null || typeof applied !== 'object' || Array.isArray(applied))
    throw badRequest('error decoding YAML: json: cannot unmarshal into Go value of type map[string]interface {}');
  checkApplied(type, applied, name, namespace);
  strictPatch(bodyText(request), options, warn);
  const live = readObject(api, type, namespace, name);
  if (!live && subresource !== '') throw notFound(type, name);
  if (!live) checkNamespace(api, type, namespace, name);
  const time = api.clock.now();
  const run = (base: KubeObject | undefined) => {
    const merged = applyConfiguration(api, type, {
      // An empty object stands in so that another kind is refused as the server refuses it.
      live: base ?? (applied.kind === type.kind ? undefined : emptyObject(type)),
      applied,
      manager: options.manager,
      force: options.force ?? false,
      time,
      subresource,
    });
    return merged === base ? base : decodeApplied(type, merged, { validation: options.validation, warn });
  };
  if (live) {
    const version = updateObject(api, target, options, (old) => {
      const next = run(old);
      return { next: next === old ? cloneJson(old) : next, tracked: true };
    });
    return { version, created: false };
  }
  const wanted = applied.metadata.uid;
  if (wanted)
    throw failure(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${type.plural}${type.group === '' ? '' : `.${type.group}`} ${JSON.stringify(name)}: uid mismatch: the provided object specified uid ${wanted}, and no existing object was found`,
      { name, ...(type.group === '' ? {} : { group: type.group }), kind: type.plural },
    );
  const next = run(undefined);
  next.metadata.name = name;
  return { version: createObject(api, target, next, options, true), created: true };
}

/** Tells of fields that an applied configuration names twice, or refuses them where it is to be read strictly. */
function strictPatch(text: string, { validation }: WriteOptions, warn: (message: string) => void): void {
  if (validation === 'Ignore' || !/^\s*\{/.test(text)) return;
  const lines = duplicateFields(text).map(({ key, line }) => `line ${line}: key ${JSON.stringify(key)} already set in map`);
  if (lines.length === 0) return;
  if (validation === 'Strict')
    throw badRequest(
      `error strict decoding patch: error converting YAML to JSON: yaml: unmarshal errors:\n${lines.map((l) => `  ${l}`).join('\n')}`,
    );
  for (const line of lines) warn(line);
}

function decodeApplied(type: ResourceType, merged: unknown, options: DecodeOptions): KubeObject {
  try {
    return decodeObject(type, merged, options);
  } catch (error) {
    if (error instanceof ShapeError) throw badRequest(`failed to create typed patch object: ${error.message}`);
    throw error;
  }
}

export function checkApplied(type: ResourceType, applied: KubeObject, name: string, namespace: string): void {
  const expected = joinApiVersion(type.group, type.version);
  if (applied.apiVersion !== expected)
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${applied.apiVersion ?? ''}, expected: ${expected}`,
    );
  if (applied.kind === undefined || applied.kind === '') throw badRequest(`Object 'Kind' is missing in '${stringifyJson(applied)}'`);
  const meta = (applied.metadata ?? {}) as KubeObject['metadata'];
  applied.metadata = meta;
  if (meta.managedFields != null) throw badRequest('metadata.managedFields must be nil');
  if (meta.name && meta.name !== name)
    throw badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${name})`);
  if (meta.namespace && type.namespaced && meta.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}
