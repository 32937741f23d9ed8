import { type Hook, hookLabel, namespaceOf, neverRecreated, type Phase } from '../compare/index.js';
import type { ApiResource, Cluster } from '../kube/index.js';
import {
  type Clock,
  describeKey,
  EvenkeelError,
  formatDuration,
  type Health,
  hashJson,
  isAbort,
  type KubeObject,
  keyOf,
} from '../model/index.js';
import { deleteOne, servedType } from './apply.js';
import type { SyncEvent, SyncJournal } from './types.js';

/** Names the run and the hook that made an object, so that the next process of the run finds it again. */
const runAnnotation = 'evenkeel.dev/hook-run';

const hookAnnotations = ['argocd.argoproj.io/hook', 'helm.sh/hook'];

/** Milliseconds until a hook is looked at for the first time, and at most between two looks. */
const firstLookMs = 50;
const longestLookMs = 1_000;

export interface HookContext {
  cluster: Cluster;
  clock: Clock;
  assess: (object: KubeObject) => Health | null;
  timeoutMs: number;
  journal: SyncJournal;
  signal?: AbortSignal;
  onEvent?: (event: SyncEvent) => void;
}

/**
 * Runs one hook: removes what an earlier run left (policy BeforeHookCreation), creates the object, waits
 * until it has ended well, and removes it again where a policy says so. What an earlier process of the same
 * run began is waited for instead, and what it finished is left alone.
 * @throws EvenkeelError SYNC_HOOK_FAILED
 */
export async function runHook(hook: Hook, phase: Phase, context: HookContext): Promise<void> {
  const { cluster, clock, signal, journal } = context;
  const id = `${phase} ${hashJson(hook.object).slice(0, 32)}`;
  const earlier = journal.state(id);
  const stamp = `${journal.runId} ${id}`;
  if (earlier === 'succeeded') return cleanUp(hook, stamp, context);
  const resource = await servedType(hook, context);
  const { namespace = '', name } = hook.object.metadata;
  const tell = (object: KubeObject, state: 'running' | 'succeeded' | 'failed', message = '') =>
    context.onEvent?.({
      type: 'hook',
      resource: `${object.kind}/${object.metadata.name ?? object.metadata.generateName ?? ''}`,
      namespace,
      phase,
      state,
      message,
    });
  let created = earlier === 'started' ? await findBegun(hook, resource, stamp, context) : undefined;
  if (created === undefined) {
    if (name !== undefined) {
      const existing = await cluster.get(resource, { namespace: namespaceOf(resource, namespace), name }, { signal });
      if (existing !== undefined && hook.deletePolicies.includes('BeforeHookCreation')) {
        checkOwn(hook, existing, phase);
        await deleteOne({ resource, key: keyOf(existing), uid: existing.metadata.uid }, { cluster, clock, signal });
      }
    }
    await journal.note(id, 'started');
    created = await createOnce(hook, resource, stamp, context);
    tell(created, 'running');
  } else tell(created, 'running', 'begun by an earlier process of this run');
  const started = clock.now();
  let live: KubeObject | undefined = created;
  for (let look = 0; ; look++) {
    const health: Health | null = live === undefined ? { status: 'Missing', message: 'it was deleted by somebody' } : context.assess(live);
    if (health === null || health.status === 'Healthy') break;
    const late = clock.now() - started >= context.timeoutMs;
    if (health.status === 'Degraded' || health.status === 'Missing' || late) {
      const why = late ? `not finished after ${formatDuration(clock.now() - started)}` : health.message;
      tell(created, 'failed', why);
      if (hook.deletePolicies.includes('HookFailed'))
        await deleteOne({ resource, key: keyOf(created), uid: created.metadata.uid }, { cluster, clock, signal });
      throw new EvenkeelError('SYNC_HOOK_FAILED', `${phase} hook ${describeKey(keyOf(created))} failed: ${why}`, {
        where: { ...hook.source, resource: describeKey(keyOf(created)) },
        hint: 'Its pods and logs say more; the sync went no further.',
      });
    }
    await clock.sleep(Math.min(firstLookMs * 2 ** Math.min(look, 8), longestLookMs), signal);
    try {
      live = await cluster.get(resource, { namespace: namespaceOf(resource, namespace), name: created.metadata.name ?? '' }, { signal });
    } catch (error) {
      if (isAbort(error) || !(error instanceof EvenkeelError) || !error.transient) throw error;
    }
  }
  await journal.note(id, 'succeeded');
  tell(created, 'succeeded');
  if (hook.deletePolicies.includes('HookSucceeded'))
    await deleteOne({ resource, key: keyOf(created), uid: created.metadata.uid }, { cluster, clock, signal });
}

