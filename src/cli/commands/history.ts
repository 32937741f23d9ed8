import { type PastRun, toContract } from '../../gitops/index.js';
import { describeKey, EvenkeelError, printable, stringifyJson } from '../../model/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { oneLine, table } from '../output.js';
import { exit } from '../report.js';
import { showDiff } from '../show-diff.js';

export interface HistoryCommandOptions extends GlobalOptions {
  limit?: string;
  show?: string;
}

export function historyCommand(context: CommandContext, name: string | undefined, options: HistoryCommandOptions): Promise<number> {
  const { terminal } = context;
  const limit = options.limit === undefined ? 20 : Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new EvenkeelError('USAGE', `--limit takes a whole number from 1, not "${options.limit}"`);
  return withWorkspace(context, options, async ({ gitops }) => {
    const json = options.output === 'json';
    if (options.show !== undefined) {
      const run = (await gitops.history(name, 1_000_000)).find((one) => one.id === options.show);
      if (run === undefined) throw new EvenkeelError('USAGE', `there is no run "${options.show}"`, { hint: 'List them: evenkeel history' });
      const resources = await gitops.runResources(run.id);
      const diff = await gitops.runDiff(run.id);
      const outputs = await gitops.runOutputs(run.id);
      if (json) {
        terminal.out(stringifyJson(toContract({ ...run, resources, diff, commands: outputs }), 2));
        return exit.done;
      }
      for (const line of table([
        ['Run', run.id],
        ['Workflow', run.workflowId],
        ['Status', statusText(run)],
        ['Started', `${run.startTime}, took ${run.metrics.duration}`],
        ['Revision', run.commitHash || '-'],
        ['By', `${oneLine(run.requestedBy)}${run.reason === undefined ? '' : `: ${oneLine(run.reason)}`}`],
        ['Message', oneLine(run.message)],
      ]))
        terminal.out(line);
      terminal.out('');
      for (const line of table(resources.map((r) => [`  ${r.action}`, describeKey(r.key), r.health ?? '-', oneLine(r.message)])))
        terminal.out(line);
      for (const { phase, command, status, message, output } of outputs) {
        terminal.out('');
        terminal.out(
          `${terminal.style('bold', `${phase} command`)} ${oneLine(command)}: ${status}${message === '' ? '' : ` (${oneLine(message)})`}`,
        );
        for (const line of printable(output).trimEnd().split('\n')) if (line !== '') terminal.out(`  ${line}`);
      }
      if (diff !== undefined) {
        terminal.out('');
        showDiff(diff, terminal, { full: false });
      }
      return exit.done;
    }
    const runs = await gitops.history(name, limit);
    if (json) terminal.out(stringifyJson(toContract(runs), 2));
    else if (runs.length === 0) terminal.out('No runs yet.');
    else {
      const rows = runs.map((run) => [
        run.id,
        run.workflowId,
        statusText(run),
        run.startTime.slice(0, 19).replace('T', ' '),
        run.metrics.duration,
        run.commitHash.slice(0, 12) || '-',
        oneLine(run.requestedBy),
        oneLine(run.message),
      ]);
      for (const line of table([['RUN', 'WORKFLOW', 'STATUS', 'STARTED', 'TOOK', 'REVISION', 'BY', 'MESSAGE'], ...rows]))
        terminal.out(line);
    }
    return exit.done;
  });
}

function statusText({ status, partial, rolledBack }: PastRun): string {
  return [status, partial ? 'partial' : '', rolledBack ? 'rolled back' : ''].filter((word) => word !== '').join(', ');
}
