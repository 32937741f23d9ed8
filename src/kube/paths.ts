import { EvenkeelError } from '../model/index.js';
import type { ApiResource, ObjectRef } from './types.js';

/** Query parameters; what is undefined, false or empty is left out. */
export type Query = { [name: string]: string | number | boolean | undefined };

/** `/api/v1` or `/apis/GROUP/VERSION`. */
function versionPath(resource: { group: string; version: string }): string {
  return resource.group === '' ? `/api/${segment(resource.version)}` : `/apis/${segment(resource.group)}/${segment(resource.version)}`;
}

/** The path of a collection; without a namespace, of all namespaces. */
export function collectionPath(resource: ApiResource, namespace: string | undefined): string {
  const scope = resource.namespaced && namespace !== undefined && namespace !== '' ? `/namespaces/${segment(namespace)}` : '';
  return `${versionPath(resource)}${scope}/${segment(resource.plural)}`;
}

/**
 * The path of one object, or of a subresource of it.
 * @throws EvenkeelError KUBE_REQUEST_REFUSED where a name is missing or cannot stand in a URL
 */
export function objectPath(resource: ApiResource, ref: ObjectRef, subresource?: string): string {
  if (ref.name === '') throw refuse(`A ${resource.kind} without a name cannot be asked for`, 'metadata.name');
  const collection = collectionPath(resource, requireNamespace(resource, ref.namespace));
  return `${collection}/${segment(ref.name)}${subresource === undefined ? '' : `/${segment(subresource)}`}`;
}

/** The namespace that requests for one object of this type need; undefined for cluster-scoped types. */
export function requireNamespace(resource: ApiResource, namespace: string | undefined): string | undefined {
  if (!resource.namespaced) return undefined;
  if (namespace === undefined || namespace === '')
    throw refuse(`A ${resource.kind} lives in a namespace and none was named`, 'metadata.namespace');
  return namespace;
}

export function withQuery(path: string, query: Query): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '' && value !== false) parts.push(`${name}=${encodeURIComponent(String(value))}`);
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}

/** The API server's own rule for names in paths: not `.` or `..`, without `/` and `%`. */
function segment(text: string): string {
  if (text === '.' || text === '..' || /[/%]/.test(text) || text === '')
    throw refuse(`${JSON.stringify(text)} cannot be a name in a request`, undefined);
  return encodeURIComponent(text);
}

function refuse(message: string, field: string | undefined): EvenkeelError {
  return new EvenkeelError('KUBE_REQUEST_REFUSED', message, {
    where: field === undefined ? {} : { field },
    hint:
      field === undefined
        ? 'Names hold neither "/" nor "%" and are not "." or "..".'
        : `Set ${field} in the manifest${field === 'metadata.namespace' ? ', or name a namespace for the workflow' : ''}.`,
  });
}
