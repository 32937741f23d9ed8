import { EvenkeelError } from '../../model/index.js';
import type { Store, TaskRunRecord } from '../../store/index.js';
import type { ParamValue } from '../types.js';
import { type OutputsDocument, outputsKind, paramsKind } from './recorder.js';

/** What a run goes on from. */
export interface Resumed {
  run: TaskRunRecord;
  params: { [name: string]: ParamValue };
  /** Tasks that succeeded, with their outputs. */
  kept: Map<string, unknown>;
}

/**
 * Finds the run to go on from: the one that is named, or the last one of the script.
 * @throws EvenkeelError RUN_NOT_FOUND; TASK_INVALID where there is nothing to go on with
 */
export async function resumeRun(
  store: Store,
  { file, pipeline, runId }: { file: string; pipeline: string; runId?: string },
): Promise<Resumed> {
  const run = runId === undefined ? (await store.taskRuns.list({ file, pipeline, limit: 1 }))[0] : await store.taskRuns.get(runId);
  if (run === undefined)
    throw new EvenkeelError(
      'RUN_NOT_FOUND',
      runId === undefined ? `the pipeline "${pipeline}" has not run yet` : `there is no run "${runId}"`,
      {
        hint: runId === undefined ? 'Run it without --resume.' : 'List them: evenkeel runs',
      },
    );
  if (run.file !== file || run.pipeline !== pipeline)
    throw new EvenkeelError('RUN_NOT_FOUND', `the run ${run.id} is of the pipeline "${run.pipeline}" in ${run.file}`, {
      hint: `Go on with it: evenkeel run ${run.file} --resume ${run.id}`,
    });
  if (run.status === 'succeeded')
    throw new EvenkeelError('RUN_NOT_FOUND', `the last run succeeded: there is nothing to go on with (${run.id})`, {
      hint: 'Run it without --resume.',
    });
  if (run.status === 'running' && (await isRunning(store, run.id)))
    throw new EvenkeelError('RUN_NOT_FOUND', `the run ${run.id} is still running`, { hint: 'Wait for its end, or interrupt it.' });
  const params = (await store.documents.get(paramsKind, run.id))?.value as { [name: string]: ParamValue } | undefined;
  const outputs = await outputsOf(store, run.id);
  const kept = new Map<string, unknown>();
  for (const { task, state } of await store.taskRuns.results(run.id)) {
    const found = outputs.get(task);
    if ((state === 'succeeded' || state === 'kept') && found?.lost !== true) kept.set(task, found?.output);
  }
  return { run, params: params ?? {}, kept };
}

/** Whether the process of a run still lives. */
export async function isRunning(store: Store, runId: string): Promise<boolean> {
  return (await store.holder(`task-run/${runId}`)) !== undefined;
}

async function outputsOf(store: Store, runId: string): Promise<Map<string, OutputsDocument['outputs'][number]>> {
  const found = new Map<string, OutputsDocument['outputs'][number]>();
  for (const { id } of await store.documents.list(outputsKind, { workflowId: runId })) {
    const document = (await store.documents.get(outputsKind, id))?.value as OutputsDocument | undefined;
    for (const one of document?.outputs ?? []) found.set(one.task, one);
  }
  return found;
}
