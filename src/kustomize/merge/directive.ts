import { failure } from '../errors.js';
import { fieldOf, isNull, removeField, type YNode } from '../yaml/index.js';

const key = '$patch';

/**
 * Reads `$patch: delete|replace|merge` and takes it out of the patch. In a list it counts where it stands alone
 * in an item.
 * @throws EvenkeelError KUSTOMIZE_PATCH_INVALID for any other word, unless `lenient`
 */
export function takeDirective(patch: YNode, lenient: boolean): 'delete' | 'replace' | 'merge' {
  if (isNull(patch)) return 'merge';
  const item = patch.kind === 'list' ? patch.content.find((each) => fieldOf(each, key) !== undefined) : patch;
  const value = fieldOf(item, key);
  if (item === undefined || value === undefined || (patch.kind === 'list' && item.content.length > 2)) return 'merge';
  const word = value.value;
  if (word !== 'delete' && word !== 'replace' && word !== 'merge') {
    if (lenient) return 'merge';
    throw failure('KUSTOMIZE_PATCH_INVALID', `unknown patch strategy '${word}'`, {
      field: key,
      hint: '$patch is delete, replace or merge.',
    });
  }
  if (patch.kind === 'map') removeField(patch, key);
  else patch.content = patch.content.filter((each) => each.kind !== 'map' || fieldOf(each, key)?.value !== word);
  return word;
}
