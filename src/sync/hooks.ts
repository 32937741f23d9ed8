import { type Hook, namespaceOf, type Phase } from '../compare/index.js';
import type { Cluster } from '../kube/index.js';
import { type Clock, describeKey, EvenkeelError, formatDuration, type Health, isAbort, type KubeObject, keyOf } from '../model/index.js';
import { deleteOne, servedType } from './apply.js';
import type { SyncEvent } from './types.js';

export interface HookContext {
  cluster: Cluster;
  clock: Clock;
  assess: (object: KubeObject) => Health | null;
  timeoutMs: number;
  signal?: AbortSignal;
  onEvent?: (event: SyncEvent) => void;
}

/**
 * Runs one hook: removes what an earlier run left (policy BeforeHookCreation), creates the object, waits
 * until it has ended well, and removes it again where a policy says so.
 * @throws EvenkeelError SYNC_HOOK_FAILED
 */
export async function runHook(hook: Hook, phase: Phase, context: HookContext): Promise<void> {
  const { cluster, clock, signal } = context;
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
  if (name !== undefined) {
    const existing = await cluster.get(resource, { namespace: namespaceOf(resource, namespace), name }, { signal });
    if (existing !== undefined && hook.deletePolicies.includes('BeforeHookCreation')) {
      await deleteOne({ resource, key: keyOf(existing), uid: existing.metadata.uid }, { cluster, clock, signal });
    }
  }
  const { object: created } = await cluster.create(resource, hook.object, { fieldManager: 'evenkeel', signal });
  tell(created, 'running');
  const started = clock.now();
  let live: KubeObject | undefined = created;
  for (;;) {
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
    await clock.sleep(300, signal);
    try {
      live = await cluster.get(resource, { namespace: namespaceOf(resource, namespace), name: created.metadata.name ?? '' }, { signal });
    } catch (error) {
      if (isAbort(error) || !(error instanceof EvenkeelError) || !error.transient) throw error;
    }
  }
  tell(created, 'succeeded');
  if (hook.deletePolicies.includes('HookSucceeded'))
    await deleteOne({ resource, key: keyOf(created), uid: created.metadata.uid }, { cluster, clock, signal });
}
