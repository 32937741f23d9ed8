import { cloneJson, type KubeObject, type WireResponse } from '../../model/index.js';
import { defaultAudience } from '../auth/issued.js';
import { decodeStruct } from '../gotypes/decode.js';
import { type GoStruct, kindStruct } from '../gotypes/types.js';
import type { ResourceType } from '../registry/types.js';
import { invalid, invalidObject, notSupported, required } from '../strategy/field.js';
import type { Loose } from '../strategy/types.js';
import { type Api, kubeTime } from './api.js';
import { readBody } from './body.js';
import { decodeBody, decodingOf, readObjectBody } from './decode-body.js';
import { finishDelete } from './delete.js';
import { evictPod } from './eviction.js';
import { type Call, optionsOf, warnTo } from './handle.js';
import { readObject, storeObject } from './object.js';
import { podLog } from './pod-log.js';
import { refuseStream } from './pod-streams.js';
import { answerObject, json } from './respond.js';
import { badRequest, conflict, notFound, successStatus } from './status.js';
import { updateObject } from './write.js';

const tokenRequest = kindStruct('authentication.k8s.io', 'v1', 'TokenRequest') as GoStruct;

const core = (api: Api, plural: string) => api.registry.byStorage(`${plural}.`) as ResourceType;

/** A namespace without finalizers in its spec: one that is being deleted goes. */
export function finalizeNamespace(api: Api, name: string): void {
  const type = core(api, 'namespaces');
  const live = readObject(api, type, '', name)?.object;
  if (!live) throw notFound(type, name);
  finalized(api, live, []);
}

function finalized(api: Api, live: KubeObject, finalizers: string[]): KubeObject {
  const type = core(api, 'namespaces');
  const next = cloneJson(live);
  const spec = next['spec'] as { finalizers?: string[] };
  if (finalizers.length > 0) spec.finalizers = finalizers;
  else delete spec.finalizers;
  if (finalizers.length === 0 && next.metadata.deletionTimestamp && (next.metadata.finalizers ?? []).length === 0)
    return finishDelete(api, type, next).object;
  return storeObject(api, type, next).object;
}

/** Puts a pod on a node. */
export function bindPod(api: Api, pod: { namespace: string; name: string }, node: string, dryRun = false): KubeObject {
  const type = core(api, 'pods');
  const named = { group: '', plural: 'pods/binding' };
  return updateObject(api, { type, ...pod, subresource: 'binding' }, { dryRun, manager: 'kube-scheduler' }, (live: Loose) => {
    if (live.metadata.deletionTimestamp) throw conflict(named, pod.name, `pod ${pod.name} is being deleted, cannot be assigned to a host`);
    if (live.spec.nodeName)
      throw conflict(named, pod.name, `pod ${pod.name} is already assigned to node ${JSON.stringify(live.spec.nodeName)}`);
    if ((live.spec.schedulingGates ?? []).length > 0)
      throw conflict(named, pod.name, `pod ${pod.name} has non-empty .spec.schedulingGates`);
    const next = cloneJson(live);
    next.spec.nodeName = node;
    const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: kubeTime(api.clock.now()) };
    next.status.conditions = [...(next.status.conditions ?? []).filter((c: Loose) => c.type !== 'PodScheduled'), scheduled];
    return { next };
  }).object;
}

type Handler = (call: Call) => WireResponse;

/** A binding sent to a pod's `binding`, or to the namespace's bindings. */
export const binding: Handler = (call) => {
  const { api, info } = call;
  const { dryRun } = optionsOf(call, 'create');
  const body = readBody(call.request) as Loose;
  const name = info.name === '' ? (body?.metadata?.name ?? '') : info.name;
  if (name === '') throw badRequest('name must be provided');
  const kind = body?.target?.kind ?? '';
  const node = body?.target?.name ?? '';
  const errors = [
    ...(kind === '' || kind === 'Node' ? [] : [notSupported('target.kind', kind, ['Node', '<empty>'])]),
    ...(node === '' ? [required('target.name')] : []),
  ];
  if (errors.length > 0) throw invalidObject('', 'Binding', name, errors);
  bindPod(api, { namespace: info.namespace, name }, String(node), dryRun);
  return json(call, 201, JSON.stringify(successStatus(201)));
};

