import type { Health } from '../../model/index.js';
import { degraded, healthy, progressing } from '../kinds/answers.js';
import { at, list, text } from '../read.js';

/** Karmada: every cluster that was chosen has reported, and none reports trouble. */
export function resourceBindingHealth(object: unknown): Health {
  const chosen = at(object, 'spec.clusters');
  const reports = list(object, 'status.aggregatedStatus');
  // A namespaced binding may do without a list of clusters; the scheduler then has nothing to choose.
  const wanted = Array.isArray(chosen) ? chosen.length : text(object, 'kind') === 'ResourceBinding' ? reports.length : 0;
  if (wanted === 0) return progressing('Waiting for clusters to be chosen');
  if (reports.length !== wanted) return progressing(`${reports.length} of ${wanted} clusters have reported`);
  const bad = reports.find((r) => text(r, 'health') === 'Unhealthy' || (text(r, 'health') === 'Unknown' && at(r, 'applied') !== true));
  return bad === undefined ? healthy() : degraded(`Not healthy in cluster ${text(bad, 'clusterName')}`);
}
