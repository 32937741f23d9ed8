import type { ResourceType } from '../registry/types.js';
import { strategyOf } from '../strategy/index.js';
import type { FieldLookup, FieldReader } from './field-selector.js';

/** The text of a path in an object, '' where there is nothing. */
function at(path: string): FieldReader {
  const steps = path.replace(/^\./, '').split('.');
  return (object) => {
    let value: unknown = object;
    for (const step of steps)
      value =
        value !== null && typeof value === 'object' && Object.hasOwn(value, step) ? (value as { [key: string]: unknown })[step] : undefined;
    return value === undefined || value === null ? '' : String(value);
  };
}

const name: FieldReader = (object) => object.metadata.name ?? '';
const namespace: FieldReader = (object) => object.metadata.namespace ?? '';
const count =
  (path: string): FieldReader =>
  (object) =>
    at(path)(object) || '0';

/** Fields beside those that the kinds' strategies read. */
const added: { [storage: string]: { [field: string]: FieldReader } } = {
  'pods.': { 'spec.host': at('spec.nodeName'), 'status.podIPs': at('status.podIP') },
  'replicationcontrollers.': { 'status.replicas': count('status.replicas') },
  'replicasets.apps': { 'status.replicas': count('status.replicas') },
  'statefulsets.apps': { 'status.successful': () => '' },
  'jobs.batch': { 'status.successful': count('status.succeeded') },
};

/** Kinds without fields of their own whose metadata is looked up by the same sentence as theirs. */
const ownSentence = new Set(Object.keys(added));

/** Kinds of the whole cluster that know no metadata.namespace. */
const withoutNamespace = new Set(['nodes.', 'namespaces.', 'certificatesigningrequests.certificates.k8s.io']);

/** What events are called by in the newer group, and in the older one. */
const eventFields: { [field: string]: string } = {
  note: 'message',
  'regarding.kind': 'involvedObject.kind',
  'regarding.namespace': 'involvedObject.namespace',
  'regarding.name': 'involvedObject.name',
  'regarding.uid': 'involvedObject.uid',
  'regarding.apiVersion': 'involvedObject.apiVersion',
  'regarding.resourceVersion': 'involvedObject.resourceVersion',
  'regarding.fieldPath': 'involvedObject.fieldPath',
  reportingController: 'reportingComponent',
};

/** The fields that objects of a type can be selected by. */
export function fieldLookup(type: ResourceType): FieldLookup {
  const own = { ...strategyOf(type).fields, ...added[type.storage] };
  const custom = (type.custom?.selectableFields ?? []).map((path) => path.replace(/^\./, ''));
  return (field) => {
    if (field === 'metadata.name') return { name: field, read: name };
    if (field === 'metadata.namespace')
      return withoutNamespace.has(type.storage) || (type.custom && !type.namespaced) ? undefined : { name: field, read: namespace };
    const wanted = type.storage === 'events.' && type.group !== '' ? (eventFields[field] ?? field) : field;
    if (custom.includes(wanted)) return { name: wanted, read: at(wanted) };
    return Object.hasOwn(own, wanted) ? { name: wanted, read: own[wanted] as FieldReader } : undefined;
  };
}

/** The API server's sentence for a field that a kind cannot be selected by. */
export function unknownField(type: ResourceType, field: string): string {
  return type.custom || strategyOf(type).fields || ownSentence.has(type.storage)
    ? `field label not supported: ${field}`
    : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}
