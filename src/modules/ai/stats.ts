import { formatTime } from '../../model/index.js';
import type { Execution } from './types.js';

export type Trend = 'unknown' | 'steady' | 'better' | 'worse';

export interface TaskStats {
  taskName: string;
  totalExecutions: number;
  successCount: number;
  failureCount: number;
  /** Undefined where nothing is known. */
  successRate?: number;
  /** Seconds. */
  averageExecutionTime?: number;
  medianExecutionTime?: number;
  p95ExecutionTime?: number;
  lastExecution?: string;
  lastSuccess?: string;
  lastFailure?: string;
  /** Of failures: the newest ten against those before. */
  trend: Trend;
  /** How good predictions of it were, where scripts recorded them. */
  predictions?: { count: number; used: number; brierScore: number; baseRateScore: number };
}

export interface Performance {
  taskName: string;
  executions: number;
  medianExecutionTime?: number;
  /** Of seconds: whether it grows or falls from execution to execution. */
  trend: Trend;
  /** Seconds by which the median grows (or falls) in ten executions. */
  changePerTen?: number;
  /** Executions that took far longer than others. */
  slowest: { at: string; seconds: number; command: string }[];
  insights: string[];
}

/** @param history newest first */
export function statsOf(task: string, history: readonly Execution[]): TaskStats {
  const failures = history.filter(({ success }) => !success);
  const seconds = secondsOf(history);
  const at = (execution: Execution | undefined) => (execution === undefined ? undefined : formatTime(execution.at));
  const total = history.length;
  return {
    taskName: task,
    totalExecutions: total,
    successCount: total - failures.length,
    failureCount: failures.length,
    trend: failureTrend(history),
    ...defined({
      successRate: total === 0 ? undefined : (total - failures.length) / total,
      averageExecutionTime: mean(seconds),
      medianExecutionTime: quantile(seconds, 0.5),
      p95ExecutionTime: quantile(seconds, 0.95),
      lastExecution: at(history[0]),
      lastSuccess: at(history.find(({ success }) => success)),
      lastFailure: at(failures[0]),
      predictions: predictionScore(history),
    }),
  };
}

/** @param history newest first */
export function performanceOf(task: string, history: readonly Execution[]): Performance {
  const timed = history.filter((one): one is Execution & { seconds: number } => one.success && one.seconds !== undefined);
  const median = quantile(secondsOf(timed), 0.5);
  const deviation =
    median === undefined
      ? undefined
      : quantile(
          timed.map((one) => Math.abs(one.seconds - median)),
          0.5,
        );
  const inOrder = timed.map((one) => one.seconds).reverse();
  const slope = inOrder.length >= 8 ? typicalSlope(inOrder.slice(-60)) : undefined;
  const changePerTen = slope === undefined ? undefined : slope * 10;
  const matters =
    changePerTen !== undefined && median !== undefined && Math.abs(changePerTen) > Math.max(0.05 * median, (3 * (deviation ?? 0)) / 10);
  const trend: Trend = changePerTen === undefined ? 'unknown' : !matters ? 'steady' : changePerTen > 0 ? 'worse' : 'better';
  const bound = median === undefined ? Number.POSITIVE_INFINITY : median + Math.max(4 * 1.4826 * (deviation ?? 0), 0.5 * median, 1);
  const slowest = timed
    .filter((one) => one.seconds > bound)
    .slice(0, 5)
    .map((one) => ({ at: formatTime(one.at), seconds: one.seconds, command: one.command }));
  const insights: string[] = [];
  if (timed.length < 8) insights.push(`Only ${timed.length} timed successes are known: too few to see a trend.`);
  if (trend === 'worse')
    insights.push(
      `It grows slower: about ${round(changePerTen as number)} s in ten executions, at a median of ${round(median as number)} s.`,
    );
  if (trend === 'better')
    insights.push(
      `It grows faster: about ${round(-(changePerTen as number))} s in ten executions, at a median of ${round(median as number)} s.`,
    );
  if (slowest.length > 0)
    insights.push(`${slowest.length === 1 ? 'One execution' : `${slowest.length} executions`} took far longer than the others.`);
  const retried = history.slice(0, 20).filter(({ attempts = 1 }) => attempts > 1).length;
  if (retried > 1) insights.push(`${retried} of the last ${Math.min(20, history.length)} executions were tried again.`);
  return {
    taskName: task,
    executions: history.length,
    trend,
    slowest,
    insights,
    ...defined({ medianExecutionTime: median, changePerTen }),
  };
}

function failureTrend(history: readonly Execution[]): Trend {
  const [recent, older] = [history.slice(0, 10), history.slice(10, 50)];
  if (recent.length < 10 || older.length < 10) return 'unknown';
  const share = (some: readonly Execution[]) => some.filter(({ success }) => !success).length / some.length;
  const difference = share(recent) - share(older);
  // What chance makes of ten executions, twice.
  const overall = share([...recent, ...older]);
  const chance = 2 * Math.sqrt(overall * (1 - overall) * (1 / recent.length + 1 / older.length));
  return Math.abs(difference) <= Math.max(chance, 0.1) ? 'steady' : difference > 0 ? 'worse' : 'better';
}

function predictionScore(history: readonly Execution[]): TaskStats['predictions'] {
  const predicted = history.filter((one): one is Execution & { predicted: number } => one.predicted !== undefined);
  if (predicted.length === 0) return undefined;
  const rate = predicted.filter(({ success }) => !success).length / predicted.length;
  const score = (guess: (one: Execution & { predicted: number }) => number) =>
    predicted.reduce((sum, one) => sum + (guess(one) - (one.success ? 0 : 1)) ** 2, 0) / predicted.length;
  const used = predicted.filter(({ predictionUsed }) => predictionUsed === true).length;
  return { count: predicted.length, used, brierScore: score((one) => one.predicted), baseRateScore: score(() => rate) };
}

/** The median of the slopes between all pairs: a few odd ones do not move it. */
function typicalSlope(values: readonly number[]): number | undefined {
  const slopes: number[] = [];
  for (let i = 0; i < values.length; i++)
    for (let j = i + 1; j < values.length; j++) slopes.push(((values[j] as number) - (values[i] as number)) / (j - i));
  return quantile(slopes, 0.5);
}

const secondsOf = (history: readonly Execution[]) => history.flatMap(({ seconds }) => seconds ?? []);
const mean = (values: readonly number[]) => (values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length);

function quantile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (high - low) * (at - Math.floor(at));
}

const round = (value: number) => Number(value.toPrecision(2));

function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
