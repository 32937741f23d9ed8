import { isIP } from 'node:net';
import { all, each, portNumber, portNumberOrName, subdomain } from './check.js';
import { type FieldErrors, forbiddenField, GoText, invalid, notSupported, required, tooLong } from './field.js';
import { nameProblems, portNameProblems, wildcardProblems } from './names.js';
import { validateSelector } from './selector.js';
import { isRange } from './service/validate.js';
import type { Loose, Strategy } from './types.js';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];

function localReference(reference: Loose, at: string): FieldErrors {
  const out: FieldErrors = reference.apiGroup == null ? [] : subdomain(reference.apiGroup, `${at}.apiGroup`);
  for (const field of ['kind', 'name']) {
    const value = reference[field];
    if (!value) out.push(required(`${at}.${field}`));
    else out.push(...all(`${at}.${field}`, value, nameProblems('path', value)));
  }
  return out;
}

function validateBackend(backend: Loose, at: string): FieldErrors {
  if (backend?.resource && backend.service) return [invalid(at, '', 'cannot set both resource and service backends')];
  if (backend?.resource) return localReference(backend.resource, `${at}.resource`);
  if (!backend?.service) return [invalid(at, '', 'resource or service backend is required')];
  const { name, port = {} } = backend.service;
  const path = `${at}.service`;
  const out = name ? all(`${path}.name`, name, nameProblems('label1035', name)) : [required(`${path}.name`)];
  if (port.name && port.number) out.push(invalid(at, '', 'cannot set both port name & port number'));
  else if (port.name) out.push(...all(`${path}.port.name`, port.name, portNameProblems(port.name)));
  else if (port.number) out.push(...portNumber(port.number, `${path}.port.number`));
  else out.push(required(at, 'port name or number is required'));
  return out;
}

function validatePath({ path = '', pathType, backend }: Loose, at: string): FieldErrors {
  if (pathType === undefined || pathType === null) return [required(`${at}.pathType`, 'pathType must be specified')];
  const out: FieldErrors = [];
  const relative = () => {
    if (!path.startsWith('/')) out.push(invalid(`${at}.path`, path, 'must be an absolute path'));
  };
  if (pathType === 'Exact' || pathType === 'Prefix') {
    relative();
    for (const part of ['//', '/./', '/../', '%2f', '%2F'])
      if (path.includes(part)) out.push(invalid(`${at}.path`, path, `must not contain '${part}'`));
    for (const end of ['/..', '/.']) if (path.endsWith(end)) out.push(invalid(`${at}.path`, path, `cannot end with '${end}'`));
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '') relative();
  } else out.push(notSupported(`${at}.pathType`, pathType, pathTypes));
  return [...out, ...validateBackend(backend, `${at}.backend`)];
}

function hostName(host: string, at: string): FieldErrors {
  return all(at, host, host.includes('*') ? wildcardProblems(host) : nameProblems('subdomain', host));
}

const classAnnotation = 'kubernetes.io/ingress.class';

const ingress: Strategy = {
  status: true,
  generation: true,
  updateSteps: ['change of metadata', 'metadata', 'object'],
  validate({ spec, metadata }, { old, subresource }) {
    if (subresource !== '') return [];
    const out: FieldErrors = [];
    if ((spec.rules ?? []).length === 0 && !spec.defaultBackend)
      out.push(invalid('spec', new GoText('[]networking.IngressRule(nil)'), 'either `defaultBackend` or `rules` must be specified'));
    if (spec.defaultBackend) out.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'));
    out.push(
      ...each(spec.rules, 'spec.rules', (rule, at) => {
        const problems: FieldErrors = [];
        if (rule.host) {
          if (isIP(rule.host)) problems.push(invalid(`${at}.host`, rule.host, 'must be a DNS name, not an IP address'));
          problems.push(...hostName(rule.host, `${at}.host`));
        }
        if (!rule.http) return problems;
        if ((rule.http.paths ?? []).length === 0) problems.push(required(`${at}.http.paths`));
        return [...problems, ...each(rule.http.paths, `${at}.http.paths`, validatePath)];
      }),
      ...each(spec.tls, 'spec.tls', (tls, at) => [
        ...each(tls.hosts, `${at}.hosts`, (host, path) => hostName(host, path)),
        ...(tls.secretName ? subdomain(tls.secretName, `${at}.secretName`) : []),
      ]),
    );
    if (spec.ingressClassName !== undefined) out.push(...subdomain(spec.ingressClassName, 'spec.ingressClassName'));
    const named = metadata.annotations?.[classAnnotation];
    if (!old && named !== undefined && spec.ingressClassName !== undefined)
      out.push(invalid(`annotations.${classAnnotation}`, named, 'can not be set when the class field is also set'));
    return out;
  },
};

