import { count, type KubeObject, parseApiVersion } from '../../model/index.js';
import { asObject, asObjects, at } from '../loose.js';
import { type Finding, type ImpactInput, listed, pathsOf } from './finding.js';
import { quantity } from './quantity.js';

/** Kinds that hold data, types or the whole cluster's settings. */
export function otherFindings(input: ImpactInput): Finding[] {
  const { object } = input;
  const handler = handlers[`${parseApiVersion(object.apiVersion).group}/${object.kind}`];
  return handler?.(input) ?? [];
}

const handlers: { [type: string]: (input: ImpactInput) => Finding[] } = {
  '/Namespace': namespace,
  '/PersistentVolumeClaim': claim,
  '/PersistentVolume': volume,
  '/Secret': ({ type }) => (type === 'delete' ? [{ impact: 'medium', reason: 'removes a Secret' }] : []),
  '/ResourceQuota': bounds,
  '/LimitRange': bounds,
  'apiextensions.k8s.io/CustomResourceDefinition': definition,
  'apiregistration.k8s.io/APIService': ({ type }) => [
    { impact: 'high', reason: type === 'delete' ? 'ends an API of the whole cluster' : 'answers for an API of the whole cluster' },
  ],
  'policy/PodDisruptionBudget': budget,
  'autoscaling/HorizontalPodAutoscaler': autoscaler,
  'storage.k8s.io/StorageClass': ({ type, object, live }) => [
    ...becomesDefault(object, live, 'storageclass.kubernetes.io/is-default-class', 'claims that name no class'),
    ...(type === 'delete' ? [{ impact: 'medium' as const, reason: 'claims that name it wait until it is back' }] : []),
  ],
  'networking.k8s.io/IngressClass': ({ object, live }) =>
    becomesDefault(object, live, 'ingressclass.kubernetes.io/is-default-class', 'Ingresses that name no class'),
  'scheduling.k8s.io/PriorityClass': ({ object, live }) =>
    object['globalDefault'] === true && live?.['globalDefault'] !== true
      ? [{ impact: 'high', reason: 'becomes the default of every pod that names no priority' }]
      : [],
};

function namespace({ type, object, live, graph, surroundings }: ImpactInput): Finding[] {
  const name = object.metadata.name ?? '';
  if (type === 'delete') {
    const findings: Finding[] = [{ impact: 'critical', reason: 'deletes everything that lives in the namespace' }];
    const own = graph.inNamespace(name);
    if (own.length > 0) findings.push({ impact: 'critical', reason: `${count(own.length, 'object')} that Git still has live in it` });
    const lives = surroundings?.namespaces.get(name);
    if (lives !== undefined) {
      if (lives.counts.length > 0)
        findings.push({
          impact: 'critical',
          reason: `what else lives in it goes too: ${listed(
            lives.counts.map((one) => `${one.atLeast ? 'at least ' : ''}${count(one.count, one.kind)}`),
            8,
          )}`,
        });
      else if (lives.unseen.length === 0) findings.push({ impact: 'low', reason: 'nothing else lives in it' });
      if (lives.unseen.length > 0)
        findings.push({ impact: 'critical', reason: `whether it has objects of ${listed(lives.unseen)} could not be seen` });
    }
    return findings;
  }
  if (type === 'create') return [];
  const security = 'pod-security.kubernetes.io/enforce';
  const [from, to] = [live?.metadata.labels?.[security], object.metadata.labels?.[security]];
  if (from !== to)
    return [
      { impact: 'medium', reason: `changes what pods may do in it: ${to ?? 'no level'} in place of ${from ?? 'no level'} (${security})` },
    ];
  return [];
}

