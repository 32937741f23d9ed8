import { all, each, label, oneOf, portNumber } from '../check.js';
import { duplicate, type FieldErrors, fieldNotFound, forbiddenField, required } from '../field.js';
import { portNameProblems } from '../names.js';
import type { Loose } from '../types.js';
import { validateEnv, validateEnvFrom } from './env.js';
import { validateLifecycle, validateProbe } from './probes.js';
import { validateResources } from './resources.js';
import { validateSecurityContext } from './security.js';
import { type Volumes, validateDevices, validateMounts } from './volumes.js';

function validatePorts(ports: Loose[] | undefined, at: string): FieldErrors {
  const names = new Set<string>();
  return each(ports, at, (port, path) => {
    const out: FieldErrors = [];
    if (port.name) {
      const problems = portNameProblems(port.name);
      if (problems.length > 0) out.push(...all(`${path}.name`, port.name, problems));
      else if (names.has(port.name)) out.push(duplicate(`${path}.name`, port.name));
      else names.add(port.name);
    }
    if (!port.containerPort) out.push(required(`${path}.containerPort`));
    else out.push(...portNumber(port.containerPort, `${path}.containerPort`));
    if (port.hostPort) out.push(...portNumber(port.hostPort, `${path}.hostPort`));
    return [...out, ...oneOf(port.protocol, `${path}.protocol`, ['SCTP', 'TCP', 'UDP'])];
  });
}

/** What regular, init and ephemeral containers have in common. */
function validateCommon(container: Loose, at: string, volumes: Volumes): FieldErrors {
  return [
    ...(container.name ? label(container.name, `${at}.name`) : [required(`${at}.name`)]),
    ...(container.image ? [] : [required(`${at}.image`)]),
    ...oneOf(container.terminationMessagePolicy, `${at}.terminationMessagePolicy`, ['FallbackToLogsOnError', 'File']),
    ...validatePorts(container.ports, `${at}.ports`),
    ...validateEnv(container.env, `${at}.env`),
    ...validateEnvFrom(container.envFrom, `${at}.envFrom`),
    ...validateMounts(container, at, volumes),
    ...validateDevices(container, at, volumes),
    ...oneOf(container.imagePullPolicy, `${at}.imagePullPolicy`, ['Always', 'IfNotPresent', 'Never']),
    ...validateResources(container.resources, `${at}.resources`),
    ...validateSecurityContext(container.securityContext, `${at}.securityContext`),
  ];
}

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

const actions = (container: Loose, at: string): FieldErrors => [
  ...validateLifecycle(container.lifecycle, `${at}.lifecycle`),
  ...probes.flatMap((kind) => validateProbe(container[kind], `${at}.${kind}`, kind)),
];

function hostPortConflicts(containers: Loose[], at: string): FieldErrors {
  const seen = new Set<string>();
  return each(containers, at, (container, path) =>
    each(container.ports, `${path}.ports`, (port, portPath) => {
      if (!port.hostPort) return [];
      const id = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (seen.has(id)) return [duplicate(`${portPath}.hostPort`, id)];
      seen.add(id);
      return [];
    }),
  );
}

export function validateContainers(containers: Loose[] | undefined, at: string, volumes: Volumes): FieldErrors {
  if ((containers ?? []).length === 0) return [required(at)];
  const names = new Set<string>();
  const out = each(containers, at, (container, path) => {
    const name = container.name ?? '';
    const again = names.has(name) ? [duplicate(`${path}.name`, name)] : [];
    names.add(name);
    return [...validateCommon(container, path, volumes), ...again, ...actions(container, path)];
  });
  return [...out, ...hostPortConflicts(containers ?? [], at)];
}

export function validateInitContainers(spec: Loose, at: string, volumes: Volumes): FieldErrors {
  const names = new Set<string>((spec.containers ?? []).map((c: Loose) => c.name));
  return each(spec.initContainers, at, (container, path) => {
    const again = names.has(container.name) ? [duplicate(`${path}.name`, container.name)] : [];
    if (container.name) names.add(container.name);
    const out = [...validateCommon(container, path, volumes), ...again, ...hostPortConflicts([container], at)];
    // One that restarts always runs beside the regular ones and has what they have.
    if (container.restartPolicy === 'Always') return [...out, ...actions(container, path)];
    for (const field of ['lifecycle', ...probes])
      if (container[field]) out.push(forbiddenField(`${path}.${field}`, 'may not be set for init containers'));
    return out;
  });
}

const notEphemeral = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resources'];

export function validateEphemeralContainers(spec: Loose, at: string, volumes: Volumes): FieldErrors {
  const names = new Set<string>([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c: Loose) => c.name));
  const targets = new Set(names);
  return each(spec.ephemeralContainers, at, (container, path) => {
    const out = validateCommon(container, path, volumes);
    if (names.has(container.name)) out.push(duplicate(`${path}.name`, container.name));
    else names.add(container.name);
    if (container.targetContainerName && !targets.has(container.targetContainerName))
      out.push(fieldNotFound(`${path}.targetContainerName`, container.targetContainerName));
    for (const field of notEphemeral) {
      const value = container[field];
      const empty = value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
      if (!empty) out.push(forbiddenField(`${path}.${field}`, 'cannot be set for an Ephemeral Container'));
    }
    out.push(
      ...each(container.volumeMounts, `${path}.volumeMounts`, (mount, mountPath) =>
        ['subPath', 'subPathExpr']
          .filter((field) => mount[field])
          .map((field) => forbiddenField(`${mountPath}.${field}`, 'cannot be set for an Ephemeral Container')),
      ),
    );
    return out;
  });
}
