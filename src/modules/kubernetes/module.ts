import { assessHealth } from '../../health/index.js';
import type { ApiResource, Cluster, ObjectRef } from '../../kube/index.js';
import { EvenkeelError, formatTime, type Health, type KubeObject } from '../../model/index.js';
import { type Duration, milliseconds } from '../durations.js';
import type { ModuleHost } from '../host.js';
import { objectsOf, typeNamed, typeOf } from './objects.js';
import { type WaitFor, waitFor, wantedOf } from './wait.js';

interface Place {
  namespace?: string;
  /** `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run. */
  cluster?: string;
  kubeconfig?: string;
}

interface Writing extends Place {
  /** Ask the server to do all but persist. */
  dryRun?: boolean;
}

interface Waiting extends Place {
  wait?: boolean;
  timeout?: Duration;
}

/** Objects of a cluster, as they are: nothing in them is renamed or left out. */
export interface KubernetesModule {
  get(kind: string, name: string, options?: Place): Promise<KubeObject | undefined>;
  list(kind: string, options?: Place & { allNamespaces?: boolean; labelSelector?: string; fieldSelector?: string }): Promise<KubeObject[]>;
  /** Server-side apply of objects or of YAML, in the order that they need. */
  apply(
    objects: KubeObject | KubeObject[] | string,
    options?: Writing & { force?: boolean; fieldManager?: string },
  ): Promise<{ objects: KubeObject[]; created: number; warnings: string[] }>;
  patch(
    kind: string,
    name: string,
    patch: unknown,
    options?: Writing & { type?: 'merge' | 'json' | 'strategic'; subresource?: string },
  ): Promise<KubeObject>;
  delete(
    kind: string,
    name: string,
    options?: Writing & Waiting & { propagation?: 'background' | 'foreground' | 'orphan'; gracePeriod?: Duration },
  ): Promise<'gone' | 'deleted' | 'deleting'>;
  scale(kind: string, name: string, replicas: number, options?: Waiting): Promise<KubeObject>;
  /** Starts the pods of a Deployment, StatefulSet or DaemonSet anew, by its own rules. */
  restart(kind: string, name: string, options?: Waiting): Promise<KubeObject>;
  /** @returns the object; undefined where its end was waited for */
  wait(kind: string, name: string, options?: Place & WaitFor & { timeout?: Duration }): Promise<KubeObject | undefined>;
  /** Undefined where its kind has no health. */
  health(kind: string, name: string, options?: Place): Promise<Health | undefined>;
  logs(
    pod: string,
    options?: Place & { container?: string; previous?: boolean; timestamps?: boolean; since?: Duration; tail?: number; maxBytes?: number },
  ): Promise<string>;
}

const TIMEOUT_MS = 300_000;
const manager = 'evenkeel-script';

type Host = Pick<ModuleHost, 'openCluster' | 'cluster' | 'signal' | 'clock' | 'assess'>;

