import type { Health } from '../../model/index.js';
import { at, conditionsAt, findCondition, list, number, text } from '../read.js';
import { degraded, healthy, progressing, unknown } from './answers.js';

const waitingForTrouble = /^Err|Error$|BackOff$/;
const ignoreRestartPolicy = ['metadata', 'annotations', 'argocd.argoproj.io/ignore-restart-policy'];
const hooks = ['argocd.argoproj.io/hook', 'helm.sh/hook'];

/**
 * A pod that is meant to run for ever is Healthy when ready. One that is meant to end is Progressing until it
 * has, even while its image cannot be pulled: that may still pass, and the pod would then run after all.
 * The annotation argocd.argoproj.io/ignore-restart-policy makes such a pod count as one that stays, unless it is a hook.
 */
export function podHealth(object: unknown): Health {
  const policy = text(object, 'spec.restartPolicy');
  const stays = policy === 'Always' || (at(object, ignoreRestartPolicy) === 'true' && !isHook(object));
  const containers = list(object, 'status.containerStatuses');
  const message = text(object, 'status.message');
  if (stays) {
    const stuck = containers.filter((c) => waitingForTrouble.test(text(c, 'state.waiting.reason')));
    if (stuck.length > 0) return degraded(stuck.map((c) => text(c, 'state.waiting.message') || text(c, 'state.waiting.reason')).join(', '));
  }
  switch (text(object, 'status.phase')) {
    case 'Pending':
      return progressing(message || pendingReason(object));
    case 'Succeeded':
      return healthy(message);
    case 'Failed':
      return degraded(message || failureOf([...list(object, 'status.initContainerStatuses'), ...containers]));
    case 'Running':
      if (stays) {
        if (findCondition(conditionsAt(object), 'Ready')?.status === 'True') return healthy(message);
        if (containers.some((c) => at(c, 'lastState.terminated') !== undefined))
          return degraded(message || 'A container ended and was restarted');
        return progressing(message || 'Waiting for the pod to be ready');
      }
      if (policy === 'OnFailure' || policy === 'Never') return progressing(message || 'Waiting for the pod to end');
      return unknown(message);
    default:
      return unknown(message);
  }
}

function isHook(object: unknown): boolean {
  return hooks.some((name) => {
    const value = at(object, ['metadata', 'annotations', name]);
    return value !== undefined && value !== 'Skip';
  });
}

function pendingReason(object: unknown): string {
  const scheduled = findCondition(conditionsAt(object), 'PodScheduled');
  if (scheduled?.status === 'False') return scheduled.message || scheduled.reason;
  for (const c of [...list(object, 'status.initContainerStatuses'), ...list(object, 'status.containerStatuses')]) {
    const reason = text(c, 'state.waiting.reason');
    if (reason !== '') return `${text(c, 'name')}: ${reason}`;
  }
  return 'Waiting for the pod to start';
}

function failureOf(containers: readonly unknown[]): string {
  for (const c of containers) {
    const ended = at(c, 'state.terminated');
    const message = text(ended, 'message');
    if (message !== '') return message;
    if (text(ended, 'reason') === 'OOMKilled') return `Container ${text(c, 'name')} ran out of memory (OOMKilled)`;
    const code = number(ended, 'exitCode') ?? 0;
    if (code !== 0) return `Container ${text(c, 'name')} failed with exit code ${code}`;
  }
  return '';
}
