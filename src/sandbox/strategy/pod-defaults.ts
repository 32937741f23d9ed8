import type { Loose } from './types.js';

/** Defaults of a pod template, as every workload has them. */
export function defaultPodTemplate(template: Loose): void {
  if (template?.spec) defaultPodSpec(template.spec);
}

function defaultPodSpec(spec: Loose): void {
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.restartPolicy ??= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ??= 'default-scheduler';
  // Two names of one field: the old one mirrors the new one.
  spec.serviceAccountName ??= spec.serviceAccount;
  if (spec.serviceAccountName === undefined) delete spec.serviceAccountName;
  else spec.serviceAccount = spec.serviceAccountName;
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers])
    for (const container of list ?? []) defaultContainer(container, spec.hostNetwork === true);
}

function defaultContainer(container: Loose, hostNetwork: boolean): void {
  container.imagePullPolicy ??= pullPolicy(container.image ?? '');
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  for (const port of container.ports ?? []) {
    port.protocol ??= 'TCP';
    if (hostNetwork && port.hostPort === undefined) port.hostPort = port.containerPort;
  }
  for (const variable of container.env ?? []) defaultFieldRef(variable.valueFrom?.fieldRef);
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) defaultProbe(probe);
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop])
    if (handler?.httpGet) defaultHttpGet(handler.httpGet);
}

/** Always for the tag `latest` and for images without tag and digest. */
function pullPolicy(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (name.includes('@')) return 'IfNotPresent';
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: Loose): void {
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.httpGet) defaultHttpGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultHttpGet(get: Loose): void {
  get.path ??= '/';
  get.scheme ??= 'HTTP';
}

function defaultFieldRef(ref: Loose): void {
  if (ref) ref.apiVersion ??= 'v1';
}

/** 0644 */
const fileMode = 420;

function defaultVolume(volume: Loose): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  for (const source of [volume.secret, volume.configMap, volume.downwardAPI, volume.projected]) if (source) source.defaultMode ??= fileMode;
  for (const item of volume.downwardAPI?.items ?? []) defaultFieldRef(item.fieldRef);
  for (const source of volume.projected?.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
    for (const item of source.downwardAPI?.items ?? []) defaultFieldRef(item.fieldRef);
  }
  defaultVolumeSource(volume);
  if (volume.ephemeral?.volumeClaimTemplate?.spec) volume.ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem';
}

/** Sources that pods and persistent volumes share. */
export function defaultVolumeSource(source: Loose): void {
  if (source.hostPath) source.hostPath.type ??= '';
  if (source.iscsi) source.iscsi.iscsiInterface ??= 'default';
  if (source.rbd) {
    source.rbd.pool ??= 'rbd';
    source.rbd.user ??= 'admin';
    source.rbd.keyring ??= '/etc/ceph/keyring';
  }
  if (source.azureDisk) {
    source.azureDisk.cachingMode ??= 'ReadWrite';
    source.azureDisk.kind ??= 'Shared';
    source.azureDisk.fsType ??= 'ext4';
    source.azureDisk.readOnly ??= false;
  }
  if (source.scaleIO) {
    source.scaleIO.storageMode ??= 'ThinProvisioned';
    source.scaleIO.fsType ??= 'xfs';
  }
}

/** What a pod gets beyond its spec's defaults, admission included. */
export function defaultPod(pod: Loose): void {
  const spec = pod.spec;
  if (!spec) return;
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
  for (const list of [spec.initContainers, spec.containers])
    for (const container of list ?? []) {
      const limits = container.resources?.limits;
      if (!limits) continue;
      container.resources.requests ??= {};
      for (const [name, amount] of Object.entries(limits)) container.resources.requests[name] ??= amount;
    }
}
