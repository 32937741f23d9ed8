import type { ApiResource, Cluster } from '../../kube/index.js';
import { compareForApply, parseYaml, readManifests } from '../../manifest/index.js';
import { EvenkeelError, gvkOf, type KubeObject, nearest, printable } from '../../model/index.js';

/**
 * The type that a person means: kind, plural, singular or short name, optionally with `.group`.
 * @throws EvenkeelError MANIFEST_UNKNOWN_KIND with the nearest known name
 */
export async function typeNamed(cluster: Cluster, name: string, signal: AbortSignal): Promise<ApiResource> {
  // A definition may have been added since the list was asked for.
  for (const refresh of [false, true]) {
    const found = (await cluster.discovery({ refresh, signal })).byName(name);
    if (found !== undefined) return found;
  }
  const { resources } = await cluster.discovery({ signal });
  const near = nearest(name, [...new Set(resources.flatMap(({ kind, plural }) => [kind, plural]))]);
  throw new EvenkeelError('MANIFEST_UNKNOWN_KIND', `${cluster.name} does not serve "${printable(name).slice(0, 100)}"`, {
    where: { field: 'kind' },
    hint:
      near === undefined
        ? 'Write a kind or plural name, with its group where two have it: ingresses.networking.k8s.io.'
        : `Did you mean "${near}"?`,
  });
}

/** The type of an object. @throws EvenkeelError MANIFEST_UNKNOWN_KIND */
export async function typeOf(cluster: Cluster, object: KubeObject, signal: AbortSignal): Promise<ApiResource> {
  for (const refresh of [false, true]) {
    const found = (await cluster.discovery({ refresh, signal })).find(gvkOf(object));
    if (found !== undefined) return found;
  }
  throw new EvenkeelError(
    'MANIFEST_UNKNOWN_KIND',
    `${cluster.name} does not serve ${printable(object.kind)} of ${printable(object.apiVersion)}`,
    {
      where: { resource: `${object.kind}/${object.metadata?.name ?? ''}` },
      hint: 'Apply the definition of the kind first, or correct apiVersion and kind.',
    },
  );
}

/** Objects from YAML or as they are, in the order in which they are applied. @throws EvenkeelError MANIFEST_* */
export function objectsOf(given: KubeObject | readonly KubeObject[] | string): KubeObject[] {
  if (typeof given === 'string') {
    const file = 'the text';
    return readManifests(parseYaml(given, { file }), file)
      .map(({ object }) => object)
      .sort(compareForApply);
  }
  const objects = Array.isArray(given) ? (given as readonly KubeObject[]) : [given as KubeObject];
  for (const object of objects)
    if (typeof object.metadata?.name !== 'string' || object.metadata.name === '')
      throw new EvenkeelError('MANIFEST_METADATA_INVALID', `a ${printable(object.kind)} has no metadata.name`, {
        where: { field: 'metadata.name' },
      });
  return [...objects].sort(compareForApply);
}
