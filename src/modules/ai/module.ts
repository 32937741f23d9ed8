import { EvenkeelError, formatTime } from '../../model/index.js';
import { type Duration, milliseconds } from '../durations.js';
import type { ModuleHost } from '../host.js';
import { diffNow, factsOf, historyOf, syncedBy, syncsOf, wholeHistory, withSyncs } from './history.js';
import { LEAST_SIMILARITY, predict } from './predict.js';
import { similarTo } from './similarity.js';
import { type Performance, performanceOf, statsOf, type TaskStats } from './stats.js';
import type { Prediction } from './types.js';

export interface RecordOptions {
  taskName: string;
  command?: string;
  success: boolean;
  /** `30s`, or seconds. */
  executionTime?: Duration;
  /** What went wrong, in a line. */
  error?: string;
  /** What had been predicted: kept, so that predictions can be judged. */
  predictedFailureProbability?: number;
  /** Whether somebody acted by it: then it may have changed what came. */
  aiPredictionUsed?: boolean;
  /** The preview of what was synced. */
  diff?: object;
}

export interface PastExecution {
  taskName: string;
  command: string;
  success: boolean;
  /** Seconds. */
  executionTime?: number;
  at: string;
  error?: string;
  source: 'recorded' | 'run' | 'sync';
}

export interface SimilarTask {
  taskName: string;
  command: string;
  similarity: number;
  executions: number;
  failureRate: number;
}

/** Statistics over what was recorded: predictions come with how sure they are, and none is made up. */
export interface AiModule {
  predictFailure(taskName: string, command?: string, options?: { workflowId?: string; diff?: object }): Promise<Prediction>;
  recordExecution(execution: RecordOptions): Promise<void>;
  getTaskHistory(taskName: string, options?: { limit?: number }): Promise<PastExecution[]>;
  getTaskStats(taskName: string): Promise<TaskStats>;
  findSimilarTasks(command: string, options?: { limit?: number; minSimilarity?: number }): Promise<SimilarTask[]>;
  analyzePerformance(taskName: string): Promise<Performance>;
}

type Host = Pick<ModuleHost, 'store' | 'gitops' | 'secrets' | 'clock' | 'signal'>;

export function openAi(host: Host): AiModule {
  const { store, secrets, clock } = host;
  return {
    async predictFailure(task, command = '', { workflowId: named, diff } = {}) {
      const masked = secrets.mask(command);
      const own = await historyOf(host, task);
      const others = (await wholeHistory(host)).filter((execution) => execution.task !== task);
      const workflowId = named ?? (await syncedBy(host, own));
      const syncs = workflowId === undefined ? [] : await syncsOf(host, workflowId, task);
      const facts = diff !== undefined ? factsOf(diff) : workflowId === undefined ? undefined : await diffNow(host, workflowId);
      // A sync by hand says of the workflow what one by this command would.
      const alike = withSyncs(own, syncs).map((execution) => (execution.source === 'sync' ? { ...execution, command: masked } : execution));
      return predict([...alike, ...others], { task, command: masked, now: clock.now(), ...(facts === undefined ? {} : { diff: facts }) });
    },
    async recordExecution({
      taskName,
      command = '',
      success,
      executionTime,
      error,
      predictedFailureProbability: predicted,
      aiPredictionUsed,
      diff,
    }) {
      if (predicted !== undefined && !(predicted >= 0 && predicted <= 1))
        throw new EvenkeelError('OPTION_INVALID', 'ai.recordExecution: option "predictedFailureProbability" must be from 0 to 1', {
          where: { field: 'predictedFailureProbability' },
        });
      const seconds = executionTime === undefined ? undefined : milliseconds(executionTime, 0) / 1000;
      await store.executions.add({
        task: taskName,
        // It began before it ended.
        at: clock.now() - (seconds ?? 0) * 1000,
        success,
        command: secrets.mask(command).slice(0, 10_000),
        ...(seconds === undefined ? {} : { seconds }),
        facts: {
          ...(predicted === undefined ? {} : { predicted }),
          ...(aiPredictionUsed === undefined ? {} : { predictionUsed: aiPredictionUsed }),
          ...(error === undefined ? {} : { error: secrets.mask(error).slice(0, 300) }),
          ...(diff === undefined ? {} : { diff: factsOf(diff) }),
        },
      });
    },
    async getTaskHistory(task, { limit = 50 } = {}) {
      return (await historyOf(host, task, Math.max(0, Math.min(limit, 1000)))).map(
        ({ task: taskName, command, success, seconds, at, error, source }) => ({
          taskName,
          command,
          success,
          at: formatTime(at),
          source,
          ...(seconds === undefined ? {} : { executionTime: seconds }),
          ...(error === undefined ? {} : { error }),
        }),
      );
    },
    getTaskStats: async (task) => statsOf(task, await historyOf(host, task)),
    async findSimilarTasks(command, { limit = 10, minSimilarity = LEAST_SIMILARITY } = {}) {
      const similarity = similarTo(secrets.mask(command));
      const found = new Map<string, SimilarTask & { failures: number }>();
      for (const execution of await wholeHistory(host)) {
        const alike = execution.command === '' ? 0 : similarity(execution.command);
        if (alike < minSimilarity) continue;
        const known = found.get(execution.task);
        if (known === undefined)
          found.set(execution.task, {
            taskName: execution.task,
            command: execution.command,
            similarity: alike,
            executions: 1,
            failures: execution.success ? 0 : 1,
            failureRate: 0,
          });
        else {
          known.executions++;
          if (!execution.success) known.failures++;
          if (alike > known.similarity) [known.similarity, known.command] = [alike, execution.command];
        }
      }
      return [...found.values()]
        .sort((a, b) => b.similarity - a.similarity || b.executions - a.executions)
        .slice(0, Math.max(0, limit))
        .map(({ failures, ...task }) => ({ ...task, failureRate: failures / task.executions }));
    },
    analyzePerformance: async (task) => performanceOf(task, await historyOf(host, task)),
  };
}
