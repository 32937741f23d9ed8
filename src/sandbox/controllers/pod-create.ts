import { cloneJson, type KubeObject } from '../../model/index.js';
import { messageOf, statusOf, type World } from './framework.js';
import { suffix } from './numbers.js';
import { ownerReference } from './owners.js';
import { r } from './resources.js';
import type { Pod, PodTemplate } from './shapes.js';

export interface NewPod {
  owner: KubeObject;
  template: PodTemplate;
  /** The whole name, or undefined for the owner's name and a tail. */
  name?: string;
  /** What the name begins with where `name` is undefined; the owner's name and a dash by default. */
  prefix?: string;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  finalizers?: string[];
  adjust?: (pod: Pod) => void;
  /** Who makes it, to be told of in an Event; undefined tells nothing. */
  from?: string;
}

/** What became of an attempt: a pod, or the reason why there is none. */
export type Made = { pod: Pod; failure?: undefined } | { pod?: undefined; failure: string; status: number };

/** A name that no pod of the namespace has, made from the owner and the moment. */
function freeName(world: World, namespace: string, prefix: string, seed: string): string {
  for (let i = 0; ; i++) {
    // As with generateName, a long prefix gives way to the tail.
    const name = `${prefix.slice(0, 58)}${suffix(`${seed}/${world.now()}/${i}`)}`;
    if (!world.cache.get(r.pods, namespace, name)) return name;
  }
}

/**
 * Makes a pod of a template as the API server would admit it: a pod whose service account or priority class
 * does not exist is refused.
 */
export function createPod(world: World, wanted: NewPod): Made {
  const { owner, template } = wanted;
  const namespace = owner.metadata.namespace ?? '';
  const prefix = wanted.prefix ?? `${owner.metadata.name}-`;
  const name = wanted.name ?? freeName(world, namespace, prefix, owner.metadata.uid ?? '');
  const source = cloneJson(template);
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(wanted.name === undefined ? { generateName: prefix } : {}),
      namespace,
      labels: { ...source.metadata?.labels, ...wanted.labels },
      annotations: { ...source.metadata?.annotations, ...wanted.annotations },
      finalizers: [...(source.metadata?.finalizers ?? []), ...(wanted.finalizers ?? [])],
      ownerReferences: [ownerReference(owner)],
    },
    spec: source.spec,
  };
  for (const key of ['labels', 'annotations'] as const) if (Object.keys(pod.metadata[key] ?? {}).length === 0) delete pod.metadata[key];
  if (pod.metadata.finalizers?.length === 0) delete pod.metadata.finalizers;
  wanted.adjust?.(pod);
  const { from } = wanted;
  const made = admit(world, pod, wanted.name ?? prefix);
  if (from !== undefined && made.pod) world.events.tell(owner, { from, reason: 'SuccessfulCreate', message: `Created pod: ${name}` });
  else if (from !== undefined)
    world.events.tell(owner, { from, reason: 'FailedCreate', message: `Error creating: ${made.failure}`, warning: true });
  return made;
}

function admit(world: World, pod: Pod, shown: string): Made {
  const refused = refusal(world, pod, shown);
  if (refused !== undefined) return { failure: refused, status: 403 };
  try {
    return { pod: world.host.create(r.pods, pod) as Pod };
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    return { failure: messageOf(error), status };
  }
}

/** Deletes a pod of an owner, and tells of it. */
export function removePod(world: World, { from, owner, pod }: { from: string; owner: KubeObject; pod: Pod }): void {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  world.host.delete(r.pods, namespace, name, { uid });
  world.events.tell(owner, { from, reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` });
}

function refusal({ cache }: World, pod: Pod, shown: string): string | undefined {
  const namespace = pod.metadata.namespace ?? '';
  if (cache.get(r.namespaces, '', namespace)?.metadata.deletionTimestamp)
    return `pods ${JSON.stringify(shown)} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`;
  const account = pod.spec.serviceAccountName || 'default';
  if (!cache.get(r.serviceAccounts, namespace, account))
    return `pods ${JSON.stringify(shown)} is forbidden: error looking up service account ${namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`;
  const priority = pod.spec.priorityClassName;
  const builtIn = priority === 'system-cluster-critical' || priority === 'system-node-critical';
  if (priority && !builtIn && !cache.get(r.priorityClasses, '', priority))
    return `pods ${JSON.stringify(shown)} is forbidden: no PriorityClass with name ${priority} was found`;
  return undefined;
}
