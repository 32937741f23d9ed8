import { type InspectedResource, toContract, type WorkflowStatus } from '../../gitops/index.js';
import { aggregateHealth } from '../../health/index.js';
import { stringifyJson } from '../../model/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { oneLine, statusColor, type Terminal, table } from '../output.js';
import { exit } from '../report.js';

export interface StatusCommandOptions extends GlobalOptions {
  exitCode?: boolean;
}

export function statusCommand(context: CommandContext, name: string | undefined, options: StatusCommandOptions): Promise<number> {
  const { terminal } = context;
  return withWorkspace(context, options, async ({ gitops }) => {
    if (name === undefined) {
      const all = await gitops.listWorkflows();
      if (options.output === 'json') terminal.out(stringifyJson(toContract(all), 2));
      else showAll(all, terminal);
      return exit.done;
    }
    const status = await gitops.getWorkflowStatus(name);
    const resources = await gitops.inspect(name, context.signal);
    if (options.output === 'json') terminal.out(stringifyJson(toContract({ ...status, resources }), 2));
    else showOne(status, resources, terminal);
    const sick = resources.some(
      (r) => r.sync !== 'synced' || (r.health !== null && r.health.status !== 'Healthy' && r.health.status !== 'Suspended'),
    );
    return options.exitCode === true && sick ? exit.changes : exit.done;
  });
}

function sourceOf({ repositoryUrl, branch, targetPath }: WorkflowStatus): string {
  const path = targetPath === '.' ? '' : ` ${targetPath}`;
  return oneLine(`${repositoryUrl}${path}${branch === 'HEAD' ? '' : ` @ ${branch.replace(/^refs\/tags\//, '')}`}`);
}

function showAll(all: readonly WorkflowStatus[], terminal: Terminal): void {
  if (all.length === 0) {
    terminal.out('No workflows yet. Try: evenkeel demo');
    return;
  }
  const paint = (text: string) => terminal.style(statusColor(text), text);
  const rows = all.map((w) => [
    w.id,
    paint(w.status) + notes(w),
    w.lastSyncResult?.commitHash.slice(0, 12) || '-',
    w.lastSyncResult?.startTime.slice(0, 19).replace('T', ' ') ?? 'never',
    w.cluster,
    sourceOf(w),
  ]);
  for (const line of table([['WORKFLOW', 'STATUS', 'REVISION', 'LAST SYNC', 'CLUSTER', 'SOURCE'], ...rows])) terminal.out(line);
}

/** What else a person has to know at a glance. */
function notes({ hold, approval, lastSyncResult }: WorkflowStatus): string {
  const words = [
    hold === undefined ? '' : 'held',
    approval?.state === 'pending' ? 'waits for approval' : '',
    lastSyncResult?.error?.['code'] === 'RUN_INTERRUPTED' ? 'interrupted' : '',
    lastSyncResult?.status === 'cancelled' ? 'stopped' : '',
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : `, ${words.join(', ')}`;
}

function showOne(status: WorkflowStatus, resources: readonly InspectedResource[], terminal: Terminal): void {
  const paint = (text: string) => terminal.style(statusColor(text), text);
  const last = status.lastSyncResult;
  const facts: [string, string][] = [
    ['Workflow', `${oneLine(status.name)}${status.name === status.id ? '' : ` (${status.id})`}`],
    ['Status', `${paint(status.status)}${status.syncingBy === undefined ? '' : ` by ${status.syncingBy}`}`],
    ['Source', sourceOf(status)],
    ['Cluster', `${oneLine(status.cluster)}, namespace ${status.namespace}`],
    ['Auto-sync', status.autoSync ? 'on' : 'off'],
    ['Health', paint(aggregateHealth(resources.map((r) => r.health)).status)],
  ];
  if (status.hold !== undefined)
    facts.push([
      'Held',
      terminal.style(
        'yellow',
        `revision ${status.hold.revision.slice(0, 12)} was rolled back by ${oneLine(status.hold.by)}: ${oneLine(status.hold.reason)}`,
      ),
    ]);
  if (status.waitingFor !== undefined) facts.push(['Now', oneLine(status.waitingFor)]);
  if (status.approval !== undefined) {
    const { id, state, gate, summary, decidedBy } = status.approval;
    facts.push([
      'Approval',
      terminal.style('yellow', `${state}${decidedBy === undefined ? '' : ` by ${oneLine(decidedBy)}`}`) +
        `: ${oneLine(summary)} (${oneLine(gate)}), ${id}`,
    ]);
  }
  if (last !== undefined) {
    facts.push([
      'Last sync',
      `${last.startTime.slice(0, 19).replace('T', ' ')}, ${last.status} in ${last.metrics.duration}, revision ${last.commitHash.slice(0, 12) || '-'}`,
    ]);
    facts.push(['', oneLine(last.message)]);
  }
  for (const line of table(facts)) terminal.out(line);
  if (resources.length === 0) return;
  terminal.out('');
  const rows = resources.map((r) => [
    r.key.namespace === '' ? '-' : r.key.namespace,
    `${r.key.kind}/${r.key.name}`,
    paint(r.sync),
    r.health === null ? '-' : paint(r.health.status),
    oneLine([r.health?.message ?? '', r.why].filter((t) => t !== '').join('; ')),
  ]);
  for (const line of table([['NAMESPACE', 'RESOURCE', 'SYNC', 'HEALTH', 'MESSAGE'], ...rows])) terminal.out(line);
}
