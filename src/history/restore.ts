import {
  type Compared,
  type Comparison,
  comparePrune,
  type Desired,
  decide,
  fieldManager,
  namespaceOf,
  noRules,
  ownedFields,
  ownerOf,
  type PruneCandidate,
  waveOfLive,
} from '../compare/index.js';
import type { ApiResource, Cluster, Discovery } from '../kube/index.js';
import { compareForApply, extractFields, type FieldSet, parseFields, pathsOf, resolvePath } from '../manifest/index.js';
import {
  describeKey,
  EvenkeelError,
  equalJson,
  gvkOf,
  hashJson,
  joinApiVersion,
  type KubeObject,
  mapBounded,
  type ResourceKey,
  setOwn,
} from '../model/index.js';
import type { SnapshotObject } from './types.js';

export interface RestoreInput {
  cluster: Cluster;
  discovery: Discovery;
  workflowId: string;
  objects: readonly SnapshotObject[];
  secretKey: Uint8Array;
  signal?: AbortSignal;
}

/** A field that somebody else owned before a run took it, and the value that it had. */
interface GiveBack {
  resource: ApiResource;
  key: ResourceKey;
  manager: string;
  /** A merge patch. */
  patch: { [key: string]: unknown };
  /** Before our own fields are applied where the object exists, so that releasing them loses nothing; after it where it has to be made. */
  when: 'before' | 'after';
}

export interface RestorePlan {
  comparison: Comparison;
  giveBacks: GiveBack[];
  /** Objects that no workflow owned before: after the restore they are nobody's again. */
  released: ResourceKey[];
}

const parallel = 16;

/**
 * What has to be done to put objects back as a snapshot has them, as a comparison that a sync carries out:
 * created ones are deleted, the others are applied with exactly the fields that we owned then.
 */
export async function planRestore(input: RestoreInput): Promise<RestorePlan> {
  const { cluster, discovery, workflowId, objects, secretKey, signal } = input;
  const items: Compared[] = [];
  const prune: PruneCandidate[] = [];
  const giveBacks: GiveBack[] = [];
  const released: ResourceKey[] = [];
  const gone: ResourceKey[] = [];
  await mapBounded(
    objects,
    parallel,
    async (object) => {
      const { key, before } = object;
      const resource = resourceOf(discovery, object);
      if (resource === undefined) {
        if (before === undefined) return;
        throw new EvenkeelError('ROLLBACK_FAILED', `${describeKey(key)} cannot be put back: its type is not served any more`, {
          where: { resource: describeKey(key) },
          hint: 'Apply the CustomResourceDefinition of the type first, then roll back again.',
        });
      }
      const live = await cluster.get(resource, { namespace: namespaceOf(resource, key.namespace), name: key.name }, { signal });
      if (before === undefined) {
        // Deleted already, by a rollback that did not come to its end or by somebody: only the inventory still has it.
        if (live === undefined) gone.push(key);
        if (live !== undefined && ownerOf(live) === workflowId && live.metadata.deletionTimestamp === undefined)
          prune.push({ key, resource, live, wave: waveOfLive(live) });
        return;
      }
      const foreign = [...othersFields(before, live)].map(
        ([manager, patch]): GiveBack => ({ resource, key, manager, patch, when: live === undefined ? 'after' : 'before' }),
      );
      giveBacks.push(...foreign);
      if (ownerOf(before) === undefined) released.push(key);
      const item = await decide(desiredOf(object, before, resource), live, undefined, {
        cluster,
        workflowId,
        dryRunCreates: true,
        takeBack: true,
        takeAll: true,
        restoring: true,
        adopt: true,
        secretKey,
        signal,
      });
      items.push(foreign.length > 0 && item.action === 'unchanged' ? { ...item, action: 'update' } : item);
    },
    signal,
  );
  items.sort((a, b) => compareForApply(a.desired.object, b.desired.object));
  prune.sort(comparePrune);
  return { comparison: { items, prune, leftovers: [], gone, warnings: [] }, giveBacks, released };
}

function resourceOf(discovery: Discovery, { key, version }: SnapshotObject): ApiResource | undefined {
  return discovery.find({ group: key.group, version, kind: key.kind });
}

/** What we applied then: the fields that were ours, and nothing else. */
function desiredOf(object: SnapshotObject, before: KubeObject, resource: ApiResource): Desired {
  const own = extractFields(before, ownedFields(before)) as Partial<KubeObject>;
  const wanted: KubeObject = {
    ...own,
    apiVersion: joinApiVersion(object.key.group, object.version),
    kind: object.key.kind,
    metadata: { ...own.metadata, name: object.key.name, ...(resource.namespaced ? { namespace: object.key.namespace } : {}) },
  };
  return {
    key: object.key,
    gvk: gvkOf(wanted),
    resource,
    object: wanted,
    hash: object.inventory?.desiredHash || hashJson(wanted),
    wave: 0,
    source: { file: 'snapshot' },
    rules: noRules,
  };
}

