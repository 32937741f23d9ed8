import { emptyFieldSet, type FieldSet, parseFields } from '../manifest/index.js';
import { type KubeObject, type ManagedFieldsEntry, sha256 } from '../model/index.js';
import { fieldManager } from './marks.js';

/** Our own entry of an object's managedFields: the fields that our applies own. */
function ownEntry(object: KubeObject): ManagedFieldsEntry | undefined {
  return object.metadata.managedFields?.find(
    (entry) => entry.manager === fieldManager && entry.operation === 'Apply' && (entry.subresource ?? '') === '',
  );
}

/**
 * Hash of our own entry, '' where there is none. As long as it stands, nobody has changed a field of ours:
 * the server takes a field out of the entry when somebody else sets it to another value.
 */
export function managedHash(object: KubeObject): string {
  const entry = ownEntry(object);
  return entry === undefined ? '' : sha256(`${entry.apiVersion ?? ''} ${JSON.stringify(entry.fieldsV1 ?? {})}`);
}

/** The fields of an object that our applies own. */
export function ownedFields(object: KubeObject): FieldSet {
  const entry = ownEntry(object);
  return entry === undefined ? emptyFieldSet : parseFields(entry.fieldsV1);
}
