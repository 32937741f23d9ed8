import { canonicalJson, equalJson, type KubeObject } from '../../model/index.js';
import type { World } from './framework.js';
import { fnv32, safeText } from './numbers.js';
import { claimed, isControlledBy, ownerReference } from './owners.js';
import { r } from './resources.js';
import type { PodTemplate, Workload } from './shapes.js';

export const revisionLabel = 'controller-revision-hash';

/** A former or present template of a StatefulSet or DaemonSet, kept so that pods of it can be told and made again. */
export interface Revision extends KubeObject {
  revision: number;
  data: { spec: { template: PodTemplate } };
}

export function templateOf(revision: Revision): PodTemplate {
  const { $patch: _, ...template } = revision.data.spec.template as PodTemplate & { $patch?: string };
  return template;
}

/** Every revision of an owner, oldest first; the last one has the present template. */
export function ensureRevisions(world: World, owner: Workload): { all: Revision[]; current: Revision } {
  const { template } = owner.spec;
  const all = claimed<Revision>(world, { resource: r.revisions, owner, selector: owner.spec.selector }).sort(
    (a, b) => a.revision - b.revision,
  );
  const newest = all.at(-1);
  if (newest && equalJson(templateOf(newest), template)) return { all, current: newest };
  const next = (newest?.revision ?? 0) + 1;
  const known = all.find((revision) => equalJson(templateOf(revision), template));
  if (known) {
    // A template that was there before: its revision becomes the newest again.
    const current = world.host.update(r.revisions, { ...known, revision: next }) as Revision;
    return { all: [...all.filter((revision) => revision !== known), current], current };
  }
  const current = makeRevision(world, owner, next);
  return { all: [...all, current], current };
}

function makeRevision(world: World, owner: Workload, revision: number): Revision {
  const { template } = owner.spec;
  for (let collisions = 0; ; collisions++) {
    const hash = safeText(String(fnv32(canonicalJson(template) + (collisions > 0 ? String(collisions) : ''))));
    const name = `${owner.metadata.name}-${hash}`;
    const taken = world.cache.get<Revision>(r.revisions, owner.metadata.namespace ?? '', name);
    if (taken && !(isControlledBy(taken, owner) && equalJson(templateOf(taken), template))) continue;
    if (taken) return taken;
    return world.host.create(r.revisions, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name,
        namespace: owner.metadata.namespace ?? '',
        labels: { ...template.metadata?.labels, [revisionLabel]: hash },
        ownerReferences: [ownerReference(owner)],
      },
      data: { spec: { template: { ...template, $patch: 'replace' } } },
      revision,
    }) as Revision;
  }
}

/** The part of a revision's name that pods of it carry; StatefulSets use the whole name. */
export function hashOf(revision: Revision): string {
  return revision.metadata.labels?.[revisionLabel] ?? revision.metadata.name ?? '';
}

/** Revisions beyond the history limit that no pod and no status names go. */
export function trimRevisions(world: World, owner: Workload, all: readonly Revision[], live: ReadonlySet<string>): void {
  const limit = owner.spec.revisionHistoryLimit ?? 10;
  const spare = all.filter((revision) => !live.has(revision.metadata.name ?? '') && !live.has(hashOf(revision)));
  for (const revision of spare.slice(0, Math.max(0, spare.length - limit)))
    world.host.delete(r.revisions, revision.metadata.namespace ?? '', revision.metadata.name ?? '', { propagationPolicy: 'Background' });
}