/** `example.com/controller` */
function domainPath(path: string, at: string): FieldErrors {
  const slash = path.indexOf('/');
  if (slash < 0 || path.slice(slash + 1) === '') return [invalid(at, path, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const [host, rest] = [path.slice(0, slash), path.slice(slash + 1)];
  const out = nameProblems('subdomain', host).map((problem) => invalid(at, host, problem));
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest))
    out.push(invalid(at, rest, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"));
  return out;
}

const ingressClass: Strategy = {
  generation: true,
  updateSteps: ['change of metadata', 'change', 'metadata', 'object'],
  defaults({ spec }) {
    if (spec.parameters) spec.parameters.scope ??= 'Cluster';
  },
  validate({ spec }) {
    const out: FieldErrors = [];
    const at = 'spec.controller';
    if (!spec.controller) out.push(required(at));
    else {
      if (spec.controller.length > 250) out.push(tooLong(at, 250));
      out.push(...domainPath(spec.controller, at));
    }
    const { parameters } = spec;
    if (!parameters) return out;
    const path = 'spec.parameters';
    out.push(...localReference(parameters, path));
    if (!['Cluster', 'Namespace'].includes(parameters.scope))
      out.push(notSupported(`${path}.scope`, parameters.scope, ['Cluster', 'Namespace']));
    else if (parameters.scope === 'Namespace') {
      if (parameters.namespace === undefined) out.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"));
      else out.push(...all(`${path}.namespace`, parameters.namespace, nameProblems('label', parameters.namespace)));
    } else if (parameters.namespace !== undefined) out.push(forbiddenField(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"));
    return out;
  },
  validateUpdate: ({ spec }, old) =>
    spec.controller === old.spec.controller ? [] : [invalid('spec.controller', spec.controller, 'field is immutable')],
};

const protocols = ['TCP', 'UDP', 'SCTP'];

function policyPort({ protocol, port, endPort }: Loose, at: string): FieldErrors {
  const out: FieldErrors = protocol && !protocols.includes(protocol) ? [notSupported(`${at}.protocol`, protocol, protocols)] : [];
  if (port === undefined)
    return endPort === undefined ? out : [...out, invalid(`${at}.endPort`, endPort, 'may not be specified when `port` is not specified')];
  if (typeof port === 'string') {
    if (endPort !== undefined) out.push(invalid(`${at}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
    return [...out, ...portNumberOrName(port, `${at}.port`)];
  }
  out.push(...portNumber(port, `${at}.port`));
  if (endPort === undefined) return out;
  if (endPort < port) out.push(invalid(`${at}.endPort`, endPort, 'must be greater than or equal to `port`'));
  return [...out, ...portNumber(endPort, `${at}.endPort`)];
}

const toBits = (ip: string): bigint => {
  if (isIP(ip) === 4) return ip.split('.').reduce((n, part) => (n << 8n) | BigInt(part), 0n);
  const [head = '', tail] = ip.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const groups = tail === undefined ? left : [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.reduce((n, group) => (n << 16n) | BigInt(`0x${group}`), 0n);
};

function within(inner: string, outer: string): boolean {
  const [ip = '', bits] = inner.split('/');
  const [base = '', mask] = outer.split('/');
  if (isIP(ip) !== isIP(base) || Number(bits) <= Number(mask)) return false;
  const shift = BigInt((isIP(base) === 4 ? 32 : 128) - Number(mask));
  return toBits(ip) >> shift === toBits(base) >> shift;
}

function block({ cidr, except = [] }: Loose, at: string): FieldErrors {
  if (!cidr) return [required(`${at}.cidr`)];
  if (!isRange(cidr)) return [invalid(`${at}.cidr`, cidr, 'not a valid CIDR')];
  return except.flatMap((range: string, i: number) => {
    const path = `${at}.except[${i}]`;
    if (!isRange(range)) return [invalid(path, range, 'not a valid CIDR')];
    return within(range, cidr) ? [] : [invalid(path, range, 'must be a strict subset of `cidr`')];
  });
}

function peer(given: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  for (const field of ['podSelector', 'namespaceSelector']) if (given[field]) out.push(...validateSelector(given[field], `${at}.${field}`));
  if (given.ipBlock) out.push(...block(given.ipBlock, `${at}.ipBlock`));
  const count = ['podSelector', 'namespaceSelector', 'ipBlock'].filter((f) => given[f]).length;
  if (count === 0) out.push(required(at, 'must specify a peer'));
  else if (count > 1 && given.ipBlock) out.push(forbiddenField(at, 'may not specify both ipBlock and another peer'));
  return out;
}

const networkPolicy: Strategy = {
  generation: true,
  defaults({ spec }) {
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    spec.policyTypes ??= (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate({ spec }) {
    const out = validateSelector(spec.podSelector ?? {}, 'spec.podSelector');
    for (const [list, peers] of [
      ['ingress', 'from'],
      ['egress', 'to'],
    ] as const)
      out.push(
        ...each(spec[list], `spec.${list}`, (rule, at) => [
          ...each(rule.ports, `${at}.ports`, policyPort),
          ...each(rule[peers], `${at}.${peers}`, peer),
        ]),
      );
    const types: string[] = spec.policyTypes ?? [];
    if (types.length > 2) {
      const shown = new GoText(`[]networking.PolicyType{${types.map((t) => JSON.stringify(t)).join(', ')}}`);
      return [...out, invalid('spec.policyTypes', shown, 'may not specify more than two policyTypes')];
    }
    types.forEach((type, i) => {
      if (!['Ingress', 'Egress'].includes(type)) out.push(notSupported(`spec.policyTypes[${i}]`, type, ['Ingress', 'Egress']));
    });
    return out;
  },
};

export const networking: { [resource: string]: Strategy } = {
  'ingresses.networking.k8s.io': ingress,
  'ingressclasses.networking.k8s.io': ingressClass,
  'networkpolicies.networking.k8s.io': networkPolicy,
};
