import { isIP } from 'node:net';
import { all, each, label, oneOf, portNumber } from '../check.js';
import { duplicate, type FieldErrors, invalid, required } from '../field.js';
import { addressProblems, nameProblems, qualifiedNameProblems } from '../names.js';
import type { Loose, Strategy } from '../types.js';

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

/** An address where a service cannot be reached. */
function special(ip: string, at: string): FieldErrors {
  const out: FieldErrors = [];
  if (ip === '0.0.0.0' || ip === '::') out.push(invalid(at, ip, `may not be unspecified (${ip})`));
  if (/^127\./.test(ip) || ip === '::1') out.push(invalid(at, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  if (/^169\.254\./.test(ip) || /^fe[89ab]/i.test(ip))
    out.push(invalid(at, ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  if (/^224\.0\.0\./.test(ip) || /^ff02:/i.test(ip))
    out.push(invalid(at, ip, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
  return out;
}

function endpointAddress(address: Loose, at: string): FieldErrors {
  const ip = address.ip ?? '';
  const out = all(`${at}.ip`, ip, addressProblems(ip));
  if (address.hostname) out.push(...label(address.hostname, `${at}.hostname`));
  if (address.nodeName) out.push(...all(`${at}.nodeName`, address.nodeName, nameProblems('subdomain', address.nodeName)));
  return [...out, ...(isIP(ip) ? special(ip, `${at}.ip`) : [])];
}

const endpoints: Strategy = {
  updateSteps: ['change of metadata', 'object'],
  defaults(object) {
    for (const subset of object.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ??= 'TCP';
  },
  validate: (object) =>
    each(object.subsets, 'subsets', (subset, at) => {
      const out: FieldErrors = [];
      const ports: Loose[] = subset.ports ?? [];
      if ((subset.addresses ?? []).length === 0 && (subset.notReadyAddresses ?? []).length === 0)
        out.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
      for (const list of ['addresses', 'notReadyAddresses']) out.push(...each(subset[list], `${at}.${list}`, endpointAddress));
      out.push(
        ...each(ports, `${at}.ports`, (port, path) => [
          ...(port.name ? label(port.name, `${path}.name`) : ports.length > 1 ? [required(`${path}.name`)] : []),
          ...portNumber(port.port ?? 0, `${path}.port`),
          ...oneOf(port.protocol, `${path}.protocol`, ['SCTP', 'TCP', 'UDP']),
          ...(port.appProtocol === undefined ? [] : all(`${path}.appProtocol`, port.appProtocol, qualifiedNameProblems(port.appProtocol))),
        ]),
      );
      return out;
    }),
};

const reference = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

const event: Strategy = {
  validate(object) {
    // Both groups' events are the same objects; one calls what it is about by another name.
    const about = object.involvedObject ?? object.regarding ?? {};
    const field = object.involvedObject ? 'involvedObject.namespace' : 'regarding.namespace';
    const own = object.metadata.namespace ?? '';
    const wanted = about.namespace ?? '';
    const fits = wanted === '' ? ['', 'default', 'kube-system'].includes(own) : wanted === own;
    return fits ? [] : [invalid(field, wanted, 'does not match event.namespace')];
  },
  fields: {
    ...Object.fromEntries(reference.map((f) => [`involvedObject.${f}`, (o: Loose) => (o.involvedObject ?? o.regarding)?.[f] ?? ''])),
    reason: (o: Loose) => o.reason ?? '',
    reportingComponent: (o: Loose) => o.reportingComponent ?? o.reportingController ?? '',
    source: (o: Loose) => (o.source ?? o.deprecatedSource)?.component ?? o.reportingComponent ?? '',
    type: (o: Loose) => o.type ?? '',
  },
};

const node: Strategy = {
  status: true,
  fields: { 'spec.unschedulable': (o) => String((o['spec'] as Loose)?.unschedulable ?? false) },
  prepareCreate(object) {
    object.status ??= {};
  },
  validate({ spec }) {
    const seen = new Set<string>();
    return each(spec?.taints, 'spec.taints', (taint, at) => {
      const out = all(`${at}.key`, taint.key ?? '', qualifiedNameProblems(taint.key ?? ''));
      out.push(...oneOf(taint.effect, `${at}.effect`, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']));
      const id = `${taint.key}:${taint.effect}`;
      if (seen.has(id))
        out.push({ ...duplicate(at, taint), message: 'Duplicate value: core.Taint{}: taints must be unique by key and effect pair' });
      seen.add(id);
      return out;
    });
  },
};

export const rest: { [resource: string]: Strategy } = {
  'namespaces.': namespace,
  'endpoints.': endpoints,
  'events.': event,
  'nodes.': node,
  'serviceaccounts.': { updateSteps: ['change of metadata', 'metadata'] },
};
