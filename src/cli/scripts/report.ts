import { count, formatDuration, formatTime, stringifyJson } from '../../model/index.js';
import type { MetricSnapshot } from '../../modules/index.js';
import type { RunReport, TaskResult } from '../../tasks/index.js';
import { oneLine, type Terminal } from '../output.js';

/** A run as `-o json` writes it, under snake_case names. `mask` takes secrets out of outputs. */
export function reportAsJson(
  report: RunReport,
  more: { file: string; artifacts: string; mask: (value: unknown) => unknown; counted: readonly MetricSnapshot[] },
): string {
  return stringifyJson(
    {
      run_id: report.runId,
      pipeline: report.pipeline,
      file: more.file,
      status: report.status,
      message: report.message,
      started_at: formatTime(report.startedAt),
      finished_at: formatTime(report.finishedAt),
      duration: formatDuration(report.durationMs),
      tasks: report.tasks.map((task) => resultAsJson(task, more.mask)),
      errors: report.errors,
      ...(more.counted.length > 0 ? { metrics: more.mask(more.counted) } : {}),
      ...(report.tasks.some((task) => task.artifacts.length > 0) ? { artifacts_folder: more.artifacts } : {}),
    },
    2,
  );
}

function resultAsJson(task: TaskResult, mask: (value: unknown) => unknown): { [name: string]: unknown } {
  return {
    name: task.name,
    state: task.state,
    success: task.success,
    attempts: task.attempts,
    ...(task.startedAt === undefined ? {} : { started_at: formatTime(task.startedAt) }),
    ...(task.finishedAt === undefined ? {} : { finished_at: formatTime(task.finishedAt) }),
    duration: formatDuration(task.durationMs),
    ...(task.message === undefined ? {} : { message: task.message }),
    ...(task.output === undefined ? {} : { output: mask(task.output) }),
    ...(task.error === undefined ? {} : { error: task.error }),
    ...(task.artifacts.length === 0 ? {} : { artifacts: task.artifacts }),
  };
}

/** The last lines of a run. */
export function summaryLines(
  report: RunReport,
  { terminal, file, artifacts }: { terminal: Terminal; file: string; artifacts: string },
): string[] {
  const took = `in ${formatDuration(report.durationMs)}`;
  const lines: string[] = [];
  const kept = report.tasks.reduce((sum, task) => sum + task.artifacts.length, 0);
  if (kept > 0) lines.push(`${count(kept, 'artifact')} in ${artifacts}`);
  switch (report.status) {
    case 'succeeded':
      lines.push(`${terminal.style(['green', 'bold'], 'Succeeded')} ${oneLine(report.message)} ${took}`);
      break;
    case 'cancelled':
      lines.push(`${terminal.style(['yellow', 'bold'], 'Cancelled')} ${oneLine(report.message)} ${took}`);
      break;
    case 'failed':
      lines.push(`${terminal.style(['red', 'bold'], 'Failed')} ${oneLine(report.message)} ${took}`);
      break;
  }
  if (report.status !== 'succeeded' && report.tasks.some((task) => task.state === 'succeeded' || task.state === 'kept'))
    lines.push(terminal.style('dim', `  go on from here: evenkeel run ${quoted(file)} --resume ${report.runId}`));
  return lines;
}

/** A path as a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
