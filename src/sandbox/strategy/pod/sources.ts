import { quantityNanos } from '../../gotypes/quantity.js';
import { descendingPath, each, inRange, needed, noBacksteps, ownPath, subdomain } from '../check.js';
import { type FieldErrors, forbiddenField, invalid, notSupported, required } from '../field.js';
import type { Loose } from '../types.js';
import { toldInFiles, validateFieldRef, validateResourceRef } from './env.js';

/** What is wrong with one source of a volume; `at` is the path of the source. */
export type SourceCheck = (source: Loose, at: string) => FieldErrors;

function fileMode(mode: unknown, at: string): FieldErrors {
  if (mode === undefined || mode === null || (Number(mode) >= 0 && Number(mode) <= 0o777)) return [];
  return [invalid(at, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

function keyToPath(item: Loose, at: string): FieldErrors {
  return [
    ...needed(item, at, ['key', 'path']),
    ...(item.path ? ownPath(item.path, `${at}.path`) : []),
    ...fileMode(item.mode, `${at}.mode`),
  ];
}

function downwardFile(file: Loose, at: string): FieldErrors {
  const out = needed(file, at, ['path']);
  out.push(...ownPath(file.path ?? '', `${at}.path`));
  if (file.fieldRef) {
    out.push(...validateFieldRef(file.fieldRef, `${at}.fieldRef`, toldInFiles));
    if (file.resourceFieldRef) out.push(invalid(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (file.resourceFieldRef) out.push(...validateResourceRef(file.resourceFieldRef, `${at}.resourceFieldRef`, true));
  else out.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
  return [...out, ...fileMode(file.mode, `${at}.mode`)];
}

function projection(source: Loose, at: string, paths: Set<string>): FieldErrors {
  const out: FieldErrors = [];
  const kinds = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle', 'podCertificate'].filter(
    (k) => source[k],
  );
  const once = (path: string, where: string) => {
    if (path !== '' && paths.has(path)) out.push(invalid(where, path, 'conflicting duplicate paths'));
    paths.add(path);
  };
  kinds.forEach((kind, i) => {
    const part = source[kind];
    const path = `${at}.${kind}`;
    if (i > 0) {
      out.push(forbiddenField(path, 'may not specify more than 1 volume type'));
      return;
    }
    if (kind === 'secret' || kind === 'configMap') {
      out.push(...needed(part, path, ['name']));
      out.push(...each(part.items, `${path}.items`, keyToPath));
    } else if (kind === 'downwardAPI') out.push(...each(part.items, `${path}.items`, downwardFile));
    else if (kind === 'serviceAccountToken') {
      if (part.expirationSeconds < 600)
        out.push(invalid(`${path}.expirationSeconds`, part.expirationSeconds, 'may not specify a duration less than 10 minutes'));
      if (part.expirationSeconds > 2 ** 32)
        out.push(invalid(`${path}.expirationSeconds`, part.expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
      out.push(...(part.path ? ownPath(part.path, `${path}.path`) : [required(`${path}.path`)]));
    }
    for (const item of part.items ?? [part]) once(item.path ?? '', path);
  });
  if (kinds.length === 0) out.push(required(at, 'must specify a volume type'));
  return out;
}

const hostPathTypes = ['BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

/** Sources with nothing to check but fields that must be there. */
const fields =
  (...names: string[]): SourceCheck =>
  (source, at) =>
    needed(source, at, names);

const csi: SourceCheck = (source, at) => {
  const out: FieldErrors = [];
  if (!source.driver) out.push(required(`${at}.driver`));
  else {
    if (source.driver.length > 63)
      out.push({ reason: 'FieldValueTooLong', field: `${at}.driver`, message: 'Too long: must have at most 63 bytes' });
    out.push(...subdomain(source.driver.toLowerCase(), `${at}.driver`));
  }
  if (source.nodePublishSecretRef) {
    const { name } = source.nodePublishSecretRef;
    out.push(...(name ? subdomain(name, `${at}.nodePublishSecretRef.name`) : [required(`${at}.nodePublishSecretRef.name`)]));
  }
  return out;
};

const nfs: SourceCheck = (source, at) => {
  const out = needed(source, at, ['server', 'path']);
  if (!source.path?.startsWith('/')) out.push(invalid(`${at}.path`, source.path ?? '', 'must be an absolute path'));
  return out;
};

const keyed =
  (name: string): SourceCheck =>
  (source, at) => [
    ...needed(source, at, [name]),
    ...fileMode(source.defaultMode, `${at}.defaultMode`),
    ...each(source.items, `${at}.items`, keyToPath),
  ];

const iscsi: SourceCheck = (source, at) => {
  const out = needed(source, at, ['targetPortal', 'iqn']);
  if (source.iqn && !/^(iqn|eui|naa)/.test(source.iqn))
    out.push(invalid(`${at}.iqn`, source.iqn, 'must be valid format starting with iqn, eui, or naa'));
  out.push(...inRange(source.lun ?? 0, `${at}.lun`, 0, 255));
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) out.push(required(`${at}.secretRef`));
  return out;
};

const hostPath: SourceCheck = (source, at) => {
  if (!source.path) return [required(`${at}.path`)];
  const bad = source.type && !hostPathTypes.includes(source.type);
  return [...noBacksteps(source.path, `${at}.path`), ...(bad ? [notSupported(`${at}.type`, source.type, hostPathTypes)] : [])];
};

const azureDisk: SourceCheck = (source, at) => {
  const out = needed(source, at, ['diskName', 'diskURI']);
  if (source.cachingMode && !['None', 'ReadOnly', 'ReadWrite'].includes(source.cachingMode))
    out.push(notSupported(`${at}.cachingMode`, source.cachingMode, ['None', 'ReadOnly', 'ReadWrite']));
  if (source.kind && !['Dedicated', 'Managed', 'Shared'].includes(source.kind))
    out.push(notSupported(`${at}.kind`, source.kind, ['Dedicated', 'Managed', 'Shared']));
  return out;
};

const partition = (source: Loose, at: string): FieldErrors =>
  source.partition === undefined ? [] : inRange(source.partition, `${at}.partition`, 0, 255);

/** Sources that pods and persistent volumes share. */
export const sharedSources: { [source: string]: SourceCheck } = {
  hostPath,
  gcePersistentDisk: (source, at) => {
    // The API server names this field by an older name.
    const path = at.replace(/gcePersistentDisk$/, 'persistentDisk');
    return [...needed(source, path, ['pdName']), ...partition(source, path)];
  },
  awsElasticBlockStore: (source, at) => [...needed(source, at, ['volumeID']), ...partition(source, at)],
  nfs,
  iscsi,
  glusterfs: fields('endpoints', 'path'),
  flocker: (source, at) => (source.datasetName || source.datasetUUID ? [] : [required(at, 'must specify datasetName or datasetUUID')]),
  rbd: fields('monitors', 'image'),
  cinder: fields('volumeID'),
  cephfs: fields('monitors'),
  quobyte: fields('registry', 'volume'),
  fc: (source, at) =>
    (source.targetWWNs ?? []).length === 0 && (source.wwids ?? []).length === 0
      ? [required(`${at}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')]
      : [],
  flexVolume: fields('driver'),
  azureFile: fields('secretName', 'shareName'),
  vsphereVolume: fields('volumePath'),
  photonPersistentDisk: fields('pdID'),
  portworxVolume: fields('volumeID'),
  azureDisk,
  storageos: () => [],
  scaleIO: fields('gateway', 'system', 'volumeName'),
  csi,
};

/** Sources of a pod's volumes, in the order in which they are looked at. */
export const podSources: { [source: string]: SourceCheck } = {
  emptyDir: (source, at) =>
    source.sizeLimit !== undefined && (quantityNanos(source.sizeLimit) ?? 0n) < 0n
      ? [forbiddenField(`${at}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  hostPath,
  gitRepo: (source, at) => [...needed(source, at, ['repository']), ...descendingPath(source.directory ?? '', `${at}.directory`)],
  gcePersistentDisk: sharedSources['gcePersistentDisk'] as SourceCheck,
  awsElasticBlockStore: sharedSources['awsElasticBlockStore'] as SourceCheck,
  secret: keyed('secretName'),
  nfs,
  iscsi,
  glusterfs: sharedSources['glusterfs'] as SourceCheck,
  flocker: sharedSources['flocker'] as SourceCheck,
  persistentVolumeClaim: fields('claimName'),
  rbd: sharedSources['rbd'] as SourceCheck,
  cinder: sharedSources['cinder'] as SourceCheck,
  cephfs: sharedSources['cephfs'] as SourceCheck,
  quobyte: sharedSources['quobyte'] as SourceCheck,
  downwardAPI: (source, at) => [...fileMode(source.defaultMode, `${at}.defaultMode`), ...each(source.items, `${at}.items`, downwardFile)],
  fc: sharedSources['fc'] as SourceCheck,
  flexVolume: sharedSources['flexVolume'] as SourceCheck,
  configMap: keyed('name'),
  azureFile: sharedSources['azureFile'] as SourceCheck,
  vsphereVolume: sharedSources['vsphereVolume'] as SourceCheck,
  photonPersistentDisk: sharedSources['photonPersistentDisk'] as SourceCheck,
  portworxVolume: sharedSources['portworxVolume'] as SourceCheck,
  azureDisk,
  storageos: () => [],
  projected: (source, at) => {
    const paths = new Set<string>();
    return [
      ...fileMode(source.defaultMode, `${at}.defaultMode`),
      ...each(source.sources, `${at}.sources`, (part, path) => projection(part, path, paths)),
    ];
  },
  scaleIO: sharedSources['scaleIO'] as SourceCheck,
  csi,
};
