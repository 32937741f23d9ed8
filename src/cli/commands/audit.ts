import { toContract } from '../../gitops/index.js';
import { count, EvenkeelError, formatTime, stringifyJson } from '../../model/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { oneLine, table } from '../output.js';
import { exit } from '../report.js';

export interface AuditCommandOptions extends GlobalOptions {
  limit?: string;
  verify?: boolean;
}

export function auditCommand(context: CommandContext, name: string | undefined, options: AuditCommandOptions): Promise<number> {
  const { terminal } = context;
  const limit = options.limit === undefined ? 50 : Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new EvenkeelError('USAGE', `--limit takes a whole number from 1, not "${options.limit}"`);
  return withWorkspace(context, options, async ({ gitops }) => {
    const json = options.output === 'json';
    if (options.verify === true) {
      const found = await gitops.verifyAudit();
      if (json) terminal.out(stringifyJson(toContract(found), 2));
      else if (found.broken === undefined) terminal.out(`${count(found.entries, 'entry', 'entries')}, all as they were written`);
      else
        terminal.err(
          `${terminal.style('red', '✗')} entry ${found.broken.seq}: ${found.broken.reason}; the ${found.entries} before it hold`,
        );
      return found.broken === undefined ? exit.done : exit.failed;
    }
    const entries = await gitops.audit(name, limit);
    if (json) terminal.out(stringifyJson(toContract(entries), 2));
    else if (entries.length === 0) terminal.out('Nothing yet.');
    else {
      const rows = entries.map((entry) => [
        String(entry.seq),
        formatTime(entry.at).slice(0, 19).replace('T', ' '),
        oneLine(entry.actor),
        entry.action,
        oneLine(entry.subject),
        oneLine(String(entry.detail['status'] ?? '')),
        oneLine(entry.reason ?? ''),
      ]);
      for (const line of table([['#', 'TIME', 'WHO', 'DID', 'TO', 'RESULT', 'WHY'], ...rows])) terminal.out(line);
    }
    return exit.done;
  });
}
