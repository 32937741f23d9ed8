import { all, each, needed, nonNegative, oneOf, portNumber, portNumberOrName } from '../check.js';
import { type FieldErrors, forbiddenField, invalid, required } from '../field.js';
import type { Loose } from '../types.js';

const headerPattern = /^[-A-Za-z0-9]+$/;
const headerText =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

const checks: { [handler: string]: (action: Loose, at: string) => FieldErrors } = {
  exec: (action, at) => needed(action, at, ['command']),
  httpGet: (action, at) => [
    ...needed(action, at, ['path']),
    ...portNumberOrName(action.port, `${at}.port`),
    ...oneOf(action.scheme, `${at}.scheme`, ['HTTP', 'HTTPS']),
    ...each(action.httpHeaders, `${at}.httpHeaders`, ({ name = '' }) =>
      all(`${at}.httpHeaders`, name, headerPattern.test(name) ? [] : [headerText]),
    ),
  ],
  tcpSocket: (action, at) => portNumberOrName(action.port, `${at}.port`),
  grpc: (action, at) => portNumber(action.port ?? 0, `${at}.port`),
  sleep: (action, at) => (action.seconds < 0 ? [invalid(`${at}.seconds`, action.seconds, 'must be non-negative')] : []),
};

/** What a probe or a lifecycle hook does: exactly one thing. */
function validateHandler(handler: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  const given = Object.keys(checks).filter((kind) => handler[kind]);
  given.forEach((kind, i) => {
    if (i > 0) out.push(forbiddenField(`${at}.${kind}`, 'may not specify more than 1 handler type'));
    else out.push(...(checks[kind]?.(handler[kind], `${at}.${kind}`) ?? []));
  });
  if (given.length === 0) out.push(required(at, 'must specify a handler type'));
  return out;
}

export function validateProbe(probe: Loose, at: string, kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe'): FieldErrors {
  if (!probe) return [];
  const out = validateHandler(probe, at);
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'])
    out.push(...nonNegative(probe[field], `${at}.${field}`));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) out.push(invalid(`${at}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  if (kind === 'readinessProbe') {
    if (grace !== undefined) out.push(invalid(`${at}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
  } else if (probe.successThreshold !== 1) out.push(invalid(`${at}.successThreshold`, probe.successThreshold, 'must be 1'));
  return out;
}

export function validateLifecycle(lifecycle: Loose, at: string): FieldErrors {
  return ['postStart', 'preStop'].flatMap((hook) => (lifecycle?.[hook] ? validateHandler(lifecycle[hook], `${at}.${hook}`) : []));
}