function definition({ type, object, live, graph, surroundings }: ImpactInput): Finding[] {
  if (type === 'create') return [{ impact: 'medium', reason: 'adds a type to the whole cluster' }];
  const kind = String(at(object, 'spec', 'names', 'kind') ?? '');
  const own = graph.ofType(String(at(object, 'spec', 'group') ?? ''), kind);
  const known = surroundings?.instances.get(object.metadata.name ?? '');
  if (type === 'delete') {
    const findings: Finding[] = [{ impact: 'critical', reason: 'deletes every object of the type' }];
    if (known !== undefined)
      findings.push(
        known.count === 0
          ? { impact: 'low', reason: `there is no ${kind} now` }
          : {
              impact: 'critical',
              reason: `takes ${known.atLeast ? 'at least ' : ''}${count(known.count, kind)} with it${known.namespaces.length > 1 ? ` in ${known.namespaces.length} namespaces` : ''}`,
            },
      );
    if (own.length > 0) findings.push({ impact: 'critical', reason: `${count(own.length, 'object')} of Git need the type` });
    return findings;
  }
  const served = (one: KubeObject | undefined) =>
    asObjects(at(one, 'spec', 'versions')).flatMap((version) => (version['served'] === false ? [] : [String(version['name'])]));
  const gone = served(live).filter((version) => !served(object).includes(version));
  return [
    { impact: 'high', reason: 'changes a type of the whole cluster' },
    ...(gone.length > 0 ? [{ impact: 'critical' as const, reason: `no longer serves ${listed(gone)}: who asks for it is refused` }] : []),
  ];
}

function claim({ type, object, live, changes }: ImpactInput): Finding[] {
  if (type === 'delete') return [{ impact: 'critical', reason: 'may delete the data in it' }];
  if (type === 'create') return [];
  const size = (one: KubeObject | undefined) => at(one, 'spec', 'resources', 'requests', 'storage');
  const [from, to] = [size(live), size(object)];
  const [before, after] = [quantity(from), quantity(to)];
  if (before !== undefined && after !== undefined && before !== after)
    return [{ impact: 'medium', reason: `grows a claim on storage from ${String(from)} to ${String(to)}, which cannot be taken back` }];
  return pathsOf(changes).some((path) => path.startsWith('spec')) ? [{ impact: 'medium', reason: 'changes a claim on storage' }] : [];
}

function volume({ type, object, live }: ImpactInput): Finding[] {
  const policy = (one: KubeObject | undefined) => at(one, 'spec', 'persistentVolumeReclaimPolicy');
  if (type === 'delete') return [{ impact: 'critical', reason: 'may delete the data in it' }];
  if (type === 'update' && policy(object) === 'Delete' && policy(live) !== 'Delete')
    return [{ impact: 'high', reason: 'the data in it will go with its claim (persistentVolumeReclaimPolicy Delete)' }];
  return [];
}

function bounds({ type, object }: ImpactInput): Finding[] {
  if (type === 'delete') return [{ impact: 'medium', reason: 'no longer bounds what the namespace may use' }];
  return [
    { impact: type === 'create' ? 'low' : 'medium', reason: `bounds what pods of ${object.metadata.namespace ?? 'the namespace'} may use` },
  ];
}

function budget({ type, graph, object }: ImpactInput): Finding[] {
  const guarded = listed(graph.selectedBy(object).map((one) => `${one.kind}/${one.metadata.name ?? ''}`));
  const whom = guarded === '' ? 'its pods' : `pods of ${guarded}`;
  if (type === 'delete') return [{ impact: 'medium', reason: `evictions (node drains) of ${whom} are no longer held back` }];
  return type === 'update' ? [{ impact: 'medium', reason: `changes how many of ${whom} may be evicted at once` }] : [];
}

function autoscaler({ type, object, live }: ImpactInput): Finding[] {
  const target = asObject(at(object, 'spec', 'scaleTargetRef'));
  const whom = `${String(target['kind'] ?? 'Deployment')}/${String(target['name'] ?? '')}`;
  if (type === 'delete') return [{ impact: 'medium', reason: `nobody scales ${whom} any more; it keeps the pods that it has` }];
  if (type === 'create') return [{ impact: 'medium', reason: `decides the number of pods of ${whom} from now on` }];
  const findings: Finding[] = [];
  for (const [field, word] of [
    ['minReplicas', 'fewest'],
    ['maxReplicas', 'most'],
  ] as const) {
    const [from, to] = [at(live, 'spec', field) ?? 1, at(object, 'spec', field) ?? 1];
    if (typeof from === 'number' && typeof to === 'number' && from !== to)
      findings.push({ impact: to < from ? 'medium' : 'low', reason: `changes the ${word} pods of ${whom} from ${from} to ${to}` });
  }
  return findings;
}

function becomesDefault(object: KubeObject, live: KubeObject | undefined, annotation: string, whose: string): Finding[] {
  return object.metadata.annotations?.[annotation] === 'true' && live?.metadata.annotations?.[annotation] !== 'true'
    ? [{ impact: 'high', reason: `becomes the default of ${whose}` }]
    : [];
}
