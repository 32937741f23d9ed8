import { cloneJson, equalJson, type KubeObject } from '../../model/index.js';
import { quantityNanos } from '../gotypes/quantity.js';
import type { Change, Controller, World } from './framework.js';
import { ownKey } from './owners.js';
import { isFinished } from './pod-facts.js';
import { objectKey, r, splitKey } from './resources.js';
import { matchesSelector } from './selector.js';
import type { LabelSelectorSpec, Pod } from './shapes.js';

type Quantities = { [resource: string]: string };

interface Claim extends KubeObject {
  spec: {
    accessModes?: string[];
    resources?: { requests?: Quantities };
    storageClassName?: string;
    volumeName?: string;
    volumeMode?: string;
    selector?: LabelSelectorSpec;
  };
  status?: { phase?: string; accessModes?: string[]; capacity?: Quantities };
}

interface Volume extends KubeObject {
  spec: {
    accessModes?: string[];
    capacity?: Quantities;
    storageClassName?: string;
    volumeMode?: string;
    persistentVolumeReclaimPolicy?: string;
    claimRef?: { kind?: string; apiVersion?: string; namespace?: string; name?: string; uid?: string; resourceVersion?: string };
  };
  status?: { phase?: string };
}

interface StorageClass extends KubeObject {
  provisioner?: string;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
}

const provisionedBy = 'pv.kubernetes.io/provisioned-by';
const bindCompleted = 'pv.kubernetes.io/bind-completed';
const boundByController = 'pv.kubernetes.io/bound-by-controller';
const isDefaultClass = 'storageclass.kubernetes.io/is-default-class';

