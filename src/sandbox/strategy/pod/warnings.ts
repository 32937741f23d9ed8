import type { Loose } from '../types.js';
import { nanosOf } from './resources.js';

const since = (version: string, instead: string) => `deprecated since ${version}; use "${instead}" instead`;

/** Labels of nodes that others have taken the place of. */
const oldLabels: { [label: string]: string } = {
  'beta.kubernetes.io/arch': since('v1.14', 'kubernetes.io/arch'),
  'beta.kubernetes.io/os': since('v1.14', 'kubernetes.io/os'),
  'failure-domain.beta.kubernetes.io/region': since('v1.17', 'topology.kubernetes.io/region'),
  'failure-domain.beta.kubernetes.io/zone': since('v1.17', 'topology.kubernetes.io/zone'),
  'beta.kubernetes.io/instance-type': since('v1.17', 'node.kubernetes.io/instance-type'),
};

const oldLabel = (label: string): string | undefined => (Object.hasOwn(oldLabels, label) ? oldLabels[label] : undefined);

function termWarnings(term: Loose, path: string): string[] {
  return (term?.matchExpressions ?? []).flatMap((expression: Loose, i: number) => {
    const old = oldLabel(expression.key);
    return old === undefined ? [] : [`${path}.matchExpressions[${i}].key: ${expression.key} is ${old}`];
  });
}

function affinityWarnings(affinity: Loose, path: string): string[] {
  const node = affinity?.nodeAffinity;
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  const at = `${path}.affinity.nodeAffinity`;
  return [
    ...(node?.[required]?.nodeSelectorTerms ?? []).flatMap((term: Loose, i: number) =>
      termWarnings(term, `${at}.${required}.nodeSelectorTerms[${i}]`),
    ),
    ...(node?.[preferred] ?? []).flatMap((term: Loose, i: number) => termWarnings(term.preference, `${at}.${preferred}[${i}].preference`)),
  ];
}

/** Memory and storage are counted in bytes. */
const inBytes = (resource: string) => resource === 'memory' || resource === 'ephemeral-storage';

function containerWarnings(container: Loose, path: string): string[] {
  const out: string[] = [];
  for (const list of ['limits', 'requests'])
    for (const [resource, amount] of Object.entries((container.resources?.[list] ?? {}) as { [name: string]: string }))
      if (inBytes(resource) && nanosOf(amount) % 1_000_000_000n !== 0n)
        out.push(`${path}.resources.${list}[${resource}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`);
  const seen = new Set<string>();
  for (const [i, { name }] of ((container.env ?? []) as Loose[]).entries()) {
    if (seen.has(name)) out.push(`${path}.env[${i}].name: duplicate name ${JSON.stringify(name)}`);
    seen.add(name);
  }
  return out;
}

/** What clients are told of a pod's spec though nothing is wrong with it. `path` is where it stands. */
export function podWarnings(spec: Loose, path: string): string[] {
  const out: string[] = [];
  for (const label of Object.keys(spec?.nodeSelector ?? {})) {
    const old = oldLabel(label);
    if (old !== undefined) out.push(`${path}.nodeSelector[${label}]: ${old}`);
  }
  out.push(...affinityWarnings(spec?.affinity, path));
  for (const [i, { topologyKey }] of ((spec?.topologySpreadConstraints ?? []) as Loose[]).entries()) {
    const old = oldLabel(topologyKey);
    if (old !== undefined) out.push(`${path}.topologySpreadConstraints[${i}].topologyKey: ${topologyKey} is ${old}`);
  }
  for (const list of ['initContainers', 'containers'])
    for (const [i, container] of ((spec?.[list] ?? []) as Loose[]).entries())
      out.push(...containerWarnings(container, `${path}.${list}[${i}]`));
  for (const [i, secret] of ((spec?.imagePullSecrets ?? []) as Loose[]).entries())
    if (!secret?.name) out.push(`${path}.imagePullSecrets[${i}].name: invalid empty name ""`);
  if ((spec?.terminationGracePeriodSeconds ?? 0) < 0)
    out.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
  return out;
}
