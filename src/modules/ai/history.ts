import { toContract } from '../../gitops/index.js';
import { EvenkeelError } from '../../model/index.js';
import type { ModuleHost } from '../host.js';
import type { DiffFacts, Execution } from './types.js';

type Host = Pick<ModuleHost, 'store' | 'gitops' | 'secrets' | 'clock'>;

const OWN = 500;
const OTHERS = 2_000;
/** Runs of pipelines whose tasks are looked through for similar commands. */
const RUNS = 100;
const SYNCS = 100;

/** What is known of a task: what scripts recorded and what the runner saw, newest first, each execution once. */
export async function historyOf(host: Host, task: string, limit = OWN): Promise<Execution[]> {
  const recorded = (await host.store.executions.list({ task, limit })).map(fromRecord);
  const ran = (await host.store.taskRuns.resultsOf(task, limit)).flatMap(fromResult);
  return once(ran, recorded).slice(0, limit);
}

/** Executions of all tasks, newest first. */
export async function wholeHistory(host: Host): Promise<Execution[]> {
  const recorded = (await host.store.executions.list({ limit: OTHERS })).map(fromRecord);
  const ran: Execution[] = [];
  for (const run of await host.store.taskRuns.list({ limit: RUNS }))
    for (const result of await host.store.taskRuns.results(run.id)) ran.push(...fromResult(result));
  return once(ran, recorded).slice(0, OTHERS);
}

/** Syncs of a workflow as executions of a task that carries them out. */
export async function syncsOf(host: Host, workflowId: string, task: string): Promise<Execution[]> {
  const executions: Execution[] = [];
  for (const run of await host.store.runs.list({ workflowId, limit: SYNCS })) {
    if (run.status !== 'succeeded' && run.status !== 'failed') continue;
    const diff = await host.gitops.runDiff(run.id);
    executions.push({
      task,
      command: '',
      at: run.startedAt,
      success: run.status === 'succeeded',
      source: 'sync',
      ...(run.finishedAt === undefined ? {} : { seconds: (run.finishedAt - run.startedAt) / 1000 }),
      ...(diff === undefined ? {} : { diff: factsOf(diff) }),
      ...(run.status === 'failed' ? { error: host.secrets.mask(run.message) } : {}),
    });
  }
  return executions;
}

/**
 * A sync that a task carried out is not counted beside the task: the task gets the facts of its diff.
 * @returns both together
 */
export function withSyncs(executions: readonly Execution[], syncs: readonly Execution[]): Execution[] {
  const taken = new Set<Execution>();
  const own = executions.map((execution) => {
    const inside = syncs.find((sync) => !taken.has(sync) && isDuring(sync, execution));
    if (inside === undefined) return execution;
    taken.add(inside);
    return { ...execution, ...(inside.diff === undefined || execution.diff !== undefined ? {} : { diff: inside.diff }) };
  });
  return [...own, ...syncs.filter((sync) => !taken.has(sync))];
}

/** How many executions have to agree on what the task syncs. */
const AGREEING = 5;

/** The one workflow that the last executions of a task synced, where they synced one and it is still there. */
export async function syncedBy(host: Host, executions: readonly Execution[]): Promise<string | undefined> {
  const runs = await host.store.runs.list({ limit: SYNCS });
  const seen = new Set<string>();
  for (const execution of executions.slice(0, AGREEING))
    for (const run of runs) if (isDuring({ at: run.startedAt }, execution)) seen.add(run.workflowId);
  const [workflowId, ...others] = seen;
  if (workflowId === undefined || others.length > 0) return undefined;
  return (await host.store.workflows.get(workflowId)) === undefined ? undefined : workflowId;
}

const impacts = ['none', 'low', 'medium', 'high', 'critical'] as const;

/**
 * The facts of a preview, as TypeScript or a script in snake_case has it.
 * @throws EvenkeelError OPTION_INVALID where it is none
 */
export function factsOf(diff: object): DiffFacts {
  const { summary, changes } = toContract(diff) as {
    summary?: { total_changes?: unknown; deleted_resources?: unknown };
    changes?: { impact?: unknown }[];
  };
  const [total, deletions] = [summary?.total_changes, summary?.deleted_resources];
  if (typeof total !== 'number' || typeof deletions !== 'number' || !Array.isArray(changes))
    throw new EvenkeelError('OPTION_INVALID', 'option "diff" is not the preview of a workflow', {
      where: { field: 'diff' },
      hint: 'Give what gitops.generateDiff returned, or name the workflow.',
    });
  const grave = changes.reduce((most, { impact }) => Math.max(most, impacts.indexOf(impact as 'low')), 0);
  return { changes: total, deletions, impact: impacts[grave] ?? 'none' };
}

/** What a task recorded of itself while the runner watched is one execution: it failed where either says so. */
function once(ran: readonly Execution[], recorded: readonly Execution[]): Execution[] {
  const taken = new Set<Execution>();
  const merged = ran.map((run) => {
    const told = recorded.find((one) => !taken.has(one) && one.task === run.task && isDuring(one, run));
    if (told === undefined) return run;
    taken.add(told);
    return { ...run, ...told, at: run.at, seconds: told.seconds ?? run.seconds ?? 0, success: told.success && run.success };
  });
  return [...merged, ...recorded.filter((one) => !taken.has(one))].sort((a, b) => b.at - a.at);
}

/** Times are told at the end, and a few seconds late. */
function isDuring(one: Pick<Execution, 'at'>, outer: Execution): boolean {
  const end = outer.at + (outer.seconds ?? 0) * 1000;
  return one.at >= outer.at - 1_000 && one.at <= end + 5_000;
}

type Record = Awaited<ReturnType<ModuleHost['store']['executions']['list']>>[number];
type Result = Awaited<ReturnType<ModuleHost['store']['taskRuns']['results']>>[number];

function fromRecord({ task, command, at, success, seconds, facts }: Record): Execution {
  const { diff, predicted, predictionUsed, error } = facts as Pick<Execution, 'diff' | 'predicted' | 'predictionUsed' | 'error'>;
  return {
    task,
    command,
    at,
    success,
    source: 'recorded',
    ...(seconds === undefined ? {} : { seconds }),
    ...(diff === undefined ? {} : { diff }),
    ...(predicted === undefined ? {} : { predicted }),
    ...(predictionUsed === undefined ? {} : { predictionUsed }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Nothing of what did not run to its end. */
function fromResult({ task, command, state, startedAt, finishedAt, attempts, message, error }: Result): Execution[] {
  if ((state !== 'succeeded' && state !== 'failed') || startedAt === undefined) return [];
  const why = typeof error?.['message'] === 'string' ? error['message'] : message;
  return [
    {
      task,
      command,
      at: startedAt,
      success: state === 'succeeded',
      source: 'run',
      attempts,
      ...(finishedAt === undefined ? {} : { seconds: (finishedAt - startedAt) / 1000 }),
      ...(state === 'failed' && why !== undefined ? { error: why.slice(0, 300) } : {}),
    },
  ];
}

/** The facts of what a sync of a workflow would change now; undefined where that cannot be told. */
export async function diffNow(host: Host & Pick<ModuleHost, 'signal'>, workflowId: string): Promise<DiffFacts | undefined> {
  try {
    return factsOf(await host.gitops.generateDiff(workflowId, { signal: host.signal }));
  } catch (error) {
    if (error instanceof EvenkeelError && ['WORKFLOW_NOT_FOUND', 'CANCELLED'].includes(error.code)) throw error;
    // Then the sync is going to fail for that reason itself; history alone has to do.
    return undefined;
  }
}
