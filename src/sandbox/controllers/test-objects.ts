import type { KubeObject } from '../../model/index.js';
import type { Condition, Pod } from './shapes.js';
import type { TestHost } from './test-host.js';

export interface Seen extends KubeObject {
  spec: { [field: string]: unknown; replicas?: number };
  status?: { [field: string]: unknown; conditions?: Condition[]; replicas?: number; availableReplicas?: number; updatedReplicas?: number };
}

export function deployment(
  name: string,
  spec: { [field: string]: unknown } = {},
  image = 'nginx:1.25',
  annotations: { [key: string]: string } = {},
): Seen {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: {
      replicas: 1,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name }, annotations }, spec: podSpec(image) },
      ...spec,
    },
  };
}

export function podSpec(image = 'nginx:1.25', extra: { [field: string]: unknown } = {}): Pod['spec'] {
  return { containers: [{ name: 'main', image }], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...extra };
}

const at = (group: string, plural: string) => (host: TestHost, name: string) =>
  host.get({ group, plural }, 'default', name) as Seen | undefined;

export const see = {
  deployment: at('apps', 'deployments'),
  statefulSet: at('apps', 'statefulsets'),
  daemonSet: at('apps', 'daemonsets'),
  job: at('batch', 'jobs'),
  pod: at('', 'pods') as (host: TestHost, name: string) => Pod | undefined,
  pods: (host: TestHost) => host.list({ group: '', plural: 'pods' }, 'default') as Pod[],
  replicaSets: (host: TestHost) => host.list({ group: 'apps', plural: 'replicasets' }, 'default') as Seen[],
};

export const conditionOf = (object: { status?: { conditions?: Condition[] } } | undefined, type: string): Condition | undefined =>
  object?.status?.conditions?.find((c) => c.type === type);
