import { equalJson } from '../../model/index.js';
import { subdomain } from './check.js';
import { type FieldErrors, forbiddenField, goStruct, invalid, notSupported, required } from './field.js';
import { annotationErrors, labelErrors } from './names.js';
import { nanosOf, resourceAmount } from './pod/resources.js';
import { validateNodeSelector } from './pod/scheduling.js';
import { sharedSources } from './pod/sources.js';
import { defaultVolumeSource } from './pod-defaults.js';
import { validateSelector } from './selector.js';
import type { Loose, Strategy } from './types.js';

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce'];
const single = 'ReadWriteOncePod';

function validateModes(list: string[] | undefined, at: string): FieldErrors {
  const out = (list ?? []).filter((m) => !modes.includes(m) && m !== single).map((m) => notSupported(at, m, modes));
  if (list?.includes(single) && list.some((m) => m !== single))
    out.push(forbiddenField(at, `may not use ${single} with other access modes`));
  return out;
}

function positive(amount: string, at: string): FieldErrors {
  return nanosOf(amount) > 0n ? [] : [invalid(at, amount, 'must be greater than zero')];
}

function validateClaimSpec(spec: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  if ((spec.accessModes ?? []).length === 0) out.push(required(`${at}.accessModes`, 'at least 1 access mode is required'));
  if (spec.selector) out.push(...validateSelector(spec.selector, `${at}.selector`));
  out.push(...validateModes(spec.accessModes, `${at}.accessModes`));
  const storage = spec.resources?.requests?.storage;
  const path = `${at}.resources[storage]`;
  if (storage === undefined) out.push(required(path));
  else out.push(...resourceAmount('storage', storage, path), ...positive(storage, path));
  if (spec.storageClassName) out.push(...subdomain(spec.storageClassName, `${at}.storageClassName`));
  if (spec.volumeMode !== undefined && !['Block', 'Filesystem'].includes(spec.volumeMode))
    out.push(notSupported(`${at}.volumeMode`, spec.volumeMode, ['Block', 'Filesystem']));
  for (const source of ['dataSource', 'dataSourceRef']) if (spec[source]) out.push(...validateDataSource(spec[source], `${at}.${source}`));
  return out;
}

function validateDataSource(source: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  for (const field of ['name', 'kind']) if (!source[field]) out.push(required(`${at}.${field}`));
  if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim')
    out.push(invalid(at, source.kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  else if (source.apiGroup) out.push(...subdomain(source.apiGroup, `${at}.apiGroup`));
  return out;
}

/** The claim that a pod's ephemeral volume makes. */
export function validateClaimTemplate(template: Loose, at: string): FieldErrors {
  return [
    ...labelErrors(template.metadata?.labels, `${at}.metadata.labels`),
    ...annotationErrors(template.metadata?.annotations, `${at}.metadata.annotations`),
    ...validateClaimSpec(template.spec ?? {}, `${at}.spec`),
  ];
}

const withFinalizer = (object: Loose, finalizer: string) => {
  const { metadata } = object;
  metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), finalizer])];
};

/** A claim's spec without what may change: its volume once, its class once, its size once it is bound. */
function fixedPart(spec: Loose, next: Loose, old: Loose): Loose {
  const size = next.status?.phase === 'Bound' ? old.spec.resources?.requests?.storage : spec.resources?.requests?.storage;
  return {
    ...spec,
    volumeName: old.spec.volumeName ? spec.volumeName : undefined,
    storageClassName: old.spec.storageClassName === undefined ? undefined : spec.storageClassName,
    resources: { ...spec.resources, requests: { ...spec.resources?.requests, storage: size } },
  };
}

const claim: Strategy = {
  status: true,
  updateSteps: ['metadata', 'object', 'change of metadata', 'change'],
  defaults({ spec, status }) {
    spec.volumeMode ??= 'Filesystem';
    status.phase ??= 'Pending';
  },
  prepareCreate(object) {
    object.status = { phase: 'Pending' };
    mirrorDataSource(object.spec);
    withFinalizer(object, 'kubernetes.io/pvc-protection');
  },
  prepareUpdate(next, _old, { subresource }) {
    if (subresource === '') mirrorDataSource(next.spec);
  },
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
  validateUpdate(next, old, { subresource }) {
    if (subresource !== '') return [];
    const out: FieldErrors = [];
    if (!equalJson(fixedPart(next.spec, next, old), fixedPart(old.spec, next, old)))
      out.push(
        forbiddenField(
          'spec',
          'spec is immutable after creation except resources.requests for bound claims\n\u00a0\u00a0core.PersistentVolumeClaimSpec{}',
        ),
      );
    if (nanosOf(next.spec.resources?.requests?.storage) < nanosOf(old.spec.resources?.requests?.storage))
      out.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than previous value'));
    if (next.spec.volumeMode !== old.spec.volumeMode) out.push(invalid('volumeMode', next.spec.volumeMode, 'field is immutable'));
    return out;
  },
};

