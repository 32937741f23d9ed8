import { parseApiVersion } from '../../model/index.js';
import type { Impact } from '../types.js';
import { dependentFindings } from './dependents.js';
import { type Finding, type ImpactInput, worst } from './finding.js';
import { admissionFindings, ingressFindings, networkPolicyFindings, serviceFindings } from './network.js';
import { otherFindings } from './others.js';
import { permissionFindings } from './permissions.js';
import { workloadCreated, workloadDeleted, workloadUpdated } from './workloads.js';

export { staleUsers } from './dependents.js';
export type { ImpactInput } from './finding.js';
export { allowsNoEviction, replacesPods } from './workloads.js';

const dataBearing = new Set(['/PersistentVolumeClaim', '/PersistentVolume']);

/**
 * How far a change reaches, computed from what changes and from who depends on it, with the reasons; docs/impact.md
 * lists the rules. The level is the highest of the findings; a change without findings is low.
 */
export function impactOf(input: ImpactInput): { impact: Impact; reasons: string[] } {
  const findings = [
    ...recreation(input),
    ...{ create: workloadCreated, update: workloadUpdated, delete: workloadDeleted }[input.type](input),
    ...serviceFindings(input),
    ...ingressFindings(input),
    ...networkPolicyFindings(input),
    ...admissionFindings(input),
    ...permissionFindings(input),
    ...otherFindings(input),
    ...dependentFindings(input),
  ];
  const seen = new Set<string>();
  const once = findings.filter(({ reason }) => !seen.has(reason) && seen.add(reason));
  return { impact: worst(once), reasons: reasonsOf(once) };
}

const mostReasons = 30;
const longestReason = 400;

/** In the order of the rules; where they are too many, the ones that reach furthest. */
function reasonsOf(findings: readonly Finding[]): string[] {
  const short = (reason: string) => (reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason);
  if (findings.length <= mostReasons) return findings.map(({ reason }) => short(reason));
  const level = worst(findings);
  const first = [...findings].sort((a, b) => Number(b.impact === level) - Number(a.impact === level)).slice(0, mostReasons);
  return [...first.map(({ reason }) => short(reason)), `and ${findings.length - mostReasons} more`];
}

function recreation(input: ImpactInput): Finding[] {
  const { object, recreateBecause } = input;
  if (recreateBecause === undefined) return [];
  const lost = dataBearing.has(`${parseApiVersion(object.apiVersion).group}/${object.kind}`);
  const reason = `replaces the ${object.kind}: ${recreateBecause}`;
  return lost
    ? [{ impact: 'critical', reason: `${reason}; the data in it goes with the old one` }]
    : [{ impact: 'high', reason }, ...(object.kind === 'Job' ? [{ impact: 'high' as const, reason: 'runs it again' }] : [])];
}
