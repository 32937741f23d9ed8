import type { GroupVersionKind, Json, Manifest } from '../model/index.js';
import { parseApiVersion } from '../model/index.js';

/** What has to be known of a kind to place its objects. */
export interface KindFacts {
  namespaced: boolean;
  /** Plural name in URLs. */
  plural: string;
}

/** Where kinds are looked up: a cluster's discovery, or what manifests define. */
export interface KindResolver {
  find(gvk: GroupVersionKind): KindFacts | undefined;
  /** Every kind that is known, for suggestions. */
  readonly resources?: readonly { group: string; version: string; kind: string }[];
}

/** The kinds of `base`, and those that CustomResourceDefinitions among the manifests define and serve. */
export function resolverWithCrds(manifests: readonly Manifest[], base: KindResolver): KindResolver {
  const own = new Map<string, KindFacts>();
  const resources: { group: string; version: string; kind: string }[] = [];
  for (const { object } of manifests) {
    if (object.kind !== 'CustomResourceDefinition' || parseApiVersion(object.apiVersion).group !== 'apiextensions.k8s.io') continue;
    const spec = mapping(object['spec']);
    const names = mapping(spec?.['names']);
    const group = spec?.['group'];
    const kind = names?.['kind'];
    if (typeof group !== 'string' || typeof kind !== 'string') continue;
    const plural = names?.['plural'];
    const facts = { namespaced: spec?.['scope'] !== 'Cluster', plural: typeof plural === 'string' ? plural : '' };
    for (const version of servedVersions(spec ?? {})) {
      own.set(`${group}/${version}/${kind}`, facts);
      resources.push({ group, version, kind });
    }
  }
  if (own.size === 0) return base;
  return {
    // What the manifests say of a kind holds after they are applied, so it comes before what is served now.
    find: (gvk) => own.get(`${gvk.group}/${gvk.version}/${gvk.kind}`) ?? base.find(gvk),
    resources: [...(base.resources ?? []), ...resources],
  };
}

function mapping(value: unknown): { [key: string]: Json } | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as { [key: string]: Json }) : undefined;
}

function servedVersions(spec: { [key: string]: Json }): string[] {
  const { versions, version } = spec;
  if (!Array.isArray(versions)) return typeof version === 'string' ? [version] : [];
  return versions
    .map(mapping)
    .filter((v) => v !== undefined && v['served'] !== false && typeof v['name'] === 'string')
    .map((v) => v?.['name'] as string);
}
