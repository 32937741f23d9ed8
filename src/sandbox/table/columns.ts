import { formatSelector } from '../rest/scale.js';
import type { Loose } from '../strategy/types.js';

/** A column of a printed table and how an object fills it. */
export interface Column {
  name: string;
  type?: 'string' | 'integer' | 'date';
  /** Above 0: shown in wide output only. */
  wide?: true;
  cell(object: Loose, now: number): unknown;
}

/** A time span as kubectl writes it: `5s`, `3m2s`, `4h`, `12d`, `2y30d`. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 && days % 365 !== 0 ? `${years}y${days % 365}d` : `${years}y`;
}

function since(time: string | undefined | null, now: number): string {
  return time ? humanDuration(now - Date.parse(time)) : '<unknown>';
}

const name: Column = { name: 'Name', cell: (o) => o.metadata.name };
const age: Column = { name: 'Age', cell: (o, now) => since(o.metadata.creationTimestamp, now) };
const text = (title: string, cell: Column['cell']): Column => ({ name: title, cell });
const int = (title: string, cell: Column['cell']): Column => ({ name: title, type: 'integer', cell });
const wide = (column: Column): Column => ({ ...column, wide: true });
const orNone = (value: unknown) => (value === undefined || value === null || value === '' ? '<none>' : value);

const images = (template: Loose) => (template?.spec?.containers ?? []).map((c: Loose) => c.image).join(',');
const containerNames = (template: Loose) => (template?.spec?.containers ?? []).map((c: Loose) => c.name).join(',');
const workloadWide = (template: (o: Loose) => Loose, selector: (o: Loose) => Loose): Column[] => [
  wide(text('Containers', (o) => containerNames(template(o)))),
  wide(text('Images', (o) => images(template(o)))),
  wide(text('Selector', (o) => orNone(formatSelector(selector(o))))),
];
const template = (o: Loose) => o.spec.template;
const selector = (o: Loose) => o.spec.selector;

function podStatus(pod: Loose): string {
  let reason = pod.status?.reason ?? pod.status?.phase ?? 'Unknown';
  for (const c of pod.status?.containerStatuses ?? []) {
    if (c.state?.waiting?.reason) reason = c.state.waiting.reason;
    else if (c.state?.terminated) reason = c.state.terminated.reason || `ExitCode:${c.state.terminated.exitCode}`;
  }
  return pod.metadata.deletionTimestamp ? 'Terminating' : reason;
}

const readyContainers = (pod: Loose) =>
  `${(pod.status?.containerStatuses ?? []).filter((c: Loose) => c.ready).length}/${(pod.spec?.containers ?? []).length}`;
const restarts = (pod: Loose) => (pod.status?.containerStatuses ?? []).reduce((sum: number, c: Loose) => sum + (c.restartCount ?? 0), 0);

const pods: Column[] = [
  name,
  text('Ready', readyContainers),
  text('Status', podStatus),
  text('Restarts', (o) => String(restarts(o))),
  age,
  wide(text('IP', (o) => orNone(o.status?.podIP))),
  wide(text('Node', (o) => orNone(o.spec?.nodeName))),
  wide(text('Nominated Node', (o) => orNone(o.status?.nominatedNodeName))),
  wide(text('Readiness Gates', () => '<none>')),
];

function externalIp(service: Loose): string {
  const points = (service.status?.loadBalancer?.ingress ?? []).map((i: Loose) => i.ip ?? i.hostname);
  const ips = service.spec.externalIPs ?? [];
  if (service.spec.type === 'ExternalName') return service.spec.externalName;
  if (service.spec.type === 'LoadBalancer') return [...points, ...ips].join(',') || '<pending>';
  return ips.join(',') || '<none>';
}

const servicePorts = (service: Loose) =>
  (service.spec.ports ?? []).map((p: Loose) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol}`).join(',') || '<none>';

const nodeRoles = (node: Loose) =>
  Object.keys(node.metadata.labels ?? {})
    .filter((l) => l.startsWith('node-role.kubernetes.io/'))
    .map((l) => l.slice('node-role.kubernetes.io/'.length))
    .sort()
    .join(',');

function nodeStatus(node: Loose): string {
  const ready = (node.status?.conditions ?? []).find((c: Loose) => c.type === 'Ready');
  const status = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable ? `${status},SchedulingDisabled` : status;
}

const count = (object: Loose) => Object.keys(object ?? {}).length;
const jobDuration = (job: Loose, now: number) =>
  job.status?.startTime
    ? humanDuration((job.status.completionTime ? Date.parse(job.status.completionTime) : now) - Date.parse(job.status.startTime))
    : '';

function jobStatus(job: Loose): string {
  const is = (type: string) => (job.status?.conditions ?? []).some((c: Loose) => c.type === type && c.status === 'True');
  if (is('Complete')) return 'Complete';
  if (is('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  return is('Suspended') ? 'Suspended' : 'Running';
}

const metricTargets = (hpa: Loose) =>
  (hpa.spec.metrics ?? [])
    .map((m: Loose, i: number) => {
      const target = m.resource?.target ?? m.pods?.target ?? m.object?.target ?? m.external?.target ?? {};
      const current = hpa.status?.currentMetrics?.[i];
      const now = current?.resource?.current ?? current?.pods?.current ?? current?.object?.current ?? current?.external?.current ?? {};
      const shown = (v: Loose) =>
        v.averageUtilization !== undefined ? `${v.averageUtilization}%` : (v.averageValue ?? v.value ?? '<unknown>');
      return `${m.resource ? `${m.resource.name}: ` : ''}${shown(now)}/${shown(target)}`;
    })
    .join(', ');

const binding: Column[] = [name, text('Role', (o) => `${o.roleRef.kind}/${o.roleRef.name}`), age];
const created: Column = { name: 'Created At', type: 'date', cell: (o) => o.metadata.creationTimestamp };

/** Columns by stored resource. */
export const columns: { [resource: string]: Column[] } = {
  'pods.': pods,
  'deployments.apps': [
    name,
    text('Ready', (o) => `${o.status?.readyReplicas ?? 0}/${o.spec.replicas}`),
    int('Up-to-date', (o) => o.status?.updatedReplicas ?? 0),
    int('Available', (o) => o.status?.availableReplicas ?? 0),
    age,
    ...workloadWide(template, selector),
  ],
  'replicasets.apps': [
    name,
    int('Desired', (o) => o.spec.replicas),
    int('Current', (o) => o.status?.replicas ?? 0),
    int('Ready', (o) => o.status?.readyReplicas ?? 0),
    age,
    ...workloadWide(template, selector),
  ],
  'replicationcontrollers.': [
    name,
    int('Desired', (o) => o.spec.replicas),
    int('Current', (o) => o.status?.replicas ?? 0),
    int('Ready', (o) => o.status?.readyReplicas ?? 0),
    age,
    ...workloadWide(template, selector),
  ],
  'statefulsets.apps': [
    name,
    text('Ready', (o) => `${o.status?.readyReplicas ?? 0}/${o.spec.replicas}`),
    age,
    ...workloadWide(template, selector).slice(0, 2),
  ],
  'daemonsets.apps': [
    name,
    int('Desired', (o) => o.status?.desiredNumberScheduled ?? 0),
    int('Current', (o) => o.status?.currentNumberScheduled ?? 0),
    int('Ready', (o) => o.status?.numberReady ?? 0),
    int('Up-to-date', (o) => o.status?.updatedNumberScheduled ?? 0),
    int('Available', (o) => o.status?.numberAvailable ?? 0),
    text('Node Selector', (o) => orNone(formatSelector(o.spec.template.spec.nodeSelector))),
    age,
    ...workloadWide(template, selector),
  ],
  'jobs.batch': [
    name,
    text('Status', jobStatus),
    text('Completions', (o) => `${o.status?.succeeded ?? 0}/${o.spec.completions ?? 1}`),
    text('Duration', jobDuration),
    age,
    ...workloadWide(template, selector),
  ],
  'cronjobs.batch': [
    name,
    text('Schedule', (o) => o.spec.schedule),
    text('Timezone', (o) => orNone(o.spec.timeZone)),
    text('Suspend', (o) => (o.spec.suspend ? 'True' : 'False')),
    int('Active', (o) => (o.status?.active ?? []).length),
    text('Last Schedule', (o, now) => (o.status?.lastScheduleTime ? since(o.status.lastScheduleTime, now) : '<none>')),
    age,
    ...workloadWide(
      (o) => o.spec.jobTemplate.spec.template,
      () => undefined,
    ),
  ],
  'services.': [
    name,
    text('Type', (o) => o.spec.type),
    text('Cluster-IP', (o) => orNone(o.spec.clusterIP)),
    text('External-IP', externalIp),
    text('Port(s)', servicePorts),
    age,
    wide(text('Selector', (o) => orNone(formatSelector(o.spec.selector)))),
  ],
  'endpoints.': [
    name,
    text(
      'Endpoints',
      (o) =>
        (o.subsets ?? [])
          .flatMap((s: Loose) =>
            (s.addresses ?? []).flatMap((a: Loose) => (s.ports ?? [{}]).map((p: Loose) => `${a.ip}${p.port ? `:${p.port}` : ''}`)),
          )
          .slice(0, 3)
          .join(',') || '<none>',
    ),
    age,
  ],
  'endpointslices.discovery.k8s.io': [
    name,
    text('AddressType', (o) => o.addressType),
    text('Ports', (o) => (o.ports ?? []).map((p: Loose) => p.port ?? '*').join(',') || '<unset>'),
    text(
      'Endpoints',
      (o) =>
        (o.endpoints ?? [])
          .flatMap((e: Loose) => e.addresses ?? [])
          .slice(0, 3)
          .join(',') || '<unset>',
    ),
    age,
  ],
  'ingresses.networking.k8s.io': [
    name,
    text('Class', (o) => orNone(o.spec.ingressClassName)),
    text('Hosts', (o) => (o.spec.rules ?? []).map((r: Loose) => r.host ?? '*').join(',') || '*'),
    text('Address', (o) => (o.status?.loadBalancer?.ingress ?? []).map((i: Loose) => i.ip ?? i.hostname).join(',')),
    text('Ports', (o) => ((o.spec.tls ?? []).length > 0 ? '80, 443' : '80')),
    age,
  ],
  'networkpolicies.networking.k8s.io': [name, text('Pod-Selector', (o) => orNone(formatSelector(o.spec.podSelector))), age],
  'configmaps.': [name, int('Data', (o) => count(o.data) + count(o.binaryData)), age],
  'secrets.': [name, text('Type', (o) => o.type), int('Data', (o) => count(o.data)), age],
  'serviceaccounts.': [name, int('Secrets', (o) => (o.secrets ?? []).length), age],
  'namespaces.': [name, text('Status', (o) => o.status?.phase), age],
  'nodes.': [
    name,
    text('Status', nodeStatus),
    text('Roles', (o) => orNone(nodeRoles(o))),
    age,
    text('Version', (o) => o.status?.nodeInfo?.kubeletVersion ?? ''),
    wide(text('Internal-IP', (o) => orNone((o.status?.addresses ?? []).find((a: Loose) => a.type === 'InternalIP')?.address))),
    wide(text('OS-Image', (o) => o.status?.nodeInfo?.osImage ?? '<unknown>')),
    wide(text('Container-Runtime', (o) => o.status?.nodeInfo?.containerRuntimeVersion ?? '<unknown>')),
  ],
  'persistentvolumeclaims.': [
    name,
    text('Status', (o) => (o.metadata.deletionTimestamp ? 'Terminating' : o.status?.phase)),
    text('Volume', (o) => o.spec.volumeName ?? ''),
    text('Capacity', (o) => o.status?.capacity?.storage ?? ''),
    text('Access Modes', (o) => modes(o.status?.accessModes)),
    text('StorageClass', (o) => o.spec.storageClassName ?? ''),
    age,
    wide(text('VolumeMode', (o) => o.spec.volumeMode)),
  ],
  'persistentvolumes.': [
    name,
    text('Capacity', (o) => o.spec.capacity?.storage ?? ''),
    text('Access Modes', (o) => modes(o.spec.accessModes)),
    text('Reclaim Policy', (o) => o.spec.persistentVolumeReclaimPolicy),
    text('Status', (o) => (o.metadata.deletionTimestamp ? 'Terminating' : o.status?.phase)),
    text('Claim', (o) => (o.spec.claimRef ? `${o.spec.claimRef.namespace}/${o.spec.claimRef.name}` : '')),
    text('StorageClass', (o) => o.spec.storageClassName ?? ''),
    text('Reason', (o) => o.status?.reason ?? ''),
    age,
  ],
  'storageclasses.storage.k8s.io': [
    text('Name', (o) =>
      o.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ? `${o.metadata.name} (default)` : o.metadata.name,
    ),
    text('Provisioner', (o) => o.provisioner),
    text('ReclaimPolicy', (o) => o.reclaimPolicy),
    text('VolumeBindingMode', (o) => o.volumeBindingMode),
    text('AllowVolumeExpansion', (o) => String(o.allowVolumeExpansion ?? false)),
    age,
  ],
  'horizontalpodautoscalers.autoscaling': [
    name,
    text('Reference', (o) => `${o.spec.scaleTargetRef.kind}/${o.spec.scaleTargetRef.name}`),
    text('Targets', (o) => metricTargets(o) || '<none>'),
    text('MinPods', (o) => String(o.spec.minReplicas ?? '<unset>')),
    int('MaxPods', (o) => o.spec.maxReplicas),
    int('Replicas', (o) => o.status?.currentReplicas ?? 0),
    age,
  ],
  'poddisruptionbudgets.policy': [
    name,
    text('Min Available', (o) => String(o.spec.minAvailable ?? 'N/A')),
    text('Max Unavailable', (o) => String(o.spec.maxUnavailable ?? 'N/A')),
    int('Allowed Disruptions', (o) => o.status?.disruptionsAllowed ?? 0),
    age,
  ],
  'roles.rbac.authorization.k8s.io': [name, created],
  'clusterroles.rbac.authorization.k8s.io': [name, created],
  'rolebindings.rbac.authorization.k8s.io': binding,
  'clusterrolebindings.rbac.authorization.k8s.io': binding,
  'events.': [
    text('Last Seen', (o, now) => since(o.lastTimestamp ?? o.eventTime ?? o.metadata.creationTimestamp, now)),
    text('Type', (o) => o.type),
    text('Reason', (o) => o.reason),
    text(
      'Object',
      (o) => `${(o.involvedObject ?? o.regarding)?.kind?.toLowerCase() ?? ''}/${(o.involvedObject ?? o.regarding)?.name ?? ''}`,
    ),
    text('Message', (o) => (o.message ?? o.note ?? '').trim()),
    wide(text('Name', (o) => o.metadata.name)),
  ],
  'leases.coordination.k8s.io': [name, text('Holder', (o) => o.spec?.holderIdentity ?? ''), age],
  'priorityclasses.scheduling.k8s.io': [
    name,
    int('Value', (o) => o.value),
    text('Global-Default', (o) => String(o.globalDefault ?? false)),
    age,
  ],
  'ingressclasses.networking.k8s.io': [
    name,
    text('Controller', (o) => o.spec.controller),
    text('Parameters', (o) => (o.spec.parameters ? `${o.spec.parameters.kind}/${o.spec.parameters.name}` : '<none>')),
    age,
  ],
  'customresourcedefinitions.apiextensions.k8s.io': [name, created],
  'controllerrevisions.apps': [
    name,
    text('Controller', (o) => orNone(o.metadata.ownerReferences?.[0]?.name)),
    int('Revision', (o) => o.revision),
    age,
  ],
};

const shortModes: { [mode: string]: string } = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function modes(list: string[] | undefined): string {
  return (list ?? []).map((m) => shortModes[m] ?? m).join(',');
}

export const defaultColumns: Column[] = [name, created];
export const nameColumn = name;
