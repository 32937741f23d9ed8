import { cloneJson, type KubeObject, type WireResponse } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import { selects } from '../strategy/selector.js';
import type { Loose } from '../strategy/types.js';
import { type Api, kubeTime } from './api.js';
import { readBody } from './body.js';
import { decodeBody } from './decode.js';
import { deleteObject, finishDelete } from './delete.js';
import { type Call, optionsOf, warnTo } from './handle.js';
import { readObject, storeObject } from './object.js';
import { deleteOptions } from './options.js';
import { answerObject, json } from './respond.js';
import { badRequest, conflict, failure, notFound, type Status } from './status.js';
import { updateObject } from './write.js';

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
export function bindPod(api: Api, pod: { namespace: string; name: string }, node: string): KubeObject {
  const type = core(api, 'pods');
  return updateObject(api, { type, ...pod, subresource: 'binding' }, { dryRun: false, manager: 'kube-scheduler' }, (live: Loose) => {
    if (live.metadata.deletionTimestamp) throw conflict(type, pod.name, `pod ${pod.name} is being deleted, cannot be assigned to a host`);
    if (live.spec.nodeName)
      throw conflict(type, pod.name, `pod ${pod.name} is already assigned to node ${JSON.stringify(live.spec.nodeName)}`);
    const next = cloneJson(live);
    next.spec.nodeName = node;
    const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: kubeTime(api.clock.now()) };
    next.status.conditions = [...(next.status.conditions ?? []).filter((c: Loose) => c.type !== 'PodScheduled'), scheduled];
    return { next };
  }).object;
}

const success = (code: number): Status => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code });

type Handler = (call: Call) => WireResponse;

const binding: Handler = (call) => {
  const body = readBody(call.request) as Loose;
  const node = body?.target?.name;
  if (!node) throw badRequest('target.name: Required value');
  bindPod(call.api, { namespace: call.info.namespace, name: call.info.name }, node);
  return json(call, 201, JSON.stringify(success(201)));
};

const eviction: Handler = (call) => {
  const { api, type, info } = call;
  const body = readBody(call.request) as Loose;
  const pod = readObject(api, type, info.namespace, info.name)?.object as Loose;
  if (!pod) throw notFound(type, info.name);
  if (
    pod.status?.phase !== 'Pending' &&
    pod.status?.phase !== 'Succeeded' &&
    pod.status?.phase !== 'Failed' &&
    !pod.metadata.deletionTimestamp
  )
    checkBudgets(api, info.namespace, pod);
  deleteObject(api, type, info.namespace, info.name, deleteOptions(info, body?.deleteOptions));
  return json(call, 201, JSON.stringify(success(201)));
};

/** Counts the eviction against the one disruption budget that covers the pod. @throws ApiError 429 */
function checkBudgets(api: Api, namespace: string, pod: Loose): void {
  const type = api.registry.byStorage('poddisruptionbudgets.policy') as ResourceType;
  const budgets = api.store.keys(type.storage, namespace).flatMap((key): KubeObject[] => {
    const text = api.store.get(type.storage, key)?.text;
    const budget: Loose = text === undefined ? undefined : api.store.parse(text);
    return budget && selects(budget.spec.selector, pod.metadata.labels) ? [budget] : [];
  });
  if (budgets.length > 1)
    throw failure(500, 'InternalError', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  const budget = budgets[0] as Loose;
  if (!budget) return;
  if ((budget.status?.disruptionsAllowed ?? 0) <= 0)
    throw failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${budget.metadata.name} needs ${budget.status?.desiredHealthy ?? 0} healthy pods and has ${budget.status?.currentHealthy ?? 0} currently`,
        },
      ],
    });
  const next = cloneJson(budget);
  next.status.disruptionsAllowed -= 1;
  next.status.disruptedPods = { ...next.status.disruptedPods, [pod.metadata.name]: kubeTime(api.clock.now()) };
  storeObject(api, type, next);
}

const token: Handler = (call) => {
  const { api, type, info } = call;
  if (!readObject(api, type, info.namespace, info.name)) throw notFound(type, info.name);
  const request = (readBody(call.request) ?? {}) as Loose;
  const seconds = Number(request.spec?.expirationSeconds ?? 3600);
  const answer = {
    ...request,
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { name: info.name, namespace: info.namespace, creationTimestamp: kubeTime(api.clock.now()) },
    spec: { audiences: ['https://kubernetes.default.svc'], ...request.spec, expirationSeconds: seconds },
    status: {
      token: api.tokens.issue(`system:serviceaccount:${info.namespace}:${info.name}`, seconds),
      expirationTimestamp: kubeTime(api.clock.now() + seconds * 1000),
    },
  };
  return json(call, 201, JSON.stringify(answer));
};

const finalize: Handler = (call) => {
  const { api, type, info } = call;
  const options = optionsOf(call, 'update');
  const object: Loose = decodeBody(type, readBody(call.request), { validation: options.validation, warn: warnTo(call) });
  const live = readObject(api, type, '', info.name)?.object;
  if (!live) throw notFound(type, info.name);
  return answerObject(call, 200, { object: finalized(api, live, object.spec?.finalizers ?? []), text: '' });
};

/** Subresources of single kinds that are not the object itself. */
export const specialSubresources: { [resource: string]: Handler } = {
  'pods/binding': binding,
  'pods/eviction': eviction,
  'serviceaccounts/token': token,
  'namespaces/finalize': finalize,
};
