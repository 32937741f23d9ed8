import type { Loose } from '../../strategy/types.js';
import { humanDuration } from '../duration.js';
import { age, bool, type Column, doc, int, name, orNone, since, text, wide } from './column.js';

const count = (object: Loose) => Object.keys(object ?? {}).length;

export const configMaps: Column[] = [name, text('Data', doc('core.ConfigMap.data'), (o) => count(o.data) + count(o.binaryData)), age];
export const secrets: Column[] = [
  name,
  text('Type', doc('core.Secret.type'), (o) => o.type ?? ''),
  text('Data', doc('core.Secret.data'), (o) => count(o.data)),
  age,
];
export const serviceAccounts: Column[] = [name, text('Secrets', doc('core.ServiceAccount.secrets'), (o) => (o.secrets ?? []).length), age];
export const namespaces: Column[] = [name, text('Status', 'The status of the namespace', (o) => o.status?.phase ?? ''), age];

function nodeRoles({ metadata }: Loose): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = new Set<string>();
  for (const [key, value] of Object.entries((metadata.labels ?? {}) as { [key: string]: string })) {
    if (key.startsWith(prefix) && key.length > prefix.length) roles.add(key.slice(prefix.length));
    if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return [...roles].sort().join(',') || '<none>';
}

function nodeStatus(node: Loose): string {
  const ready = (node.status?.conditions ?? []).find((c: Loose) => c.type === 'Ready');
  const status = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable ? `${status},SchedulingDisabled` : status;
}

const address = (type: string) => (o: Loose) => orNone((o.status?.addresses ?? []).find((a: Loose) => a.type === type)?.address);
const info = (field: string) => (o: Loose) => o.status?.nodeInfo?.[field] || '<unknown>';

export const nodes: Column[] = [
  name,
  text('Status', 'The status of the node', nodeStatus),
  text('Roles', 'The roles of the node', nodeRoles),
  age,
  text('Version', doc('core.NodeSystemInfo.kubeletVersion'), (o) => o.status?.nodeInfo?.kubeletVersion ?? ''),
  wide(text('Internal-IP', doc('core.NodeStatus.addresses'), address('InternalIP'))),
  wide(text('External-IP', doc('core.NodeStatus.addresses'), address('ExternalIP'))),
  wide(text('OS-Image', doc('core.NodeSystemInfo.osImage'), info('osImage'))),
  wide(text('Kernel-Version', doc('core.NodeSystemInfo.kernelVersion'), info('kernelVersion'))),
  wide(text('Container-Runtime', doc('core.NodeSystemInfo.containerRuntimeVersion'), info('containerRuntimeVersion'))),
];

function firstSeen(event: Loose, now: number): string {
  return since(event.firstTimestamp ?? event.deprecatedFirstTimestamp ?? event.eventTime, now);
}

function lastSeen(event: Loose, now: number): string {
  if (event.series) return since(event.series.lastObservedTime, now);
  const last = event.lastTimestamp ?? event.deprecatedLastTimestamp;
  return last ? since(last, now) : firstSeen(event, now);
}

const involved = (event: Loose) => event.involvedObject ?? event.regarding ?? {};

function target(event: Loose): string {
  const { kind = '', name: called } = involved(event);
  return called ? `${kind.toLowerCase()}/${called}` : kind.toLowerCase();
}

function source(event: Loose): string {
  const from = event.source ?? event.deprecatedSource ?? {};
  const component = from.component || event.reportingComponent || event.reportingController || '';
  const host = from.host || event.reportingInstance || '';
  return host === '' ? component : `${component}, ${host}`;
}

export const events: Column[] = [
  text('Last Seen', doc('core.Event.lastTimestamp'), lastSeen),
  text('Type', doc('core.Event.type'), (o) => o.type ?? ''),
  text('Reason', doc('core.Event.reason'), (o) => o.reason ?? ''),
  text('Object', doc('core.Event.involvedObject'), target),
  wide(text('Subobject', doc('core.ObjectReference.fieldPath'), (o) => involved(o).fieldPath ?? '')),
  wide(text('Source', doc('core.Event.source'), source)),
  text('Message', doc('core.Event.message'), (o) => (o.message ?? o.note ?? '').trim()),
  wide(text('First Seen', doc('core.Event.firstTimestamp'), firstSeen)),
  wide(text('Count', doc('core.Event.count'), (o) => o.series?.count ?? (o.count || o.deprecatedCount || 1))),
  wide(name),
];

/** The subjects of a binding of one kind, by name. */
const subjects = (kind: string) => (o: Loose) =>
  (o.subjects ?? [])
    .filter((s: Loose) => s.kind === kind)
    .map((s: Loose) => (kind === 'ServiceAccount' ? `${s.namespace ?? ''}/${s.name}` : s.name))
    .join(', ');

const bindings = (called: string, role: string): Column[] => [
  name,
  text('Role', role, (o) => `${o.roleRef.kind}/${o.roleRef.name}`),
  age,
  wide(text('Users', `Users in the ${called}`, subjects('User'))),
  wide(text('Groups', `Groups in the ${called}`, subjects('Group'))),
  wide(text('ServiceAccounts', `ServiceAccounts in the ${called}`, subjects('ServiceAccount'))),
];

