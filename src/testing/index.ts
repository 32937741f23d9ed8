/**
 * The public entry for tests: a Kubernetes API server in this process.
 *
 * ```ts
 * import { startSandbox } from 'evenkeel/testing';
 *
 * const sandbox = await startSandbox({ clock: 'stepped' });
 * await sandbox.seed('./k8s');
 * await sandbox.waitFor({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', condition: 'Available' });
 * await sandbox.close();
 * ```
 */
export { startSandbox } from './start.js';
export type {
  ApplyHelperOptions,
  Behaviour,
  Fault,
  FaultAction,
  FaultRule,
  Faults,
  ListHelperOptions,
  Pattern,
  RecordedRequest,
  RequestMatch,
  Seed,
  Served,
  TestSandbox,
  TestSandboxOptions,
  WaitCondition,
} from './types.js';
