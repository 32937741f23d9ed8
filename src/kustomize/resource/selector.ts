import { within } from '../errors.js';
import { compileRegex } from '../regex.js';
import type { SchemaSource } from '../schema/index.js';
import { getMetaMap } from '../yaml/index.js';
import { effectiveNamespace, type IdSelector } from './id.js';
import { parseLabelSelector } from './labels.js';
import { currentId, originalId, type Resource } from './resource.js';

/** Which objects a patch is meant for. Group to namespace are regular expressions that match as a whole. */
export interface Selector extends IdSelector {
  labelSelector?: string;
  annotationSelector?: string;
}

/**
 * Objects that a target selects, by the name and namespace that they have or had at first.
 * @throws EvenkeelError KUSTOMIZE_REGEX_INVALID, KUSTOMIZE_INVALID for a selector of labels
 */
export function select(resources: readonly Resource[], selector: Selector, schemas: SchemaSource): Resource[] {
  const anchored = (field: keyof IdSelector) => {
    const pattern = selector[field];
    if (pattern === undefined || pattern === '') return () => true;
    return within({ field: `target.${field}` }, () => compileRegex(`^(?:${pattern})$`));
  };
  const [group, version, kind, name, namespace] = (['group', 'version', 'kind', 'name', 'namespace'] as const).map(anchored) as [
    Test,
    Test,
    Test,
    Test,
    Test,
  ];
  const byLabels = within({ field: 'target' }, () => matchesMeta(selector));
  return resources.filter((resource) => {
    const current = currentId(resource, schemas);
    const original = originalId(resource, schemas);
    return (
      (namespace(effectiveNamespace(original)) || namespace(effectiveNamespace(current))) &&
      (name(original.name) || name(current.name)) &&
      group(current.group) &&
      version(current.version) &&
      kind(current.kind) &&
      byLabels(resource)
    );
  });
}

type Test = (text: string) => boolean;

/** Whether labels and annotations are what a selector asks. */
export function matchesMeta({ labelSelector = '', annotationSelector = '' }: Selector): (resource: Resource) => boolean {
  const labels = within({ field: 'labelSelector' }, () => parseLabelSelector(labelSelector));
  const annotations = within({ field: 'annotationSelector' }, () => parseLabelSelector(annotationSelector));
  return ({ node }) =>
    (labelSelector === '' || labels(getMetaMap(node, 'labels'))) &&
    (annotationSelector === '' || annotations(getMetaMap(node, 'annotations')));
}
