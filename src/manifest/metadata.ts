import { type EvenkeelError, type Json, type ObjectMeta, printable, setOwn } from '../model/index.js';
import { nameProblem, namespaceProblem } from './names.js';

/** Makes the error for a field; `name` where the mistake is in a name. */
export type Refuse = (
  path: readonly (string | number)[],
  message: string,
  options?: { hint?: string | undefined; name?: boolean },
) => EvenkeelError;
type JsonObject = { [key: string]: Json };

/**
 * Metadata with what is null left out, so that whoever reads it later meets only the types that ObjectMeta
 * says. A label or annotation that is null is an empty text, as the API server stores it.
 * @throws what `refuse` returns where a value has the wrong type or the name is none
 */
export function checkMetadata(object: JsonObject, refuse: Refuse): ObjectMeta {
  const given = object['metadata'];
  if (given === undefined || given === null) throw refuse([], 'the object has no metadata', { hint: 'Every object needs metadata.name.' });
  if (typeof given !== 'object' || Array.isArray(given)) throw refuse(['metadata'], 'metadata must be a mapping');
  const metadata: JsonObject = {};
  for (const key of Object.keys(given)) {
    const value = given[key] as Json;
    if (value !== null || key === 'creationTimestamp') setOwn(metadata, key, value);
  }
  for (const field of ['name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp']) text(metadata, field, refuse);
  for (const field of ['labels', 'annotations']) stringMap(metadata, field, refuse);
  list(metadata, 'finalizers', refuse, (item) => typeof item === 'string');
  list(metadata, 'ownerReferences', refuse, (item) => item !== null && typeof item === 'object' && !Array.isArray(item));
  checkNames(metadata as ObjectMeta, refuse);
  return metadata as ObjectMeta;
}

function text(metadata: JsonObject, field: string, refuse: Refuse): void {
  const value = metadata[field];
  if (value !== undefined && value !== null && typeof value !== 'string')
    throw refuse(['metadata', field], `metadata.${field} must be text, but is ${kindOf(value)}`, { hint: quoteHint(value) });
}

function stringMap(metadata: JsonObject, field: string, refuse: Refuse): void {
  const map = metadata[field];
  if (map === undefined) return;
  if (map === null || typeof map !== 'object' || Array.isArray(map))
    throw refuse(['metadata', field], `metadata.${field} must be a mapping of texts, but is ${kindOf(map)}`);
  const texts: JsonObject = {};
  for (const key of Object.keys(map)) {
    const value = (map[key] as Json) ?? '';
    if (typeof value !== 'string')
      throw refuse(['metadata', field, key], `${field} hold texts only, but "${printable(key)}" is ${kindOf(value)}`, {
        hint: quoteHint(value),
      });
    setOwn(texts, key, value);
  }
  metadata[field] = texts;
}

function list(metadata: JsonObject, field: string, refuse: Refuse, isItem: (item: Json) => boolean): void {
  const items = metadata[field];
  if (items === undefined) return;
  if (!Array.isArray(items)) throw refuse(['metadata', field], `metadata.${field} must be a list, but is ${kindOf(items)}`);
  const wrong = items.findIndex((item) => !isItem(item));
  if (wrong >= 0) throw refuse(['metadata', field, wrong], `metadata.${field}[${wrong}] is ${kindOf(items[wrong] as Json)}`);
}

function checkNames(metadata: ObjectMeta, refuse: Refuse): void {
  const { name, generateName, namespace } = metadata;
  if ((name ?? '') === '' && (generateName ?? '') === '')
    throw refuse(name === undefined ? ['metadata'] : ['metadata', 'name'], 'metadata has neither name nor generateName', {
      hint: 'Give the object a name.',
      name: true,
    });
  for (const [field, value] of [
    ['name', name],
    ['generateName', generateName],
  ] as const) {
    const problem = value === undefined || value === '' ? undefined : nameProblem(value);
    if (problem !== undefined && value !== undefined)
      throw refuse(['metadata', field], `the name "${printable(value.slice(0, 80))}" cannot be used: ${problem}`, { name: true });
  }
  const problem = namespace === undefined || namespace === '' ? undefined : namespaceProblem(namespace);
  if (problem !== undefined && namespace !== undefined)
    throw refuse(['metadata', 'namespace'], `the name of the namespace "${printable(namespace.slice(0, 80))}" cannot be used: ${problem}`, {
      name: true,
    });
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'boolean' ? 'a boolean' : typeof value === 'string' ? 'a text' : 'a number';
}

function quoteHint(value: Json): string | undefined {
  return value === null || typeof value === 'object'
    ? undefined
    : 'Quote the value: without quotes YAML reads it as a number or a boolean.';
}
