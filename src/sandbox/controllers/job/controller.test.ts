import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startControllers } from '../start.js';
import { testHost } from '../test-host.js';
import { conditionOf, podSpec, see } from '../test-objects.js';
import { readIndexes, writeIndexes } from './model.js';

async function started() {
  const host = testHost();
  const running = startControllers(host);
  await running.settle();
  const pass = async (ms: number) => {
    await host.clock.advance(ms);
    await running.settle();
  };
  const apply = (spec: { [field: string]: unknown } = {}, image = 'busybox', pod: { [field: string]: unknown } = {}) =>
    host.apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'task', namespace: 'default' },
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        template: { spec: podSpec(image, { restartPolicy: 'Never', ...pod }) },
        ...spec,
      },
    });
  const job = () => see.job(host, 'task');
  return { host, running, pass, apply, job };
}

test('a Job completes when its pod has succeeded', async () => {
  const { host, running, pass, apply, job } = await started();
  apply();
  await running.settle();
  expect(job()?.status).toMatchObject({ active: 1, startTime: '2026-01-01T00:00:00Z', uncountedTerminatedPods: {} });
  await pass(5000);
  expect(job()?.status).toMatchObject({ succeeded: 1, ready: 0, uncountedTerminatedPods: {} });
  expect(job()?.status?.active).toBeUndefined();
  expect(job()?.status?.completionTime).toBeDefined();
  expect(conditionOf(job(), 'Complete')?.status).toBe('True');
  expect(see.pods(host)[0]?.metadata.finalizers ?? []).toEqual([]);
  expect(see.pods(host)[0]?.metadata.labels).toMatchObject({ 'job-name': 'task', 'batch.kubernetes.io/job-name': 'task' });
  running.stop();
});

test('parallel work never has more pods than asked and counts each once, however often the controllers restart', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 5 }),
      async (completions, parallelism, stops) => {
        const host = testHost();
        let running = startControllers(host);
        let most = 0;
        host.subscribe(() => {
          most = Math.max(most, see.pods(host).filter((pod) => pod.status?.phase === 'Pending' || pod.status?.phase === 'Running').length);
        });
        host.apply({
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata: { name: 'task', namespace: 'default' },
          spec: { parallelism, completions, backoffLimit: 6, template: { spec: podSpec('busybox', { restartPolicy: 'Never' }) } },
        });
        for (const ms of stops) {
          await host.clock.advance(ms);
          running.stop();
          running = startControllers(host);
        }
        await host.clock.advance(60_000);
        await running.settle();
        expect(see.job(host, 'task')?.status).toMatchObject({ succeeded: completions });
        expect(conditionOf(see.job(host, 'task'), 'Complete')?.status).toBe('True');
        expect(see.pods(host)).toHaveLength(completions);
        expect(most).toBeLessThanOrEqual(parallelism);
        running.stop();
      },
    ),
    { numRuns: 15 },
  );
});

test('a failing Job waits longer after each failure and gives up at its limit', async () => {
  const { host, running, pass, apply, job } = await started();
  apply({ backoffLimit: 2 }, 'busybox:fail');
  await pass(5000);
  expect(see.pods(host)).toHaveLength(1);
  expect(job()?.status).toMatchObject({ failed: 1 });
  await pass(10_000);
  expect(see.pods(host)).toHaveLength(2);
  await pass(60_000);
  expect(see.pods(host)).toHaveLength(3);
  expect(job()?.status).toMatchObject({ failed: 3 });
  expect(conditionOf(job(), 'Failed')).toMatchObject({
    status: 'True',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  });
  await pass(600_000);
  expect(see.pods(host)).toHaveLength(3);
  running.stop();
});

