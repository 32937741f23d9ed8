import type { FieldSpec } from '../config/field-spec.js';
import { within } from '../errors.js';
import { compareBytes, MAP, STR, scalarNode, setField } from '../yaml/index.js';
import type { Work } from './context.js';
import { visitFields } from './fields.js';

/** Sets entries of the mappings that the specs name: labels, selectors, annotations. */
export function transformEntries(work: Work, entries: { [key: string]: string }, fieldSpecs: readonly FieldSpec[]): void {
  const keys = Object.keys(entries).sort(compareBytes);
  for (const resource of work.resources)
    within({ file: resource.file, line: resource.line }, () => {
      for (const key of keys) {
        // One node for all fields of an object: Kustomize shares it too.
        const value = scalarNode(entries[key] as string, STR);
        visitFields(resource.node, fieldSpecs, { set: (node) => setField(node, key, value), create: 'map', tag: MAP });
      }
    });
}
