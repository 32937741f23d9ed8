import { finishApprovals } from '../gates/index.js';
import { type Clock, type Health, type KubeObject, parseDuration } from '../model/index.js';
import type { Source } from '../source/index.js';
import type { RepositoryRecord, RunRecord, Store, WorkflowRecord } from '../store/index.js';
import { attempt, type RetryIn } from './attempt.js';
import type { LazyCache } from './caches.js';
import { guarded } from './guarded.js';
import { recover } from './interrupted.js';
import type { OpenedCluster } from './prepare.js';
import { runRollback } from './rollback.js';
import { parseRef, type WorkflowSettings } from './settings.js';
import type { SyncOptions, SyncReport } from './types.js';

export interface RunInput {
  workflow: WorkflowRecord;
  repository: RepositoryRecord;
  settings: WorkflowSettings;
  source: Source;
  openRemote: (url: string) => Promise<Source>;
  cache: LazyCache;
  openCluster: () => Promise<OpenedCluster>;
  store: Store;
  clock: Clock;
  requestedBy: string;
  assess?: (object: KubeObject) => Health | null;
  /** Where commands of the workflow run, and with what environment. */
  commandDirectory: string;
  commandEnv: { [name: string]: string };
  options: SyncOptions;
  /** Leave no record of a run that has nothing to do, or that fails as the one before it did. */
  quiet: boolean;
}

/** How often a pause between attempts looks for a newer revision: milliseconds. */
const lookMs = 2_000;

/**
 * One sync, from taking the workflow's lock to the last record, with the retries of its policy. What a
 * process that died has left is put in order first.
 * @throws EvenkeelError STORE_LOCKED where another sync of the workflow runs
 */
export async function runSync(asked: RunInput): Promise<SyncReport> {
  const { workflow, store, clock } = asked;
  const lock = await store.lock(`workflow:${workflow.id}`, `sync of ${workflow.id}`);
  const { signal, stop } = guarded(lock, asked.options.signal);
  try {
    const input = { ...asked, settings: overridden(asked.settings, asked.options), options: { ...asked.options, signal } };
    const { options } = input;
    const resumed = await recover({
      store,
      workflowId: workflow.id,
      now: () => clock.now(),
      rollBack: ({ before, reason, by }) =>
        runRollback({
          ...input,
          requestedBy: by,
          target: { to: 'before', runId: before },
          reason,
          signal: options.signal,
          onEvent: options.onEvent,
        }),
    });
    return await attempts(input, resumed);
  } finally {
    stop();
    await finishApprovals(store, workflow.id, clock.now()).catch(() => {});
    await lock.release();
  }
}

async function attempts(input: RunInput, resumed: RunRecord | undefined): Promise<SyncReport> {
  const { settings, clock, options } = input;
  let started = clock.now();
  let revision: string | undefined;
  for (let number = 1; ; number++) {
    let pause: number | undefined;
    const retryIn: RetryIn = (error, of) => {
      // Retries belong to a revision: a newer one begins anew.
      if (revision !== undefined && of !== revision) {
        number = 1;
        started = clock.now();
      }
      revision = of;
      const wait = backoff(settings.retry.backoff, number);
      const more = error.transient && number <= settings.retry.limit && clock.now() + wait - started <= settings.retry.maxDurationMs;
      pause = more && options.signal?.aborted !== true ? wait : undefined;
      return pause;
    };
    const report = await attempt(input, number === 1 ? resumed : undefined, retryIn);
    if (report.success || pause === undefined) return report;
    options.onEvent?.({ type: 'retrying', attempt: number, inMs: pause, reason: report.reason ?? report.message });
    if (!(await waitForNext(input, pause, report.commitHash))) return report;
  }
}

/** Sleeps until the next attempt is due, or a newer revision ends the wait. @returns false where it was stopped */
async function waitForNext({ source, repository, clock, options }: RunInput, pause: number, revision: string): Promise<boolean> {
  const until = clock.now() + pause;
  const ref = parseRef(repository.branch);
  try {
    for (let left = pause; left > 0; left = until - clock.now()) {
      await clock.sleep(Math.min(left, lookMs), options.signal);
      if ('commit' in ref || left <= lookMs) continue;
      const now = await source.resolve(ref, options.signal).catch(() => undefined);
      if (now !== undefined && now.revision !== revision) return true;
    }
  } catch {
    return false;
  }
  return true;
}

/** @throws EvenkeelError DURATION_INVALID */
function overridden(settings: WorkflowSettings, { createNamespace, healthTimeout, noWait }: SyncOptions): WorkflowSettings {
  return {
    ...settings,
    createNamespace: createNamespace ?? settings.createNamespace,
    healthCheck: {
      ...settings.healthCheck,
      enabled: settings.healthCheck.enabled && noWait !== true,
      timeoutMs: healthTimeout === undefined ? settings.healthCheck.timeoutMs : parseDuration(healthTimeout, 'healthTimeout'),
    },
  };
}

/** Milliseconds to wait after an attempt: 1 s, then more, never beyond a minute. */
function backoff(kind: WorkflowSettings['retry']['backoff'], attempt: number): number {
  const factor = kind === 'fixed' ? 1 : kind === 'linear' ? attempt : 2 ** (attempt - 1);
  return Math.min(60_000, 1000 * factor);
}
