import { equalJson } from '../../model/index.js';
import { duplicate, type FieldErrors, forbiddenField, GoText, goValue, invalid, notSupported, required, tooLong } from './field.js';
import { qualifiedNameProblems } from './names.js';
import { defaultPod, defaultVolumeSource } from './pod-defaults.js';
import { validatePodSpec } from './pod-validation.js';
import type { Loose, Strategy } from './types.js';

const keyPattern = /^[-._a-zA-Z0-9]+$/;
const keyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const maxSecretSize = 1024 * 1024;

function validateKeys(data: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  for (const key of Object.keys(data ?? {})) {
    const field = `${at}[${key}]`;
    if (key.length > 253) out.push(invalid(field, key, 'must be no more than 253 characters'));
    if (!keyPattern.test(key)) out.push(invalid(field, key, keyText));
    if (key === '.') out.push(invalid(field, key, "may not be '.'"));
    if (key === '..') out.push(invalid(field, key, "may not be '..'"));
    else if (key.startsWith('..')) out.push(invalid(field, key, "may not start with '..'"));
  }
  return out;
}

function frozen(next: Loose, old: Loose, fields: readonly string[]): FieldErrors {
  if (old.immutable !== true) return [];
  const out: FieldErrors = [];
  if (next.immutable !== true) out.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'));
  for (const field of fields)
    if (!equalJson(next[field] ?? {}, old[field] ?? {})) out.push(forbiddenField(field, 'field is immutable when `immutable` is set'));
  return out;
}

const bytes = (data: Loose) => Object.values(data ?? {}).reduce((sum: number, value) => sum + Buffer.byteLength(value as string), 0);

const configMap: Strategy = {
  validate(object) {
    const out = [...validateKeys(object.data, 'data'), ...validateKeys(object.binaryData, 'binaryData')];
    for (const key of Object.keys(object.data ?? {}))
      if (Object.hasOwn(object.binaryData ?? {}, key)) out.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    if (bytes(object.data) + bytes(object.binaryData) * 0.75 > maxSecretSize) out.push(tooLong('', maxSecretSize));
    return out;
  },
  validateUpdate: (next, old) => frozen(next, old, ['data', 'binaryData']),
};

const secretKeys: { [type: string]: string[] } = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

const secret: Strategy = {
  defaults(object) {
    object.type ??= 'Opaque';
    if (!object.stringData) return;
    object.data ??= {};
    for (const [key, value] of Object.entries(object.stringData) as [string, string][])
      object.data[key] = Buffer.from(value).toString('base64');
    delete object.stringData;
  },
  validate(object) {
    const out = validateKeys(object.data, 'data');
    if (bytes(object.data) * 0.75 > maxSecretSize) out.push(tooLong('data', maxSecretSize));
    for (const key of secretKeys[object.type] ?? []) if (!Object.hasOwn(object.data ?? {}, key)) out.push(required(`data[${key}]`));
    if (object.type === 'kubernetes.io/basic-auth' && object.data?.username === undefined && object.data?.password === undefined)
      out.push(required('data[username]'), required('data[password]'));
    if (object.type === 'kubernetes.io/service-account-token' && !object.metadata.annotations?.['kubernetes.io/service-account.name'])
      out.push(required('metadata.annotations[kubernetes.io/service-account.name]'));
    return out;
  },
  validateUpdate(next, old) {
    const out: FieldErrors = next.type === old.type ? [] : [invalid('type', next.type, 'field is immutable')];
    return [...out, ...frozen(next, old, ['data'])];
  },
  fields: { type: (o) => String(o['type'] ?? '') },
};

const namespace: Strategy = {
  name: 'label',
  status: true,
  defaults({ metadata }) {
    if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  },
  prepareCreate(object) {
    object.status = { phase: 'Active' };
    object.spec.finalizers = [...new Set([...(object.spec.finalizers ?? []), 'kubernetes'])];
  },
  prepareUpdate(next, old, { subresource }) {
    if (subresource === '') next.spec = old.spec;
    if (subresource === 'finalize') next.status = old.status;
  },
  fields: { 'status.phase': (o) => (o['status'] as Loose)?.phase ?? '', name: (o) => o.metadata.name ?? '' },
};

