import { autoscalers } from './autoscaler.js';
import { cronJobs } from './cronjobs.js';
import { daemonSets } from './daemonsets.js';
import { deployments } from './deployment/controller.js';
import { disruptionBudgets } from './disruption.js';
import { endpoints } from './endpoints.js';
import { type MakeController, runControllers } from './framework.js';
import { furnishCluster } from './fresh-cluster.js';
import { garbageCollector } from './garbage.js';
import type { ControllerHost, RunningControllers } from './host.js';
import { jobs } from './job/controller.js';
import { kubelet } from './kubelet.js';
import { ingresses, loadBalancers } from './load-balancers.js';
import { namespaces } from './namespaces.js';
import { replicaSets, replicationControllers } from './replicasets.js';
import { scheduler } from './scheduler.js';
import { apiServices, podCollector, quotas } from './small.js';
import { statefulSets } from './statefulsets.js';
import { claims, volumes } from './volumes.js';

const makers: MakeController[] = [
  namespaces,
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
  daemonSets,
  cronJobs,
  jobs,
  claims,
  volumes,
  scheduler,
  kubelet,
  endpoints,
  loadBalancers,
  ingresses,
  autoscalers,
  disruptionBudgets,
  quotas,
  apiServices,
  podCollector,
  garbageCollector,
];

/** Starts every simulated controller over one API server. What is stored is all they need to go on after a restart. */
export function startControllers(host: ControllerHost): RunningControllers {
  return runControllers(host, makers, furnishCluster);
}
