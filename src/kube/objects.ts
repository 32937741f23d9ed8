import type { Json, KubeObject, Where } from '../model/index.js';
import { describeKey, EvenkeelError, joinApiVersion } from '../model/index.js';
import type { Answer } from './exchange.js';
import type { ApiResource, ObjectRef } from './types.js';

/** For errors: which object, or which kind of objects, a request is about. */
export function whereOf(resource: ApiResource, ref: { namespace?: string; name?: string }): Where {
  const namespace = resource.namespaced ? (ref.namespace ?? '') : '';
  return { resource: describeKey({ group: resource.group, kind: resource.kind, namespace, name: ref.name || '(any)' }) };
}

/** An object as the server sent it, with the apiVersion and kind that items of a list leave out. */
export function typed(resource: ApiResource, item: Json): KubeObject {
  const object = item as unknown as KubeObject;
  const apiVersion = joinApiVersion(resource.group, resource.version);
  if (object.apiVersion === apiVersion && object.kind === resource.kind) return object;
  // Written first, so that it is printed first, and again over what the item may say itself.
  const full = { apiVersion, kind: resource.kind, ...(object as { [field: string]: unknown }) } as KubeObject;
  full.apiVersion = apiVersion;
  full.kind = resource.kind;
  return full;
}

export function isRecord(value: unknown): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The object in an answer. @throws EvenkeelError KUBE_BAD_ANSWER where there is none */
export function objectIn(answer: Answer, where: Where): KubeObject {
  const { json } = answer;
  if (isRecord(json) && typeof json['kind'] === 'string' && isRecord(json['metadata'])) return json as unknown as KubeObject;
  throw notThat('an object', where);
}

export function notThat(expected: string, where: Where): EvenkeelError {
  return new EvenkeelError('KUBE_BAD_ANSWER', `The server answered with JSON that is not ${expected}`, {
    where,
    hint: 'Check the address of the API server in the kubeconfig, and any proxy in between.',
  });
}

export function refOf(object: KubeObject): ObjectRef {
  return {
    name: object.metadata?.name ?? '',
    ...(object.metadata?.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
  };
}
