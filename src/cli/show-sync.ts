import { summaryLine } from '../compare/index.js';
import type { PrepareEvent, RollbackReport, SyncReport } from '../gitops/index.js';
import { describeKey, formatDuration } from '../model/index.js';
import type { SyncEvent } from '../sync/index.js';
import { bar, liveLine } from './live-line.js';
import { oneLine, type Terminal } from './output.js';

const signs = { created: '+', updated: '~', pruned: '-', unchanged: '=', failed: '✗', skipped: '·' } as const;
const colors = { created: 'green', updated: 'yellow', pruned: 'red', unchanged: 'dim', failed: 'red', skipped: 'dim' } as const;

/**
 * Shows a sync as it goes: a line per resource that stays, and on a terminal a bar and what is being
 * waited for below them.
 */
export function syncView(terminal: Terminal) {
  const line = liveLine(terminal);
  let lastWaiting = '';
  return {
    onEvent(event: SyncEvent | PrepareEvent): void {
      switch (event.type) {
        case 'fetched':
          line.print(
            `${terminal.style('bold', 'Revision')} ${event.revision.slice(0, 12)} ${terminal.style('dim', `${oneLine(event.subject)} (${oneLine(event.author)})`)}`,
          );
          line.update(terminal.style('dim', 'reading manifests…'));
          return;
        case 'rendered':
          line.update(terminal.style('dim', `comparing ${event.objects} objects with the cluster…`));
          return;
        case 'compared':
          line.print(`${terminal.style('bold', 'Plan')} ${summaryLine(event.diff)}`);
          for (const decided of event.diff.resolutions)
            line.print(`  ${terminal.style('yellow', '!')} ${oneLine(decided.resource)}: ${oneLine(decided.description)}`);
          for (const warning of event.diff.warnings) line.print(`  ${terminal.style('yellow', '!')} ${oneLine(warning)}`);
          return;
        case 'retrying':
          line.print(
            terminal.style(
              'yellow',
              `Attempt ${event.attempt} failed: ${oneLine(event.reason)}; next one in ${formatDuration(event.inMs)}`,
            ),
          );
          return;
        case 'started':
          line.update(event.total === 0 ? '' : bar(0, event.total));
          return;
        case 'phase':
          if (event.phase !== 'Sync' || event.wave !== 0)
            line.print(
              terminal.style(
                'dim',
                event.phase === 'Prune' ? `Pruning${event.wave === 0 ? '' : `, wave ${event.wave}`}` : `${event.phase}, wave ${event.wave}`,
              ),
            );
          return;
        case 'resource': {
          const { result } = event;
          line.print(
            `  ${terminal.style(colors[result.action], signs[result.action])} ${oneLine(describeKey(result.key))} ${terminal.style('dim', result.action)}${result.action === 'failed' ? `: ${oneLine(result.message)}` : ''}`,
          );
          line.update(bar(event.done, event.total));
          return;
        }
        case 'hook':
          line.print(
            `  ${event.state === 'failed' ? terminal.style('red', '✗') : terminal.style('cyan', '»')} ${oneLine(event.resource)}${event.namespace === '' ? '' : ` in ${oneLine(event.namespace)}`} ${terminal.style('dim', `${event.phase} hook ${event.state}`)}${event.message === '' ? '' : `: ${oneLine(event.message)}`}`,
          );
          return;
        case 'command':
          line.print(
            `  ${event.state === 'failed' ? terminal.style('red', '✗') : terminal.style('cyan', '»')} ${oneLine(event.command)} ${terminal.style('dim', `${event.phase} command ${event.state}`)}${event.message === '' ? '' : `: ${oneLine(event.message)}`}`,
          );
          return;
        case 'healthy':
          line.print(
            `  ${terminal.style('green', '✓')} ${oneLine(describeKey(event.key))} ${terminal.style('dim', event.health.status.toLowerCase())}`,
          );
          return;
        case 'waiting': {
          const first = event.for[0];
          if (first === undefined) return;
          const rest = event.for.length - 1;
          const text = `waiting for ${oneLine(describeKey(first.key))}: ${first.health}, ${oneLine(first.why)}${rest > 0 ? ` (and ${rest} more)` : ''}`;
          line.update(`${terminal.style('yellow', '…')} ${text} ${terminal.style('dim', formatDuration(event.elapsedMs))}`);
          if (!terminal.live && text !== lastWaiting) terminal.out(`  ${text}`);
          lastWaiting = text;
          return;
        }
      }
    },
    end(report: SyncReport | RollbackReport): void {
      line.end();
      if (report.success)
        terminal.out(
          `${terminal.style(['green', 'bold'], 'Synced')} ${oneLine(report.message.replace(/^Sync completed: /, ''))} in ${report.metrics.duration}`,
        );
      else terminal.err(`${terminal.style(['red', 'bold'], verdictOf(report))} ${oneLine(report.message)}`);
    },
    abandon: () => line.end(),
  };
}

function verdictOf({ status, error }: SyncReport | RollbackReport): string {
  if (status === 'cancelled') return 'Stopped';
  const code = error?.['code'];
  return code === 'APPROVAL_PENDING' ? 'Not yet:' : code === 'APPROVAL_REJECTED' || code === 'PLAN_MOVED' ? 'Refused:' : 'Failed';
}
