import { count, type KubeObject, parseApiVersion } from '../../model/index.js';
import { type Graph, monitors, type Use } from '../graph.js';
import { podCountOf, podSpecOf } from '../workloads.js';
import { type Finding, type ImpactInput, pathsOf } from './finding.js';

/** The objects of the workflow that depend on what changes, and what they notice of it. */
export function dependentFindings(input: ImpactInput): Finding[] {
  const { object, type, graph, restarts, changes, recreateBecause } = input;
  if (type === 'create') return [];
  const unwatched = type === 'update' ? lostMonitors(input) : [];
  // Labels and annotations are nothing to those who use an object by its name.
  if (type === 'update' && recreateBecause === undefined && pathsOf(changes).every((path) => path.startsWith('metadata.')))
    return unwatched;
  const findings = graph.usersOf(object).map((use): Finding => {
    const told = `${nameOf(use.user)} ${use.reference.how}`;
    if (type === 'delete') return { impact: 'high', reason: told };
    return isConfiguration(object) ? reached(told, use, restarts(use.user)) : { impact: 'low', reason: told };
  });
  const watching = type === 'update' ? [] : monitorsOf(object, graph);
  for (const monitor of watching) findings.push({ impact: 'medium', reason: `${nameOf(monitor)} watches it` });
  return [...findings, ...unwatched];
}

const nameOf = (object: KubeObject) => `${object.kind}/${object.metadata.name ?? ''}`;

function monitorsOf(service: KubeObject, graph: Graph): KubeObject[] {
  return service.kind === 'Service' ? graph.ofType('monitoring.coreos.com', 'ServiceMonitor').filter((one) => monitors(one, service)) : [];
}

/** Monitors that find a Service by its labels today and will not any more. */
function lostMonitors({ object, live, graph }: ImpactInput): Finding[] {
  if (live === undefined || object.kind !== 'Service') return [];
  const after = monitorsOf(object, graph);
  return monitorsOf(live, graph)
    .filter((monitor) => !after.includes(monitor))
    .map((monitor) => ({ impact: 'medium', reason: `${nameOf(monitor)} no longer watches it` }));
}

function isConfiguration(object: KubeObject): boolean {
  return (object.kind === 'ConfigMap' || object.kind === 'Secret') && parseApiVersion(object.apiVersion).group === '';
}

/** What a workload notices of a ConfigMap or Secret that changes. */
function reached(told: string, { user, reference }: Use, restarted: boolean): Finding {
  if (reference.reach === 'none' || podSpecOf(user) === undefined) return { impact: 'low', reason: told };
  if (restarted) return { impact: 'medium', reason: `${told} and is restarted by this sync` };
  if (user.kind === 'CronJob') return { impact: 'medium', reason: `${told}; its next run sees the change` };
  const n = podCountOf(user, undefined);
  if (n === 0) return { impact: 'low', reason: told };
  const whose = user.kind === 'Pod' || user.kind === 'Job' ? 'it' : n === undefined ? 'its pods' : `its ${count(n, 'pod')}`;
  const verb = whose === 'it' || n === 1 ? 'does' : 'do';
  const are = whose === 'it' || n === 1 ? 'is' : 'are';
  return {
    impact: 'medium',
    reason:
      reference.reach === 'files'
        ? `${told}; ${whose} ${verb} not restart by this: the new files appear within minutes, and it is for the program to read them`
        : `${told}; ${whose} ${verb} not restart by this and ${verb === 'do' ? 'keep' : 'keeps'} the old values until ${are === 'are' ? 'they are' : 'it is'} restarted`,
  };
}

/** Workloads that go on with the old values of a ConfigMap or Secret, for warnings. */
export function staleUsers(object: KubeObject, graph: Graph, restarts: (workload: KubeObject) => boolean): Use[] {
  if (!isConfiguration(object)) return [];
  return graph
    .usersOf(object)
    .filter(
      ({ user, reference }) =>
        (reference.reach === 'start' || reference.reach === 'fixed files') &&
        podSpecOf(user) !== undefined &&
        user.kind !== 'CronJob' &&
        podCountOf(user, undefined) !== 0 &&
        !restarts(user),
    );
}
