import { failure } from '../errors.js';
import { type GvkSelector, gvkSortText, gvkText, isSelected, legacyOrder } from '../resource/index.js';

/** A field of some kinds: where labels, names, images and the like stand. */
export interface FieldSpec extends GvkSelector {
  path: string;
  create?: boolean;
}

/** An object's name, and the fields of other kinds that refer to it by that name. */
export interface NameReference extends GvkSelector {
  fieldSpecs: FieldSpec[];
}

/**
 * Adds field specs that are not there yet.
 * @throws EvenkeelError KUSTOMIZE_INVALID where one says otherwise about creating the field
 */
export function mergeSpecs(specs: readonly FieldSpec[], added: readonly FieldSpec[]): FieldSpec[] {
  const result = specs.slice();
  for (const spec of added) {
    const known = result.find((other) => other.path === spec.path && isSelected(gvk(other), spec));
    if (known === undefined) result.push(spec);
    else if ((known.create ?? false) !== (spec.create ?? false))
      throw failure('KUSTOMIZE_INVALID', `conflicting fieldspecs for ${gvkText(spec)} ${spec.path}`, {
        hint: 'One of them has create: true; Kustomize knows most fields already.',
      });
  }
  return result;
}

function gvk({ group = '', version = '', kind = '' }: GvkSelector) {
  return { group, version, kind };
}

export function mergeReferences(references: readonly NameReference[], added: readonly NameReference[]): NameReference[] {
  let result = references.slice();
  for (const reference of added) {
    const same = (other: NameReference) =>
      (other.group ?? '') === (reference.group ?? '') &&
      (other.version ?? '') === (reference.version ?? '') &&
      (other.kind ?? '') === (reference.kind ?? '');
    if (result.some(same))
      result = result.map((other) => (same(other) ? { ...other, fieldSpecs: mergeSpecs(other.fieldSpecs, reference.fieldSpecs) } : other));
    else result.push(reference);
  }
  return result;
}

/** Kustomize's order of kinds, which decides which reference is looked at first. */
export function sortByKind<T extends GvkSelector>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, rank: legacyOrder.get(item.kind ?? '') ?? 0, text: gvkSortText(item) }))
    .sort((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ item }) => item);
}
