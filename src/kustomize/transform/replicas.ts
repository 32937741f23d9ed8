import type { FieldSpec } from '../config/field-spec.js';
import { failure } from '../errors.js';
import { gvkText, isSelected, matchingAnyId } from '../resource/index.js';
import { INT, scalarNode, setScalar } from '../yaml/index.js';
import type { Work } from './context.js';
import { visitFields } from './fields.js';

/** @throws EvenkeelError KUSTOMIZE_NO_MATCH */
export function transformReplicas(work: Work, replica: { name: string; count: number | bigint }, fieldSpecs: readonly FieldSpec[]): void {
  let found = false;
  for (const spec of fieldSpecs) {
    const matching = matchingAnyId(work.resources, (id) => id.name === replica.name && isSelected(id, spec), work.schemas);
    for (const resource of matching) {
      found = true;
      visitFields(resource.node, [spec], {
        set: (node) => setScalar(node, scalarNode(String(replica.count), INT)),
        create: 'scalar',
        tag: INT,
      });
    }
  }
  if (!found)
    throw failure(
      'KUSTOMIZE_NO_MATCH',
      `resource with name ${replica.name} does not match a config with the following GVK ${fieldSpecs.map(gvkText).join(', ')}`,
      { hint: 'Use the name that the base gives it, without prefixes; other kinds are added with configurations.' },
    );
}
