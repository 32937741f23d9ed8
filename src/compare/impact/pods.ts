import type { KubeObject } from '../../model/index.js';
import { asObject, asObjects, asTexts, at, type Loose } from '../loose.js';
import { podSpecOf } from '../workloads.js';
import type { Finding } from './finding.js';
import { quantity } from './quantity.js';

/** What a change of a pod template does besides replacing pods: images, resources, probes, account, privileges. */
export function podFindings(before: KubeObject | undefined, after: KubeObject): Finding[] {
  const pod = podSpecOf(after);
  if (pod === undefined) return [];
  const old = before === undefined ? undefined : podSpecOf(before);
  const findings = privileges(old, pod);
  if (old === undefined) return findings;
  const former = new Map(containersOf(old).map((container) => [String(container['name']), container]));
  for (const container of containersOf(pod)) {
    const was = former.get(String(container['name']));
    if (was !== undefined) findings.push(...containerFindings(was, container));
  }
  const [from = 'default', to = 'default'] = [old['serviceAccountName'], pod['serviceAccountName']];
  if (from !== to) findings.push({ impact: 'medium', reason: `runs pods as ServiceAccount/${String(to)} in place of ${String(from)}` });
  return findings;
}

function containersOf(pod: Loose): Loose[] {
  return [...asObjects(pod['initContainers']), ...asObjects(pod['containers'])];
}

function containerFindings(was: Loose, is: Loose): Finding[] {
  const name = String(is['name']);
  const findings: Finding[] = [];
  if (was['image'] !== is['image']) findings.push({ impact: 'medium', reason: `changes the image of container ${name}` });
  for (const [probe, impact, meaning] of probes)
    if (was[probe] !== undefined && is[probe] === undefined)
      findings.push({ impact, reason: `removes the ${probe} of container ${name}: ${meaning}` });
  return [...findings, ...resources(name, asObject(was['resources']), asObject(is['resources']))];
}

const probes = [
  ['readinessProbe', 'medium', 'its pods get traffic before they say that they are ready'],
  ['livenessProbe', 'medium', 'it is not restarted when it hangs'],
  ['startupProbe', 'low', 'the other probes begin at once'],
] as const;

function resources(container: string, was: Loose, is: Loose): Finding[] {
  const findings: Finding[] = [];
  for (const [kind, word] of [
    ['limits', 'limit'],
    ['requests', 'request'],
  ] as const) {
    const [old, now] = [asObject(was[kind]), asObject(is[kind])];
    for (const resource of [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()) {
      const [from, to] = [quantity(old[resource]), quantity(now[resource])];
      if (from === to) continue;
      const what = `${resource} ${word} of container ${container}`;
      if (to === undefined) findings.push({ impact: 'medium', reason: `removes the ${what}` });
      else if (from === undefined) findings.push({ impact: 'low', reason: `sets the ${what} to ${String(now[resource])}` });
      else {
        const lowered = to < from && kind === 'limits';
        const risk = !lowered
          ? ''
          : resource === 'memory'
            ? ': it is killed where it needs more'
            : ': it is slowed down where it needs more';
        findings.push({
          impact: lowered ? 'medium' : 'low',
          reason: `${to < from ? 'lowers' : 'raises'} the ${what} from ${String(old[resource])} to ${String(now[resource])}${risk}`,
        });
      }
    }
  }
  return findings;
}

const strongCapabilities = new Set([
  'ALL',
  'SYS_ADMIN',
  'SYS_PTRACE',
  'SYS_MODULE',
  'SYS_RAWIO',
  'NET_ADMIN',
  'NET_RAW',
  'DAC_READ_SEARCH',
  'DAC_OVERRIDE',
  'BPF',
  'PERFMON',
]);

/** Rights on the node that pods have after the change and did not have before. */
function privileges(old: Loose | undefined, pod: Loose): Finding[] {
  const had = new Set(old === undefined ? [] : rightsOf(old).map((right) => right.reason));
  return rightsOf(pod).filter((right) => !had.has(right.reason));
}

function rightsOf(pod: Loose): Finding[] {
  const rights: Finding[] = [];
  const shared = [
    ['hostNetwork', "gives pods the node's network"],
    ['hostPID', 'shows pods every process of the node'],
    ['hostIPC', "gives pods the node's shared memory"],
  ] as const;
  for (const [field, reason] of shared) if (pod[field] === true) rights.push({ impact: 'high', reason });
  for (const volume of asObjects(pod['volumes'])) {
    const path = at(volume, 'hostPath', 'path');
    if (typeof path === 'string') rights.push({ impact: 'high', reason: `gives pods the node's files under ${path} (hostPath)` });
  }
  if (at(pod, 'securityContext', 'runAsUser') === 0) rights.push({ impact: 'medium', reason: 'runs pods as root' });
  for (const container of containersOf(pod)) {
    const name = String(container['name']);
    const context = asObject(container['securityContext']);
    if (context['privileged'] === true) rights.push({ impact: 'high', reason: `runs container ${name} privileged` });
    if (context['runAsUser'] === 0) rights.push({ impact: 'medium', reason: `runs container ${name} as root` });
    for (const profile of ['seccompProfile', 'appArmorProfile'] as const)
      if (at(context, profile, 'type') === 'Unconfined')
        rights.push({ impact: 'medium', reason: `runs container ${name} without a ${profile}` });
    for (const added of asTexts(at(context, 'capabilities', 'add'))) {
      const capability = added.replace(/^CAP_/, '');
      rights.push({
        impact: strongCapabilities.has(capability) ? 'high' : 'medium',
        reason: `gives container ${name} the capability ${capability}`,
      });
    }
    for (const port of asObjects(container['ports']))
      if (typeof port['hostPort'] === 'number' && port['hostPort'] > 0 && pod['hostNetwork'] !== true)
        rights.push({ impact: 'medium', reason: `opens port ${port['hostPort']} of the node for container ${name}` });
  }
  return rights;
}
