import type { Cluster } from '../kube/index.js';
import { EvenkeelError, type KubeObject } from '../model/index.js';

interface ContainerState {
  name?: string;
  ready?: boolean;
  restartCount?: number;
  image?: string;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string; exitCode?: number } };
}

/**
 * What is wrong with the pods of a workload, in a few words: `pod web-7d9-x2: ImagePullBackOff (nginx:mising)`.
 * '' where they are fine, there are none, or nobody may look.
 */
export async function explainPods(cluster: Cluster, object: KubeObject, signal?: AbortSignal): Promise<string> {
  const labels = (object['spec'] as { selector?: { matchLabels?: { [key: string]: string } } } | undefined)?.selector?.matchLabels;
  if (labels === undefined || Object.keys(labels).length === 0) return '';
  try {
    const resource = (await cluster.discovery({ signal })).find({ group: '', version: 'v1', kind: 'Pod' });
    if (resource === undefined) return '';
    const labelSelector = Object.entries(labels)
      .map(([k, v]) => `${k}=${v}`)
      .join(',');
    const { items } = await cluster.list(resource, { namespace: object.metadata.namespace, labelSelector, signal });
    const troubles = items
      .filter((pod) => pod.metadata.deletionTimestamp === undefined)
      .map(troubleOf)
      .filter((text) => text !== '');
    return troubles.length <= 1 ? (troubles[0] ?? '') : `${troubles[0]} (and ${troubles.length - 1} more)`;
  } catch (error) {
    if (error instanceof EvenkeelError) return '';
    throw error;
  }
}

/** Reasons that pass by themselves within moments and say nothing. */
const ordinary = new Set(['ContainerCreating', 'PodInitializing', undefined]);

function troubleOf(pod: KubeObject): string {
  const status = (pod['status'] ?? {}) as {
    conditions?: { type?: string; status?: string; reason?: string; message?: string }[];
    containerStatuses?: ContainerState[];
    initContainerStatuses?: ContainerState[];
  };
  const unscheduled = status.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  if (unscheduled) return `pod ${pod.metadata.name}: ${unscheduled.reason ?? 'not scheduled'}: ${unscheduled.message ?? ''}`;
  for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const waiting = container.state?.waiting;
    if (waiting && !ordinary.has(waiting.reason)) {
      const restarts = (container.restartCount ?? 0) > 0 ? `, ${container.restartCount} restarts` : '';
      return `pod ${pod.metadata.name}: ${waiting.reason} (container ${container.name}, image ${container.image}${restarts})`;
    }
    const ended = container.state?.terminated;
    if (ended && ended.exitCode !== 0)
      return `pod ${pod.metadata.name}: ${ended.reason ?? 'Error'}, exit code ${ended.exitCode} (container ${container.name})`;
  }
  return '';
}
