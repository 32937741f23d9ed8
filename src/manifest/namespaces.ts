import { describeKey, EvenkeelError, gvkOf, joinApiVersion, keyOf, type Manifest, nearest, printable } from '../model/index.js';
import type { KindResolver } from './kinds.js';
import { gatherProblems } from './problems.js';

export interface Placed {
  manifests: Manifest[];
  warnings: string[];
}

/**
 * Puts objects of namespaced kinds that name no namespace into the default one, and takes the namespace
 * off objects of cluster-wide kinds (with a warning), as Argo CD does. The manifests given are left as they are.
 * @throws EvenkeelError MANIFEST_UNKNOWN_KIND, for all unknown kinds at once
 */
export function assignNamespaces(manifests: readonly Manifest[], options: { resolver: KindResolver; defaultNamespace: string }): Placed {
  const { resolver, defaultNamespace } = options;
  const problems = gatherProblems();
  const placed: Placed = { manifests: [], warnings: [] };
  for (const manifest of manifests) {
    const { object, source } = manifest;
    const facts = resolver.find(gvkOf(object));
    if (facts === undefined) {
      problems.add(unknownKind(manifest, resolver));
      continue;
    }
    const { namespace, ...rest } = object.metadata;
    if (facts.namespaced === ((namespace ?? '') !== '')) placed.manifests.push(manifest);
    else if (facts.namespaced) placed.manifests.push({ object: { ...object, metadata: { ...rest, namespace: defaultNamespace } }, source });
    else {
      if ((namespace ?? '') !== '')
        placed.warnings.push(
          `${source.file}${source.line === undefined ? '' : `:${source.line}`}: ${printable(object.kind)} is a kind without namespaces; the namespace "${printable(namespace ?? '')}" of ${printable(object.metadata.name ?? '')} is ignored`,
        );
      placed.manifests.push({ object: { ...object, metadata: rest }, source });
    }
  }
  problems.throwIfAny();
  return placed;
}

function unknownKind({ object, source }: Manifest, resolver: KindResolver): EvenkeelError {
  const { group, version, kind } = gvkOf(object);
  const known = resolver.resources ?? [];
  const sameKind = known.find((r) => r.kind === kind && r.group === group) ?? known.find((r) => r.kind === kind);
  const inGroup = known.filter((r) => r.group === group);
  const near =
    sameKind ??
    byName(nearest(kind, [...new Set(inGroup.map((r) => r.kind))]), inGroup) ??
    byName(nearest(kind, [...new Set(known.map((r) => r.kind))]), known);
  const suggestion = near === undefined ? '' : `Is ${near.kind} of ${joinApiVersion(near.group, near.version)} meant? `;
  return new EvenkeelError('MANIFEST_UNKNOWN_KIND', `the cluster does not know ${kind} of ${object.apiVersion}`, {
    where: {
      file: source.file,
      ...(source.line === undefined ? {} : { line: source.line }),
      ...(source.column === undefined ? {} : { column: source.column }),
      resource: printable(describeKey(keyOf(object))),
    },
    hint: `${suggestion}If it is a custom kind, its CustomResourceDefinition is missing: install it, or add it to the manifests.`,
    details: { group, version, kind },
  });
}

function byName<T extends { kind: string }>(kind: string | undefined, resources: readonly T[]): T | undefined {
  return kind === undefined ? undefined : resources.find((r) => r.kind === kind);
}
