import { type Compared, type PruneCandidate, workflowLabel } from '../compare/index.js';
import {
  asEvenkeelError,
  count,
  describeKey,
  EvenkeelError,
  formatKey,
  type Health,
  isAbort,
  mapBounded,
  type ResourceKey,
} from '../model/index.js';
import { applyOne, deleteOne } from './apply.js';
import { runCommands } from './commands.js';
import { guard } from './guards.js';
import { type WaitTarget, waitForHealth } from './health-wait.js';
import { runHook } from './hooks.js';
import { deletionTiers, failHooks, orderSteps, type Step } from './steps.js';
import type { ResourceResult, SyncInput, SyncOutcome } from './types.js';

/** What a run has gathered so far. */
interface Progress {
  results: Map<string, ResourceResult>;
  /** The newest state of what this run applied or found unchanged, to wait for. */
  targets: Map<string, WaitTarget>;
  done: number;
  total: number;
  /** What the recorder was told of each object, to tell it again only where that has changed. */
  recorded: Map<string, string>;
  /** Whether anything was written or any hook was started. */
  begun: boolean;
  pruned: boolean;
}

/**
 * Carries out a comparison: hooks, waves, applies, waits, prune. Never throws for what a sync meets; the
 * outcome says what was done and what went wrong.
 */
export async function executeSync(input: SyncInput): Promise<SyncOutcome> {
  const work = input.comparison.items.filter((item) => item.action !== 'unchanged');
  const progress: Progress = {
    results: new Map(),
    targets: new Map(),
    done: 0,
    total: work.length + input.comparison.prune.length,
    recorded: new Map(),
    begun: false,
    pruned: false,
  };
  try {
    guard(input);
    input.onEvent?.({ type: 'started', total: progress.total });
    await noteUnchanged(input, progress);
    const hooks = input.hooks.length + input.commands.pre.length + input.commands.post.length;
    if (progress.total > 0 || (input.rerunHooks === true && hooks > 0)) await run(input, work, progress);
    else if (input.settings.healthCheck.enabled) await waitForAll([...progress.targets.values()], input, progress);
    await recordHealth(input, progress);
    if (input.comparison.gone.length > 0) await input.recorder.pruned(input.comparison.gone);
    await input.recorder.leftovers(input.comparison.leftovers);
    return outcome(input, progress, undefined);
  } catch (thrown) {
    const error = asEvenkeelError(thrown);
    await recordHealth(input, progress).catch(() => {});
    if (!isAbort(thrown) && input.signal?.aborted !== true && progress.begun) await runFailHooks(input);
    return outcome(
      input,
      progress,
      input.signal?.aborted ? new EvenkeelError('CANCELLED', `the sync was stopped${whyStopped(input.signal)}`, { cause: error }) : error,
    );
  }
}

/** Where it was not a person who stopped it. */
function whyStopped({ reason }: AbortSignal): string {
  return reason instanceof EvenkeelError && reason.code !== 'CANCELLED' ? `: ${reason.message}` : '';
}

async function noteUnchanged({ comparison, assess, recorder }: SyncInput, progress: Progress): Promise<void> {
  const unchanged = comparison.items.filter((item) => item.action === 'unchanged');
  for (const item of unchanged) {
    const { resource, key } = item.desired;
    const live = item.live;
    if (resource === undefined || live === undefined) continue;
    const health = assess(live);
    progress.results.set(formatKey(key), {
      key,
      action: 'unchanged',
      ...(health === null ? {} : { health: health.status }),
      message: health?.message ?? '',
    });
    if (health !== null) progress.targets.set(formatKey(key), { key, resource, object: live });
  }
  // Found unchanged by asking the server: from now on their hashes say so.
  const learned = unchanged.filter((item) => item.predicted !== undefined && item.predicted !== item.live);
  if (learned.length > 0) await recorder.applied(learned.map((item) => ({ item, object: item.live as NonNullable<Compared['live']> })));
}