const zeroRequests = (pod: Loose) => [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])];

/** Guaranteed, Burstable or BestEffort, by what containers request of cpu and memory. */
function qosClass(pod: Loose): string {
  const containers = zeroRequests(pod);
  const set = (list: Loose) => ['cpu', 'memory'].filter((r) => list?.[r] !== undefined && list[r] !== '0');
  if (containers.every((c: Loose) => set(c.resources?.requests).length === 0 && set(c.resources?.limits).length === 0)) return 'BestEffort';
  const guaranteed = containers.every(
    (c: Loose) =>
      set(c.resources?.limits).length === 2 && equalJson({ ...c.resources?.limits, ...c.resources?.requests }, c.resources?.limits),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const taint = (key: string) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });

const pod: Strategy = {
  status: true,
  defaults: defaultPod,
  prepareCreate(object) {
    const { spec } = object;
    object.status = { phase: 'Pending', qosClass: qosClass(object) };
    spec.serviceAccountName ??= 'default';
    spec.serviceAccount = spec.serviceAccountName;
    spec.priority ??= 0;
    spec.preemptionPolicy ??= 'PreemptLowerPriority';
    spec.tolerations ??= [];
    for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])
      if (!spec.tolerations.some((t: Loose) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect)))
        spec.tolerations.push(taint(key));
  },
  validate: ({ spec }) => validatePodSpec(spec, 'spec'),
  validateUpdate(next, old, { subresource }) {
    if (subresource !== '') return [];
    const strip = (spec: Loose) => ({
      ...spec,
      containers: (spec.containers ?? []).map((c: Loose) => ({ ...c, image: '' })),
      initContainers: (spec.initContainers ?? []).map((c: Loose) => ({ ...c, image: '' })),
      activeDeadlineSeconds: undefined,
      terminationGracePeriodSeconds: undefined,
      tolerations: undefined,
      schedulingGates: undefined,
    });
    if (equalJson(strip(next.spec), strip(old.spec))) return [];
    return [
      forbiddenField(
        'spec',
        `pod updates may not change fields other than \`spec.containers[*].image\`,\`spec.initContainers[*].image\`,\`spec.activeDeadlineSeconds\`,\`spec.tolerations\` (only additions to existing tolerations),\`spec.terminationGracePeriodSeconds\` (allow it to be set to 1 if it was previously negative)\n${goValue(new GoText('core.PodSpec{}'))}`,
      ),
    ];
  },
  grace(object, asked) {
    const { status, spec, metadata } = object;
    let seconds = asked ?? spec.terminationGracePeriodSeconds ?? 30;
    // A pod that is on no node, or has ended, has nothing to wind down.
    if (!spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') seconds = 0;
    if (metadata.deletionTimestamp && metadata.deletionGracePeriodSeconds !== undefined)
      seconds = Math.min(seconds, metadata.deletionGracePeriodSeconds);
    return seconds;
  },
  fields: {
    'spec.nodeName': (o) => (o['spec'] as Loose)?.nodeName ?? '',
    'spec.restartPolicy': (o) => (o['spec'] as Loose)?.restartPolicy ?? '',
    'spec.schedulerName': (o) => (o['spec'] as Loose)?.schedulerName ?? '',
    'spec.serviceAccountName': (o) => (o['spec'] as Loose)?.serviceAccountName ?? '',
    'spec.hostNetwork': (o) => String((o['spec'] as Loose)?.hostNetwork ?? false),
    'status.phase': (o) => (o['status'] as Loose)?.phase ?? '',
    'status.podIP': (o) => (o['status'] as Loose)?.podIP ?? '',
    'status.nominatedNodeName': (o) => (o['status'] as Loose)?.nominatedNodeName ?? '',
  },
};

const accessModes = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];

