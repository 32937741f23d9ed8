import { compareText, type KubeObject, keyOf, parseApiVersion } from '../model/index.js';
import { asObject, at } from './loose.js';
import { type Reference, referencesOf } from './references.js';
import { labelsSelected, mapSelects } from './selector.js';
import { isWorkload, podLabelsOf } from './workloads.js';

/** One object that uses another. */
export interface Use {
  user: KubeObject;
  reference: Reference;
}

/** Who depends on whom among the objects of a workflow as they will be after the sync. */
export interface Graph {
  /** Who refers to an object by name, in name order; each use once. */
  usersOf(object: KubeObject): readonly Use[];
  /** Services, disruption budgets, network policies and monitors that select the pods of a workload, by its labels. */
  selectorsOf(workload: KubeObject): readonly KubeObject[];
  /** Workloads, Jobs and pods whose pods a Service, budget or policy selects. */
  selectedBy(object: KubeObject): readonly KubeObject[];
  /** The object of this name, if it is one of them. */
  find(key: { group: string; kind: string; namespace: string; name: string }): KubeObject | undefined;
  inNamespace(namespace: string): readonly KubeObject[];
  ofType(group: string, kind: string): readonly KubeObject[];
}

const id = (one: { group: string; kind: string; namespace: string; name: string }) =>
  `${one.group}/${one.kind}:${one.namespace}/${one.name}`;

export function buildGraph(objects: readonly KubeObject[]): Graph {
  let byId: Map<string, KubeObject> | undefined;
  let users: Map<string, Use[]> | undefined;
  let selecting: Index | undefined;
  let pods: Index | undefined;
  return {
    usersOf(object) {
      users ??= indexUsers(objects);
      return users.get(id(keyOf(object))) ?? [];
    },
    selectorsOf(workload) {
      selecting ??= indexSelectors(objects);
      const namespace = workload.metadata.namespace ?? '';
      const labels = Object.entries(podLabelsOf(workload)).map(([name, value]) => labelKey(namespace, name, value));
      return [namespace, ...labels].flatMap((key) => selecting?.get(key) ?? []).filter((object) => selectsPods(object, workload));
    },
    selectedBy(object) {
      pods ??= indexPods(objects);
      return candidates(pods, object).filter((workload) => selectsPods(object, workload));
    },
    find(key) {
      byId ??= new Map(objects.map((object) => [id(keyOf(object)), object]));
      return byId.get(id(key));
    },
    inNamespace: (namespace) => objects.filter((object) => object.metadata.namespace === namespace),
    ofType: (group, kind) => objects.filter((object) => object.kind === kind && parseApiVersion(object.apiVersion).group === group),
  };
}

/** Objects by namespace, and by namespace and label. */
type Index = Map<string, KubeObject[]>;

const labelKey = (namespace: string, name: string, value: unknown) => `${namespace} ${name}=${String(value)}`;

function put(index: Index, key: string, object: KubeObject): void {
  const list = index.get(key);
  if (list) list.push(object);
  else index.set(key, [object]);
}

/** What runs pods, under its namespace and under each of its pods' labels. */
function indexPods(objects: readonly KubeObject[]): Index {
  const index: Index = new Map();
  for (const object of objects) {
    if (!isWorkload(object) && !['Pod', 'Job', 'CronJob'].includes(object.kind)) continue;
    const namespace = object.metadata.namespace ?? '';
    put(index, namespace, object);
    for (const [name, value] of Object.entries(podLabelsOf(object))) put(index, labelKey(namespace, name, value), object);
  }
  return index;
}

/** What selects pods, under one label that it asks for; under its namespace where it asks for none. */
function indexSelectors(objects: readonly KubeObject[]): Index {
  const index: Index = new Map();
  for (const object of objects) {
    if (selectorOf(object) === undefined) continue;
    const namespace = object.metadata.namespace ?? '';
    const [first] = Object.entries(labelsAsked(object));
    put(index, first === undefined ? namespace : labelKey(namespace, ...first), object);
  }
  return index;
}

function labelsAsked(object: KubeObject): { [name: string]: unknown } {
  const how = selectorOf(object);
  return how === undefined ? {} : asObject('map' in how ? how.map : at(how.selector, 'matchLabels'));
}

/** Those that can be selected at all: by the label that the fewest have, where there is one. */
function candidates(pods: Index, object: KubeObject): readonly KubeObject[] {
  const namespace = object.metadata.namespace ?? '';
  let fewest = pods.get(namespace) ?? [];
  for (const [name, value] of Object.entries(labelsAsked(object))) {
    const list = pods.get(labelKey(namespace, name, value)) ?? [];
    if (list.length < fewest.length) fewest = list;
  }
  return fewest;
}

function indexUsers(objects: readonly KubeObject[]): Map<string, Use[]> {
  const users = new Map<string, Use[]>();
  const seen = new Set<string>();
  for (const user of objects) {
    for (const reference of referencesOf(user)) {
      const once = `${id(keyOf(user))} ${id(reference)} ${reference.how} ${reference.port ?? ''}`;
      if (seen.has(once)) continue;
      seen.add(once);
      const list = users.get(id(reference));
      if (list) list.push({ user, reference });
      else users.set(id(reference), [{ user, reference }]);
    }
  }
  for (const list of users.values())
    list.sort((a, b) => compareText(nameOfUse(a), nameOfUse(b)) || compareText(a.reference.how, b.reference.how));
  return users;
}

const nameOfUse = ({ user }: Use) => `${user.kind}/${user.metadata.name ?? ''}`;

/** How an object selects pods: by a plain map or by a label selector. */
function selectorOf(object: KubeObject): { map: unknown } | { selector: unknown } | undefined {
  const spec = asObject(object['spec']);
  switch (object.kind) {
    case 'Service':
      return spec['selector'] === undefined ? undefined : { map: spec['selector'] };
    case 'PodDisruptionBudget':
    case 'PodMonitor':
      return { selector: spec['selector'] };
    case 'NetworkPolicy':
      return { selector: spec['podSelector'] };
    default:
      return undefined;
  }
}

/** Whether a Service, budget or policy selects the pods of a workload. */
export function selectsPods(object: KubeObject, workload: KubeObject): boolean {
  const how = selectorOf(object);
  if (how === undefined || (object.metadata.namespace ?? '') !== (workload.metadata.namespace ?? '')) return false;
  const labels = podLabelsOf(workload);
  return 'map' in how ? mapSelects(how.map, labels) : labelsSelected(how.selector, labels);
}

/** Whether a monitor (ServiceMonitor of Prometheus) watches a Service. */
export function monitors(monitor: KubeObject, service: KubeObject): boolean {
  if (monitor.kind !== 'ServiceMonitor') return false;
  const names = at(monitor, 'spec', 'namespaceSelector', 'matchNames');
  const anywhere = at(monitor, 'spec', 'namespaceSelector', 'any') === true;
  const near = Array.isArray(names)
    ? names.includes(service.metadata.namespace)
    : anywhere || monitor.metadata.namespace === service.metadata.namespace;
  return near && labelsSelected(at(monitor, 'spec', 'selector'), asObject(service.metadata.labels));
}