/** Binds claims to volumes: one that is there and fits, or one made for the claim by its storage class. */
export function claims(world: World): Controller {
  const { cache, host } = world;
  const pending = () =>
    cache
      .list<Claim>(r.claims)
      .filter((claim) => claim.status?.phase !== 'Bound')
      .map(objectKey);
  return {
    name: 'claim',
    rank: 0,
    watches: [
      { resource: r.claims, keys: ownKey },
      { resource: r.volumes, keys: ({ object }) => (refOf(object as Volume) ? [] : pending()) },
      { resource: r.storageClasses, keys: ({ type }) => (type === 'deleted' ? [] : pending()) },
      {
        // A pod is what a volume waits for that binds to its first consumer; a claim in use does not go.
        resource: r.pods,
        keys: (change) => (change.type === 'modified' ? (isFinished(change.object as Pod) ? claimsOf(change) : []) : claimsOf(change)),
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const claim = cache.get<Claim>(r.claims, namespace, name);
      if (!claim) return undefined;
      if (claim.metadata.deletionTimestamp) unprotect(claim);
      else bind(protect(claim));
      return undefined;
    },
  };

  function bind(claim: Claim): void {
    const { volumeName } = claim.spec;
    if (volumeName && claim.metadata.annotations?.[bindCompleted]) {
      const volume = cache.get<Volume>(r.volumes, '', volumeName);
      if (!volume) say(claim, { phase: 'Lost' });
      else if (belongs(volume, claim)) finish(claim, volume);
      return;
    }
    if (volumeName) {
      const volume = cache.get<Volume>(r.volumes, '', volumeName);
      const free = volume && (!refOf(volume) || belongs(volume, claim));
      if (free) finish(claim, volume);
      else say(claim, { phase: 'Pending' });
      return;
    }
    const className = classOf(claim);
    const found = cache
      .list<Volume>(r.volumes)
      .filter((volume) => fits(volume, claim, className))
      .sort((a, b) => Number(belongs(b, claim)) - Number(belongs(a, claim)) || compareSize(a, b))[0];
    if (found) {
      finish(claim, found);
      return;
    }
    const storageClass = className ? cache.get<StorageClass>(r.storageClasses, '', className) : undefined;
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !hasConsumer(claim);
    if (!storageClass || storageClass.provisioner === 'kubernetes.io/no-provisioner' || waits || claim.spec.selector) {
      if (waits) tell(claim, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
      else if (className && !storageClass)
        tell(claim, 'ProvisioningFailed', `storageclass.storage.k8s.io ${JSON.stringify(className)} not found`, true);
      else tell(claim, 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
      say(claim, { phase: 'Pending' });
      return;
    }
    const volume = provision(claim, storageClass);
    tell(claim, 'ProvisioningSucceeded', `Successfully provisioned volume ${volume.metadata.name}`);
    finish(claim, volume);
  }

  function tell(claim: Claim, reason: string, message: string, warning = false): void {
    world.events.tell(claim, { from: 'persistentvolume-controller', reason, message, warning });
  }

  function provision(claim: Claim, storageClass: StorageClass): Volume {
    const name = `pvc-${claim.metadata.uid}`;
    const known = cache.get<Volume>(r.volumes, '', name);
    if (known) return known;
    const { provisioner = 'sandbox.evenkeel.dev/volume' } = storageClass;
    return host.create(r.volumes, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { [provisionedBy]: provisioner }, finalizers: ['kubernetes.io/pv-protection'] },
      spec: {
        accessModes: claim.spec.accessModes ?? ['ReadWriteOnce'],
        capacity: { storage: claim.spec.resources?.requests?.storage ?? '1Gi' },
        claimRef: referenceTo(claim),
        csi: { driver: provisioner, volumeHandle: name },
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: storageClass.metadata.name,
        volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      },
    }) as Volume;
  }

  /** Both sides of a binding: the volume names the claim, the claim names the volume, both say Bound. */
  function finish(claim: Claim, volume: Volume): void {
    let bound = volume;
    if (refOf(volume)?.uid !== claim.metadata.uid) {
      const next = cloneJson(volume);
      next.spec.claimRef = referenceTo(claim);
      next.metadata.annotations = { ...next.metadata.annotations, [boundByController]: 'yes' };
      bound = host.update(r.volumes, next) as Volume;
    }
    if (bound.status?.phase !== 'Bound') host.updateStatus(r.volumes, { ...bound, status: { ...bound.status, phase: 'Bound' } });
    let named = claim;
    if (claim.spec.volumeName !== bound.metadata.name || !claim.metadata.annotations?.[bindCompleted]) {
      const next = cloneJson(claim);
      next.metadata.annotations = { ...next.metadata.annotations, [bindCompleted]: 'yes' };
      if (!claim.spec.volumeName) next.metadata.annotations[boundByController] = 'yes';
      next.spec.volumeName = bound.metadata.name ?? '';
      named = host.update(r.claims, next) as Claim;
    }
    // A claim that grew has grown: the simulated volume has room.
    const asked = claim.spec.resources?.requests?.storage;
    const capacity = { ...bound.spec.capacity };
    if (asked !== undefined && size({ storage: asked }) > size(capacity)) capacity.storage = asked;
    say(named, { phase: 'Bound', accessModes: bound.spec.accessModes ?? [], capacity });
  }

  function say(claim: Claim, facts: { phase: string; accessModes?: string[]; capacity?: Quantities }): void {
    const status = { ...claim.status, ...facts };
    if (!equalJson(status, claim.status ?? {})) host.updateStatus(r.claims, { ...claim, status });
  }

  function classOf(claim: Claim): string {
    if (claim.spec.storageClassName !== undefined) return claim.spec.storageClassName;
    return cache.list<StorageClass>(r.storageClasses).find((c) => c.metadata.annotations?.[isDefaultClass] === 'true')?.metadata.name ?? '';
  }

  function consumers(claim: Claim): Pod[] {
    const { namespace = '', name } = claim.metadata;
    return cache.list<Pod>(r.pods, namespace).filter((pod) => !isFinished(pod) && claimNames(pod).includes(name ?? ''));
  }

  function hasConsumer(claim: Claim): boolean {
    return consumers(claim).length > 0;
  }

  function protect(claim: Claim): Claim {
    if (claim.metadata.finalizers?.includes('kubernetes.io/pvc-protection')) return claim;
    const next = cloneJson(claim);
    next.metadata.finalizers = [...(next.metadata.finalizers ?? []), 'kubernetes.io/pvc-protection'];
    return host.update(r.claims, next) as Claim;
  }

  function unprotect(claim: Claim): void {
    if (!claim.metadata.finalizers?.includes('kubernetes.io/pvc-protection') || hasConsumer(claim)) return;
    const next = cloneJson(claim);
    next.metadata.finalizers = next.metadata.finalizers?.filter((f) => f !== 'kubernetes.io/pvc-protection');
    host.update(r.claims, next);
  }
}

/** What becomes of volumes whose claims are gone. */
export function volumes(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'volume',
    rank: 0,
    watches: [
      { resource: r.volumes, keys: ({ object }) => [object.metadata.name ?? ''] },
      {
        resource: r.claims,
        keys: ({ type, object }) => {
          const { volumeName } = (object as Claim).spec;
          return type === 'deleted' && volumeName ? [volumeName] : [];
        },
      },
    ],
    reconcile(name) {
      const volume = cache.get<Volume>(r.volumes, '', name);
      if (!volume) return undefined;
      const ref = refOf(volume);
      const claim = ref ? cache.get<Claim>(r.claims, ref.namespace ?? '', ref.name ?? '') : undefined;
      const held = claim !== undefined && ref?.uid === claim.metadata.uid;
      if (volume.metadata.deletionTimestamp) {
        if (held || !volume.metadata.finalizers?.includes('kubernetes.io/pv-protection')) return undefined;
        const next = cloneJson(volume);
        next.metadata.finalizers = next.metadata.finalizers?.filter((f) => f !== 'kubernetes.io/pv-protection');
        host.update(r.volumes, next);
        return undefined;
      }
      if (!ref?.uid) say(volume, 'Available');
      else if (!held) {
        say(volume, 'Released');
        if (volume.spec.persistentVolumeReclaimPolicy === 'Delete') host.delete(r.volumes, '', name);
      }
      return undefined;
    },
  };

  function say(volume: Volume, phase: string): void {
    if (volume.status?.phase !== phase) host.updateStatus(r.volumes, { ...volume, status: { ...volume.status, phase } });
  }
}

