import type { WireRequest } from '../../model/index.js';
import { cloneJson, joinApiVersion, type KubeObject } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import type { Api } from './api.js';
import { bodyText, mediaType, readYaml } from './body.js';
import { type DecodeOptions, decodeObject, ShapeError } from './decode.js';
import { duplicateKeys } from './duplicates.js';
import { applyConfiguration } from './managed.js';
import { emptyObject, readObject, type Version } from './object.js';
import type { WriteOptions } from './options.js';
import { patchedObject } from './patched.js';
import { badRequest, conflict, failure, notFound, unsupportedMediaType } from './status.js';
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
  if (type.custom && (found === undefined || found === 'strategic'))
    throw unsupportedMediaType([patchTypes.json, patchTypes.merge, patchTypes.apply]);
  if (found === undefined) throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
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
  const version = updateObject(api, target, options, (live) => ({
    next: patchedObject(api.registry, target.type, live, { kind, text }, { validation: options.validation, warn }),
  }));
  return { version, created: false };
}

function applyObject(
  api: Api,
  target: WriteTarget,
  request: WireRequest,
  options: WriteOptions,
  warn: (message: string) => void,
): PatchResult {
  const { type, namespace, name, subresource } = target;
  const applied = readApplied(bodyText(request));
  checkApplied(type, applied);
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
    strictPatch(bodyText(request), options, warn);
    checkPlace(type, applied, { name, namespace, live: base });
    return merged === base ? base : decodeApplied(type, merged, { validation: options.validation, warn });
  };
  if (live) {
    const version = updateObject(api, target, options, (old) => {
      const next = run(old);
      return { next: next === old ? cloneJson(old) : next, tracked: true };
    });
    return { version, created: false };
  }
  const next = run(undefined);
  return { version: createObject(api, target, next, options, true), created: true };
}

/** The applied configuration as data. @throws ApiError 400 */
export function readApplied(text: string): KubeObject {
  const applied = readYaml(text) ?? {};
  if (typeof applied === 'object' && !Array.isArray(applied)) return applied as unknown as KubeObject;
  const kind = Array.isArray(applied) ? 'array' : typeof applied === 'boolean' ? 'bool' : typeof applied === 'string' ? 'string' : 'number';
  throw badRequest(
    `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
  );
}

/** Tells of fields that an applied configuration names twice, or refuses them where it is to be read strictly. */
function strictPatch(text: string, { validation }: WriteOptions, warn: (message: string) => void): void {
  const twice = validation === 'Ignore' ? undefined : duplicateKeys(text);
  if (twice === undefined) return;
  const problem = `error converting YAML to JSON: ${twice}`;
  if (validation === 'Strict') throw badRequest(`error strict decoding YAML: ${problem}`);
  warn(problem);
}

function decodeApplied(type: ResourceType, merged: unknown, options: DecodeOptions): KubeObject {
  try {
    return decodeObject(type, merged, options);
  } catch (error) {
    if (error instanceof ShapeError) throw badRequest(`failed to create typed patch object: ${error.message}`);
    throw error;
  }
}

/** What a configuration is refused for before it is merged. @throws ApiError 400 */
export function checkApplied(type: ResourceType, applied: KubeObject): void {
  const expected = joinApiVersion(type.group, type.version);
  if (applied.apiVersion !== expected)
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${applied.apiVersion ?? ''}, expected: ${expected}`,
    );
  const meta = (applied.metadata ?? {}) as KubeObject['metadata'];
  applied.metadata = meta;
  if (meta.managedFields != null) throw badRequest('metadata.managedFields must be nil');
}

interface Place {
  name: string;
  namespace: string;
  live: KubeObject | undefined;
}

/** A merged configuration stands where the URL says. @throws ApiError 400, 409 */
export function checkPlace(type: ResourceType, { metadata }: KubeObject, { name, namespace, live }: Place): void {
  if (metadata.uid && !live)
    throw conflict(type, name, `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`);
  if (metadata.namespace && type.namespaced && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (!metadata.name && !live) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (metadata.name && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
}
