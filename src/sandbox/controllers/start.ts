import { deployments } from './deployment/controller.js';
import { type MakeController, runControllers } from './framework.js';
import type { ControllerHost, RunningControllers } from './host.js';
import { kubelet } from './kubelet.js';
import { replicaSets, replicationControllers } from './replicasets.js';
import { scheduler } from './scheduler.js';

const makers: MakeController[] = [deployments, replicaSets, replicationControllers, scheduler, kubelet];

/** Starts every simulated controller over one API server. What is stored is all they need to go on after a restart. */
export function startControllers(host: ControllerHost): RunningControllers {
  return runControllers(host, makers);
}