test('with OnFailure the restarts of the container count', async () => {
  const { running, pass, apply, job, host } = await started();
  apply({ backoffLimit: 2 }, 'busybox', {
    restartPolicy: 'OnFailure',
    containers: [{ name: 'main', image: 'busybox', command: ['false'] }],
  });
  await pass(8000);
  expect(see.pods(host)[0]?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('CrashLoopBackOff');
  await pass(60_000);
  expect(conditionOf(job(), 'Failed')?.reason).toBe('BackoffLimitExceeded');
  expect(see.pods(host)).toHaveLength(0);
  running.stop();
});

test('a deadline ends a Job, and ttlSecondsAfterFinished removes it with its pods', async () => {
  const { host, running, pass, apply, job } = await started();
  apply({ activeDeadlineSeconds: 5, ttlSecondsAfterFinished: 30 }, 'busybox', {
    containers: [{ name: 'main', image: 'busybox', command: ['sleep', '50'] }],
  });
  await pass(4000);
  expect(job()?.status).toMatchObject({ active: 1 });
  await pass(3000);
  expect(conditionOf(job(), 'Failed')).toMatchObject({ status: 'True', reason: 'DeadlineExceeded' });
  await pass(20_000);
  expect(job()).toBeDefined();
  await pass(15_000);
  expect(job()).toBeUndefined();
  expect(see.pods(host)).toHaveLength(0);
  running.stop();
});

test('a suspended Job has no pods, and begins when it is resumed', async () => {
  const { host, running, pass, apply, job } = await started();
  apply({ suspend: true });
  await pass(3000);
  expect(see.pods(host)).toHaveLength(0);
  expect(conditionOf(job(), 'Suspended')).toMatchObject({ status: 'True', reason: 'JobSuspended', message: 'Job suspended' });
  expect(job()?.status?.startTime).toBeUndefined();
  apply();
  await pass(5000);
  expect(conditionOf(job(), 'Suspended')).toMatchObject({ status: 'False', reason: 'JobResumed' });
  expect(conditionOf(job(), 'Complete')?.status).toBe('True');
  running.stop();
});

test('an indexed Job runs each index to its end', async () => {
  const { host, running, pass, apply, job } = await started();
  apply({ completions: 4, parallelism: 2, completionMode: 'Indexed' });
  await pass(20_000);
  expect(job()?.status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
  expect(
    see
      .pods(host)
      .map((pod) => pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'])
      .sort(),
  ).toEqual(['0', '1', '2', '3']);
  expect(see.pods(host)[0]?.metadata.name).toMatch(/^task-0-/);
  running.stop();
});

test('a deleted Job takes its pods along, held by no finalizer', async () => {
  const { host, running, pass, apply, job } = await started();
  apply({ completions: 3, parallelism: 3 }, 'busybox', { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '50'] }] });
  await pass(3000);
  host.delete({ group: 'batch', plural: 'jobs' }, 'default', 'task', { propagationPolicy: 'Background' });
  await pass(3000);
  expect(job()).toBeUndefined();
  expect(see.pods(host)).toHaveLength(0);
  running.stop();
});

test('indexes are written as ranges and read back', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 40 })), (indexes) => {
      expect([...readIndexes(writeIndexes(new Set(indexes)))].sort((a, b) => a - b)).toEqual([...indexes].sort((a, b) => a - b));
    }),
  );
  expect(writeIndexes(new Set([0, 1, 3, 4, 5]))).toBe('0,1,3-5');
});