const claim: Strategy = {
  status: true,
  defaults({ spec, status }) {
    spec.volumeMode ??= 'Filesystem';
    status.phase ??= 'Pending';
  },
  prepareCreate(object) {
    object.status = { phase: 'Pending' };
    object.metadata.finalizers = [...new Set([...(object.metadata.finalizers ?? []), 'kubernetes.io/pvc-protection'])];
  },
  validate({ spec }) {
    const out: FieldErrors = [];
    if ((spec.accessModes ?? []).length === 0) out.push(required('spec.accessModes', 'at least 1 access mode is required'));
    (spec.accessModes ?? []).forEach((mode: string) => {
      if (!accessModes.includes(mode))
        out.push(notSupported('spec.accessModes', mode, ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']));
    });
    if (spec.resources?.requests?.storage === undefined) out.push(required('spec.resources[storage]'));
    return out;
  },
  validateUpdate(next, old, { subresource }) {
    if (subresource !== '') return [];
    const strip = ({ resources, volumeName, ...spec }: Loose) => ({
      ...spec,
      resources: { ...resources, requests: { ...resources?.requests, storage: undefined } },
      volumeName: old.spec.volumeName ? volumeName : undefined,
    });
    const bound = old.status?.phase === 'Bound';
    const grown = bound || equalJson(next.spec.resources, old.spec.resources);
    if (equalJson(strip(next.spec), strip(old.spec)) && grown) return [];
    return [
      forbiddenField(
        'spec',
        `spec is immutable after creation except resources.requests for bound claims\n\u00a0\u00a0core.PersistentVolumeClaimSpec{}`,
      ),
    ];
  },
  fields: {},
};

const volume: Strategy = {
  status: true,
  defaults({ spec, status }) {
    spec.persistentVolumeReclaimPolicy ??= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    status.phase ??= 'Pending';
    defaultVolumeSource(spec);
  },
  prepareCreate(object) {
    object.status = { phase: 'Pending' };
    object.metadata.finalizers = [...new Set([...(object.metadata.finalizers ?? []), 'kubernetes.io/pv-protection'])];
  },
  validate({ spec }) {
    const out: FieldErrors = [];
    if ((spec.accessModes ?? []).length === 0) out.push(required('spec.accessModes'));
    if (spec.capacity?.storage === undefined) out.push(required('spec.capacity'));
    return out;
  },
};

const event: Strategy = {
  fields: Object.fromEntries(
    ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((f) => [
      `involvedObject.${f}`,
      (o) => (o['involvedObject'] as Loose)?.[f] ?? '',
    ]),
  ),
};
Object.assign(event.fields as object, {
  reason: (o: Loose) => o.reason ?? '',
  reportingComponent: (o: Loose) => o.reportingComponent ?? '',
  source: (o: Loose) => o.source?.component ?? o.reportingComponent ?? '',
  type: (o: Loose) => o.type ?? '',
});

export const core: { [resource: string]: Strategy } = {
  'configmaps.': configMap,
  'secrets.': secret,
  'namespaces.': namespace,
  'pods.': pod,
  'persistentvolumeclaims.': claim,
  'persistentvolumes.': volume,
  'events.': event,
  'nodes.': {
    status: true,
    fields: { 'spec.unschedulable': (o) => String((o['spec'] as Loose)?.unschedulable ?? false) },
    prepareCreate(object) {
      object.status ??= {};
    },
  },
  'serviceaccounts.': {},
  'endpoints.': {
    defaults(object) {
      for (const subset of object.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ??= 'TCP';
    },
  },
  'resourcequotas.': {
    status: true,
    validate: ({ spec }) =>
      Object.keys(spec.hard ?? {}).flatMap((name) => qualifiedNameProblems(name).map((p) => invalid(`spec.hard[${name}]`, name, p))),
  },
  'limitranges.': {
    validate({ spec }) {
      const seen = new Set<string>();
      return (spec.limits ?? []).flatMap((limit: Loose, i: number) => {
        const out = seen.has(limit.type) ? [duplicate(`spec.limits[${i}].type`, limit.type)] : [];
        seen.add(limit.type);
        return out;
      });
    },
  },
};
