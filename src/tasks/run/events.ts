import type { LogLevel, TaskError, TaskResult } from '../types.js';

/** One line of a task, of a hook, or of the script's top level (`task` is then ''). Secrets are masked. */
export interface LogEvent {
  type: 'log';
  task: string;
  level: LogLevel | 'stdout' | 'stderr' | 'progress';
  line: string;
  at: number;
}

/** What a run tells while it runs. Texts are masked; outputs are not. */
export type RunEvent =
  | { type: 'started'; runId: string; pipeline: string; tasks: string[]; at: number }
  | { type: 'task-started'; task: string; attempt: number; at: number }
  | { type: 'task-retrying'; task: string; attempt: number; inMs: number; reason: string; at: number }
  | { type: 'task-finished'; task: string; result: TaskResult; at: number }
  | { type: 'hook-failed'; hook: string; task: string; error: TaskError; at: number }
  /** An error that nothing waited for: a promise that nobody awaits, a timer. */
  | { type: 'stray'; error: TaskError; at: number }
  | LogEvent
  | { type: 'finished'; report: RunReport; at: number };

export type RunOutcome = 'succeeded' | 'failed' | 'cancelled';

export interface RunReport {
  runId: string;
  pipeline: string;
  status: RunOutcome;
  message: string;
  startedAt: number;
  finishedAt: number;
  durationMs: number;
  /** In the order of the graph. Texts are masked; outputs are not. */
  tasks: TaskResult[];
  /** Errors that belong to no task: of the pipeline's last hook, and those that nothing waited for. */
  errors: TaskError[];
}