/**
 * Scalar fields that others owned then and that an apply of ours does not bring back: those that a run took
 * over with another value, and all of them where the object is gone.
 */
function othersFields(before: KubeObject, live: KubeObject | undefined): Map<string, { [key: string]: unknown }> {
  const then = ownedFields(before);
  const now = live === undefined ? undefined : ownedFields(live);
  const patches = new Map<string, { [key: string]: unknown }>();
  for (const { manager, fieldsV1, subresource } of before.metadata.managedFields ?? []) {
    if (fieldsV1 === undefined || manager === undefined || (subresource ?? '') !== '' || manager === fieldManager) continue;
    for (const path of pathsOf(parseFields(fieldsV1))) {
      // A merge patch cannot set one item of a list, and status is its controller's to write.
      if (path.some((element) => !element.startsWith('f:')) || path[0] === 'f:status' || has(then, path)) continue;
      if (now !== undefined && !has(now, path)) continue;
      const old = resolvePath(before, path);
      if (old === undefined || (old !== null && typeof old === 'object') || equalJson(old, resolvePath(live, path))) continue;
      const patch = patches.get(manager) ?? {};
      setAt(
        patch,
        path.map((element) => element.slice(2)),
        old,
      );
      patches.set(manager, patch);
    }
  }
  return patches;
}

function has(set: FieldSet, path: readonly string[]): boolean {
  let at: FieldSet | undefined = set;
  for (const element of path) {
    const node: { children: FieldSet | undefined } | undefined = at?.get(element);
    if (node === undefined) return false;
    at = node.children;
  }
  return true;
}

function setAt(target: { [key: string]: unknown }, path: readonly string[], value: unknown): void {
  let at = target;
  for (const name of path.slice(0, -1)) {
    if (!Object.hasOwn(at, name)) setOwn(at, name, {});
    at = at[name] as { [key: string]: unknown };
  }
  setOwn(at, path[path.length - 1] as string, value);
}

/** Sets the fields of others in their name, so that they own them again. */
export async function giveBack(cluster: Cluster, plan: RestorePlan, when: 'before' | 'after', signal?: AbortSignal): Promise<void> {
  for (const { resource, key, manager, patch } of plan.giveBacks.filter((one) => one.when === when)) {
    const ref = { namespace: namespaceOf(resource, key.namespace), name: key.name };
    await cluster.patch(resource, ref, patch, { type: 'merge', fieldManager: manager, signal });
  }
}

/**
 * Compares the cluster with the snapshot after a restore.
 * @throws EvenkeelError ROLLBACK_DIFFERS naming the objects and fields
 */
export async function verifyRestore({ cluster, discovery, workflowId, objects, signal }: RestoreInput, plan: RestorePlan): Promise<void> {
  const left = new Map(plan.comparison.items.map((item) => [item.desired.key, yieldedOf(item)]));
  const differences: string[] = [];
  await mapBounded(
    objects,
    parallel,
    async (object) => {
      const resource = resourceOf(discovery, object);
      if (resource === undefined) return;
      const { key, before } = object;
      const live = await cluster.get(resource, { namespace: namespaceOf(resource, key.namespace), name: key.name }, { signal });
      if (before === undefined) {
        if (live !== undefined && ownerOf(live) === workflowId && live.metadata.deletionTimestamp === undefined)
          differences.push(`${describeKey(key)} is still there`);
        return;
      }
      if (live === undefined) {
        differences.push(`${describeKey(key)} is missing`);
        return;
      }
      const yielded = left.get(key) ?? [];
      for (const path of pathsOf(ownedFields(before))) {
        const wanted = resolvePath(before, path);
        if (wanted === undefined || typeof wanted === 'object' || yielded.includes(plain(path))) continue;
        if (!equalJson(wanted, resolvePath(live, path))) differences.push(`${describeKey(key)}: ${plain(path)}`);
      }
    },
    signal,
  );
  if (differences.length === 0) return;
  differences.sort();
  throw new EvenkeelError(
    'ROLLBACK_DIFFERS',
    `after the rollback the cluster is not as it was: ${differences.slice(0, 5).join('; ')}${differences.length > 5 ? ` and ${differences.length - 5} more` : ''}`,
    {
      hint: 'Something else sets these fields; see who owns them: kubectl get … -o yaml --show-managed-fields',
      details: { differences },
    },
  );
}

function yieldedOf(item: Compared): string[] {
  return item.conflicts.filter((conflict) => conflict.resolution === 'yielded').map((conflict) => conflict.path ?? '');
}

function plain(path: readonly string[]): string {
  return path
    .map((element) => (element.startsWith('f:') ? element.slice(2) : `[${element.slice(2)}]`))
    .join('.')
    .replaceAll('.[', '[');
}
