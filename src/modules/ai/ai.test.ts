import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../../test/support/modules.js';
import { makeRepository } from '../../../test/support/repository.js';
import { type ManualClock, manualClock, systemClock } from '../../model/index.js';
import { invokeSnake } from '../index.js';
import { performanceOf, statsOf } from './stats.js';
import type { Execution } from './types.js';

let clock: ManualClock;
let lab: ModuleLab;
beforeAll(async () => {
  clock = manualClock();
  lab = await moduleLab({ clock });
});
afterAll(() => lab.close());

describe('ai', () => {
  test('says that it knows nothing where nothing was recorded', async () => {
    expect(await invokeSnake(lab.modules, 'ai', 'predict_failure', ['new', 'make'])).toMatchObject({
      failure_probability: 0.05,
      confidence: 0,
      risk_factors: [{ factor: 'no_history' }],
      similar_failures: 0,
      based_on: 0,
    });
    expect(await lab.modules.ai.getTaskStats('new')).toEqual({
      taskName: 'new',
      totalExecutions: 0,
      successCount: 0,
      failureCount: 0,
      trend: 'unknown',
    });
    expect(await lab.modules.ai.analyzePerformance('new')).toMatchObject({ executions: 0, trend: 'unknown', slowest: [] });
  });

  test('remembers what scripts record, in either form of time, without secrets', async () => {
    lab.host.secrets.add('tok-987654');
    const record = {
      task_name: 'ship',
      command: 'ship --token tok-987654',
      success: true,
      execution_time: '30s',
      ai_prediction_used: true,
      predicted_failure_probability: 0.25,
    };
    await invokeSnake(lab.modules, 'ai', 'record_execution', [record]);
    await clock.advance(60_000);
    await lab.modules.ai.recordExecution({
      taskName: 'ship',
      command: 'ship --token other',
      success: false,
      executionTime: 90,
      error: 'disk full tok-987654',
      predictedFailureProbability: 0.75,
    });
    expect(await lab.modules.ai.getTaskHistory('ship')).toEqual([
      {
        taskName: 'ship',
        command: 'ship --token other',
        success: false,
        executionTime: 90,
        at: '2025-12-31T23:59:30.000Z',
        error: 'disk full •••',
        source: 'recorded',
      },
      {
        taskName: 'ship',
        command: 'ship --token •••',
        success: true,
        executionTime: 30,
        at: '2025-12-31T23:59:30.000Z',
        source: 'recorded',
      },
    ]);
    expect(await invokeSnake(lab.modules, 'ai', 'get_task_stats', ['ship'])).toMatchObject({
      total_executions: 2,
      success_rate: 0.5,
      average_execution_time: 60,
      predictions: { count: 2, used: 1, brier_score: 0.0625, base_rate_score: 0.25 },
    });
    expect(await lab.modules.ai.findSimilarTasks('ship --token mine')).toMatchObject([
      { taskName: 'ship', executions: 2, failureRate: 0.5 },
    ]);
    await expect(lab.modules.ai.recordExecution({ taskName: 'x', success: true, predictedFailureProbability: 2 })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    await expect(lab.modules.ai.recordExecution({ taskName: 'x', success: true, executionTime: 'long' })).rejects.toMatchObject({
      code: 'DURATION_INVALID',
    });
  });

  test('counts what the runner saw, and once what a task recorded of itself meanwhile', async () => {
    const { taskRuns } = lab.host.store;
    const begin = clock.now();
    for (let i = 0; i < 6; i++) {
      await taskRuns.put({
        id: `run-${i}`,
        pipeline: 'p',
        file: '/p.ts',
        status: 'failed',
        startedAt: begin + i * 1000,
        requestedBy: 'ana@desk',
        message: '',
      });
      const result = {
        task: 'migrate',
        seq: 0,
        command: 'psql -f up.sql',
        attempts: 1,
        artifacts: [],
        startedAt: begin + i * 1000,
        finishedAt: begin + i * 1000 + 500,
      };
      await taskRuns.add(`run-${i}`, {
        results: [
          i >= 3 ? { ...result, state: 'failed', error: { code: 'TASK_FAILED', message: 'no table' } } : { ...result, state: 'succeeded' },
        ],
      });
    }
    await taskRuns.put({
      id: 'run-s',
      pipeline: 'p',
      file: '/p.ts',
      status: 'succeeded',
      startedAt: begin,
      requestedBy: 'ana@desk',
      message: '',
    });
    await taskRuns.add('run-s', {
      results: [{ task: 'migrate', seq: 0, state: 'cancelled', command: '', attempts: 1, artifacts: [], startedAt: begin }],
    });
    await clock.advance(5_500);
    await lab.modules.ai.recordExecution({ taskName: 'migrate', command: 'psql -f up.sql', success: false, executionTime: 0.4 });
    const history = await lab.modules.ai.getTaskHistory('migrate');
    expect(history.map(({ success }) => success)).toEqual([false, false, false, true, true, true]);
    expect(history.at(2)).toMatchObject({ error: 'no table', executionTime: 0.5, source: 'run' });
    const prediction = await lab.modules.ai.predictFailure('migrate', 'psql -f up.sql');
    expect(prediction).toMatchObject({ basedOn: 6, similarFailures: 3 });
    expect(prediction.failureProbability).toBeGreaterThan(0.25);
    expect((await lab.modules.ai.predictFailure('other', 'psql -f up.sql')).basedOn).toBe(6);
  });

  test('knows what a task synced by when it did', async () => {
    const live = lab.with({ clock: systemClock });
    const repository = makeRepository(join(lab.folder, 'known'));
    repository.commit({ 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: known}\n' });
    const { workflowId } = await live.gitops.workflow({ repo: './known' });
    await live.gitops.syncWorkflow(workflowId);
    await live.ai.recordExecution({ taskName: 'deploys', success: true, executionTime: 20 });
    await live.gitops.syncWorkflow(workflowId);
    // The second sync is nobody's execution and counts beside it.
    expect(await live.ai.predictFailure('deploys')).toMatchObject({ basedOn: 2, similarFailures: 0 });
    expect(await live.ai.predictFailure('else')).toMatchObject({ basedOn: 0 });
  });

  test('counts the syncs of a workflow, and the size of what they changed', async () => {
    const repository = makeRepository(join(lab.folder, 'shop'));
    const map = (name: string, value = '1') => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${value}"}\n`;
    repository.commit({ 'a.yaml': map('a') });
    const { workflowId } = await lab.modules.gitops.workflow({ repo: './shop' });
    await lab.modules.gitops.syncWorkflow(workflowId);
    repository.commit({ 'a.yaml': map('a', '2'), 'b.yaml': map('b') });
    const prediction = await lab.modules.ai.predictFailure('sync shop', 'evenkeel sync shop', { workflowId });
    expect(prediction).toMatchObject({ basedOn: 1, similarFailures: 0 });
    const diff = await invokeSnake(lab.modules, 'gitops', 'generate_diff', [workflowId]);
    expect(
      await invokeSnake(lab.modules, 'ai', 'predict_failure', ['sync shop', 'evenkeel sync shop', { diff, workflow_id: workflowId }]),
    ).toMatchObject({ based_on: 1 });
    await lab.modules.ai.recordExecution({ taskName: 'sync shop', success: true, diff: diff as object });
    expect((await lab.host.store.executions.list({ task: 'sync shop', limit: 1 }))[0]?.facts).toEqual({
      diff: { changes: 2, deletions: 0, impact: 'low' },
    });
    await expect(lab.modules.ai.predictFailure('x', '', { diff: { a: 1 } })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(lab.modules.ai.predictFailure('x', '', { workflowId: 'none' })).rejects.toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
  });
});

describe('statistics', () => {
  const history = (seconds: number[], success: (i: number) => boolean = () => true): Execution[] =>
    seconds
      .map((one, i) => ({ task: 't', command: 'c', at: i * 1000, success: success(i), seconds: one, source: 'run' as const }))
      .reverse();

  test('see a task that grows slower, and not one that only varies', () => {
    const noise = (i: number) => Math.sin(i * 12.9898) * 3;
    const steady = Array.from({ length: 40 }, (_, i) => 60 + noise(i));
    expect(performanceOf('t', history(steady)).trend).toBe('steady');
    const slower = performanceOf('t', history(steady.map((s, i) => s + i)));
    expect(slower).toMatchObject({ trend: 'worse', insights: [/slower/] as never });
    expect(slower.changePerTen).toBeCloseTo(10, 0);
    expect(performanceOf('t', history(steady.map((s, i) => s - i))).trend).toBe('better');
    const odd = performanceOf('t', history(steady.map((s, i) => (i === 30 ? 600 : s))));
    expect(odd).toMatchObject({ trend: 'steady', slowest: [{ seconds: 600 }] });
  });

  test('see a task that fails more often, and leave chance alone', () => {
    const many = Array.from({ length: 60 }, () => 1);
    expect(
      statsOf(
        't',
        history(many, (i) => i < 50),
      ).trend,
    ).toBe('worse');
    expect(
      statsOf(
        't',
        history(many, (i) => i >= 50),
      ).trend,
    ).toBe('better');
    expect(
      statsOf(
        't',
        history(many, (i) => i % 5 !== 0),
      ).trend,
    ).toBe('steady');
    expect(statsOf('t', history(many.slice(0, 15))).trend).toBe('unknown');
  });
});