function stamped(object: KubeObject, stamp: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [runAnnotation]: stamp } } };
}

/** Deletes what an earlier process of the run would have deleted after its success. */
async function cleanUp(hook: Hook, stamp: string, context: HookContext): Promise<void> {
  if (!hook.deletePolicies.includes('HookSucceeded')) return;
  const resource = await servedType(hook, context);
  const left = await findBegun(hook, resource, stamp, context);
  if (left !== undefined) await deleteOne({ resource, key: keyOf(left), uid: left.metadata.uid }, context);
}

/**
 * What stands where a hook is to be made is deleted only where a hook of this workflow made it, and never where
 * data would go with it.
 * @throws EvenkeelError SYNC_HOOK_FAILED
 */
function checkOwn(hook: Hook, existing: KubeObject, phase: Phase): void {
  const mine = hook.object.metadata.labels?.[hookLabel];
  const key = keyOf(existing);
  const annotations = existing.metadata.annotations ?? {};
  // What another tool ran as a hook under this name is one, too.
  const isHook = existing.metadata.labels?.[hookLabel] === mine || hookAnnotations.some((name) => annotations[name] !== undefined);
  if (isHook && !neverRecreated(key)) return;
  throw new EvenkeelError(
    'SYNC_HOOK_FAILED',
    `${phase} hook ${describeKey(key)} cannot be made: an object of this name is there that ${neverRecreated(key) ? 'is never deleted for a hook' : 'no hook has made'}`,
    {
      where: { ...hook.source, resource: describeKey(key) },
      hint: 'Give the hook another name, or generateName; or delete that object yourself.',
      transient: false,
    },
  );
}

/** How often a creation is tried whose answers get lost. */
const mostTries = 4;

/** Creates a hook's object exactly once: where an answer was lost, it is looked whether the object is there before it is tried again. */
async function createOnce(hook: Hook, resource: ApiResource, stamp: string, context: HookContext): Promise<KubeObject> {
  const { cluster, clock, signal } = context;
  for (let tries = 1; ; tries++) {
    try {
      return (await cluster.create(resource, stamped(hook.object, stamp), { fieldManager: 'evenkeel', signal })).object;
    } catch (error) {
      if (!(error instanceof EvenkeelError) || isAbort(error)) throw error;
      if (!error.transient && error.code !== 'KUBE_ALREADY_EXISTS') throw error;
      const found = await findBegun(hook, resource, stamp, context);
      if (found !== undefined) return found;
      if (!error.transient || tries >= mostTries) throw error;
      await clock.sleep(200 * tries, signal);
    }
  }
}

/** The object that an earlier process of this run made for a hook, if it is there. */
async function findBegun(
  { object }: Hook,
  resource: ApiResource,
  stamp: string,
  { cluster, signal }: HookContext,
): Promise<KubeObject | undefined> {
  const { namespace, labels } = object.metadata;
  const labelSelector = `${hookLabel}=${labels?.[hookLabel] ?? ''}`;
  const { items } = await cluster.list(resource, { ...(resource.namespaced ? { namespace } : {}), labelSelector, signal });
  return items.find((item) => item.metadata.annotations?.[runAnnotation] === stamp);
}
