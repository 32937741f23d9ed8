import { compareText, type KubeObject, keyOf } from '../model/index.js';
import type { Graph } from './graph.js';
import { asObjects, at } from './loose.js';
import { referencesOf } from './references.js';
import type { Compared } from './types.js';
import { podCountOf, podSpecOf } from './workloads.js';

/** Something that pods of a workload need to start, and who they are of. */
export interface Need {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  /** `Deployment/web mounts it` */
  by: string;
}

/** Every namespace has them, or will as soon as it is there. */
const everywhere = new Set(['ServiceAccount/default', 'ConfigMap/kube-root-ca.crt']);

/** What pods that are made or changed need and the workflow does not have: whether it is there, the cluster knows. */
export function needsBeyond(items: readonly Compared[], graph: () => Graph): Need[] {
  const needs = new Map<string, Need>();
  for (const { desired, action, live } of items) {
    const { object } = desired;
    if ((action !== 'create' && action !== 'update') || podSpecOf(object) === undefined || podCountOf(object, live) === 0) continue;
    const had = new Set(live === undefined ? [] : referencesOf(live).map(nameOfNeed));
    for (const reference of referencesOf(object)) {
      const id = nameOfNeed(reference);
      if (
        reference.needed !== true ||
        everywhere.has(`${reference.kind}/${reference.name}`) ||
        had.has(id) ||
        needs.has(id) ||
        graph().find(reference) !== undefined
      )
        continue;
      const { group, kind, namespace, name, how } = reference;
      needs.set(id, { group, kind, namespace, name, by: `${object.kind}/${object.metadata.name ?? ''} ${how}` });
    }
  }
  return [...needs.values()].sort((a, b) => compareText(nameOfNeed(a), nameOfNeed(b)));
}

function nameOfNeed({ group, kind, namespace, name }: Omit<Need, 'by'>): string {
  return `${group}/${kind}:${namespace}/${name}`;
}

/** Whether one of these objects makes what is needed: a hook itself, or a custom resource whose controller writes it. */
export function madeBy(objects: readonly KubeObject[], need: Need): boolean {
  return objects.some((object) => {
    const key = keyOf(object);
    if (key.namespace !== need.namespace) return false;
    if (key.kind === need.kind && key.group === need.group) return key.name === need.name;
    return need.kind === 'Secret' && need.group === '' && secretsOf(object).includes(need.name);
  });
}

/** Names of the Secrets that the controller of a custom resource writes. */
function secretsOf(object: KubeObject): unknown[] {
  switch (object.kind) {
    case 'Certificate':
      return [at(object, 'spec', 'secretName')];
    case 'ExternalSecret':
      return [at(object, 'spec', 'target', 'name') ?? object.metadata.name];
    case 'SealedSecret':
    case 'InfisicalSecret':
    case 'OnePasswordItem':
      return [object.metadata.name];
    case 'VaultStaticSecret':
    case 'VaultDynamicSecret':
      return [at(object, 'spec', 'destination', 'name')];
    default:
      return asObjects(at(object, 'spec', 'secretObjects')).map((one) => one['secretName']);
  }
}