async function run(input: SyncInput, work: readonly Compared[], progress: Progress): Promise<void> {
  const { comparison, hooks, recorder, settings, signal } = input;
  // With nothing left to write, only what comes after it is still due.
  if (progress.total > 0) await runCommands('pre-sync', { ...input, hooks: input.commands });
  progress.begun = true;
  await recorder.intend(work.map(({ desired }) => ({ key: desired.key, version: desired.gvk.version })));
  if (settings.createNamespaces) await createNamespaces(input, work);
  const steps = orderSteps(comparison.items, hooks);
  let settled = false;
  for (const [index, step] of steps.entries()) {
    signal?.throwIfAborted();
    if (step.phase === 'PostSync' && !settled) {
      // What is deleted belongs to the sync itself: hooks after it see the state that is meant to stay.
      await settle(input, progress);
      settled = true;
    }
    const changed = step.tiers.map((tier) => tier.filter((item) => item.action !== 'unchanged')).filter((tier) => tier.length > 0);
    if (changed.length > 0 || step.hooks.length > 0) input.onEvent?.({ type: 'phase', phase: step.phase, wave: step.wave });
    for (const tier of changed) await applyTier(tier, input, progress);
    const running = step.hooks.map((hook) => runHook(hook, step.phase, { ...input, timeoutMs: settings.healthCheck.timeoutMs }));
    await settleAll(running);
    const more = steps
      .slice(index + 1)
      .some((later) => later.hooks.length > 0 || later.tiers.some((tier) => tier.some((item) => item.action !== 'unchanged')));
    if (more && settings.healthCheck.enabled) await waitFor(step, input, progress);
  }
  await settle(input, progress);
  await runCommands('post-sync', { ...input, hooks: input.commands });
}

/** Waits for everything and deletes what left Git; the second call finds nothing left to do. */
async function settle(input: SyncInput, progress: Progress): Promise<void> {
  const { settings } = input;
  if (settings.pruneFirst === true) await prune(input, progress);
  if (settings.healthCheck.enabled) await waitForAll([...progress.targets.values()], input, progress);
  if (settings.pruneFirst !== true) await prune(input, progress);
}

/** Waits for all, then throws the first failure: no hook is left running unwatched. */
async function settleAll(running: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(running);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
}

async function applyTier(tier: readonly Compared[], input: SyncInput, progress: Progress): Promise<void> {
  const { recorder, settings, signal, assess } = input;
  const failures: EvenkeelError[] = [];
  const recorded: { item: Compared; object: NonNullable<Compared['live']> }[] = [];
  let flushed = 0;
  const flush = async () => {
    const fresh = recorded.slice(flushed);
    flushed = recorded.length;
    if (fresh.length === 0) return;
    await recorder.applied(fresh);
    await record(
      fresh.map(({ item }) => progress.results.get(formatKey(item.desired.key)) as ResourceResult),
      input,
      progress,
    );
  };
  try {
    await mapBounded(
      tier,
      settings.parallel,
      async (item) => {
        const { key } = item.desired;
        try {
          const object = await applyOne(item, input);
          const health = assess(object);
          recorded.push({ item, object });
          note(input, progress, {
            key,
            action: item.action === 'create' ? 'created' : 'updated',
            message: '',
            ...(health === null ? {} : { health: health.status }),
          });
          if (health !== null && item.desired.resource !== undefined)
            progress.targets.set(formatKey(key), { key, resource: item.desired.resource, object });
          else if (health !== null) progress.targets.set(formatKey(key), { key, resource: await servedNow(item, input), object });
          if (recorded.length - flushed >= 200) await flush();
        } catch (thrown) {
          if (isAbort(thrown) || signal?.aborted) throw thrown;
          const error = asEvenkeelError(thrown);
          failures.push(error);
          const touched = error.details['touched'] === true ? { touched: true } : {};
          const result: ResourceResult = { key, action: 'failed', message: error.message, ...touched };
          note(input, progress, result);
          await record([result], input, progress);
        }
      },
      signal,
    );
  } finally {
    await flush();
  }
  const first = failures[0];
  if (first === undefined) return;
  throw new EvenkeelError(
    'SYNC_APPLY_FAILED',
    failures.length === 1 ? first.message : `${count(failures.length, 'object')} could not be applied; the first: ${first.message}`,
    {
      where: first.where,
      hint: first.hint,
      transient: failures.every((f) => f.transient),
      details: { failures: failures.map((f) => f.toJSON()) },
      cause: first,
    },
  );
}