const refOf = (volume: Volume) => volume.spec.claimRef;

function referenceTo(claim: Claim) {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = claim.metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
}

/** Whether a volume is set aside for a claim, by a person (without uid) or by a binding. */
function belongs(volume: Volume, claim: Claim): boolean {
  const ref = refOf(volume);
  return (
    ref !== undefined &&
    ref.namespace === claim.metadata.namespace &&
    ref.name === claim.metadata.name &&
    (ref.uid === undefined || ref.uid === '' || ref.uid === claim.metadata.uid)
  );
}

function fits(volume: Volume, claim: Claim, className: string): boolean {
  if (volume.metadata.deletionTimestamp) return false;
  if (refOf(volume)) return belongs(volume, claim);
  return (
    (volume.spec.storageClassName ?? '') === className &&
    (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem') &&
    (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode)) &&
    size(volume.spec.capacity) >= size(claim.spec.resources?.requests) &&
    (!claim.spec.selector || matchesSelector(claim.spec.selector, volume.metadata.labels))
  );
}

const size = (quantities: Quantities | undefined): bigint => quantityNanos(String(quantities?.storage ?? '0')) ?? 0n;

/** The smallest that fits is taken. */
function compareSize(a: Volume, b: Volume): number {
  const [left, right] = [size(a.spec.capacity), size(b.spec.capacity)];
  if (left !== right) return left < right ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

function claimNames(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap(
    (volume) => volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : []),
  );
}

function claimsOf({ object }: Change): string[] {
  return claimNames(object as Pod).map((name) => `${object.metadata.namespace}/${name}`);
}
