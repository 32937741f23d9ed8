import { describeKey, gvkOf, type KubeObject, keyOf, printable } from '../model/index.js';
import { deprecation } from './deprecated.js';
import type { Graph } from './graph.js';
import { allowsNoEviction, staleUsers } from './impact/index.js';
import { asObjects } from './loose.js';
import { madeBy } from './missing.js';
import type { Compared, Comparison } from './types.js';
import { podSpecOf } from './workloads.js';

/** How many warnings of one sort are written out. */
const mostOfASort = 10;

export interface AdviceInput {
  comparison: Comparison;
  /** The workflow's objects as they will be. */
  graph: Graph;
  /** Items that are made or changed, with the names of the fields that change. */
  changed: readonly { item: Compared; paths: readonly string[] }[];
  restarts: (workload: KubeObject) => boolean;
  /** Objects that hooks make. */
  hooks: readonly KubeObject[];
}

/** What a person should know of a comparison beside its changes, sort by sort. */
export function adviceOn(input: AdviceInput): string[] {
  return [stale, images, versions, missing, lonely, budgets].flatMap((sort) => bounded(sort(input)));
}

function bounded(warnings: readonly string[]): string[] {
  if (warnings.length <= mostOfASort) return [...warnings];
  return [...warnings.slice(0, mostOfASort), `and ${warnings.length - mostOfASort} more like the one before`];
}

const restartable = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** Configuration changes and those who read it only when they start go on as they are. */
function stale({ changed, graph, restarts }: AdviceInput): string[] {
  return changed
    .filter(({ item, paths }) => item.action === 'update' && paths.some((path) => /^(data|binaryData|stringData)(\.|$)/.test(path)))
    .flatMap(({ item }) =>
      staleUsers(item.desired.object, graph, restarts).map(({ user }) => {
        const key = keyOf(user);
        const command = restartable.has(key.kind)
          ? `: kubectl rollout restart ${key.kind.toLowerCase()}/${key.name}${key.namespace === '' ? '' : ` -n ${key.namespace}`}`
          : '';
        return `${describeKey(item.desired.key)} changes, and ${key.kind}/${key.name} goes on with the old values until it is restarted${command}`;
      }),
    );
}

/** Images without a fixed version that the cluster does not run yet. */
function images({ changed }: AdviceInput): string[] {
  return changed.flatMap(({ item }) => {
    const before = new Map(containers(item.live).map((container) => [container['name'], container['image']]));
    return containers(item.desired.object).flatMap((container) => {
      const { name, image } = container;
      if (typeof image !== 'string' || image === '' || before.get(name) === image || isFixed(image)) return [];
      return [
        `${describeKey(item.desired.key)}: container ${printable(String(name))} runs ${printable(image.slice(0, 200))}, which may be another image tomorrow; name a version or a digest`,
      ];
    });
  });
}

function containers(object: KubeObject | undefined): { [key: string]: unknown }[] {
  const pod = object === undefined ? undefined : podSpecOf(object);
  return pod === undefined ? [] : [...asObjects(pod['initContainers']), ...asObjects(pod['containers'])];
}

/** Whether an image is named by a digest, or by a tag other than `latest`. */
export function isFixed(image: string): boolean {
  if (image.includes('@')) return true;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag !== undefined && tag !== 'latest';
}

/** API versions that are on their way out, unless the server has said so itself. */
function versions({ comparison }: AdviceInput): string[] {
  const types = new Map<string, string | undefined>();
  return comparison.items.flatMap(({ desired, warnings }) => {
    const { apiVersion, kind } = desired.object;
    const type = `${apiVersion} ${kind}`;
    if (!types.has(type)) types.set(type, deprecation(gvkOf(desired.object)));
    const told = types.get(type);
    if (told === undefined || warnings.some((warning) => /deprecated/i.test(warning))) return [];
    const { file, line } = desired.source;
    return [`${printable(file)}${line === undefined ? '' : `:${line}`}: ${desired.key.kind}/${desired.key.name}: ${told}`];
  });
}

/** What pods wait for, unless a hook or a controller is about to make it. */
function missing({ comparison, hooks }: AdviceInput): string[] {
  const makers = [...hooks, ...comparison.items.map((item) => item.desired.object)];
  return (comparison.surroundings?.missing ?? [])
    .filter((need) => !madeBy(makers, need))
    .map((need) => `${describeKey(need)} is neither in Git nor in the cluster, and ${need.by}: its pods do not start until it is there`);
}

function lonely({ comparison }: AdviceInput): string[] {
  return [...(comparison.surroundings?.withoutPods ?? [])]
    .sort()
    .map(
      (key) =>
        `Service/${key.slice(key.indexOf('/') + 1)} in ${key.slice(0, key.indexOf('/'))} selects no pods: neither a workload of this workflow nor a pod of the cluster has its labels`,
    );
}

function budgets({ changed, graph }: AdviceInput): string[] {
  return changed.flatMap(({ item }) => {
    const { key, object } = item.desired;
    if (key.kind !== 'PodDisruptionBudget' || key.group !== 'policy') return [];
    const why = allowsNoEviction(object, graph.selectedBy(object));
    return why === undefined ? [] : [`${describeKey(key)} never lets a pod be evicted (${why}): draining a node waits for ever`];
  });
}
