import type { SchemaSource } from '../schema/index.js';

export interface Gvk {
  group: string;
  version: string;
  kind: string;
}

/** Empty fields select everything. */
export type GvkSelector = Partial<Gvk>;

export interface ResId extends Gvk {
  name: string;
  namespace: string;
  clusterScoped: boolean;
}

export interface IdSelector extends GvkSelector {
  name?: string;
  namespace?: string;
}

export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function makeId(schemas: SchemaSource, apiVersion: string, parts: { kind: string; name: string; namespace: string }): ResId {
  const { group, version } = splitApiVersion(apiVersion);
  const { kind, name, namespace } = parts;
  // Spelled out: this is made more often than anything else of a build, and spreading costs several times as much.
  return { group, version, kind, name, namespace, clusterScoped: schemas.isClusterScoped(apiVersion, kind) };
}

const noNamespace = '_non_namespaceable_';

/** The namespace for comparisons: one word for what has none, and `default` where it is not written. */
export function effectiveNamespace(id: ResId): string {
  return id.clusterScoped ? noNamespace : id.namespace === '' ? 'default' : id.namespace;
}

/** Equal for ids that Kustomize takes for the same object. */
export function idKey(id: ResId): string {
  return `${id.group}|${id.version}|${id.kind}|${effectiveNamespace(id)}|${id.name}`;
}

export function sameGvkName(a: ResId, b: ResId): boolean {
  return a.name === b.name && a.kind === b.kind && a.group === b.group && a.version === b.version;
}

export function sameId(a: ResId, b: ResId): boolean {
  return sameGvkName(a, b) && effectiveNamespace(a) === effectiveNamespace(b);
}

export function isSelected(id: Gvk, { group, version, kind }: GvkSelector): boolean {
  return (!group || id.group === group) && (!version || id.version === version) && (!kind || id.kind === kind);
}

/** Whether a replacement's selector, which has no scope of its own, takes an id. */
export function isSelectedBy(id: ResId, selector: IdSelector): boolean {
  if (selector.name && selector.name !== id.name) return false;
  if (selector.namespace && effectiveNamespace(id) !== selector.namespace) return false;
  return isSelected(id, selector);
}

export function gvkText({ group, version, kind }: GvkSelector): string {
  return `${kind || '[noKind]'}.${version || '[noVer]'}.${group || '[noGrp]'}`;
}

/** `Deployment.v1.apps/web.shop`, as Kustomize writes it. */
export function idText(id: IdSelector): string {
  return `${gvkText(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`;
}

const orderFirst = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const orderLast = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

export type KindOrder = ReadonlyMap<string, number>;

export function kindOrder(first: readonly string[], last: readonly string[]): KindOrder {
  const order = new Map<string, number>();
  for (const [i, kind] of first.entries()) order.set(kind, i - first.length);
  for (const [i, kind] of last.entries()) order.set(kind, i + 1);
  return order;
}

export const legacyOrder = kindOrder(orderFirst, orderLast);

export function gvkSortText({ group, version, kind }: GvkSelector): string {
  return `${group || '~G'}_${version || '~V'}_${kind || '~K'}`;
}
