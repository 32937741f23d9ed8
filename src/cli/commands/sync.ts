import { toContract } from '../../gitops/index.js';
import { EvenkeelError, stringifyJson } from '../../model/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { errorLines, exit } from '../report.js';
import { syncView } from '../show-sync.js';
import { type OneOffOptions, targetWorkflow } from '../target.js';

export interface SyncCommandOptions extends GlobalOptions, OneOffOptions {
  prune?: boolean;
  takeBack?: boolean;
  adopt?: boolean;
  allowMassPrune?: boolean;
  reason?: string;
}

export function syncCommand(context: CommandContext, name: string | undefined, options: SyncCommandOptions): Promise<number> {
  const { terminal, signal } = context;
  return withWorkspace(context, options, async (workspace) => {
    const id = await targetWorkflow(workspace, name, options);
    const json = options.output === 'json';
    // With JSON on standard output, progress goes to standard error as plain lines.
    const view = syncView(json ? { ...terminal, live: false, out: terminal.err } : terminal);
    try {
      const report = await workspace.gitops.syncWorkflow(id, {
        prune: options.prune,
        takeBack: options.takeBack,
        adopt: options.adopt,
        allowMassPrune: options.allowMassPrune,
        createNamespace: options.createNamespace,
        healthTimeout: options.healthTimeout,
        noWait: options.wait === false,
        reason: options.reason,
        signal,
        onEvent: view.onEvent,
      });
      view.end(report);
      if (json) terminal.out(stringifyJson(toContract({ ...report, workflowId: id }), 2));
      else if (!report.success && report.error !== undefined && report.status !== 'cancelled') {
        const { code, message, hint, where, details } = report.error as {
          code: 'INTERNAL';
          message: string;
          hint?: string;
          where?: object;
          details?: { [key: string]: unknown };
        };
        for (const line of errorLines(new EvenkeelError(code, message, { hint, where, details }), terminal).slice(1)) terminal.err(line);
      }
      if (report.success) return exit.done;
      return report.status === 'cancelled' ? exit.interrupted : exit.failed;
    } catch (error) {
      view.abandon();
      throw error;
    }
  });
}
