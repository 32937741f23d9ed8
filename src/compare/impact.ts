import { count, type KubeObject, parseApiVersion } from '../model/index.js';
import type { RawChange } from './field-changes.js';
import { asList, asObject, podSpecOf } from './references.js';
import type { Impact } from './types.js';

const order: readonly Impact[] = ['low', 'medium', 'high', 'critical'];

interface Finding {
  impact: Impact;
  reason: string;
}

export interface ImpactInput {
  type: 'create' | 'update' | 'delete';
  /** The object after the change; before it for a deletion. */
  object: KubeObject;
  live?: KubeObject;
  changes: readonly RawChange[];
  /** Why the object is deleted and made anew, where it is. */
  recreateBecause?: string;
  /** Who of the workflow depends on this object, as sentences: `Deployment/web mounts it`. */
  usersOf: (object: KubeObject) => readonly string[];
}

const dataBearing = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition']);
const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController']);
const rbacGroup = 'rbac.authorization.k8s.io';

/**
 * How far a change reaches, computed from what changes and from who depends on it, with the reasons.
 * The level is the highest of the findings; a change without findings is low.
 */
export function impactOf(input: ImpactInput): { impact: Impact; reasons: string[] } {
  const findings = { create: ofCreate, update: ofUpdate, delete: ofDelete }[input.type](input);
  const impact = findings.reduce<Impact>((worst, f) => (order.indexOf(f.impact) > order.indexOf(worst) ? f.impact : worst), 'low');
  return { impact, reasons: findings.map((f) => f.reason) };
}

function ofCreate({ object }: ImpactInput): Finding[] {
  const { group } = parseApiVersion(object.apiVersion);
  if (workloads.has(object.kind)) return [{ impact: 'medium', reason: `starts ${replicasOf(object)}` }];
  if (object.kind === 'Job' || object.kind === 'CronJob' || object.kind === 'Pod')
    return [{ impact: 'medium', reason: 'runs a new workload' }];
  if (group === rbacGroup)
    return isWide(object)
      ? [{ impact: 'high', reason: 'grants every verb on every resource' }]
      : [{ impact: 'medium', reason: 'grants permissions' }];
  if (object.kind === 'CustomResourceDefinition') return [{ impact: 'medium', reason: 'adds a type to the whole cluster' }];
  if (object.kind.endsWith('WebhookConfiguration'))
    return [{ impact: 'high', reason: 'can refuse or change requests of the whole cluster' }];
  return [];
}

function replicasOf(object: KubeObject): string {
  const replicas = asObject(object['spec'])['replicas'];
  return object.kind === 'DaemonSet' ? 'a pod on every matching node' : count(typeof replicas === 'number' ? replicas : 1, 'pod');
}

function ofUpdate({ object, live, changes, usersOf, recreateBecause }: ImpactInput): Finding[] {
  const findings: Finding[] = [];
  if (recreateBecause !== undefined)
    findings.push({
      impact: dataBearing.has(object.kind) ? 'critical' : 'high',
      reason: `replaces the ${object.kind}: ${recreateBecause}`,
    });
  const paths = changes.map((c) => c.steps.filter((s) => typeof s === 'string').join('.'));
  const has = (pattern: RegExp) => paths.some((p) => pattern.test(p));
  if (workloads.has(object.kind) || object.kind === 'CronJob') {
    if (has(/(^|\.)(containers|initContainers)\.image$/)) findings.push({ impact: 'medium', reason: 'changes an image' });
    if (recreateBecause === undefined && has(/^spec\.selector(\.|$)/))
      findings.push({ impact: 'high', reason: 'changes the selector, which cannot be changed in place' });
    const before = asObject(live?.['spec'])['replicas'];
    const after = asObject(object['spec'])['replicas'];
    if (after === 0 && before !== 0) findings.push({ impact: 'high', reason: 'scales to zero' });
    else if (before !== after && typeof before === 'number' && typeof after === 'number')
      findings.push({ impact: after < before / 2 ? 'medium' : 'low', reason: `scales from ${before} to ${after}` });
    if (workloads.has(object.kind) && has(/^spec\.template(\.|$)/))
      findings.push({ impact: 'medium', reason: `restarts ${replicasOf(object)}` });
    if (podSpecOf(object)?.['hostNetwork'] === true && has(/hostNetwork$/))
      findings.push({ impact: 'high', reason: "gives pods the node's network" });
  }
  if (object.kind === 'Service') {
    if (has(/^spec\.selector(\.|$)/)) findings.push({ impact: 'high', reason: 'sends traffic to other pods' });
    if (has(/^spec\.type$/)) findings.push({ impact: 'medium', reason: 'changes how the Service is reached' });
    if (has(/^spec\.ports/)) findings.push({ impact: 'low', reason: 'changes a port' });
  }
  if (parseApiVersion(object.apiVersion).group === rbacGroup) {
    const wider = isWide(object) && (live === undefined || !isWide(live));
    findings.push(
      wider
        ? { impact: 'critical', reason: 'widens permissions to every verb on every resource' }
        : { impact: 'medium', reason: 'changes permissions' },
    );
  }
  if (object.kind === 'CustomResourceDefinition') findings.push({ impact: 'high', reason: 'changes a type of the whole cluster' });
  if (object.kind === 'PersistentVolumeClaim') findings.push({ impact: 'medium', reason: 'changes a claim on storage' });
  return [...findings, ...dependents(object, usersOf(object), 'update')];
}

function ofDelete({ object, usersOf }: ImpactInput): Finding[] {
  const findings: Finding[] = [];
  if (object.kind === 'Namespace') findings.push({ impact: 'critical', reason: 'deletes everything that lives in the namespace' });
  else if (object.kind === 'CustomResourceDefinition') findings.push({ impact: 'critical', reason: 'deletes every object of the type' });
  else if (dataBearing.has(object.kind)) findings.push({ impact: 'critical', reason: 'may delete the data in it' });
  else if (object.kind === 'StatefulSet') findings.push({ impact: 'high', reason: 'stops a stateful workload' });
  else if (workloads.has(object.kind)) findings.push({ impact: 'high', reason: `stops ${replicasOf(object)}` });
  else if (parseApiVersion(object.apiVersion).group === rbacGroup) findings.push({ impact: 'high', reason: 'takes permissions away' });
  else if (object.kind === 'Secret' || object.kind === 'Service' || object.kind === 'Ingress')
    findings.push({ impact: 'medium', reason: `removes a ${object.kind}` });
  return [...findings, ...dependents(object, usersOf(object), 'delete')];
}

function isWide(object: KubeObject): boolean {
  if (object.kind.endsWith('Binding')) return asObject(object['roleRef'])['name'] === 'cluster-admin';
  return asList(object['rules']).some(
    (rule) => asList(asObject(rule)['verbs']).includes('*') && asList(asObject(rule)['resources']).includes('*'),
  );
}

function dependents(object: KubeObject, users: readonly string[], type: 'update' | 'delete'): Finding[] {
  const configuration = object.kind === 'ConfigMap' || object.kind === 'Secret';
  const impact: Impact = type === 'delete' ? 'high' : configuration ? 'medium' : 'low';
  return users.map((reason) => ({ impact, reason }));
}