export const roleBindings = bindings('roleBinding', doc('rbac.RoleBinding.roleRef'));
export const clusterRoleBindings = bindings('clusterRoleBinding', doc('rbac.ClusterRoleBinding.roleRef'));

/** What a quota counts and how much of it, of limits or of all else. */
const counted = (limits: boolean) => (o: Loose) =>
  Object.entries((o.status?.hard ?? {}) as { [resource: string]: string })
    .filter(([resource]) => resource.startsWith('limits.') === limits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, hard]) => `${resource}: ${o.status?.used?.[resource] ?? '0'}/${hard}`)
    .join(', ');

export const resourceQuotas: Column[] = [
  name,
  age,
  text('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.', counted(false)),
  text(
    'Limit',
    'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
    counted(true),
  ),
];

export const leases: Column[] = [
  name,
  text('Holder', doc('coordination.LeaseSpec.holderIdentity'), (o) => o.spec?.holderIdentity ?? ''),
  age,
];

export const priorityClasses: Column[] = [
  name,
  int('Value', doc('scheduling.PriorityClass.value'), (o) => o.value),
  bool('Global-Default', doc('scheduling.PriorityClass.globalDefault'), (o) => o.globalDefault ?? false),
  age,
];

export const runtimeClasses: Column[] = [name, text('Handler', '', (o) => o.handler ?? ''), age];

const webhookCount = 'Webhooks indicates the number of webhooks registered in this configuration';
export const webhookConfigurations: Column[] = [name, int('Webhooks', webhookCount, (o) => (o.webhooks ?? []).length), age];

function certificateStatus({ status = {} }: Loose): string {
  const is = (type: string) => (status.conditions ?? []).some((c: Loose) => c.type === type);
  const decided = is('Denied') ? 'Denied' : is('Approved') ? 'Approved' : 'Pending';
  return `${decided}${is('Failed') ? ',Failed' : ''}${status.certificate ? ',Issued' : ''}`;
}

export const certificateRequests: Column[] = [
  name,
  age,
  text('SignerName', doc('certificates.CertificateSigningRequestSpec.signerName'), (o) => orNone(o.spec.signerName)),
  text('Requestor', doc('certificates.CertificateSigningRequestSpec.request'), (o) => o.spec.username ?? ''),
  text('RequestedDuration', doc('certificates.CertificateSigningRequestSpec.expirationSeconds'), (o) =>
    o.spec.expirationSeconds === undefined ? '<none>' : humanDuration(o.spec.expirationSeconds * 1000),
  ),
  text('Condition', doc('certificates.CertificateSigningRequestStatus.conditions'), certificateStatus),
];

export const flowSchemas: Column[] = [
  name,
  text('PriorityLevel', doc('flowcontrol.PriorityLevelConfigurationReference.name'), (o) => o.spec.priorityLevelConfiguration?.name ?? ''),
  text('MatchingPrecedence', doc('flowcontrol.FlowSchemaSpec.matchingPrecedence'), (o) => o.spec.matchingPrecedence),
  text('DistinguisherMethod', doc('flowcontrol.FlowSchemaSpec.distinguisherMethod'), (o) => o.spec.distinguisherMethod?.type ?? '<none>'),
  age,
  text(
    'MissingPL',
    'references a broken or non-existent PriorityLevelConfiguration',
    (o) => (o.status?.conditions ?? []).find((c: Loose) => c.type === 'Dangling')?.status ?? '?',
  ),
];

const queuing = (field: string) => (o: Loose) => o.spec.limited?.limitResponse?.queuing?.[field] ?? '<none>';

export const priorityLevels: Column[] = [
  name,
  text('Type', doc('flowcontrol.PriorityLevelConfigurationSpec.type'), (o) => o.spec.type),
  text(
    'NominalConcurrencyShares',
    doc('flowcontrol.LimitedPriorityLevelConfiguration.nominalConcurrencyShares'),
    (o) => o.spec.limited?.nominalConcurrencyShares ?? '<none>',
  ),
  text('Queues', doc('flowcontrol.QueuingConfiguration.queues'), queuing('queues')),
  text('HandSize', doc('flowcontrol.QueuingConfiguration.handSize'), queuing('handSize')),
  text('QueueLengthLimit', doc('flowcontrol.QueuingConfiguration.queueLengthLimit'), queuing('queueLengthLimit')),
  age,
];

function available(service: Loose): string {
  const found = (service.status?.conditions ?? []).find((c: Loose) => c.type === 'Available');
  if (!found) return 'Unknown';
  return found.status !== 'True' && found.reason ? `${found.status} (${found.reason})` : found.status;
}

export const apiServices: Column[] = [
  name,
  text('Service', 'The reference to the service that hosts this API endpoint.', (o) =>
    o.spec.service ? `${o.spec.service.namespace}/${o.spec.service.name}` : 'Local',
  ),
  text('Available', 'Whether this service is available.', available),
  age,
];
