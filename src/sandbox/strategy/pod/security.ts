import { descendingPath, each, oneOf, validId } from '../check.js';
import { duplicate, type FieldErrors, goStruct, invalid, notSupported, required } from '../field.js';
import type { Loose } from '../types.js';

function validateSeccomp(profile: Loose, at: string): FieldErrors {
  if (!profile) return [];
  const out: FieldErrors = [];
  if (!profile.type) out.push(required(`${at}.type`, 'type is required when seccompProfile is set'));
  else if (!['Localhost', 'RuntimeDefault', 'Unconfined'].includes(profile.type))
    out.push(notSupported(`${at}.type`, profile.type, ['Localhost', 'RuntimeDefault', 'Unconfined']));
  if (profile.type === 'Localhost') {
    if (profile.localhostProfile === undefined) out.push(required(`${at}.localhostProfile`, 'must be set when seccomp type is Localhost'));
    else out.push(...descendingPath(profile.localhostProfile, `${at}.localhostProfile`));
  } else if (profile.localhostProfile !== undefined)
    out.push(invalid(`${at}.localhostProfile`, goStruct('core.SeccompProfile', profile), 'can only be set when seccomp type is Localhost'));
  return out;
}

/** What a container may do. */
export function validateSecurityContext(context: Loose, at: string): FieldErrors {
  if (!context) return [];
  const out = [...validId(context.runAsUser, `${at}.runAsUser`), ...validId(context.runAsGroup, `${at}.runAsGroup`)];
  if (context.procMount !== undefined && !['Default', 'Unmasked'].includes(context.procMount))
    out.push(notSupported(`${at}.procMount`, context.procMount, ['Default', 'Unmasked']));
  out.push(...validateSeccomp(context.seccompProfile, `${at}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    const shown = goStruct('core.SecurityContext', context);
    if (context.privileged === true)
      out.push(invalid(at, shown, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if ((context.capabilities?.add ?? []).includes('CAP_SYS_ADMIN'))
      out.push(invalid(at, shown, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
  }
  return out;
}

const sysctlSegment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlForm = `(${sysctlSegment}[\\./])*${sysctlSegment}`;
const sysctlPattern = new RegExp(`^${sysctlForm}$`);

function validateSysctls(sysctls: Loose[] | undefined, at: string): FieldErrors {
  const names = new Set<string>();
  return each(sysctls, at, ({ name }, path) => {
    const out: FieldErrors = [];
    if (!name) out.push(required(`${path}.name`));
    else if (name.length > 253 || !sysctlPattern.test(name))
      out.push(invalid(`${path}.name`, name, `must have at most 253 characters and match regex ^${sysctlForm}$`));
    else if (names.has(name)) out.push(duplicate(`${path}.name`, name));
    names.add(name);
    return out;
  });
}

/** What all containers of a pod run as; `at` is the path of the pod's spec. */
export function validatePodSecurity(spec: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  if (spec.hostNetwork === true)
    out.push(
      ...each(spec.containers, `${at}.containers`, (container, path) =>
        each(container.ports, `${path}.ports`, (port, portPath) =>
          port.hostPort === port.containerPort
            ? []
            : [invalid(`${portPath}.containerPort`, port.containerPort, 'must match `hostPort` when `hostNetwork` is true')],
        ),
      ),
    );
  const context = spec.securityContext ?? {};
  const path = `${at}.securityContext`;
  out.push(
    ...validId(context.fsGroup, `${path}.fsGroup`),
    ...validId(context.runAsUser, `${path}.runAsUser`),
    ...validId(context.runAsGroup, `${path}.runAsGroup`),
    ...each(context.supplementalGroups, `${path}.supplementalGroups`, (id, idPath) => validId(id, idPath)),
  );
  if (spec.hostPID === true && spec.shareProcessNamespace === true)
    out.push(invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  out.push(...validateSysctls(context.sysctls, `${path}.sysctls`));
  if (context.fsGroupChangePolicy !== undefined)
    out.push(...oneOf(context.fsGroupChangePolicy, `${path}.fsGroupChangePolicy`, ['Always', 'OnRootMismatch']));
  out.push(...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`));
  return out;
}
