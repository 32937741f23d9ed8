import { describeKey, describeWhere, EvenkeelError, formatKey, keyOf, type Manifest, printable } from '../model/index.js';
import { gatherProblems } from './problems.js';

/**
 * Refuses two manifests for one object: which of them counted would be chance. To be called once namespaces
 * are known. Objects that only have a generateName are new ones each time and never the same.
 * @throws EvenkeelError MANIFEST_DUPLICATE naming both places
 */
export function checkDuplicates(manifests: readonly Manifest[]): void {
  const seen = new Map<string, Manifest>();
  const problems = gatherProblems();
  for (const manifest of manifests) {
    const key = keyOf(manifest.object);
    if (key.name === '') continue;
    const id = formatKey(key);
    const earlier = seen.get(id);
    if (earlier === undefined) {
      seen.set(id, manifest);
      continue;
    }
    problems.add(
      new EvenkeelError(
        'MANIFEST_DUPLICATE',
        `${printable(describeKey(key))} is written twice: in ${describeWhere(earlier.source)} and in ${describeWhere(manifest.source)}`,
        {
          where: { ...manifest.source, resource: printable(describeKey(key)) },
          hint: 'Remove one of the two, or exclude its file.',
          details: { first: { ...earlier.source }, second: { ...manifest.source } },
        },
      ),
    );
  }
  problems.throwIfAny();
}
