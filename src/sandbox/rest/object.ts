import { equalJson, joinApiVersion, type KubeObject } from '../../model/index.js';
import { decodeCustom } from '../crd/decode.js';
import { zeroStruct } from '../gotypes/decode.js';
import { convert } from '../registry/convert.js';
import type { ResourceType } from '../registry/types.js';
import { type Api, keyFor, serialize } from './api.js';

/** An object and its text in the version that was asked for. */
export interface Version {
  object: KubeObject;
  text: string;
}

/** The object at a key in the version of a type; undefined where there is none. */
export function readObject(api: Api, type: ResourceType, namespace: string, name: string): Version | undefined {
  const entry = api.store.get(type.storage, keyFor(type, namespace, name));
  return entry ? inVersion(api, type, entry.text) : undefined;
}

/** A stored text in the version of a type. */
export function inVersion(api: Api, type: ResourceType, text: string): Version {
  const object = api.store.parse(text);
  if (object.apiVersion === joinApiVersion(type.group, type.version)) {
    if (!type.custom?.changed) return { object, text };
    const { value } = decodeCustom(type, object);
    return { object: value, text: serialize(value) };
  }
  const converted = convert(object, type);
  return { object: converted, text: serialize(converted) };
}

/** Whether a stored text is in a type's version already, without reading it. */
export function isInVersion(type: ResourceType, text: string): boolean {
  return !type.custom?.changed && text.startsWith(`{"apiVersion":${JSON.stringify(joinApiVersion(type.group, type.version))},`);
}

/**
 * Stores an object as the next version; returns it with its resourceVersion.
 * @param options.remember whether the object is kept beside its text, to be read without parsing; default true
 */
export function storeObject(api: Api, type: ResourceType, object: KubeObject, { remember = true } = {}): Version {
  object.metadata.resourceVersion = String(api.store.nextVersion());
  const version = { object, text: serialize(object) };
  const stored = type.version === type.storageVersion ? object : convert(object, storageType(api, type));
  const text = stored === object ? version.text : serialize(stored);
  const key = keyFor(type, object.metadata.namespace ?? '', object.metadata.name as string);
  const event = api.store.put(type.storage, key, text, remember ? stored : undefined);
  notify(api, type, event.type, stored, event.before);
  return version;
}

/** Removes an object for good; returns its last state. */
export function removeObject(api: Api, type: ResourceType, object: KubeObject): Version {
  const last: KubeObject = { ...object, metadata: { ...object.metadata, resourceVersion: String(api.store.nextVersion()) } };
  const version = { object: last, text: serialize(last) };
  const stored = type.version === type.storageVersion ? last : convert(last, storageType(api, type));
  const key = keyFor(type, object.metadata.namespace ?? '', object.metadata.name as string);
  const event = api.store.remove(type.storage, key, stored === last ? version.text : serialize(stored));
  if (event) notify(api, type, 'DELETED', stored, event.before);
  return version;
}

function storageType(api: Api, type: ResourceType): ResourceType {
  return api.registry.byStorage(type.storage) ?? type;
}

function notify(
  api: Api,
  type: ResourceType,
  event: 'ADDED' | 'MODIFIED' | 'DELETED',
  object: KubeObject,
  before: string | undefined,
): void {
  if (api.hooks.length === 0) return;
  const change = { type: storageType(api, type), event, object, before: before === undefined ? undefined : api.store.parse(before) };
  for (const hook of api.hooks) hook(change);
}

const zeros = new Map<string, KubeObject>();

/** What a new object is compared with when its fields get their first manager: the kind's empty form. Not to be changed. */
export function emptyObject(type: ResourceType): KubeObject {
  const apiVersion = joinApiVersion(type.group, type.version);
  if (!type.go) return { apiVersion, kind: type.kind, metadata: {} };
  const id = `${apiVersion}/${type.kind}`;
  let empty = zeros.get(id);
  if (empty === undefined) {
    empty = frozen({ ...zeroStruct(type.go), apiVersion, kind: type.kind } as KubeObject);
    zeros.set(id, empty);
  }
  return empty;
}

function frozen<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}

/** Equality of two objects without managedFields and resourceVersion. */
export function sameContent(a: KubeObject, b: KubeObject): boolean {
  const strip = (object: KubeObject) => ({
    ...object,
    metadata: { ...object.metadata, managedFields: undefined, resourceVersion: undefined },
  });
  return equalJson(strip(a), strip(b));
}
