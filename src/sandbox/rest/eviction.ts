import { cloneJson, type KubeObject, type WireResponse } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import { selects } from '../strategy/selector.js';
import type { Loose } from '../strategy/types.js';
import { type Api, kubeTime } from './api.js';
import { readBody } from './body.js';
import { deleteObject } from './delete.js';
import type { Call } from './handle.js';
import { readObject, storeObject } from './object.js';
import { deleteOptions } from './options.js';
import { json } from './respond.js';
import { type ApiError, badRequest, failure, forbidden, notFound, successStatus } from './status.js';

/** POST to a pod's `eviction`: deletes it where its disruption budget allows that. */
export function evictPod(call: Call): WireResponse {
  const { api, type, info } = call;
  const body = readBody(call.request) as Loose;
  const named = body?.metadata?.name;
  if (named !== undefined && named !== '' && named !== info.name) throw badRequest('name in URL does not match name in Eviction object');
  const pod = readObject(api, type, info.namespace, info.name)?.object as Loose;
  if (!pod) throw notFound(type, info.name);
  const given = body?.deleteOptions;
  const options = deleteOptions(info, given !== null && typeof given === 'object' && !Array.isArray(given) ? given : undefined);
  const dryRun = options.dryRun || info.query.getAll('dryRun').includes('All');
  if (needsBudget(pod)) spendBudget(api, info.namespace, pod, dryRun);
  deleteObject(api, type, info.namespace, info.name, { ...options, dryRun });
  return json(call, 201, JSON.stringify(successStatus(201)));
}

const ended = new Set(['Pending', 'Succeeded', 'Failed']);
const needsBudget = (pod: Loose) => !ended.has(pod.status?.phase) && !pod.metadata.deletionTimestamp;
const isReady = (pod: Loose) => (pod.status?.conditions ?? []).some((c: Loose) => c.type === 'Ready' && c.status === 'True');

function refused(message: string): ApiError {
  return failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
  });
}

const mostDisrupted = 2000;

/** Counts the eviction against the one disruption budget that covers the pod. @throws ApiError 429, 403, 500 */
function spendBudget(api: Api, namespace: string, pod: Loose, dryRun: boolean): void {
  const type = api.registry.byStorage('poddisruptionbudgets.policy') as ResourceType;
  const budgets = api.store.keys(type.storage, namespace).flatMap((key): KubeObject[] => {
    const text = api.store.get(type.storage, key)?.text;
    const budget: Loose = text === undefined ? undefined : api.store.parse(text);
    return budget?.spec?.selector && selects(budget.spec.selector, pod.metadata.labels) ? [budget] : [];
  });
  if (budgets.length > 1)
    throw failure(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  const budget = budgets[0] as Loose;
  if (!budget) return;
  const { name, generation = 0 } = budget.metadata;
  const status = budget.status ?? {};
  // A pod that serves nobody is not protected while enough others do.
  if (!isReady(pod)) {
    if (budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return;
    if ((status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0) && (status.desiredHealthy ?? 0) > 0) return;
  }
  if ((status.observedGeneration ?? 0) < generation) throw refused(`The disruption budget ${name} is still being processed by the server.`);
  const allowed = status.disruptionsAllowed ?? 0;
  const named = { group: 'policy', plural: 'poddisruptionbudget' };
  if (allowed < 0) throw forbidden(named, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > mostDisrupted)
    throw forbidden(named, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  if (allowed === 0)
    throw refused(
      `The disruption budget ${name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`,
    );
  if (dryRun) return;
  const next = cloneJson(budget);
  next.status.disruptionsAllowed = allowed - 1;
  next.status.disruptedPods = { ...next.status.disruptedPods, [pod.metadata.name]: kubeTime(api.clock.now()) };
  storeObject(api, type, next);
}
