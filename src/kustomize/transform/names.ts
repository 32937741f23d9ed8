import type { FieldSpec } from '../config/field-spec.js';
import { addPrefix, addSuffix, type Gvk, isSelected, originalId, storePreviousId } from '../resource/index.js';
import { STR, scalarNode, setScalar } from '../yaml/index.js';
import type { Work } from './context.js';
import { visitFields } from './fields.js';

const skipped = [{ kind: 'CustomResourceDefinition' }, { group: 'apiregistration.k8s.io', kind: 'APIService' }, { kind: 'Namespace' }];

/** Puts a text before or behind names. Kinds whose name is part of what they are keep theirs. */
export function transformNames(work: Work, side: 'prefix' | 'suffix', options: { text: string; fieldSpecs: readonly FieldSpec[] }): void {
  const { text, fieldSpecs } = options;
  for (const resource of work.resources) {
    const id: Gvk = originalId(resource, work.schemas);
    if (skipped.some((selector) => isSelected(id, selector))) continue;
    for (const spec of fieldSpecs) {
      if (!isSelected(id, spec)) continue;
      if (spec.path === 'metadata/name') {
        if (side === 'prefix') addPrefix(resource, text);
        else addSuffix(resource, text);
        if (text !== '') storePreviousId(resource, work.schemas);
      }
      visitFields(resource.node, [spec], {
        set: (node) => setScalar(node, scalarNode(side === 'prefix' ? text + node.value : node.value + text)),
        create: 'scalar',
        tag: STR,
      });
    }
  }
}
