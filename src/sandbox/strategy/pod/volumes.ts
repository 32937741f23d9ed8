import { descendingPath, each, label } from '../check.js';
import { validateClaimTemplate } from '../claims.js';
import { duplicate, type FieldErrors, fieldNotFound, forbiddenField, invalid, notSupported, required } from '../field.js';
import { nameProblems } from '../names.js';
import type { Loose } from '../types.js';
import { podSources } from './sources.js';

/** Names of volumes that nothing is wrong with, and their sources. */
export type Volumes = Map<string, Loose>;

function validateSource(volume: Loose, at: string, podName: string | undefined): FieldErrors {
  const out: FieldErrors = [];
  let found = 0;
  const source = (kind: string, check: () => FieldErrors) => {
    if (!volume[kind]) return;
    if (found > 0) out.push(forbiddenField(`${at}.${kind}`, 'may not specify more than 1 volume type'));
    else out.push(...check());
    found++;
  };
  for (const [kind, check] of Object.entries(podSources)) source(kind, () => check(volume[kind], `${at}.${kind}`));
  source('ephemeral', () => {
    const template = volume.ephemeral.volumeClaimTemplate;
    const path = `${at}.ephemeral.volumeClaimTemplate`;
    const problems = template ? validateClaimTemplate(template, path) : [required(path)];
    if (podName && volume.name) {
      const name = `${podName}-${volume.name}`;
      for (const problem of nameProblems('subdomain', name))
        problems.push(invalid(`${at}.name`, volume.name, `PVC name ${JSON.stringify(name)}: ${problem}`));
    }
    return problems;
  });
  source('image', () => (volume.image.reference ? [] : [required(`${at}.image.reference`)]));
  if (found === 0) out.push(required(at, 'must specify a volume type'));
  return out;
}

export function validateVolumes(volumes: Loose[] | undefined, at: string, podName: string | undefined, good: Volumes): FieldErrors {
  const claims = new Set((volumes ?? []).filter((v) => podName && v.ephemeral).map((v) => `${podName}-${v.name}`));
  return each(volumes, at, (volume, path) => {
    const out = validateSource(volume, path, podName);
    if (!volume.name) out.push(required(`${path}.name`));
    else out.push(...label(volume.name, `${path}.name`));
    if (good.has(volume.name)) out.push(duplicate(`${path}.name`, volume.name));
    if (out.length === 0) good.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claims.has(claim))
      out.push(
        invalid(`${path}.persistentVolumeClaim.claimName`, claim, 'must not reference a PVC that gets created for an ephemeral volume'),
      );
    return out;
  });
}

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

export function validateMounts(container: Loose, at: string, volumes: Volumes): FieldErrors {
  const list = `${at}.volumeMounts`;
  const devices: Loose[] = container.volumeDevices ?? [];
  const paths = new Set<string>();
  return each(container.volumeMounts, list, (mount, path) => {
    const out: FieldErrors = [];
    const { name = '', mountPath = '' } = mount;
    if (name === '') out.push(required(`${path}.name`));
    if (!volumes.has(name)) out.push(fieldNotFound(`${path}.name`, name));
    if (mountPath === '') out.push(required(`${path}.mountPath`));
    if (paths.has(mountPath)) out.push(invalid(`${path}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    if (devices.some((d) => d.name === name)) out.push(invalid(`${path}.name`, name, 'must not already exist in volumeDevices'));
    if (devices.some((d) => d.devicePath === mountPath))
      out.push(invalid(`${path}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    if (mount.subPath) out.push(...descendingPath(mount.subPath, `${list}.subPath`));
    if (mount.subPathExpr) {
      if (mount.subPath) out.push(invalid(`${path}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      out.push(...descendingPath(mount.subPathExpr, `${list}.subPathExpr`));
    }
    const propagation = mount.mountPropagation;
    if (propagation !== undefined && !propagations.includes(propagation))
      out.push(notSupported(`${list}.mountPropagation`, propagation, propagations));
    if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true)
      out.push(forbiddenField(`${list}.mountPropagation`, 'Bidirectional mount propagation is available only to privileged containers'));
    return out;
  });
}

export function validateDevices(container: Loose, at: string, volumes: Volumes): FieldErrors {
  const mounts: Loose[] = container.volumeMounts ?? [];
  const names = new Set<string>();
  const paths = new Set<string>();
  return each(container.volumeDevices, `${at}.volumeDevices`, (device, path) => {
    const out: FieldErrors = [];
    const { name = '', devicePath = '' } = device;
    const volume = volumes.get(name);
    if (name === '') out.push(required(`${path}.name`));
    if (names.has(name)) out.push(invalid(`${path}.name`, name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral)
      out.push(invalid(`${path}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    if (!volume) out.push(fieldNotFound(`${path}.name`, name));
    if (devicePath === '') out.push(required(`${path}.devicePath`));
    if (paths.has(devicePath)) out.push(invalid(`${path}.devicePath`, devicePath, 'must be unique'));
    if (devicePath.split('/').includes('..')) out.push(invalid(`${path}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    names.add(name);
    if (mounts.some((m) => m.name === name)) out.push(invalid(`${path}.name`, name, 'must not already exist in volumeMounts'));
    if (mounts.some((m) => m.mountPath === devicePath))
      out.push(invalid(`${path}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    return out;
  });
}
