import { cloneJson, equalJson, type KubeObject, type OwnerReference } from '../../model/index.js';
import type { Controller, World } from './framework.js';
import { countOf } from './numbers.js';
import { claimed, ownerKeys, ownerReference, ownKey } from './owners.js';
import { createPod } from './pod-create.js';
import { isActive, isAvailable, isFinished, isReady, nextAvailable } from './pod-facts.js';
import { objectKey, r, splitKey } from './resources.js';
import { ensureRevisions, type Revision, revisionLabel, templateOf, trimRevisions } from './revisions.js';
import type { Pod, Workload, WorkloadStatus } from './shapes.js';

interface StatefulSet extends Workload {
  spec: Workload['spec'] & {
    serviceName?: string;
    podManagementPolicy?: string;
    ordinals?: { start?: number };
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number; maxUnavailable?: number | string } };
    volumeClaimTemplates?: KubeObject[];
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string };
  };
  status?: WorkloadStatus & { currentRevision?: string; updateRevision?: string; collisionCount?: number };
}

/** What one look at a StatefulSet is about. */
interface Look {
  set: StatefulSet;
  pods: Map<number, Pod>;
  first: number;
  replicas: number;
  update: Revision;
  current: Revision;
  failure?: string;
}

/** Keeps numbered pods with claims of their own, made and updated one after the other unless Parallel is asked for. */
export function statefulSets(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'statefulset',
    rank: 1,
    watches: [
      { resource: r.statefulSets, keys: ownKey },
      { resource: r.pods, keys: ownerKeys('StatefulSet') },
      {
        resource: r.serviceAccounts,
        keys: ({ type, object }) => (type === 'added' ? cache.list(r.statefulSets, object.metadata.namespace).map(objectKey) : []),
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const set = cache.get<StatefulSet>(r.statefulSets, namespace, name);
      if (!set) return undefined;
      const { all, current: update } = ensureRevisions(world, set);
      const current = all.find((revision) => revision.metadata.name === set.status?.currentRevision) ?? update;
      const pods = new Map<number, Pod>();
      for (const pod of claimed<Pod>(world, { resource: r.pods, owner: set, selector: set.spec.selector })) {
        const ordinal = ordinalOf(set, pod);
        if (ordinal !== undefined) pods.set(ordinal, pod);
      }
      const look: Look = { set, pods, first: set.spec.ordinals?.start ?? 0, replicas: set.spec.replicas ?? 1, update, current };
      if (!set.metadata.deletionTimestamp) step(look);
      const again = writeStatus(look, all);
      if (look.failure !== undefined) throw Object.assign(new Error(look.failure), { code: 403 });
      return again;
    },
  };

  /** One step: repair and grow in order, else shrink from the top, else update from the top. */
  function step(look: Look): void {
    const { set, pods, first, replicas } = look;
    const parallel = set.spec.podManagementPolicy === 'Parallel';
    const { minReadySeconds } = set.spec;
    const settled = (pod: Pod) => !pod.metadata.deletionTimestamp && isAvailable(world, pod, minReadySeconds);
    for (let ordinal = first; ordinal < first + replicas; ordinal++) {
      const pod = pods.get(ordinal);
      if (!pod) {
        if (!create(look, ordinal)) return;
        if (!parallel) return;
        continue;
      }
      if (isFinished(pod) && !pod.metadata.deletionTimestamp) {
        remove(set, pod);
        if (!parallel) return;
        continue;
      }
      if (!parallel && !settled(pod)) return;
    }
    const beyond = [...pods].filter(([ordinal]) => ordinal < first || ordinal >= first + replicas).sort((a, b) => b[0] - a[0]);
    for (const [, pod] of beyond) {
      // Whatever is still ending holds back the next, and so does one below that is not well.
      if (!pod.metadata.deletionTimestamp) {
        tieClaims(set, pod);
        remove(set, pod);
      }
      if (!parallel) return;
    }
    updatePods(look, settled);
  }

  function updatePods({ set, pods, first, replicas, update }: Look, settled: (pod: Pod) => boolean): void {
    const { updateStrategy } = set.spec;
    if (updateStrategy?.type === 'OnDelete') return;
    const { partition = 0, maxUnavailable = 1 } = updateStrategy?.rollingUpdate ?? {};
    const from = Math.max(first, partition);
    const isOld = (pod: Pod) => pod.metadata.labels?.[revisionLabel] !== update.metadata.name;
    let room = Math.max(1, countOf(maxUnavailable, replicas, true));
    for (let ordinal = from; ordinal < first + replicas; ordinal++) {
      const pod = pods.get(ordinal);
      // What is not well counts, except the old pod that is itself the next to go.
      if (!pod || pod.metadata.deletionTimestamp || (!settled(pod) && !isOld(pod))) room--;
    }
    for (let ordinal = first + replicas - 1; ordinal >= from && room > 0; ordinal--) {
      const pod = pods.get(ordinal);
      if (!pod || pod.metadata.deletionTimestamp || !isOld(pod)) continue;
      remove(set, pod);
      room--;
    }
  }

  /** The claims of a pod that goes because there are to be fewer go with it, where that is asked for. */
  function tieClaims(set: StatefulSet, pod: Pod): void {
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return;
    const { name = '', uid = '' } = pod.metadata;
    ownClaims(set, name, { apiVersion: 'v1', kind: 'Pod', name, uid });
  }

  /** Cuts the ties to pods that are gone, before a pod of the same name takes the claims over. */
  function freeClaims(set: StatefulSet, podName: string): void {
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete') ownClaims(set, podName, undefined);
  }

  function ownClaims(set: StatefulSet, podName: string, owner: OwnerReference | undefined): void {
    const namespace = set.metadata.namespace ?? '';
    for (const template of set.spec.volumeClaimTemplates ?? []) {
      const claim = cache.get(r.claims, namespace, `${template.metadata.name}-${podName}`);
      if (!claim || claim.metadata.deletionTimestamp) continue;
      const next = cloneJson(claim);
      const others = (next.metadata.ownerReferences ?? []).filter((ref) => ref.kind !== 'Pod');
      next.metadata.ownerReferences = owner ? [...others, owner] : others;
      if (!equalJson(next.metadata.ownerReferences, claim.metadata.ownerReferences ?? [])) host.update(r.claims, next);
    }
  }

  function create(look: Look, ordinal: number): boolean {
    const { set, update, current } = look;
    const revision = revisionFor(look, ordinal);
    const name = `${set.metadata.name}-${ordinal}`;
    freeClaims(set, name);
    for (const claim of set.spec.volumeClaimTemplates ?? []) ensureClaim(set, claim, name);
    const made = createPod(world, {
      owner: set,
      template: revision === update ? set.spec.template : templateOf(current),
      name,
      labels: {
        [revisionLabel]: revision.metadata.name ?? '',
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(ordinal),
      },
      adjust(pod) {
        pod.spec.hostname = name;
        if (set.spec.serviceName) pod.spec.subdomain = set.spec.serviceName;
        const claims = new Set((set.spec.volumeClaimTemplates ?? []).map((c) => c.metadata.name));
        pod.spec.volumes = [
          ...(pod.spec.volumes ?? []).filter((v) => !claims.has(v.name)),
          ...[...claims].map((claim) => ({ name: claim ?? '', persistentVolumeClaim: { claimName: `${claim}-${name}` } })),
        ];
        if (pod.spec.volumes.length === 0) delete pod.spec.volumes;
      },
    });
    const what = `create Pod ${name} in StatefulSet ${set.metadata.name}`;
    if (made.pod) {
      look.pods.set(ordinal, made.pod);
      say(set, 'SuccessfulCreate', `${what} successful`);
    } else {
      look.failure = made.failure;
      say(set, 'FailedCreate', `${what} failed error: ${made.failure}`, true);
    }
    return made.pod !== undefined;
  }

  /** Pods below the partition, and all while an update has not come to them, are made as they were. */
  function revisionFor({ set, first, update, current, pods }: Look, ordinal: number): Revision {
    if (current === update) return update;
    const { updateStrategy } = set.spec;
    if (updateStrategy?.type === 'OnDelete') return update;
    const partition = updateStrategy?.rollingUpdate?.partition;
    if (partition !== undefined && ordinal < Math.max(first, partition)) return current;
    // An update goes from the top down: what is below the lowest updated pod is still of the old template.
    const oldAbove = [...pods].some(([at, pod]) => at > ordinal && pod.metadata.labels?.[revisionLabel] === current.metadata.name);
    return oldAbove ? current : update;
  }

  function ensureClaim(set: StatefulSet, template: KubeObject, podName: string): void {
    const namespace = set.metadata.namespace ?? '';
    const name = `${template.metadata.name}-${podName}`;
    if (cache.get(r.claims, namespace, name)) return;
    const claim = cloneJson(template);
    delete claim.status;
    const owned = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
    host.create(r.claims, {
      ...claim,
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        labels: { ...claim.metadata.labels, ...set.spec.selector?.matchLabels },
        ...(claim.metadata.annotations ? { annotations: claim.metadata.annotations } : {}),
        ...(owned ? { ownerReferences: [ownerReference(set)] } : {}),
      },
    });
    say(set, 'SuccessfulCreate', `create Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name} success`);
  }

  function say(set: StatefulSet, reason: string, message: string, warning = false): void {
    world.events.tell(set, { from: 'statefulset-controller', reason, message, warning });
  }

  function remove(set: StatefulSet, pod: Pod): void {
    host.delete(r.pods, pod.metadata.namespace ?? '', pod.metadata.name ?? '', { uid: pod.metadata.uid ?? '' });
    say(set, 'SuccessfulDelete', `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`);
  }

  function writeStatus(look: Look, revisions: Revision[]): number | undefined {
    const set = cache.get<StatefulSet>(r.statefulSets, look.set.metadata.namespace ?? '', look.set.metadata.name ?? '');
    if (!set || set.metadata.uid !== look.set.metadata.uid) return undefined;
    const pods = cache.dependentsOf<Pod>(set.metadata.uid ?? '', r.pods).filter((pod) => ordinalOf(set, pod) !== undefined);
    const { minReadySeconds, replicas = 1 } = set.spec;
    const of = (revision: string | undefined) =>
      pods.filter((pod) => isActive(pod) && pod.metadata.labels?.[revisionLabel] === revision).length;
    const update = look.update.metadata.name ?? '';
    let current = look.current.metadata.name ?? '';
    const ready = pods.filter(isReady).length;
    const done = set.spec.updateStrategy?.type !== 'OnDelete' && of(update) === replicas && pods.length === replicas && ready === replicas;
    if (done) current = update;
    const status: { [field: string]: unknown } = { observedGeneration: set.metadata.generation ?? 0, replicas: pods.length };
    const optional = { readyReplicas: ready, currentReplicas: of(current), updatedReplicas: of(update) };
    for (const [key, value] of Object.entries(optional)) if (value > 0) status[key] = value;
    status.availableReplicas = pods.filter((pod) => isAvailable(world, pod, minReadySeconds)).length;
    Object.assign(status, { currentRevision: current, updateRevision: update, collisionCount: set.status?.collisionCount ?? 0 });
    if (!equalJson(status, set.status ?? {})) host.updateStatus(r.statefulSets, { ...set, status });
    trimRevisions(world, set, revisions, new Set([current, update, ...pods.map((pod) => pod.metadata.labels?.[revisionLabel] ?? '')]));
    return nextAvailable(world, pods, minReadySeconds);
  }
}

function ordinalOf(set: KubeObject, pod: Pod): number | undefined {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name ?? '');
  return match && match[1] === set.metadata.name ? Number(match[2]) : undefined;
}
