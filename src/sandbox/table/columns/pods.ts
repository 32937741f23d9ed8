import { formatSelector } from '../../rest/scale.js';
import type { Loose } from '../../strategy/types.js';
import { age, type Column, containerColumns, doc, name, orNone, since, text, wide } from './column.js';

interface Shown {
  ready: number;
  reason: string;
  restarts: number;
  /** When a container was restarted last, in milliseconds; 0 where none was. */
  restarted: number;
}

const lastEnd = (container: Loose): number => Date.parse(container.lastState?.terminated?.finishedAt ?? '') || 0;

/** What a container's end is called that has no reason. */
function ended({ reason, signal, exitCode }: Loose): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`);
}

/** The first init container that is not done, as a status; undefined where all are. */
function initializing(pod: Loose, shown: Shown): string | undefined {
  for (const [i, container] of ((pod.status?.initContainerStatuses ?? []) as Loose[]).entries()) {
    shown.restarts += container.restartCount ?? 0;
    shown.restarted = Math.max(shown.restarted, lastEnd(container));
    const { terminated, waiting } = container.state ?? {};
    if (terminated && (terminated.exitCode ?? 0) === 0) continue;
    if (terminated) return `Init:${ended(terminated)}`;
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
    return `Init:${i}/${(pod.spec?.initContainers ?? []).length}`;
  }
  return undefined;
}

function shownOf(pod: Loose): Shown {
  const { status = {}, metadata } = pod;
  const shown: Shown = { ready: 0, reason: status.reason || (status.phase ?? ''), restarts: 0, restarted: 0 };
  const init = initializing(pod, shown);
  if (init !== undefined) shown.reason = init;
  else {
    shown.restarts = 0;
    let running = false;
    for (const container of [...(status.containerStatuses ?? [])].reverse()) {
      shown.restarts += container.restartCount ?? 0;
      shown.restarted = Math.max(shown.restarted, lastEnd(container));
      const { waiting, terminated } = container.state ?? {};
      if (waiting?.reason) shown.reason = waiting.reason;
      else if (terminated) shown.reason = ended(terminated);
      else if (container.ready && container.state?.running) {
        running = true;
        shown.ready++;
      }
    }
    const isReady = (status.conditions ?? []).some((c: Loose) => c.type === 'Ready' && c.status === 'True');
    if (shown.reason === 'Completed' && running) shown.reason = isReady ? 'Running' : 'NotReady';
  }
  if (metadata.deletionTimestamp) shown.reason = status.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  return shown;
}

function restarts(pod: Loose, now: number): string {
  const shown = shownOf(pod);
  return shown.restarted === 0 ? String(shown.restarts) : `${shown.restarts} (${since(new Date(shown.restarted).toISOString(), now)} ago)`;
}

function gates(pod: Loose): string {
  const wanted: Loose[] = pod.spec?.readinessGates ?? [];
  if (wanted.length === 0) return '<none>';
  const holds = ({ conditionType }: Loose) =>
    (pod.status?.conditions ?? []).find((c: Loose) => c.type === conditionType)?.status === 'True';
  return `${wanted.filter(holds).length}/${wanted.length}`;
}

export const pods: Column[] = [
  name,
  text(
    'Ready',
    'The aggregate readiness state of this pod for accepting traffic.',
    (o) => `${shownOf(o).ready}/${(o.spec?.containers ?? []).length}`,
  ),
  text('Status', 'The aggregate status of the containers in this pod.', (o) => shownOf(o).reason),
  text(
    'Restarts',
    'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    restarts,
  ),
  age,
  wide(text('IP', doc('core.PodStatus.podIP'), (o) => orNone(o.status?.podIPs?.[0]?.ip ?? o.status?.podIP))),
  wide(text('Node', doc('core.PodSpec.nodeName'), (o) => orNone(o.spec?.nodeName))),
  wide(text('Nominated Node', doc('core.PodStatus.nominatedNodeName'), (o) => orNone(o.status?.nominatedNodeName))),
  wide(text('Readiness Gates', doc('core.PodSpec.readinessGates'), gates)),
];

/** What the row of a pod says beside its cells: that it is over. */
export function podConditions(pod: Loose): object[] | undefined {
  const { phase } = pod.status ?? {};
  if (phase !== 'Succeeded' && phase !== 'Failed') return undefined;
  const message = phase === 'Succeeded' ? 'The pod has completed successfully.' : 'The pod failed.';
  return [{ type: 'Completed', status: 'True', reason: phase, message }];
}

export const podTemplates: Column[] = [
  name,
  ...containerColumns((o) => o.template),
  text('Pod Labels', 'The labels for the pod template.', (o) => orNone(formatSelector(o.template?.metadata?.labels))),
];
