import { difference, type FieldSet, leaves, parseFields, pathsOf, resolvePath, union } from '../manifest/index.js';
import { describeKey, type ManagedFieldsEntry } from '../model/index.js';
import { isPeoplesTool } from './conflicts.js';
import type { Compared } from './types.js';

const lastApplied = 'f:kubectl.kubernetes.io/last-applied-configuration';

/**
 * Where Flux would take off what people's tools added to an object beside Git (`ssa: Override`): the warning that
 * it stays. Undefined where there is nothing of the kind.
 */
export function additionsWarning({ desired, live, action }: Compared): string | undefined {
  if (desired.treatment?.exclusive !== true || live === undefined || action === 'unchanged') return undefined;
  const entries = live.metadata.managedFields ?? [];
  const people = entries.filter((entry) => isPeoplesTool(entry.manager ?? '') && (entry.subresource ?? '') === '');
  const theirs = difference(leaves(setOf(people)), setOf(entries.filter((entry) => !people.includes(entry))));
  const paths = pathsOf(theirs)
    .filter((path) => path.length > 0 && !path.includes(lastApplied) && resolvePath(desired.object, path) === undefined)
    .map((path) => path.map((element) => element.slice(2)).join('.'))
    .filter((path) => !path.startsWith('metadata.managedFields'));
  if (paths.length === 0) return undefined;
  const who = [...new Set(people.map((entry) => entry.manager ?? ''))].sort().join(', ');
  return `${describeKey(desired.key)}: ssa: Override is to take off what ${who} added (${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}); here it stays, and fields that Git sets are taken`;
}

function setOf(entries: readonly ManagedFieldsEntry[]): FieldSet {
  return entries.map((entry) => parseFields(entry.fieldsV1)).reduce(union, new Map());
}