export function openKubernetes(host: Host): KubernetesModule {
  const { signal } = host;
  const open = ({ cluster, kubeconfig }: Place): Promise<Cluster> =>
    host.openCluster(
      cluster === undefined && kubeconfig === undefined
        ? (host.cluster ?? { target: 'sandbox' })
        : { target: cluster ?? 'kubeconfig', ...(kubeconfig === undefined ? {} : { kubeconfig }) },
    );
  const refOf = (resource: ApiResource, name: string, { namespace }: Place): ObjectRef =>
    resource.namespaced ? { namespace: namespace ?? 'default', name } : { name };
  const named = async (kind: string, name: string, place: Place) => {
    const cluster = await open(place);
    const resource = await typeNamed(cluster, kind, signal);
    return { cluster, resource, ref: refOf(resource, name, place) };
  };
  type Named = Awaited<ReturnType<typeof named>>;
  const wait = async ({ cluster, resource, ref }: Named, asked: WaitFor, timeout: Duration | undefined) =>
    waitFor({ cluster, resource, ref, wanted: wantedOf(asked, host.assess), timeoutMs: milliseconds(timeout, TIMEOUT_MS), host });
  const healthy = async (target: Named, object: KubeObject, { wait: waits, timeout }: Waiting) =>
    waits === true ? ((await wait(target, { healthy: true }, timeout)) ?? object) : object;

  return {
    async get(kind, name, place = {}) {
      const { cluster, resource, ref } = await named(kind, name, place);
      return cluster.get(resource, ref, { signal });
    },
    async list(kind, { allNamespaces = false, labelSelector, fieldSelector, ...place } = {}) {
      const cluster = await open(place);
      const resource = await typeNamed(cluster, kind, signal);
      if (allNamespaces && place.namespace !== undefined)
        throw new EvenkeelError('OPTION_INVALID', 'kubernetes.list: give a namespace or allNamespaces', {
          where: { field: 'allNamespaces' },
        });
      const { items } = await cluster.list(resource, {
        ...(allNamespaces || !resource.namespaced ? {} : { namespace: place.namespace ?? 'default' }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
        signal,
      });
      return items;
    },
    async apply(given, { force = false, fieldManager = manager, dryRun = false, ...place } = {}) {
      const cluster = await open(place);
      const applied: KubeObject[] = [];
      const warnings: string[] = [];
      let created = 0;
      for (const object of objectsOf(given)) {
        const resource = await typeOf(cluster, object, signal);
        const { namespace, ...metadata } = object.metadata;
        const placed = resource.namespaced
          ? { ...object, metadata: { ...metadata, namespace: namespace ?? place.namespace ?? 'default' } }
          : { ...object, metadata };
        const result = await cluster.apply(resource, placed, { fieldManager, force, dryRun, signal });
        applied.push(result.object);
        warnings.push(...result.warnings);
        if (result.created) created++;
      }
      return { objects: applied, created, warnings };
    },
    async patch(kind, name, patch, { type = 'merge', subresource, dryRun = false, ...place } = {}) {
      const { cluster, resource, ref } = await named(kind, name, place);
      const options = { type, fieldManager: manager, dryRun, signal, ...(subresource === undefined ? {} : { subresource }) };
      return (await cluster.patch(resource, ref, patch, options)).object;
    },
    async delete(kind, name, { dryRun = false, wait: waits = false, timeout, propagation = 'background', gracePeriod, ...place } = {}) {
      const target = await named(kind, name, place);
      const { cluster, resource, ref } = target;
      const outcome = await cluster.delete(resource, ref, {
        propagationPolicy: propagations[propagation],
        ...(gracePeriod === undefined ? {} : { gracePeriodSeconds: Math.round(milliseconds(gracePeriod, 0) / 1000) }),
        dryRun,
        signal,
      });
      if (!waits || dryRun || outcome === 'gone') return outcome;
      await wait(target, { deleted: true }, timeout);
      return 'deleted';
    },
    async scale(kind, name, replicas, how = {}) {
      const target = await named(kind, name, how);
      const { cluster, resource, ref } = target;
      if (replicas < 0)
        throw new EvenkeelError('ARGUMENT_INVALID', 'kubernetes.scale: replicas is 0 or more', { where: { field: 'replicas' } });
      if (!resource.subresources.includes('scale'))
        throw new EvenkeelError('ARGUMENT_INVALID', `a ${resource.kind} cannot be scaled`, {
          where: { field: 'kind' },
          hint: 'Deployments, StatefulSets, ReplicaSets and custom kinds with a scale can.',
        });
      await cluster.patch(resource, ref, { spec: { replicas } }, { type: 'merge', subresource: 'scale', fieldManager: manager, signal });
      const object = await cluster.get(resource, ref, { signal });
      if (object === undefined) throw new EvenkeelError('KUBE_NOT_FOUND', `${resource.kind}/${name} was deleted meanwhile`);
      return healthy(target, object, how);
    },
    async restart(kind, name, how = {}) {
      const target = await named(kind, name, how);
      const { cluster, resource, ref } = target;
      if (resource.group !== 'apps' || !['Deployment', 'StatefulSet', 'DaemonSet'].includes(resource.kind))
        throw new EvenkeelError('ARGUMENT_INVALID', `a ${resource.kind} cannot be restarted`, {
          where: { field: 'kind' },
          hint: 'Deployments, StatefulSets and DaemonSets can.',
        });
      const annotations = { 'kubectl.kubernetes.io/restartedAt': formatTime(host.clock.now()) };
      const patch = { spec: { template: { metadata: { annotations } } } };
      const { object } = await cluster.patch(resource, ref, patch, { type: 'merge', fieldManager: manager, signal });
      return healthy(target, object, how);
    },
    async wait(kind, name, { timeout, condition, status, healthy: isHealthy, deleted, path, value, ...place } = {}) {
      const asked = { condition, status, healthy: isHealthy, deleted, path, value } as WaitFor;
      return wait(await named(kind, name, place), asked, timeout);
    },
    async health(kind, name, place = {}) {
      const { cluster, resource, ref } = await named(kind, name, place);
      const object = await cluster.get(resource, ref, { signal });
      if (object === undefined) return { status: 'Missing', message: 'the cluster does not have it' };
      return (host.assess ?? assessHealth)(object) ?? undefined;
    },
    async logs(pod, { container, previous, timestamps, since, tail, maxBytes, ...place } = {}) {
      const cluster = await open(place);
      return cluster.logs(
        { namespace: place.namespace ?? 'default', name: pod },
        {
          signal,
          ...(container === undefined ? {} : { container }),
          ...(previous === undefined ? {} : { previous }),
          ...(timestamps === undefined ? {} : { timestamps }),
          ...(since === undefined ? {} : { sinceSeconds: Math.max(1, Math.round(milliseconds(since, 0) / 1000)) }),
          ...(tail === undefined ? {} : { tailLines: tail }),
          ...(maxBytes === undefined ? {} : { maxBytes }),
        },
      );
    },
  };
}

const propagations = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const;