test('a failure policy ends the Job at once, or does not count', async () => {
  const rules = (action: string, operator: string, values: number[]) => ({
    podFailurePolicy: { rules: [{ action, onExitCodes: { containerName: 'main', operator, values } }] },
  });
  const exit = (code: number) => ({
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', `exit ${code}`] }],
  });
  const failing = await started();
  failing.apply(rules('FailJob', 'In', [42]), 'busybox', exit(42));
  await failing.pass(10_000);
  expect(conditionOf(failing.job(), 'Failed')).toMatchObject({
    reason: 'PodFailurePolicy',
    message: expect.stringMatching(
      /^Container main for pod default\/task-\w{5} failed with exit code 42 matching FailJob rule at index 0$/,
    ),
  });
  expect(failing.job()?.status?.failed).toBe(1);
  failing.running.stop();

  const ignoring = await started();
  ignoring.apply({ ...rules('Ignore', 'NotIn', [1]), backoffLimit: 0 }, 'busybox', exit(3));
  await ignoring.pass(60_000);
  expect(ignoring.job()?.status?.failed).toBeUndefined();
  expect(see.pods(ignoring.host).length).toBeGreaterThan(1);
  expect(conditionOf(ignoring.job(), 'Failed')).toBeUndefined();
  ignoring.running.stop();

  const counting = await started();
  counting.apply({ ...rules('FailJob', 'In', [42]), backoffLimit: 0 }, 'busybox', exit(3));
  await counting.pass(10_000);
  expect(conditionOf(counting.job(), 'Failed')?.reason).toBe('BackoffLimitExceeded');
  counting.running.stop();
});

test('indexes fail each by itself, and the others are run to their end', async () => {
  const { host, running, pass, apply, job } = await started();
  apply({ completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimit: 2147483647, backoffLimitPerIndex: 1 }, 'busybox:fail');
  await pass(5000);
  expect(job()?.status).toMatchObject({ failed: 3, failedIndexes: '' });
  expect(conditionOf(job(), 'Failed')).toBeUndefined();
  await pass(60_000);
  expect(job()?.status).toMatchObject({ failed: 6, failedIndexes: '0-2' });
  expect(
    see
      .pods(host)
      .map((pod) => pod.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'])
      .sort(),
  ).toEqual(['0', '0', '0', '1', '1', '1']);
  expect(conditionOf(job(), 'Failed')).toMatchObject({ reason: 'FailedIndexes', message: 'Job has failed indexes' });
  running.stop();
});

test('too many failed indexes end the Job', async () => {
  const { host, running, pass, apply, job } = await started();
  const limits = { backoffLimit: 2147483647, backoffLimitPerIndex: 0, maxFailedIndexes: 1 };
  apply({ completions: 6, parallelism: 2, completionMode: 'Indexed', ...limits }, 'busybox:fail');
  await pass(60_000);
  expect(conditionOf(job(), 'Failed')).toMatchObject({
    reason: 'MaxFailedIndexesExceeded',
    message: 'Job has exceeded the specified maximal number of failed indexes',
  });
  expect(see.pods(host).length).toBeLessThan(6);
  running.stop();
});

test('a rule of the failure policy ends an index at once', async () => {
  const { running, pass, apply, job } = await started();
  const rule = { action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } };
  apply(
    {
      completions: 2,
      parallelism: 2,
      completionMode: 'Indexed',
      backoffLimit: 2147483647,
      backoffLimitPerIndex: 5,
      podFailurePolicy: { rules: [rule] },
    },
    'busybox',
    { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'exit 42'] }] },
  );
  await pass(60_000);
  expect(job()?.status).toMatchObject({ failed: 2, failedIndexes: '0,1' });
  expect(conditionOf(job(), 'Failed')?.reason).toBe('FailedIndexes');
  running.stop();
});

test.each([
  ['some of them', { succeededIndexes: '0-3', succeededCount: 1 }],
  ['a number of them', { succeededCount: 2 }],
])('a Job is done with what its success policy asks for: %s', async (_, rule) => {
  const { host, running, pass, apply, job } = await started();
  const policy = { rules: [{ succeededIndexes: '5' }, rule] };
  apply({ completions: 6, parallelism: 2, completionMode: 'Indexed', successPolicy: policy });
  await pass(20_000);
  const met = { status: 'True', reason: 'SuccessPolicy', message: 'Matched rules at index 1' };
  expect(conditionOf(job(), 'SuccessCriteriaMet')).toMatchObject(met);
  expect(conditionOf(job(), 'Complete')).toMatchObject(met);
  expect(job()?.status?.succeeded).toBeLessThan(6);
  expect(see.pods(host).some((pod) => pod.status?.phase === 'Running')).toBe(false);
  running.stop();
});