async function record(results: readonly ResourceResult[], { recorder }: SyncInput, progress: Progress): Promise<void> {
  const told = (result: ResourceResult) => `${result.action} ${result.health ?? ''} ${result.message}`;
  const fresh = results.filter((result) => progress.recorded.get(formatKey(result.key)) !== told(result));
  if (fresh.length === 0) return;
  await recorder.results(fresh);
  for (const result of fresh) progress.recorded.set(formatKey(result.key), told(result));
}

/** Health is known only at the end: what was recorded at the apply is completed by it. */
async function recordHealth(input: SyncInput, progress: Progress): Promise<void> {
  await record(
    [...progress.results.values()].filter((result) => progress.recorded.has(formatKey(result.key))),
    input,
    progress,
  );
}

async function servedNow(item: Compared, { cluster, signal }: SyncInput) {
  const found = (await cluster.discovery({ signal })).find(item.desired.gvk);
  if (found === undefined) throw new EvenkeelError('SYNC_TYPE_NOT_SERVED', `${item.desired.gvk.kind} is no longer served`);
  return found;
}

function note({ onEvent }: SyncInput, progress: Progress, result: ResourceResult): void {
  progress.results.set(formatKey(result.key), result);
  progress.done++;
  onEvent?.({ type: 'resource', result, done: progress.done, total: progress.total });
}

/** Namespaces are made without our mark: what else lives in them is not ours to delete. */
async function createNamespaces({ cluster, comparison, signal }: SyncInput, work: readonly Compared[]): Promise<void> {
  const declared = new Set(comparison.items.filter((item) => item.desired.key.kind === 'Namespace').map((item) => item.desired.key.name));
  const needed = [...new Set(work.map((item) => item.desired.key.namespace))].filter((name) => name !== '' && !declared.has(name)).sort();
  const resource = (await cluster.discovery({ signal })).find({ group: '', version: 'v1', kind: 'Namespace' });
  if (resource === undefined) return;
  for (const name of needed) {
    if ((await cluster.get(resource, { name }, { signal })) !== undefined) continue;
    try {
      await cluster.create(resource, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { fieldManager: 'evenkeel', signal });
    } catch (error) {
      if (!(error instanceof EvenkeelError) || error.code !== 'KUBE_ALREADY_EXISTS') throw error;
    }
  }
}

async function waitFor(step: Step, input: SyncInput, progress: Progress): Promise<void> {
  const targets = step.tiers.flat().flatMap((item) => progress.targets.get(formatKey(item.desired.key)) ?? []);
  await waitForAll(targets, input, progress);
}

async function waitForAll(targets: readonly WaitTarget[], input: SyncInput, progress: Progress): Promise<void> {
  if (targets.length === 0) return;
  const { healthCheck } = input.settings;
  const setHealth = (key: ResourceKey, health: Health) => {
    const result = progress.results.get(formatKey(key));
    if (result) progress.results.set(formatKey(key), { ...result, health: health.status, message: health.message });
  };
  const healths = await waitForHealth({
    ...input,
    targets,
    labelSelector: `${workflowLabel}=${input.workflowId}`,
    timeoutMs: healthCheck.timeoutMs,
    failureMode: healthCheck.failureMode,
    onHealthy: (key, health) => {
      setHealth(key, health);
      input.onEvent?.({ type: 'healthy', key, health });
    },
    onWaiting: (waiting, elapsedMs) => input.onEvent?.({ type: 'waiting', for: waiting, elapsedMs }),
  });
  for (const target of targets) {
    const awaited = healths.get(formatKey(target.key));
    if (awaited === undefined) continue;
    setHealth(target.key, awaited.health);
    progress.targets.set(formatKey(target.key), { ...target, object: awaited.object });
  }
}

