import { summaryLine } from '../compare/index.js';
import type { Gitops } from '../gitops/index.js';
import { describeKey, formatDuration } from '../model/index.js';

type Listener = NonNullable<NonNullable<Parameters<Gitops['syncWorkflow']>[1]>['onEvent']>;
type SyncEvent = Parameters<Listener>[0];

const signs: { [action: string]: string } = { created: '+', updated: '~', pruned: '-', failed: '✗', skipped: '·' };

/** Says how far a sync or a rollback has come, a line at a time; what has not changed is not said again. */
export function syncLines(say: (line: string) => void): Listener {
  let last = '';
  return (event) => {
    const line = lineOf(event);
    if (line === undefined || line === last) return;
    last = line;
    say(line);
  };
}

function lineOf(event: SyncEvent): string | undefined {
  switch (event.type) {
    case 'fetched':
      return `revision ${event.revision.slice(0, 12)} ${event.subject}`;
    case 'compared':
      return `plan: ${summaryLine(event.diff)}`;
    case 'retrying':
      return `attempt ${event.attempt} failed: ${event.reason}; next one in ${formatDuration(event.inMs)}`;
    case 'resource': {
      const { action, key, message } = event.result;
      return action === 'unchanged'
        ? undefined
        : `${signs[action] ?? ''} ${describeKey(key)} ${action}${action === 'failed' ? `: ${message}` : ''}`;
    }
    case 'hook':
      return `${event.phase} hook ${event.resource} ${event.state}${event.message === '' ? '' : `: ${event.message}`}`;
    case 'command':
      return `${event.phase} command ${event.command} ${event.state}${event.message === '' ? '' : `: ${event.message}`}`;
    case 'healthy':
      return `✓ ${describeKey(event.key)} ${event.health.status.toLowerCase()}`;
    case 'waiting': {
      const [first, ...rest] = event.for;
      return first === undefined
        ? undefined
        : `waiting for ${describeKey(first.key)}: ${first.health}, ${first.why}${rest.length > 0 ? ` (and ${rest.length} more)` : ''}`;
    }
    default:
      return undefined;
  }
}
