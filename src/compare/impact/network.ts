import { type KubeObject, parseApiVersion } from '../../model/index.js';
import { asList, asObject, asObjects, asTexts, at } from '../loose.js';
import { type Finding, type ImpactInput, listed, pathsOf } from './finding.js';

const nameOf = (object: KubeObject) => `${object.kind}/${object.metadata.name ?? ''}`;

export function serviceFindings({ type, object, live, changes, graph }: ImpactInput): Finding[] {
  if (object.kind !== 'Service' || parseApiVersion(object.apiVersion).group !== '') return [];
  const kind = at(object, 'spec', 'type') ?? 'ClusterIP';
  if (type === 'create')
    return kind === 'LoadBalancer' || kind === 'NodePort'
      ? [{ impact: 'medium', reason: `can be reached from outside the cluster (${kind})` }]
      : [];
  if (type === 'delete') return [{ impact: 'medium', reason: 'removes a Service' }];
  const findings: Finding[] = [];
  const paths = pathsOf(changes);
  const has = (pattern: RegExp) => paths.some((path) => pattern.test(path));
  if (has(/^spec\.selector(\.|$)/)) {
    const to = graph.selectedBy(object).map(nameOf);
    findings.push({
      impact: 'high',
      reason: `sends traffic to other pods${to.length === 0 ? ': no workload of this workflow has these labels' : `: those of ${listed(to)}`}`,
    });
  }
  if (has(/^spec\.type$/)) {
    const was = at(live, 'spec', 'type') ?? 'ClusterIP';
    findings.push({ impact: 'medium', reason: `changes how the Service is reached: from ${String(was)} to ${String(kind)}` });
  }
  if (has(/^spec\.ports/)) findings.push({ impact: 'low', reason: 'changes a port' }, ...lostPorts(object, graph));
  if (has(/^spec\.clusterIP$/) && live !== undefined)
    findings.push({ impact: 'medium', reason: 'gets another address; who keeps the old one does not find it' });
  return findings;
}

/** Routes to a port that the Service no longer has. */
function lostPorts(service: KubeObject, graph: ImpactInput['graph']): Finding[] {
  const ports = new Set(asObjects(at(service, 'spec', 'ports')).flatMap((port) => [port['port'], port['name']]));
  return graph
    .usersOf(service)
    .filter(({ reference }) => reference.port !== undefined && !ports.has(reference.port))
    .map(({ user, reference }) => ({ impact: 'high', reason: `${nameOf(user)} asks for port ${reference.port}, which it no longer has` }));
}

export function ingressFindings({ type, object, live }: ImpactInput): Finding[] {
  if (object.kind !== 'Ingress') return [];
  const hosts = (one: KubeObject | undefined) =>
    [...new Set(asObjects(at(one, 'spec', 'rules')).map((rule) => String(rule['host'] ?? 'every host')))].sort();
  const secure = (one: KubeObject | undefined) => asObjects(at(one, 'spec', 'tls')).flatMap((tls) => asTexts(tls['hosts']));
  const now = hosts(object);
  if (type === 'create')
    return now.length === 0 ? [] : [{ impact: 'medium', reason: `answers for ${listed(now)} from outside the cluster` }];
  if (type === 'delete')
    return [{ impact: 'medium', reason: `removes an Ingress${now.length === 0 ? '' : `: nothing answers for ${listed(now)}`}` }];
  const findings: Finding[] = [];
  const was = hosts(live);
  const gone = was.filter((host) => !now.includes(host));
  const come = now.filter((host) => !was.includes(host));
  if (gone.length > 0) findings.push({ impact: 'high', reason: `no longer answers for ${listed(gone)}` });
  if (come.length > 0) findings.push({ impact: 'medium', reason: `answers for ${listed(come)} from outside the cluster` });
  const bare = secure(live).filter((host) => now.includes(host) && !secure(object).includes(host));
  if (bare.length > 0) findings.push({ impact: 'high', reason: `serves ${listed(bare)} without a certificate` });
  const [from, to] = [at(live, 'spec', 'ingressClassName'), at(object, 'spec', 'ingressClassName')];
  if (from !== to)
    findings.push({
      impact: 'high',
      reason: `is answered by another controller: ${String(to ?? 'the default')} in place of ${String(from ?? 'the default')}`,
    });
  if (JSON.stringify(backends(live)) !== JSON.stringify(backends(object)))
    findings.push({ impact: 'medium', reason: `sends requests to ${listed(backends(object))}` });
  return findings;
}