const shortest = 600;
const longest = 2 ** 32;

const token: Handler = (call) => {
  const { api, type, info } = call;
  const { dryRun } = optionsOf(call, 'create');
  const request = decodeStruct(tokenRequest, readBody(call.request) ?? {}, 'v1.TokenRequest').value as Loose;
  const account = readObject(api, type, info.namespace, info.name)?.object;
  if (!account) throw notFound(type, info.name);
  const spec = request.spec ?? {};
  const seconds = spec.expirationSeconds ?? 3600;
  const errors = [
    ...(seconds < shortest ? [invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(seconds > longest ? [invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds')] : []),
  ];
  if (errors.length > 0) throw invalidObject('authentication.k8s.io', 'TokenRequest', '', errors);
  const bound = spec.boundObjectRef && checkBound(api, info.namespace, spec.boundObjectRef);
  const audiences = (spec.audiences ?? []).length > 0 ? spec.audiences : [defaultAudience];
  const claims = { user: `system:serviceaccount:${info.namespace}:${info.name}`, uid: account.metadata.uid as string, audiences };
  const now = api.clock.now();
  const answer = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: info.name, namespace: info.namespace, creationTimestamp: kubeTime(now) },
    spec: {
      audiences,
      expirationSeconds: seconds,
      boundObjectRef: spec.boundObjectRef ?? null,
    },
    status: {
      token: dryRun ? '' : api.tokens.issue({ ...claims, ...(bound ? { bound } : {}) }, seconds),
      expirationTimestamp: kubeTime(now + seconds * 1000),
    },
  };
  return json(call, 201, JSON.stringify(answer));
};

/** @throws ApiError 404, 409 where the object that a token is to end with is not there */
function checkBound(api: Api, namespace: string, ref: Loose): { kind: string; name: string; uid: string } {
  const plural = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }[String(ref.kind)];
  if (plural === undefined || (ref.apiVersion ?? 'v1') !== 'v1')
    throw badRequest(`cannot bind token for ServiceAccount to the type ${ref.apiVersion ?? ''}, Kind=${ref.kind ?? ''}`);
  const type = core(api, plural);
  const bound = readObject(api, type, type.namespaced ? namespace : '', ref.name ?? '')?.object;
  if (!bound) throw notFound(type, ref.name ?? '');
  if (ref.uid && ref.uid !== bound.metadata.uid)
    throw conflict(
      type,
      ref.name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  return { kind: String(ref.kind), name: ref.name, uid: bound.metadata.uid as string };
}

const finalize: Handler = (call) => {
  const { api, type, info } = call;
  const options = optionsOf(call, 'update');
  const object: Loose = decodeBody(
    call.api.registry,
    type,
    readObjectBody(type, call.request),
    decodingOf(call.request, options.validation, warnTo(call)),
  );
  const live = readObject(api, type, '', info.name)?.object;
  if (!live) throw notFound(type, info.name);
  const finalizers: string[] = object.spec?.finalizers ?? [];
  if (options.dryRun) return answerObject(call, 200, { object: { ...live, spec: finalizers.length > 0 ? { finalizers } : {} }, text: '' });
  return answerObject(call, 200, { object: finalized(api, live, finalizers), text: '' });
};

/** Subresources of single kinds that are not the object itself. */
export const specialSubresources: { [resource: string]: Handler } = {
  'pods/binding': binding,
  'pods/eviction': evictPod,
  'pods/log': podLog,
  'pods/exec': refuseStream,
  'pods/attach': refuseStream,
  'pods/portforward': refuseStream,
  'pods/proxy': refuseStream,
  'services/proxy': refuseStream,
  'nodes/proxy': refuseStream,
  'serviceaccounts/token': token,
  'namespaces/finalize': finalize,
};