/** Deletes what left Git: later waves before earlier ones, and within a wave the reverse of how it was made. */
async function prune(input: SyncInput, progress: Progress): Promise<void> {
  const { comparison, settings, signal } = input;
  if (comparison.prune.length === 0 || progress.pruned) return;
  progress.pruned = true;
  for (const tier of deletionTiers(comparison.prune)) {
    signal?.throwIfAborted();
    input.onEvent?.({ type: 'phase', phase: 'Prune', wave: tier.wave });
    await mapBounded(tier.candidates, settings.parallel, (candidate) => pruneOne(candidate, input, progress), signal);
  }
}

async function pruneOne({ key, resource, live }: PruneCandidate, input: SyncInput, progress: Progress): Promise<void> {
  const { recorder, signal } = input;
  try {
    await deleteOne({ resource, key, uid: live.metadata.uid }, input);
  } catch (thrown) {
    if (isAbort(thrown) || signal?.aborted) throw thrown;
    const error = asEvenkeelError(thrown);
    const result: ResourceResult = { key, action: 'failed', message: `could not be deleted: ${error.message}` };
    note(input, progress, result);
    await record([result], input, progress);
    throw new EvenkeelError(error.code, `${describeKey(key)} could not be deleted: ${error.message}`, {
      where: { resource: describeKey(key) },
      hint: error.hint,
      transient: error.transient,
      cause: error,
    });
  }
  await recorder.pruned([key]);
  const result: ResourceResult = { key, action: 'pruned', message: '' };
  note(input, progress, result);
  await record([result], input, progress);
}

async function runFailHooks(input: SyncInput): Promise<void> {
  for (const hook of failHooks(input.hooks)) {
    // The failure that led here is what is reported; a hook for it that fails too shows as its own event.
    await runHook(hook, 'SyncFail', { ...input, timeoutMs: input.settings.healthCheck.timeoutMs }).catch(() => {});
  }
}

function outcome(input: SyncInput, progress: Progress, error: EvenkeelError | undefined): SyncOutcome {
  const { comparison } = input;
  if (error !== undefined) {
    const skipped = [
      ...comparison.items.filter((item) => item.action !== 'unchanged').map((item) => item.desired.key),
      ...comparison.prune.map((p) => p.key),
    ];
    for (const key of skipped)
      if (!progress.results.has(formatKey(key)))
        progress.results.set(formatKey(key), { key, action: 'skipped', message: 'the sync stopped before it' });
  }
  const results = [...progress.results.values()];
  const of = (...actions: ResourceResult['action'][]) => results.filter((result) => actions.includes(result.action)).length;
  const metrics = {
    processed: results.length,
    applied: of('created', 'updated') + results.filter((result) => result.touched === true).length,
    skipped: of('unchanged', 'skipped'),
    pruned: of('pruned'),
    conflictsResolved: comparison.items.reduce(
      (n, item) => n + item.conflicts.filter((c) => c.resolution === 'taken' || c.resolution === 'yielded').length,
      0,
    ),
  };
  if (error === undefined) {
    const did = [
      of('created') > 0 ? `${of('created')} created` : '',
      of('updated') > 0 ? `${of('updated')} updated` : '',
      metrics.pruned > 0 ? `${metrics.pruned} deleted` : '',
      of('unchanged') > 0 ? `${of('unchanged')} unchanged` : '',
    ].filter((p) => p !== '');
    return { status: 'succeeded', message: did.length === 0 ? 'Nothing to do' : `Sync completed: ${did.join(', ')}`, results, metrics };
  }
  const part = metrics.applied + metrics.pruned;
  const reach = part === 0 ? 'nothing was changed' : `${part} of ${progress.total} changes were made`;
  return { status: error.code === 'CANCELLED' ? 'cancelled' : 'failed', message: `${error.message} (${reach})`, results, metrics, error };
}
