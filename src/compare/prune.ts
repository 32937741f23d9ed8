import { compareForDelete } from '../manifest/index.js';
import { count, describeKey, formatKey, type KubeObject, type ResourceKey } from '../model/index.js';
import type { CompareOptions } from './compare.js';
import { waveOfLive } from './directives.js';
import { servedAs } from './live.js';
import { ownerOf } from './marks.js';
import { approvedBy, pruneRule } from './treatment.js';
import type { Comparison, PruneCandidate } from './types.js';

/** The order of deletion: the highest wave first, and within a wave the reverse of the order of installation. */
export function comparePrune(a: PruneCandidate, b: PruneCandidate): number {
  return b.wave - a.wave || compareForDelete(a.live, b.live);
}

/** What the inventory has, Git no longer wants, and still carries our mark. */
export function findPrunable(
  { applied, desired, discovery, workflowId, prune }: CompareOptions,
  live: ReadonlyMap<string, KubeObject>,
): Omit<Comparison, 'items'> {
  const wanted = new Set(desired.map((d) => formatKey(d.key)));
  const known = new Set(applied.map((record) => formatKey(record.key)));
  const candidates: PruneCandidate[] = [];
  const gone: ResourceKey[] = [];
  const kept: ResourceKey[] = [];
  const warnings: string[] = [];
  for (const record of applied) {
    const object = live.get(formatKey(record.key));
    if (wanted.has(formatKey(record.key))) continue;
    // Of a type that is not served nobody knows what is there.
    if (object === undefined && servedAs(discovery, record) !== undefined) gone.push(record.key);
    if (object === undefined || ownerOf(object) !== workflowId) continue;
    if (object.metadata.deletionTimestamp !== undefined) continue;
    const resource = servedAs(discovery, record);
    if (resource === undefined) continue;
    const ruled = pruneRule(object);
    if (ruled.rule !== 'delete') kept.push(record.key);
    if (ruled.rule === 'delete') candidates.push({ key: record.key, resource, live: object, wave: waveOfLive(object) });
    else if (ruled.rule === 'keep') warnings.push(`${describeKey(record.key)} left Git but is kept: ${ruled.by} on it says so`);
    else
      warnings.push(
        `${describeKey(record.key)} left Git and waits for a person (${ruled.by}); to let it be deleted: ${approval(object, resource)}`,
      );
  }
  for (const [key, object] of live) {
    if (known.has(key) || wanted.has(key) || ownerOf(object) !== workflowId) continue;
    warnings.push(
      `${object.kind}/${object.metadata.name ?? ''} carries this workflow's mark but is neither in Git nor in its inventory; it is left alone`,
    );
  }
  candidates.sort(comparePrune);
  if (prune || candidates.length === 0) return { prune: candidates, leftovers: kept, gone, warnings: warnings.sort() };
  const names = candidates.slice(0, 5).map((c) => describeKey(c.key));
  const rest = candidates.length - names.length;
  warnings.push(
    `${count(candidates.length, 'object')} left Git and would be deleted with --prune: ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
  );
  return { prune: [], leftovers: [...kept, ...candidates.map((one) => one.key)], gone, warnings: warnings.sort() };
}

/** The command by which a person lets go of an object that is not deleted without one. */
function approval({ metadata }: KubeObject, resource: PruneCandidate['resource']): string {
  const type = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
  const place = metadata.namespace === undefined ? '' : ` -n ${metadata.namespace}`;
  return `kubectl annotate ${type} ${metadata.name ?? ''}${place} ${approvedBy}=$(date -u +%FT%TZ)`;
}
