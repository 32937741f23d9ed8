import { cloneJson, equalJson } from '../../../model/index.js';
import { type ConditionFacts, findCondition, isTrue, withCondition } from '../conditions.js';
import type { Change, Controller, World } from '../framework.js';
import { claimed, controllerOf, ownerKeys, ownKey } from '../owners.js';
import { removePod } from '../pod-create.js';
import { byDisposability, isActive, isFinished, isReady } from '../pod-facts.js';
import { objectKey, r, splitKey } from '../resources.js';
import type { Pod } from '../shapes.js';
import { readTime, stamp } from '../times.js';
import { judge } from './failure-policy.js';
import { countsPerIndex, failedIndexes, failuresOf, metSuccessPolicy, whyIndexesFailed } from './indexes.js';
import { indexOf, isIndexed, isOver, type Job, type JobStatus, readIndexes, trackingFinalizer, writeIndexes } from './model.js';
import { makePod, wantedIndexes } from './pods.js';

const from = 'job-controller';
const firstBackOff = 10_000;
const longestBackOff = 600_000;
const mostFailures = 2 ** 31 - 1;
const reached = { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };

/** Runs Jobs: pods until enough have succeeded or too many have failed. */
export function jobs(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'job',
    rank: 1,
    watches: [
      { resource: r.jobs, keys: ownKey },
      { resource: r.pods, keys: (change: Change) => ownerKeys('Job')(change) },
      {
        resource: r.serviceAccounts,
        keys: ({ type, object }) => (type === 'added' ? cache.list<Job>(r.jobs, object.metadata.namespace).map(objectKey) : []),
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      freeOrphans(namespace, name);
      const job = cache.get<Job>(r.jobs, namespace, name);
      if (!job || (job.spec.managedBy && job.spec.managedBy !== 'kubernetes.io/job-controller')) return undefined;
      const pods = job.spec.selector
        ? claimed<Pod>(world, { resource: r.pods, owner: job, selector: job.spec.selector })
        : cache.dependentsOf<Pod>(job.metadata.uid ?? '', r.pods);
      if (isOver(job)) {
        release(pods);
        return expire(job);
      }
      if (job.metadata.deletionTimestamp) {
        release(pods.filter((pod) => pod.metadata.deletionTimestamp || isFinished(pod)));
        return undefined;
      }
      return work(job, pods);
    },
  };

  /** Pods of a Job that is gone must not be held for its counting. */
  function freeOrphans(namespace: string, name: string): void {
    const pods = cache.candidates<Pod>(r.pods, namespace, { 'job-name': name });
    release(pods.filter((pod) => !cache.byUid(controllerOf(pod)?.uid ?? '')));
  }

  function release(pods: readonly Pod[]): void {
    for (const pod of pods) {
      const now = cache.get<Pod>(r.pods, pod.metadata.namespace ?? '', pod.metadata.name ?? '');
      if (!now?.metadata.finalizers?.includes(trackingFinalizer)) continue;
      const freed = cloneJson(now);
      freed.metadata.finalizers = freed.metadata.finalizers?.filter((f) => f !== trackingFinalizer);
      host.update(r.pods, freed);
    }
  }

  function expire(job: Job): number | undefined {
    const ttl = job.spec.ttlSecondsAfterFinished;
    if (ttl === undefined || job.metadata.deletionTimestamp) return undefined;
    const over = findCondition(job.status?.conditions, isTrue(job.status?.conditions, 'Complete') ? 'Complete' : 'Failed');
    const left = readTime(over?.lastTransitionTime) + ttl * 1000 - world.now();
    if (left > 0) return left;
    host.delete(r.jobs, job.metadata.namespace ?? '', job.metadata.name ?? '', {
      uid: job.metadata.uid ?? '',
      propagationPolicy: 'Foreground',
    });
    return undefined;
  }

  function work(job: Job, pods: Pod[]): number | undefined {
    const now = world.now();
    const status: JobStatus = { ...job.status };
    const set = (facts: ConditionFacts) => {
      status.conditions = withCondition(status.conditions, facts, now).map((c) =>
        'lastProbeTime' in c && c.lastProbeTime ? c : { ...c, lastProbeTime: stamp(now) },
      );
    };
    const suspended = job.spec.suspend === true;
    if (!suspended && !status.startTime) status.startTime = stamp(now);
    const fresh = count(job, pods, status);
    const active = fresh.filter(isActive);
    let due: number | undefined;
    let failure: string | undefined;
    const broken = suspended ? undefined : whyFailed(job, status, fresh, now);
    if (broken) {
      set({ type: 'FailureTarget', status: 'True', ...broken });
      removeAll(job, active);
    } else if (isDone(job, status, active)) {
      const policy = metSuccessPolicy(job, status);
      if (!isTrue(status.conditions, 'SuccessCriteriaMet'))
        set({
          type: 'SuccessCriteriaMet',
          status: 'True',
          ...(policy === undefined ? reached : { reason: 'SuccessPolicy', message: policy }),
        });
      removeAll(job, active);
    } else if (suspended) {
      removeAll(job, active);
      delete status.startTime;
      if (!isTrue(status.conditions, 'Suspended')) say(job, 'Suspended', 'Job suspended');
      set({ type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' });
    } else {
      if (isTrue(status.conditions, 'Suspended')) {
        set({ type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' });
        say(job, 'Resumed', 'Job resumed');
        status.startTime = stamp(now);
      }
      ({ due, failure } = fill(job, status, active, fresh));
    }
    const left = cache.dependentsOf<Pod>(job.metadata.uid ?? '', r.pods);
    tally(status, left);
    const target = findCondition(status.conditions, 'FailureTarget');
    if (!left.some((pod) => !isFinished(pod))) {
      if (target?.status === 'True') {
        say(job, target.reason ?? '', target.message ?? '', true);
        set({
          type: 'Failed',
          status: 'True',
          ...(target.reason ? { reason: target.reason } : {}),
          ...(target.message ? { message: target.message } : {}),
        });
      } else if (isTrue(status.conditions, 'SuccessCriteriaMet')) {
        const { reason = reached.reason, message = reached.message } = findCondition(status.conditions, 'SuccessCriteriaMet') ?? {};
        set({ type: 'Complete', status: 'True', reason, message });
        say(job, 'Completed', 'Job completed');
        status.completionTime = stamp(now);
      }
    }
    write(job, status);
    if (failure !== undefined) throw Object.assign(new Error(failure), { code: 403 });
    return soonest(due, deadlineOf(job, status, now));
  }

  /**
   * Counts pods that have ended: first they are noted in uncountedTerminatedPods, then their finalizer goes,
   * then the numbers rise. Stopped anywhere in between, the next look goes on without counting any twice.
   */
  function count(job: Job, pods: readonly Pod[], status: JobStatus): Pod[] {
    const noted = {
      succeeded: new Set(status.uncountedTerminatedPods?.succeeded),
      failed: new Set(status.uncountedTerminatedPods?.failed),
    };
    const done = readIndexes(status.completedIndexes);
    let news = false;
    for (const pod of pods) {
      if (!isFinished(pod) || !pod.metadata.finalizers?.includes(trackingFinalizer)) continue;
      const uid = pod.metadata.uid ?? '';
      const list = pod.status?.phase === 'Succeeded' ? 'succeeded' : 'failed';
      // Let go without being counted; another takes its place.
      if (list === 'failed' && judge(job, pod).action === 'Ignore') continue;
      if (isIndexed(job) && list === 'succeeded') {
        const index = indexOf(pod);
        if (index !== undefined && index < (job.spec.completions ?? 0)) done.add(index);
        news = true;
      } else if (!noted[list].has(uid)) {
        noted[list].add(uid);
        news = true;
      }
    }
    if (news) {
      status.uncountedTerminatedPods = {
        ...(noted.succeeded.size > 0 ? { succeeded: [...noted.succeeded] } : {}),
        ...(noted.failed.size > 0 ? { failed: [...noted.failed] } : {}),
      };
      write(job, status);
    }
    release(pods.filter(isFinished));
    if (isIndexed(job)) {
      status.succeeded = done.size;
      if (done.size > 0) status.completedIndexes = writeIndexes(done);
      if (countsPerIndex(job)) status.failedIndexes = writeIndexes(failedIndexes(job, status, pods));
    } else status.succeeded = (status.succeeded ?? 0) + noted.succeeded.size;
    status.failed = (status.failed ?? 0) + noted.failed.size;
    status.uncountedTerminatedPods = {};
    return cache.dependentsOf<Pod>(job.metadata.uid ?? '', r.pods);
  }

  function fill(job: Job, status: JobStatus, active: Pod[], all: readonly Pod[]): { due?: number; failure?: string } {
    const { completions, parallelism = 1 } = job.spec;
    const succeeded = status.succeeded ?? 0;
    const failed = readIndexes(status.failedIndexes);
    const left = completions === undefined ? undefined : completions - succeeded - failed.size;
    const wanted = left === undefined ? (succeeded > 0 ? active.length : parallelism) : Math.min(parallelism, left);
    if (active.length > wanted) {
      removeAll(job, [...active].sort(byDisposability).slice(0, active.length - wanted));
      return {};
    }
    if (active.length === wanted) return {};
    if (countsPerIndex(job)) return fillIndexes(job, { status, active, all, missing: wanted - active.length });
    const wait = backOff(status.failed ?? 1, all);
    if (wait > 0) return { due: wait };
    const missing = wanted - active.length;
    const indexes = isIndexed(job) ? wantedIndexes(job, readIndexes(status.completedIndexes), active).slice(0, missing) : undefined;
    for (let i = 0; i < (indexes?.length ?? missing); i++) {
      const made = makePod(world, job, indexes?.[i]);
      if (made.failure !== undefined) return { failure: made.failure };
    }
    return {};
  }

  /** Pods for indexes each of which waits after its own failures only. */
  function fillIndexes(
    job: Job,
    { status, active, all, missing }: { status: JobStatus; active: Pod[]; all: readonly Pod[]; missing: number },
  ): { due?: number; failure?: string } {
    const over = new Set([...readIndexes(status.completedIndexes), ...readIndexes(status.failedIndexes)]);
    let due: number | undefined;
    for (const index of wantedIndexes(job, over, active)) {
      if (missing <= 0) break;
      const failures = failuresOf(job, index, all);
      const wait = backOff(
        failures,
        all.filter((pod) => indexOf(pod) === index),
      );
      if (wait > 0) {
        due = soonest(due, wait);
        continue;
      }
      const made = makePod(world, job, index, failures);
      if (made.failure !== undefined) return { failure: made.failure };
      missing--;
    }
    return due === undefined ? {} : { due };
  }

  /** Milliseconds to wait before the next pod, longer with each failure. */
  function backOff(failures: number, pods: readonly Pod[]): number {
    const failed = pods.filter((pod) => pod.status?.phase === 'Failed');
    if (failed.length === 0) return 0;
    const last = Math.max(...failed.map(endOf));
    const wait = Math.min(longestBackOff, firstBackOff * 2 ** Math.min(10, Math.max(0, failures - 1)));
    return last + world.delay(wait) - world.now();
  }

  function removeAll(job: Job, pods: readonly Pod[]): void {
    for (const pod of pods) removePod(world, { from, owner: job, pod });
  }

  function say(job: Job, reason: string, message: string, warning = false): void {
    world.events.tell(job, { from, reason, message, warning });
  }

  function write(job: Job, status: JobStatus): void {
    const now = cache.get<Job>(r.jobs, job.metadata.namespace ?? '', job.metadata.name ?? '');
    if (!now || now.metadata.uid !== job.metadata.uid) return;
    const clean: JobStatus = { ...status };
    // The API leaves out counts that are zero; `ready` and `terminating` are pointers and stay.
    for (const key of ['active', 'succeeded', 'failed'] as const) if (!clean[key]) delete clean[key];
    if (!equalJson(clean, now.status ?? {})) host.updateStatus(r.jobs, { ...now, status: clean });
  }
}

function tally(status: JobStatus, pods: readonly Pod[]): void {
  const active = pods.filter(isActive);
  status.active = active.length;
  status.ready = active.filter(isReady).length;
  status.terminating = pods.filter((pod) => pod.metadata.deletionTimestamp && !isFinished(pod)).length;
}

function endOf(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((c) => readTime(c.state?.terminated?.finishedAt)));
}

function isDone(job: Job, status: JobStatus, active: readonly Pod[]): boolean {
  if (isTrue(status.conditions, 'SuccessCriteriaMet') || metSuccessPolicy(job, status) !== undefined) return true;
  const { completions } = job.spec;
  const succeeded = status.succeeded ?? 0;
  return completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
}

function whyFailed(job: Job, status: JobStatus, pods: readonly Pod[], now: number): { reason: string; message: string } | undefined {
  const target = findCondition(status.conditions, 'FailureTarget');
  if (target?.status === 'True') return { reason: target.reason ?? '', message: target.message ?? '' };
  const { backoffLimit = countsPerIndex(job) ? mostFailures : 6, activeDeadlineSeconds, template } = job.spec;
  const byIndexes = whyIndexesFailed(job, status, pods.filter(isActive));
  if (byIndexes) return byIndexes;
  if (job.spec.podFailurePolicy)
    for (const pod of pods) {
      const verdict = pod.status?.phase === 'Failed' ? judge(job, pod) : undefined;
      if (verdict?.action === 'FailJob') return { reason: 'PodFailurePolicy', message: verdict.message };
    }
  let tries = status.failed ?? 0;
  const exceeded = { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  if (tries > backoffLimit) return exceeded;
  if (template.spec.restartPolicy === 'OnFailure') {
    tries = 0;
    for (const pod of pods.filter(isActive))
      for (const c of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) tries += c.restartCount;
    if (backoffLimit === 0 ? tries > 0 : tries >= backoffLimit) return exceeded;
  }
  if (activeDeadlineSeconds !== undefined && status.startTime && readTime(status.startTime) + activeDeadlineSeconds * 1000 <= now)
    return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  return undefined;
}

function deadlineOf(job: Job, status: JobStatus, now: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec;
  if (activeDeadlineSeconds === undefined || !status.startTime || job.spec.suspend) return undefined;
  const left = readTime(status.startTime) + activeDeadlineSeconds * 1000 - now;
  return left > 0 ? left : undefined;
}

function soonest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
