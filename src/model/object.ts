import type { Json } from './json.js';

/** Metadata of a Kubernetes object, as far as the engine reads it. Anything else is kept as it is. */
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** One entry of metadata.managedFields (https://kubernetes.io/docs/reference/using-api/server-side-apply/). */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: { [key: string]: Json };
  subresource?: string;
}

/** An object of any kind, never reduced to the fields that some type knows. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

/** Splits `apps/v1` into group and version; the core group is the empty string. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function joinApiVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

export function gvkOf(object: { apiVersion: string; kind: string }): GroupVersionKind {
  return { ...parseApiVersion(object.apiVersion), kind: object.kind };
}

/** What an object is known by, whatever version it is written in. `namespace` is '' for cluster-scoped kinds. */
export interface ResourceKey {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

export function keyOf(object: KubeObject): ResourceKey {
  return {
    group: parseApiVersion(object.apiVersion).group,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
  };
}

/** `<group>/<Kind>:<namespace>/<name>`, the form that the tracking annotation uses. */
export function formatKey(key: ResourceKey): string {
  return `${key.group}/${key.kind}:${key.namespace}/${key.name}`;
}

export function parseKey(text: string): ResourceKey | undefined {
  const match = /^([^/:]*)\/([^/:]+):([^/]*)\/(.+)$/.exec(text);
  if (!match) return undefined;
  return { group: match[1] as string, kind: match[2] as string, namespace: match[3] as string, name: match[4] as string };
}

/** For people: `Deployment/web`, or `Deployment/web in shop` where a namespace is known. */
export function describeKey(key: ResourceKey): string {
  return key.namespace === '' ? `${key.kind}/${key.name}` : `${key.kind}/${key.name} in ${key.namespace}`;
}

/** A total order over keys: namespace, group, kind, name, by code point. */
export function compareKeys(a: ResourceKey, b: ResourceKey): number {
  return (
    compareText(a.namespace, b.namespace) || compareText(a.group, b.group) || compareText(a.kind, b.kind) || compareText(a.name, b.name)
  );
}

/** Order by code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where a manifest was written. `line` and `column` count from 1. */
export interface SourceLocation {
  file: string;
  line?: number;
  column?: number;
}

/** One desired object and where it came from. */
export interface Manifest {
  object: KubeObject;
  source: SourceLocation;
}

export type HealthStatus = 'Healthy' | 'Progressing' | 'Suspended' | 'Degraded' | 'Missing' | 'Unknown';

export interface Health {
  status: HealthStatus;
  message: string;
}
