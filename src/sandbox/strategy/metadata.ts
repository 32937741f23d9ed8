import type { KubeObject } from '../../model/index.js';
import { type FieldErrors, forbiddenField, GoText, goStrings, invalid, required } from './field.js';
import { annotationErrors, labelErrors, type NameRule, nameProblems, qualifiedNameProblems } from './names.js';

export interface MetadataRule {
  name: NameRule;
  namespaced: boolean;
  /** Kinds of Kubernetes itself take finalizers without a domain only where they are standard ones. */
  builtin: boolean;
}

/** What is wrong with an object's metadata by itself. */
export function validateMetadata(object: KubeObject, rule: MetadataRule): FieldErrors {
  const meta = object.metadata;
  const out: FieldErrors = [];
  if (meta.generateName)
    for (const problem of nameProblems(rule.name, maskTrailingDash(meta.generateName)))
      out.push(invalid('metadata.generateName', meta.generateName, problem));
  if (!meta.name) out.push(required('metadata.name', 'name or generateName is required'));
  else for (const problem of nameProblems(rule.name, meta.name)) out.push(invalid('metadata.name', meta.name, problem));
  if (rule.namespaced) {
    if (!meta.namespace) out.push(required('metadata.namespace'));
    else for (const problem of nameProblems('label', meta.namespace)) out.push(invalid('metadata.namespace', meta.namespace, problem));
  } else if (meta.namespace) out.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  return [...out, ...contentErrors(object), ...(rule.builtin ? standardFinalizers(object) : [])];
}

function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

function contentErrors(object: KubeObject): FieldErrors {
  const meta = object.metadata;
  const out = [
    ...labelErrors(meta.labels, 'metadata.labels'),
    ...annotationErrors(meta.annotations, 'metadata.annotations'),
    ...ownerErrors(object),
  ];
  const { finalizers = [] } = meta;
  for (const finalizer of finalizers)
    for (const problem of qualifiedNameProblems(finalizer)) out.push(invalid('metadata.finalizers', finalizer, problem));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
    out.push(invalid('metadata.finalizers', goStrings(finalizers), 'finalizer orphan and foregroundDeletion cannot be both set'));
  return out;
}

const standard = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

function standardFinalizers(object: KubeObject): FieldErrors {
  return (object.metadata.finalizers ?? []).flatMap((finalizer, i) =>
    finalizer.includes('/') || standard.has(finalizer)
      ? []
      : [invalid(`metadata.finalizers[${i}]`, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')],
  );
}

function ownerErrors(object: KubeObject): FieldErrors {
  const out: FieldErrors = [];
  let controller: string | undefined;
  const field = 'metadata.ownerReferences';
  for (const owner of object.metadata.ownerReferences ?? []) {
    const { apiVersion = '', kind = '', name = '', uid = '' } = owner;
    if (!/^([^/]*\/)?[^/]+$/.test(apiVersion)) out.push(invalid(`${field}.apiVersion`, apiVersion, 'version must not be empty'));
    if (!kind) out.push(invalid(`${field}.kind`, kind, 'kind must not be empty'));
    if (!name) out.push(invalid(`${field}.name`, name, 'name must not be empty'));
    if (!uid) out.push(invalid(`${field}.uid`, uid, 'uid must not be empty'));
    if (apiVersion === 'v1' && kind === 'Event')
      out.push(invalid(field, goOwner(owner), '/v1, Kind=Event is disallowed from being an owner'));
    if (!owner.controller) continue;
    const shown = `${kind}/${name}`;
    if (controller === undefined) controller = shown;
    else
      out.push(
        invalid(
          field,
          new GoText(`[]v1.OwnerReference{${(object.metadata.ownerReferences ?? []).map((o) => goOwner(o).text).join(', ')}}`),
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${shown}`,
        ),
      );
  }
  return out;
}

type Owner = { apiVersion?: string; kind?: string; name?: string; uid?: string; controller?: boolean; blockOwnerDeletion?: boolean };

function goOwner(owner: Owner): GoText {
  const text = (value: string | undefined) => JSON.stringify(value ?? '');
  const flag = (value: boolean | undefined) => `(*bool)(${value === undefined ? 'nil' : '0xc000000000'})`;
  return new GoText(
    `v1.OwnerReference{APIVersion:${text(owner.apiVersion)}, Kind:${text(owner.kind)}, Name:${text(owner.name)}, UID:${text(owner.uid)}, Controller:${flag(owner.controller)}, BlockOwnerDeletion:${flag(owner.blockOwnerDeletion)}}`,
  );
}

/** What is wrong with a change of metadata. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject): FieldErrors {
  const meta = object.metadata;
  const out: FieldErrors = [];
  if (old.metadata.deletionTimestamp) {
    const added = [...new Set(meta.finalizers ?? [])].filter((f) => !old.metadata.finalizers?.includes(f)).sort();
    if (added.length > 0)
      out.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added).text}`,
        ),
      );
  }
  for (const field of ['name', 'namespace', 'uid'] as const)
    if ((meta[field] ?? '') !== (old.metadata[field] ?? ''))
      out.push(invalid(`metadata.${field}`, meta[field] ?? '', 'field is immutable'));
  return [
    ...out,
    ...labelErrors(meta.labels, 'metadata.labels'),
    ...annotationErrors(meta.annotations, 'metadata.annotations'),
    ...ownerErrors(object),
  ];
}
