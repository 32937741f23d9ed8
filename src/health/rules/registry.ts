import { argoRules } from './argo.js';
import { certificateRules } from './certificates.js';
import { cloudRules } from './clouds.js';
import { clusterRules } from './clusters.js';
import { databaseRules } from './databases.js';
import { fluxRules } from './flux.js';
import type { KindRules } from './language.js';
import { messagingRules } from './messaging.js';
import { networkingRules } from './networking.js';
import { observabilityRules } from './observability.js';
import { storageRules } from './storage.js';
import { threescaleRules } from './threescale.js';
import { workloadRules } from './workloads.js';

/** Every table, in the order of the alphabet. */
export const ruleTables: readonly (readonly KindRules[])[] = [
  argoRules,
  certificateRules,
  cloudRules,
  clusterRules,
  databaseRules,
  fluxRules,
  messagingRules,
  networkingRules,
  observabilityRules,
  storageRules,
  threescaleRules,
  workloadRules,
];

let index: Map<string, KindRules> | undefined;

/** The rules for a kind: an entry for exactly this group and kind, then one for the group, then one for what the group ends in. */
export function rulesFor(group: string, kind: string): KindRules | undefined {
  index ??= buildIndex();
  const exact = index.get(`${group}/${kind}`) ?? index.get(`${group}/*`);
  if (exact) return exact;
  for (let dot = group.indexOf('.'); dot >= 0; dot = group.indexOf('.', dot + 1)) {
    const found = index.get(`*${group.slice(dot)}/*`);
    if (found) return found;
  }
  return undefined;
}

function buildIndex(): Map<string, KindRules> {
  const out = new Map<string, KindRules>();
  for (const table of ruleTables)
    for (const entry of table) for (const kind of entry.kinds === '*' ? ['*'] : entry.kinds) out.set(`${entry.group}/${kind}`, entry);
  return out;
}
