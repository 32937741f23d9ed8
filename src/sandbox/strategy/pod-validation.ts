import { quantityNanos } from '../gotypes/quantity.js';
import { duplicate, type FieldErrors, fieldNotFound, forbiddenField, invalid, notSupported, required } from './field.js';
import { labelErrors, nameProblems, qualifiedNameProblems } from './names.js';
import type { Loose } from './types.js';

/** What is wrong with a pod spec; `at` is its path. */
export function validatePodSpec(spec: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  const volumes = validateVolumes(spec.volumes ?? [], `${at}.volumes`, out);
  const names = new Set<string>();
  if ((spec.containers ?? []).length === 0) out.push(required(`${at}.containers`));
  (spec.containers ?? []).forEach((c: Loose, i: number) => {
    validateContainer(c, `${at}.containers[${i}]`, { names, volumes, init: false }, out);
  });
  (spec.initContainers ?? []).forEach((c: Loose, i: number) => {
    validateContainer(c, `${at}.initContainers[${i}]`, { names, volumes, init: true }, out);
  });
  if (!['Always', 'OnFailure', 'Never'].includes(spec.restartPolicy))
    out.push(notSupported(`${at}.restartPolicy`, spec.restartPolicy ?? '', ['Always', 'Never', 'OnFailure']));
  if (!['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'].includes(spec.dnsPolicy))
    out.push(notSupported(`${at}.dnsPolicy`, spec.dnsPolicy ?? '', ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']));
  if (spec.dnsPolicy === 'None' && (spec.dnsConfig?.nameservers ?? []).length === 0)
    out.push(required(`${at}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
  out.push(...labelErrors(spec.nodeSelector, `${at}.nodeSelector`));
  if (spec.serviceAccountName)
    for (const problem of nameProblems('subdomain', spec.serviceAccountName))
      out.push(invalid(`${at}.serviceAccountName`, spec.serviceAccountName, problem));
  if (spec.hostname)
    for (const problem of nameProblems('label', spec.hostname)) out.push(invalid(`${at}.hostname`, spec.hostname, problem));
  if (spec.terminationGracePeriodSeconds < 0)
    out.push(invalid(`${at}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds, 'must be greater than or equal to 0'));
  if (spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds < 1)
    out.push(invalid(`${at}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 'must be between 1 and 2147483647, inclusive'));
  (spec.tolerations ?? []).forEach((t: Loose, i: number) => {
    validateToleration(t, `${at}.tolerations[${i}]`, out);
  });
  return out;
}

function validateToleration(toleration: Loose, at: string, out: FieldErrors): void {
  if (toleration.key) for (const problem of qualifiedNameProblems(toleration.key)) out.push(invalid(`${at}.key`, toleration.key, problem));
  if (!toleration.key && toleration.operator !== 'Exists')
    out.push(
      invalid(
        `${at}.operator`,
        toleration.operator ?? '',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  if (toleration.operator === 'Exists' && toleration.value)
    out.push(invalid(`${at}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
  if (toleration.operator && !['Equal', 'Exists'].includes(toleration.operator))
    out.push(notSupported(`${at}.operator`, toleration.operator, ['Equal', 'Exists']));
  if (toleration.effect && !['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(toleration.effect))
    out.push(notSupported(`${at}.effect`, toleration.effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']));
}

function validateVolumes(volumes: Loose[], at: string, out: FieldErrors): Set<string> {
  const names = new Set<string>();
  volumes.forEach((volume, i) => {
    const path = `${at}[${i}]`;
    if (!volume.name) out.push(required(`${path}.name`));
    else {
      for (const problem of nameProblems('label', volume.name)) out.push(invalid(`${path}.name`, volume.name, problem));
      if (names.has(volume.name)) out.push(duplicate(`${path}.name`, volume.name));
      names.add(volume.name);
    }
    const sources = Object.keys(volume).filter((k) => k !== 'name');
    for (const extra of sources.slice(1)) out.push(forbiddenField(`${path}.${extra}`, 'may not specify more than 1 volume type'));
    if (volume.configMap && !volume.configMap.name) out.push(required(`${path}.configMap.name`));
    if (volume.secret && !volume.secret.secretName) out.push(required(`${path}.secret.secretName`));
    if (volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName)
      out.push(required(`${path}.persistentVolumeClaim.claimName`));
    if (volume.hostPath && !volume.hostPath.path) out.push(required(`${path}.hostPath.path`));
  });
  return names;
}

interface Among {
  names: Set<string>;
  volumes: Set<string>;
  init: boolean;
}

function validateContainer(container: Loose, at: string, { names, volumes, init }: Among, out: FieldErrors): void {
  if (!container.name) out.push(required(`${at}.name`));
  else {
    for (const problem of nameProblems('label', container.name)) out.push(invalid(`${at}.name`, container.name, problem));
    if (names.has(container.name)) out.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
  }
  if (!container.image) out.push(required(`${at}.image`));
  else if (container.image !== container.image.trim())
    out.push(invalid(`${at}.image`, container.image, 'must not have leading or trailing whitespace'));
  if (init && container.restartPolicy !== 'Always')
    for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
      if (container[probe]) out.push(forbiddenField(`${at}.${probe}`, 'may not be set for init containers without restartPolicy=Always'));
  validatePorts(container.ports ?? [], `${at}.ports`, out);
  validateEnv(container.env ?? [], `${at}.env`, out);
  validateMounts(container.volumeMounts ?? [], `${at}.volumeMounts`, volumes, out);
  if (!['Always', 'IfNotPresent', 'Never'].includes(container.imagePullPolicy))
    out.push(notSupported(`${at}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']));
  if (!['File', 'FallbackToLogsOnError'].includes(container.terminationMessagePolicy))
    out.push(notSupported(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, ['FallbackToLogsOnError', 'File']));
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    if (container[kind]) validateProbe(container[kind], `${at}.${kind}`, kind, out);
  validateResources(container.resources ?? {}, `${at}.resources`, out);
}

function validatePorts(ports: Loose[], at: string, out: FieldErrors): void {
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const path = `${at}[${i}]`;
    if (port.name) {
      if (port.name.length > 15) out.push(invalid(`${path}.name`, port.name, 'must be no more than 15 characters'));
      if (!/^[-a-z0-9]+$/.test(port.name))
        out.push(invalid(`${path}.name`, port.name, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'));
      if (!/[a-z]/.test(port.name)) out.push(invalid(`${path}.name`, port.name, 'must contain at least one letter (a-z)'));
      if (port.name.includes('--')) out.push(invalid(`${path}.name`, port.name, 'must not contain consecutive hyphens'));
      if (/^-|-$/.test(port.name)) out.push(invalid(`${path}.name`, port.name, 'must not begin or end with a hyphen'));
      if (names.has(port.name)) out.push(duplicate(`${path}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) out.push(required(`${path}.containerPort`));
    else checkPort(port.containerPort, `${path}.containerPort`, out);
    if (port.hostPort) checkPort(port.hostPort, `${path}.hostPort`, out);
    if (!['TCP', 'UDP', 'SCTP'].includes(port.protocol)) out.push(notSupported(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
  });
}

export function checkPort(port: number, at: string, out: FieldErrors): void {
  if (port < 1 || port > 65535) out.push(invalid(at, port, 'must be between 1 and 65535, inclusive'));
}

const variableText =
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

function validateEnv(env: Loose[], at: string, out: FieldErrors): void {
  env.forEach((variable, i) => {
    const path = `${at}[${i}]`;
    if (!variable.name) out.push(required(`${path}.name`));
    else if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(variable.name)) out.push(invalid(`${path}.name`, variable.name, variableText));
    if (!variable.valueFrom) return;
    const sources = Object.keys(variable.valueFrom);
    if (variable.value) out.push(invalid(`${path}.valueFrom`, '', 'may not be specified when `value` is not empty'));
    if (sources.length === 0)
      out.push(
        invalid(`${path}.valueFrom`, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'),
      );
    if (sources.length > 1) out.push(invalid(`${path}.valueFrom`, '', 'may not have more than one field specified at a time'));
    for (const ref of ['configMapKeyRef', 'secretKeyRef'])
      if (variable.valueFrom[ref] && !variable.valueFrom[ref].key) out.push(required(`${path}.valueFrom.${ref}.key`));
  });
}

function validateMounts(mounts: Loose[], at: string, volumes: Set<string>, out: FieldErrors): void {
  const paths = new Set<string>();
  mounts.forEach((mount, i) => {
    const path = `${at}[${i}]`;
    if (!mount.name) out.push(required(`${path}.name`));
    else if (!volumes.has(mount.name)) out.push(fieldNotFound(`${path}.name`, mount.name));
    if (!mount.mountPath) out.push(required(`${path}.mountPath`));
    else if (paths.has(mount.mountPath)) out.push(invalid(`${path}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    if (mount.subPath?.startsWith('/')) out.push(invalid(`${path}.subPath`, mount.subPath, 'must be a relative path'));
    if (mount.subPath?.split('/').includes('..')) out.push(invalid(`${path}.subPath`, mount.subPath, "must not contain '..'"));
  });
}

function validateProbe(probe: Loose, at: string, kind: string, out: FieldErrors): void {
  const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter((h) => probe[h]);
  if (handlers.length === 0) out.push(required(at, 'must specify a handler type'));
  for (const extra of handlers.slice(1)) out.push(forbiddenField(`${at}.${extra}`, 'may not specify more than 1 handler type'));
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'])
    if (probe[field] < 0) out.push(invalid(`${at}.${field}`, probe[field], 'must be greater than or equal to 0'));
  if (kind !== 'readinessProbe' && probe.successThreshold !== 1)
    out.push(invalid(`${at}.successThreshold`, probe.successThreshold, 'must be 1'));
  if (probe.exec && (probe.exec.command ?? []).length === 0) out.push(required(`${at}.exec.command`));
  const port = probe.httpGet ?? probe.tcpSocket;
  if (port && typeof port.port === 'number') checkPort(port.port, `${at}.${probe.httpGet ? 'httpGet' : 'tcpSocket'}.port`, out);
}

function validateResources(resources: Loose, at: string, out: FieldErrors): void {
  for (const list of ['limits', 'requests'])
    for (const [name, amount] of Object.entries(resources[list] ?? {}) as [string, string][]) {
      const path = `${at}.${list}[${name}]`;
      const nanos = quantityNanos(amount);
      if (nanos !== undefined && nanos < 0n) out.push(invalid(path, amount, 'must be greater than or equal to 0'));
      if (!name.includes('/') && !['cpu', 'memory', 'ephemeral-storage', 'storage'].includes(name) && !name.startsWith('hugepages-')) {
        out.push(invalid(path, name, 'must be a standard resource type or fully qualified'));
        out.push(invalid(path, name, 'must be a standard resource for containers'));
      }
    }
  for (const [name, amount] of Object.entries(resources.requests ?? {}) as [string, string][]) {
    const limit = resources.limits?.[name] as string | undefined;
    if (limit === undefined) continue;
    const [asked, most] = [quantityNanos(amount), quantityNanos(limit)];
    if (asked !== undefined && most !== undefined && asked > most)
      out.push(invalid(`${at}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`));
  }
}
