import { count, type KubeObject } from '../../model/index.js';
import { selectsPods } from '../graph.js';
import { asObject, at } from '../loose.js';
import { labelsSelected } from '../selector.js';
import { isWorkload, podCountOf, podLabelsOf } from '../workloads.js';
import { type Finding, type ImpactInput, pathsOf } from './finding.js';
import { podFindings } from './pods.js';

/** Workloads, Jobs, CronJobs and pods that are made. */
export function workloadCreated({ object }: ImpactInput): Finding[] {
  if (isWorkload(object)) return [{ impact: 'medium', reason: `starts ${pods(object, undefined)}` }, ...podFindings(undefined, object)];
  if (object.kind === 'CronJob') return [{ impact: 'medium', reason: 'runs pods by a schedule' }, ...podFindings(undefined, object)];
  if (object.kind === 'Job' || object.kind === 'Pod')
    return [{ impact: 'medium', reason: 'runs a new workload' }, ...podFindings(undefined, object)];
  return [];
}

function pods(object: KubeObject, live: KubeObject | undefined): string {
  const n = podCountOf(object, live);
  return n === undefined ? 'a pod on every matching node' : count(n, 'pod');
}

/** True where a change replaces the pods of a workload. */
export function replacesPods(object: KubeObject, paths: readonly string[]): boolean {
  return (
    isWorkload(object) &&
    podCountOf(object, undefined) !== 0 &&
    rollsOut(object) &&
    paths.some((path) => /^spec\.template(\.|$)/.test(path))
  );
}

/** False where the workload waits for a person, or for its pods to be deleted, before it replaces them. */
function rollsOut(object: KubeObject): boolean {
  const spec = asObject(object['spec']);
  if (object.kind === 'ReplicaSet' || object.kind === 'ReplicationController') return false;
  return spec['paused'] !== true && at(spec, 'updateStrategy', 'type') !== 'OnDelete';
}

export function workloadUpdated(input: ImpactInput): Finding[] {
  const { object, live, changes, recreateBecause } = input;
  const findings: Finding[] = [];
  const paths = pathsOf(changes);
  const has = (pattern: RegExp) => paths.some((path) => pattern.test(path));
  const anew = recreateBecause !== undefined;
  if (isWorkload(object)) {
    const before = at(live, 'spec', 'replicas');
    const after = at(object, 'spec', 'replicas');
    if (after === 0 && before !== 0) findings.push({ impact: 'high', reason: `scales to zero: ${pods(live ?? object, live)} stop` });
    else if (before !== after && typeof before === 'number' && typeof after === 'number')
      findings.push({ impact: after < before / 2 ? 'medium' : 'low', reason: `scales from ${before} to ${after}` });
    if (typeof before === 'number' && typeof after === 'number' && after < before && live !== undefined)
      findings.push(...budgets(live, input.surroundings, 'scaling down does not ask it, only evictions (node drains) do'));
    if (anew) findings.push(...stopped(input));
    else if (has(/^spec\.template(\.|$)/)) findings.push(...rollout(input));
    if (has(/^spec\.template\.metadata\.labels(\.|$)/)) findings.push(...noLongerSelected(input));
  }
  if (object.kind === 'CronJob') {
    if (has(/^spec\.(schedule|timeZone)$/)) findings.push({ impact: 'low', reason: 'changes when it runs' });
    if (at(object, 'spec', 'suspend') === true && at(live, 'spec', 'suspend') !== true)
      findings.push({ impact: 'medium', reason: 'suspends it: it does not run any more' });
    if (has(/^spec\.jobTemplate(\.|$)/)) findings.push({ impact: 'low', reason: 'changes what its next run does' });
  }
  if (object.kind === 'Job' && at(object, 'spec', 'suspend') === true && at(live, 'spec', 'suspend') !== true)
    findings.push({ impact: 'high', reason: 'suspends it: its pods stop' });
  return [...findings, ...podFindings(live, object)];
}

/** The replacement of a workload's pods, and what that means for those who count on them. */
function rollout({ object, live, surroundings }: ImpactInput): Finding[] {
  const spec = asObject(object['spec']);
  const n = podCountOf(object, live);
  if (n === 0) return [];
  if (spec['paused'] === true) return [{ impact: 'low', reason: 'is paused: its pods are not replaced until it is resumed' }];
  if (!rollsOut(object))
    return [{ impact: 'low', reason: 'does not replace its pods by itself: the change shows in those that are made from now on' }];
  const findings: Finding[] = [{ impact: 'medium', reason: `restarts ${pods(object, live)}` }];
  if (at(spec, 'strategy', 'type') === 'Recreate')
    findings.push({
      impact: 'high',
      reason: `stops ${n === undefined ? 'all pods' : `all ${pods(object, live)}`} before new ones start (strategy Recreate)`,
    });
  else if (n === 1 && object.kind === 'StatefulSet')
    findings.push({ impact: 'medium', reason: 'leaves no pod running while its only one is replaced' });
  return [...findings, ...budgets(object, surroundings, 'a rollout does not ask it, only evictions (node drains) do')];
}

