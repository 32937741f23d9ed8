import type { KubeObject } from '../../model/index.js';
import { duplicate, type FieldErrors, forbiddenField, invalid, required } from './field.js';
import { labelErrors, type NameRule, nameProblems, qualifiedNameProblems } from './names.js';

const annotationLimit = 256 * 1024;

/** What is wrong with an object's metadata by itself. */
export function validateMetadata(object: KubeObject, namespaced: boolean, rule: NameRule): FieldErrors {
  const meta = object.metadata;
  const out: FieldErrors = [];
  if (meta.generateName)
    for (const problem of nameProblems(rule, maskTrailingDash(meta.generateName)))
      out.push(invalid('metadata.generateName', meta.generateName, problem));
  if (!meta.name) out.push(required('metadata.name', 'name or generateName is required'));
  else for (const problem of nameProblems(rule, meta.name)) out.push(invalid('metadata.name', meta.name, problem));
  if (namespaced) {
    if (!meta.namespace) out.push(required('metadata.namespace'));
    else for (const problem of nameProblems('label', meta.namespace)) out.push(invalid('metadata.namespace', meta.namespace, problem));
  } else if (meta.namespace) out.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  out.push(...labelErrors(meta.labels, 'metadata.labels'), ...annotationErrors(meta.annotations), ...ownerErrors(object));
  for (const finalizer of meta.finalizers ?? []) {
    for (const problem of qualifiedNameProblems(finalizer)) out.push(invalid('metadata.finalizers', finalizer, problem));
    if (
      !finalizer.includes('/') &&
      !['orphan', 'foregroundDeletion', 'kubernetes'].includes(finalizer) &&
      qualifiedNameProblems(finalizer).length === 0
    )
      out.push(invalid('metadata.finalizers', finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
  }
  if (meta.finalizers?.includes('orphan') && meta.finalizers.includes('foregroundDeletion'))
    out.push(invalid('metadata.finalizers', meta.finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  return out;
}

function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

function annotationErrors(annotations: { [key: string]: string } | undefined): FieldErrors {
  const out: FieldErrors = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const problem of qualifiedNameProblems(key.toLowerCase())) out.push(invalid('metadata.annotations', key, problem));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > annotationLimit)
    out.push({
      reason: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: must have at most ${annotationLimit} bytes`,
    });
  return out;
}

function ownerErrors(object: KubeObject): FieldErrors {
  const out: FieldErrors = [];
  let controller: string | undefined;
  const seen = new Set<string>();
  (object.metadata.ownerReferences ?? []).forEach((owner) => {
    const field = 'metadata.ownerReferences';
    if (!owner.apiVersion?.match(/^([^/]+\/)?[^/]+$/))
      out.push(invalid(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    if (!owner.kind) out.push(invalid(`${field}.kind`, owner.kind ?? '', 'kind must not be empty'));
    if (!owner.name) out.push(invalid(`${field}.name`, owner.name ?? '', 'name must not be empty'));
    if (!owner.uid) out.push(invalid(`${field}.uid`, owner.uid ?? '', 'uid must not be empty'));
    else if (seen.has(owner.uid)) out.push(duplicate(`${field}.uid`, owner.uid));
    seen.add(owner.uid);
    if (owner.controller) {
      if (controller !== undefined)
        out.push(
          invalid(
            field,
            object.metadata.ownerReferences,
            `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`,
          ),
        );
      else controller = owner.name;
    }
  });
  return out;
}

/** What is wrong with a change of metadata. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject, rule: NameRule, namespaced: boolean): FieldErrors {
  const meta = object.metadata;
  const out = validateMetadata(object, namespaced, rule).filter((e) => e.field !== 'metadata.name' && e.field !== 'metadata.generateName');
  if (old.metadata.deletionTimestamp) {
    const added = (meta.finalizers ?? []).filter((f) => !old.metadata.finalizers?.includes(f));
    if (added.length > 0)
      out.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => JSON.stringify(f)).join(', ')}}`,
        ),
      );
  }
  for (const field of ['name', 'namespace', 'uid'] as const)
    if ((meta[field] ?? '') !== (old.metadata[field] ?? ''))
      out.push(invalid(`metadata.${field}`, meta[field] ?? '', 'field is immutable'));
  return out;
}