function backends(ingress: KubeObject | undefined): string[] {
  const all = [
    at(ingress, 'spec', 'defaultBackend'),
    ...asObjects(at(ingress, 'spec', 'rules')).flatMap((rule) => asObjects(at(rule, 'http', 'paths')).map((path) => path['backend'])),
  ];
  const names = all.flatMap((backend) => {
    const { name, port } = asObject(at(backend, 'service'));
    return typeof name === 'string' ? [`Service/${name}:${String(at(port, 'number') ?? at(port, 'name') ?? '')}`] : [];
  });
  return [...new Set(names)].sort();
}

export function networkPolicyFindings({ type, object, live, graph }: ImpactInput): Finding[] {
  if (object.kind !== 'NetworkPolicy') return [];
  const everything = Object.keys(asObject(at(object, 'spec', 'podSelector'))).length === 0;
  const selected = graph.selectedBy(object).map(nameOf);
  const whom = everything ? 'every pod of the namespace' : selected.length > 0 ? `pods of ${listed(selected)}` : 'the pods that it selects';
  if (type === 'delete') return [{ impact: 'high', reason: `lets through the traffic of ${whom} that it held back` }];
  const kinds = directions(object);
  if (type === 'create')
    return [
      { impact: everything ? 'high' : 'medium', reason: `cuts ${whom} off from ${kinds.join(' and ')} traffic that it does not name` },
    ];
  const findings: Finding[] = [{ impact: everything ? 'high' : 'medium', reason: `changes what traffic ${whom} may have` }];
  const closed = kinds.filter((kind) => !directions(live as KubeObject).includes(kind));
  const opened = live === undefined ? [] : directions(live).filter((kind) => !kinds.includes(kind));
  if (closed.length > 0) findings.push({ impact: 'high', reason: `begins to hold back ${closed.join(' and ')} traffic` });
  if (opened.length > 0) findings.push({ impact: 'high', reason: `no longer holds back ${opened.join(' and ')} traffic` });
  return findings;
}

function directions(policy: KubeObject): string[] {
  const types = asTexts(at(policy, 'spec', 'policyTypes'));
  if (types.length > 0)
    return ['Ingress', 'Egress'].filter((type) => types.includes(type)).map((type) => (type === 'Ingress' ? 'incoming' : 'outgoing'));
  return at(policy, 'spec', 'egress') === undefined ? ['incoming'] : ['incoming', 'outgoing'];
}

/** What can refuse or change the requests of others: webhooks and admission policies. */
export function admissionFindings({ type, object, live }: ImpactInput): Finding[] {
  if (parseApiVersion(object.apiVersion).group !== 'admissionregistration.k8s.io') return [];
  if (!object.kind.endsWith('WebhookConfiguration'))
    return [
      type === 'delete'
        ? { impact: 'medium', reason: 'requests are no longer checked by it' }
        : { impact: 'high', reason: 'can refuse or change requests of the whole cluster' },
    ];
  if (type === 'delete') return [{ impact: 'medium', reason: 'requests are no longer checked by it' }];
  const findings: Finding[] = [{ impact: 'high', reason: 'can refuse or change requests of the whole cluster' }];
  for (const webhook of asObjects(object['webhooks'])) {
    const before = asObjects(live?.['webhooks']).find((one) => one['name'] === webhook['name']);
    const fails = (one: unknown) => one !== undefined && (at(one, 'failurePolicy') ?? 'Fail') === 'Fail';
    const name = String(webhook['name'] ?? '');
    const what = listed(
      [...new Set(asObjects(webhook['rules']).flatMap((rule) => asTexts(rule['resources'])))].map((r) => (r === '*' ? 'everything' : r)),
    );
    const service = asObject(at(webhook, 'clientConfig', 'service'))['name'];
    if (fails(webhook) && !fails(before))
      findings.push({
        impact: 'high',
        reason: `${name} refuses requests about ${what} while ${typeof service === 'string' ? `Service/${service}` : 'it'} does not answer (failurePolicy Fail)`,
      });
    if (before !== undefined && JSON.stringify(asList(before['rules'])) !== JSON.stringify(asList(webhook['rules'])))
      findings.push({ impact: 'high', reason: `${name} is asked about other requests: ${what}` });
  }
  return findings;
}