/** The pods that stop, and what that means for those who count on them. */
function stopped({ object, live, surroundings }: ImpactInput): Finding[] {
  const findings: Finding[] = [{ impact: 'high', reason: `stops ${pods(live ?? object, live)}` }];
  if (object.kind === 'StatefulSet') {
    const retained = at(object, 'spec', 'persistentVolumeClaimRetentionPolicy', 'whenDeleted') !== 'Delete';
    findings.push(
      retained
        ? { impact: 'high', reason: 'stops a stateful workload; its claims stay' }
        : { impact: 'critical', reason: 'deletes its claims, and the data in them, with it (persistentVolumeClaimRetentionPolicy)' },
    );
  }
  return [...findings, ...budgets(live ?? object, surroundings, 'a deletion does not ask it, only evictions (node drains) do')];
}

/** What PodDisruptionBudgets say of a workload's pods now. */
function budgets(workload: KubeObject, surroundings: ImpactInput['surroundings'], honest: string): Finding[] {
  return (surroundings?.disruptionBudgets ?? [])
    .filter((budget) => selectsPods(budget, workload))
    .map((budget): Finding => {
      const allowed = at(budget, 'status', 'disruptionsAllowed');
      const says = typeof allowed === 'number' ? `allows ${count(allowed, 'disruption')} now` : 'has not been counted yet';
      return {
        impact: allowed === 0 ? 'medium' : 'low',
        reason: `PodDisruptionBudget/${budget.metadata.name ?? ''} ${says}; ${honest}`,
      };
    });
}

/** Services and the like that find the pods today and will not find the new ones. */
function noLongerSelected({ object, live, graph }: ImpactInput): Finding[] {
  if (live === undefined) return [];
  const after = new Set(graph.selectorsOf(object));
  return graph
    .selectorsOf(live)
    .filter((one) => !after.has(one) && (one.kind === 'Service' || one.kind === 'NetworkPolicy' || one.kind === 'PodDisruptionBudget'))
    .map((one) => ({
      impact: one.kind === 'Service' ? 'high' : 'medium',
      reason: `${one.kind}/${one.metadata.name ?? ''} no longer selects its pods`,
    }));
}

export function workloadDeleted(input: ImpactInput): Finding[] {
  const { object, live, graph } = input;
  if (object.kind === 'Job' || object.kind === 'Pod')
    return [{ impact: 'medium', reason: `stops what it still runs${object.kind === 'Job' ? ', and its record goes' : ''}` }];
  if (object.kind === 'CronJob') return [{ impact: 'medium', reason: 'does not run any more; what it runs now stops' }];
  if (!isWorkload(object)) return [];
  const alone = graph
    .selectorsOf(live ?? object)
    .filter((one) => one.kind === 'Service' && graph.selectedBy(one).length === 0)
    .map((one): Finding => ({ impact: 'high', reason: `leaves Service/${one.metadata.name ?? ''} without pods of this workflow` }));
  return [...stopped(input), ...alone];
}

/** The pods that a disruption budget of Git guards, and whether it lets any of them be evicted. */
export function allowsNoEviction(budget: KubeObject, guarded: readonly KubeObject[]): string | undefined {
  const { maxUnavailable, minAvailable, selector } = asObject(budget['spec']);
  const total = guarded
    .filter((workload) => labelsSelected(selector, podLabelsOf(workload)))
    .reduce((sum, workload) => sum + (podCountOf(workload, undefined) ?? 0), 0);
  if (maxUnavailable === 0 || maxUnavailable === '0%') return `maxUnavailable is ${maxUnavailable}`;
  const share = /^(\d{1,3})%$/.exec(String(minAvailable ?? ''))?.[1];
  if (share === '100' || (share !== undefined && total > 0 && Math.ceil((total * Number(share)) / 100) >= total))
    return `minAvailable is ${share}%${total > 0 ? ` of ${count(total, 'pod')}` : ''}`;
  if (typeof minAvailable === 'number' && total > 0 && minAvailable >= total)
    return `minAvailable is ${minAvailable} of ${count(total, 'pod')}`;
  return undefined;
}