/** Two names of one field: what a claim is filled from. */
function mirrorDataSource(spec: Loose): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (
    dataSourceRef &&
    !dataSource &&
    !dataSourceRef.namespace &&
    ['PersistentVolumeClaim', 'VolumeSnapshot'].includes(dataSourceRef.kind)
  )
    spec.dataSource = { apiGroup: dataSourceRef.apiGroup, kind: dataSourceRef.kind, name: dataSourceRef.name };
  if (spec.dataSource && spec.dataSource.apiGroup === undefined) delete spec.dataSource.apiGroup;
}

function validateVolumeSource(spec: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  let found = 0;
  for (const [kind, check] of Object.entries({ ...sharedSources, local: localSource })) {
    if (!spec[kind]) continue;
    if (found > 0) out.push(forbiddenField(`${at}.${kind}`, 'may not specify more than 1 volume type'));
    else if (kind === 'csi' && !spec.csi.volumeHandle) out.push(...check(spec[kind], `${at}.${kind}`), required(`${at}.csi.volumeHandle`));
    else out.push(...check(spec[kind], `${at}.${kind}`));
    found++;
  }
  if (found === 0) out.push(required(at, 'must specify a volume type'));
  if (spec.local && !spec.nodeAffinity) out.push(required(`${at}.nodeAffinity`, 'Local volume requires node affinity'));
  return out;
}

const localSource = (source: Loose, at: string): FieldErrors => (source.path ? [] : [required(`${at}.path`)]);

const policies = ['Delete', 'Recycle', 'Retain'];

function validateVolume({ spec }: Loose): FieldErrors {
  const out: FieldErrors = [];
  if ((spec.accessModes ?? []).length === 0) out.push(required('spec.accessModes'));
  out.push(...validateModes(spec.accessModes, 'spec.accessModes'));
  const capacity = Object.entries(spec.capacity ?? {}) as [string, string][];
  if (capacity.length === 0) out.push(required('spec.capacity'));
  if (capacity.length !== 1 || capacity[0]?.[0] !== 'storage')
    out.push(notSupported('spec.capacity', goStruct('core.ResourceList', spec.capacity), ['storage']));
  for (const [name, amount] of capacity)
    out.push(...resourceAmount(name, amount, `spec.capacity[${name}]`), ...positive(amount, `spec.capacity[${name}]`));
  const policy = spec.persistentVolumeReclaimPolicy;
  if (policy && !policies.includes(policy)) out.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, policies));
  if (spec.nodeAffinity) {
    if (spec.nodeAffinity.required) out.push(...validateNodeSelector(spec.nodeAffinity.required, 'spec.nodeAffinity.required'));
    else out.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  }
  out.push(...validateVolumeSource(spec, 'spec'));
  if (spec.hostPath?.path === '/' && policy === 'Recycle')
    out.push(forbiddenField('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  if (spec.storageClassName) out.push(...subdomain(spec.storageClassName, 'spec.storageClassName'));
  if (spec.volumeMode !== undefined && !['Block', 'Filesystem'].includes(spec.volumeMode))
    out.push(notSupported('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']));
  return out;
}

const sourceOf = (spec: Loose) =>
  Object.fromEntries([...Object.keys(sharedSources), 'local'].filter((k) => spec[k]).map((k) => [k, spec[k]]));

const volume: Strategy = {
  status: true,
  updateSteps: ['metadata', 'object', 'metadata', 'object', 'change'],
  defaults({ spec, status }) {
    spec.persistentVolumeReclaimPolicy ??= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    status.phase ??= 'Pending';
    defaultVolumeSource(spec);
  },
  prepareCreate(object) {
    object.status = { phase: 'Pending' };
    withFinalizer(object, 'kubernetes.io/pv-protection');
  },
  validate: validateVolume,
  validateUpdate(next, old, { subresource }) {
    if (subresource !== '') return [];
    const out: FieldErrors = [];
    if (!equalJson(sourceOf(next.spec), sourceOf(old.spec)))
      out.push(
        forbiddenField(
          'spec.persistentvolumesource',
          'spec.persistentvolumesource is immutable after creation\n\u00a0\u00a0core.PersistentVolumeSource{}',
        ),
      );
    if (next.spec.volumeMode !== old.spec.volumeMode) out.push(invalid('volumeMode', next.spec.volumeMode, 'field is immutable'));
    if (old.spec.nodeAffinity && !equalJson(next.spec.nodeAffinity, old.spec.nodeAffinity))
      out.push(invalid('nodeAffinity', goStruct('core.VolumeNodeAffinity', next.spec.nodeAffinity), 'field is immutable'));
    return out;
  },
};

export const claims: { [resource: string]: Strategy } = { 'persistentvolumeclaims.': claim, 'persistentvolumes.': volume };
