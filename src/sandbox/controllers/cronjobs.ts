import { cloneJson, equalJson, type KubeObject, type ObjectMeta } from '../../model/index.js';
import { isTrue } from './conditions.js';
import { readSchedule } from './cron.js';
import { type Controller, statusOf, type World } from './framework.js';
import { isOver, type Job } from './job/model.js';
import { byAge, isControlledBy, ownerKeys, ownerReference, ownKey } from './owners.js';
import { r, splitKey } from './resources.js';
import { readTime, stamp } from './times.js';

interface CronJob extends KubeObject {
  spec: {
    schedule: string;
    timeZone?: string;
    suspend?: boolean;
    concurrencyPolicy?: string;
    startingDeadlineSeconds?: number;
    successfulJobsHistoryLimit?: number;
    failedJobsHistoryLimit?: number;
    jobTemplate: { metadata?: ObjectMeta; spec: { [field: string]: unknown } };
  };
  status?: { active?: { [field: string]: unknown }[]; lastScheduleTime?: string; lastSuccessfulTime?: string };
}

/** Makes Jobs at their times. */
export function cronJobs(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'cronjob',
    rank: 2,
    watches: [
      { resource: r.cronJobs, keys: ownKey },
      { resource: r.jobs, keys: ownerKeys('CronJob') },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const cron = cache.get<CronJob>(r.cronJobs, namespace, name);
      if (!cron || cron.metadata.deletionTimestamp) return undefined;
      const status: NonNullable<CronJob['status']> = { ...cron.status };
      trimHistory(cron);
      const again = cron.spec.suspend ? undefined : run(cron, status);
      writeStatus(cron, status);
      return again;
    },
  };

  function jobsOf(cron: CronJob): Job[] {
    return cache
      .dependentsOf<Job>(cron.metadata.uid ?? '', r.jobs)
      .filter((job) => isControlledBy(job, cron))
      .sort(byAge);
  }

  function run(cron: CronJob, status: NonNullable<CronJob['status']>): number | undefined {
    const now = world.now();
    const { spec } = cron;
    const schedule = readSchedule(spec.schedule, spec.timeZone, readTime(cron.metadata.creationTimestamp));
    // Nothing will come of a schedule that cannot be read until somebody changes it.
    if (!schedule) return undefined;
    let since = readTime(status.lastScheduleTime ?? cron.metadata.creationTimestamp);
    if (spec.startingDeadlineSeconds !== undefined) since = Math.max(since, now - spec.startingDeadlineSeconds * 1000 - 1);
    const due = schedule.lastBetween(since, now);
    const next = schedule.next(now);
    const again = next === undefined ? undefined : next - now;
    if (due === undefined) return again;
    const active = jobsOf(cron).filter((job) => !isOver(job));
    if (active.length > 0 && spec.concurrencyPolicy === 'Forbid') return again;
    if (spec.concurrencyPolicy === 'Replace')
      for (const job of active)
        host.delete(r.jobs, job.metadata.namespace ?? '', job.metadata.name ?? '', {
          uid: job.metadata.uid ?? '',
          propagationPolicy: 'Background',
        });
    start(cron, due);
    status.lastScheduleTime = stamp(due);
    return again;
  }

  function start(cron: CronJob, due: number): void {
    const { metadata, spec } = cloneJson(cron.spec.jobTemplate);
    const name = `${(cron.metadata.name ?? '').slice(0, 52)}-${Math.floor(due / 60_000)}`;
    try {
      host.create(r.jobs, {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {
          // A name made of the time keeps one run from being made twice.
          name,
          namespace: cron.metadata.namespace ?? '',
          ...(metadata?.labels ? { labels: metadata.labels } : {}),
          annotations: { ...metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': stamp(due) },
          ownerReferences: [ownerReference(cron)],
        },
        spec,
      });
      say(cron, 'SuccessfulCreate', `Created job ${name}`);
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
    }
  }

  function say(cron: CronJob, reason: string, message: string): void {
    world.events.tell(cron, { from: 'cronjob-controller', reason, message });
  }

  function trimHistory(cron: CronJob): void {
    const all = jobsOf(cron).filter((job) => isOver(job) && !job.metadata.deletionTimestamp);
    const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cron.spec;
    for (const [type, limit] of [['Complete', successfulJobsHistoryLimit] as const, ['Failed', failedJobsHistoryLimit] as const]) {
      const ended = all.filter((job) => isTrue(job.status?.conditions, type));
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) {
        host.delete(r.jobs, job.metadata.namespace ?? '', job.metadata.name ?? '', {
          uid: job.metadata.uid ?? '',
          propagationPolicy: 'Background',
        });
        say(cron, 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
      }
    }
  }

  function writeStatus(cron: CronJob, status: NonNullable<CronJob['status']>): void {
    const known = jobsOf(cron);
    const active = known.filter((job) => !isOver(job) && !job.metadata.deletionTimestamp);
    if (active.length === 0) delete status.active;
    else
      status.active = active.map(({ apiVersion, kind, metadata }) => ({
        apiVersion,
        kind,
        name: metadata.name,
        namespace: metadata.namespace,
        // The version at which a Job was noted stays, so that its progress alone is no change here.
        resourceVersion: cron.status?.active?.find((ref) => ref.uid === metadata.uid)?.resourceVersion ?? metadata.resourceVersion,
        uid: metadata.uid,
      }));
    for (const job of known)
      if (isOver(job) && cron.status?.active?.some((ref) => ref.uid === job.metadata.uid))
        say(
          cron,
          'SawCompletedJob',
          `Saw completed job: ${job.metadata.name}, condition: ${isTrue(job.status?.conditions, 'Complete') ? 'Complete' : 'Failed'}`,
        );
    const ended = known.filter((job) => isTrue(job.status?.conditions, 'Complete')).map((job) => readTime(job.status?.completionTime));
    const last = Math.max(readTime(status.lastSuccessfulTime), ...ended);
    if (last > 0) status.lastSuccessfulTime = stamp(last);
    if (!equalJson(status, cron.status ?? {})) host.updateStatus(r.cronJobs, { ...cron, status });
  }
}
