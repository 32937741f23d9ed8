import type { Store, TaskLogLine, TaskResultRecord } from '../../store/index.js';
import type { LogEvent, RunEvent } from '../run/events.js';
import type { Masker } from '../run/mask.js';
import type { ParamValue, PipelineDefinition, TaskResult } from '../types.js';

export interface RecorderOptions {
  store: Store;
  masker: Masker;
  runId: string;
  /** The script, absolute. */
  file: string;
  pipeline: PipelineDefinition;
  params: { readonly [name: string]: ParamValue };
  requestedBy: string;
  startedAt: number;
  resumedFrom?: string;
}

/** Writes down what a run tells, a bundle at a time. */
export interface Recorder {
  onEvent(event: RunEvent): void;
  /** Writes what is left, and the end where there was none. @throws what the store threw meanwhile */
  close(): Promise<void>;
}

const FLUSH_MS = 100;
/** Lines and characters of one task that are kept; what comes later is only shown. */
const MAX_LINES = 10_000;
const MAX_CHARACTERS = 2 * 1024 * 1024;
/** Characters of an output, as JSON, that is kept for a run that goes on. */
const MAX_OUTPUT = 1024 * 1024;
/** Runs that are kept. */
const KEEP_RUNS = 500;

/** The kinds of documents of a run. */
export const paramsKind = 'task-params';
export const outputsKind = 'task-outputs';

/** A document of outputs; a run has one for each bundle that was written. An output that is no data or too large is lost. */
export interface OutputsDocument {
  outputs: { task: string; output?: unknown; lost?: boolean }[];
}

/** What a run did, in the store, as it does it. @returns the recorder; the ids of runs that were forgotten for it */
export async function recordRun(options: RecorderOptions): Promise<{ recorder: Recorder; forgotten: string[] }> {
  const { store, masker, runId, pipeline } = options;
  const record = {
    id: runId,
    pipeline: pipeline.name,
    file: options.file,
    startedAt: options.startedAt,
    requestedBy: options.requestedBy,
    ...(options.resumedFrom === undefined ? {} : { resumedFrom: options.resumedFrom }),
  };
  // A lock tells who looks at the history that this process still lives.
  const lock = await store.lock(`task-run/${runId}`, 'run');
  await store.taskRuns.put({ ...record, status: 'running', message: '' });
  await store.documents.put(paramsKind, { id: runId, workflowId: runId, at: options.startedAt, value: options.params });
  const forgotten = await forgetOld(store);

  let results: TaskResultRecord[] = [];
  let logs: Omit<TaskLogLine, 'seq'>[] = [];
  let outputs: OutputsDocument['outputs'] = [];
  let bundles = 0;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let failure: unknown;
  const sizes = new Map<string, { lines: number; characters: number }>();
  const places = new Map(pipeline.tasks.map((task, index) => [task.name, index]));
  const commands = new Map(pipeline.tasks.map((task) => [task.name, typeof task.command === 'string' ? masker.text(task.command) : '']));

  const flush = async () => {
    const now = { results, logs, outputs };
    results = [];
    logs = [];
    outputs = [];
    if (now.outputs.length > 0) {
      const id = `${runId}/${String(++bundles).padStart(6, '0')}`;
      await store.documents.put(outputsKind, {
        id,
        workflowId: runId,
        at: options.startedAt,
        value: { outputs: now.outputs } satisfies OutputsDocument,
      });
    }
    // After its output: a task that is known to have succeeded has one.
    await store.taskRuns.add(runId, now);
  };
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(flush).catch((error: unknown) => {
      failure ??= error;
    });
    return writing;
  };
  const soon = () => {
    timer ??= setTimeout(() => void write(), FLUSH_MS);
  };
  const line = (event: LogEvent) => {
    const size = sizes.get(event.task) ?? { lines: 0, characters: 0 };
    sizes.set(event.task, size);
    if (size.lines > MAX_LINES || size.characters > MAX_CHARACTERS) return;
    size.lines++;
    size.characters += event.line.length;
    const { task, at, level } = event;
    const full = size.lines > MAX_LINES || size.characters > MAX_CHARACTERS;
    logs.push(full ? { task, at, level: 'warn', line: 'more lines are not kept' } : { task, at, level, line: event.line });
    soon();
  };

  const recorder: Recorder = {
    onEvent(event) {
      switch (event.type) {
        case 'started':
          results.push(...event.tasks.map((task) => blank(task, places.get(task) ?? 0, commands.get(task) ?? '')));
          return soon();
        case 'log':
          return line(event);
        case 'task-finished':
          if ((event.result.state === 'succeeded' || event.result.state === 'kept') && event.result.output !== undefined)
            outputs.push(keepable(event.task, event.result.output));
          results.push({
            ...blank(event.task, places.get(event.task) ?? 0, commands.get(event.task) ?? ''),
            ...facts(event.result),
          });
          return soon();
        case 'finished': {
          const { status, message, finishedAt } = event.report;
          ended = true;
          void write();
          writing = writing
            .then(() => store.taskRuns.put({ ...record, status, message, finishedAt }))
            .catch((error: unknown) => {
              failure ??= error;
            });
          return;
        }
        default:
          return;
      }
    },
    async close() {
      await write();
      try {
        if (!ended) await store.taskRuns.put({ ...record, status: 'failed', message: 'it could not begin', finishedAt: options.startedAt });
      } finally {
        await lock.release();
      }
      if (failure !== undefined) throw failure;
    },
  };
  return { recorder, forgotten };
}

function blank(task: string, seq: number, command: string): TaskResultRecord {
  return { task, seq, state: 'pending', command, attempts: 0, artifacts: [] };
}

function facts(result: TaskResult): Partial<TaskResultRecord> {
  return {
    state: result.state,
    attempts: result.attempts,
    artifacts: result.artifacts,
    ...(result.startedAt === undefined ? {} : { startedAt: result.startedAt }),
    ...(result.finishedAt === undefined ? {} : { finishedAt: result.finishedAt }),
    ...(result.message === undefined ? {} : { message: result.message }),
    ...(result.error === undefined ? {} : { error: { ...result.error } }),
  };
}

/** Forgets the oldest runs with their parameters and outputs. @returns their ids */
async function forgetOld(store: Store): Promise<string[]> {
  const forgotten = await store.taskRuns.trim(KEEP_RUNS);
  for (const runId of forgotten)
    for (const kind of [paramsKind, outputsKind]) {
      const documents = await store.documents.list(kind, { workflowId: runId });
      await store.documents.remove(
        kind,
        documents.map((document) => document.id),
      );
    }
  return forgotten;
}

function keepable(task: string, output: unknown): OutputsDocument['outputs'][number] {
  try {
    const text = JSON.stringify(output);
    return text === undefined || text.length > MAX_OUTPUT ? { task, lost: true } : { task, output: JSON.parse(text) as unknown };
  } catch {
    return { task, lost: true };
  }
}
