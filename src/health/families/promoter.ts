import type { Health } from '../../model/index.js';
import { degraded, healthy, progressing } from '../kinds/answers.js';
import { list, text } from '../read.js';

/** GitOps Promoter: one environment's change, from the commit that is active to the one that is proposed. */
export function changeTransferHealth(object: unknown): Health {
  const active = text(object, 'status.active.dry.sha');
  const proposed = text(object, 'status.proposed.dry.sha');
  if (active === '') return progressing('Waiting for the active commit to be known');
  if (proposed === '') return progressing('Waiting for the proposed commit to be known');
  if (active !== proposed)
    return progressing(`Promoting ${short(proposed)} over ${short(active)}: ${checks(list(object, 'status.proposed.commitStatuses'))}`);
  return healthy(`At commit ${short(active)}: ${checks(list(object, 'status.active.commitStatuses'))}`);
}

/** All environments of a strategy: the first that is not at its proposed commit is what is waited for. */
export function promotionHealth(object: unknown): Health {
  const environments = list(object, 'status.environments');
  if (environments.length === 0) return degraded('No environments are configured');
  for (const environment of environments) {
    const branch = text(environment, 'branch');
    if (text(environment, 'active.dry.sha') === '') return progressing(`Waiting for the active commit of ${branch} to be known`);
    if (hydrated(environment) === '') return progressing(`Waiting for the proposed commit of ${branch} to be known`);
  }
  if (new Set(environments.map(hydrated)).size > 1) return progressing('Waiting for all environments to propose the same commit');
  for (const environment of environments) {
    const active = text(environment, 'active.dry.sha');
    const proposed = text(environment, 'proposed.dry.sha');
    if (active !== proposed) {
      const state = checks(list(environment, 'proposed.commitStatuses'));
      return progressing(`Promoting ${short(proposed)} over ${short(active)} in ${text(environment, 'branch')}: ${state}`);
    }
  }
  return healthy(`All environments are at commit ${short(text(environments[0], 'active.dry.sha'))}`);
}

function hydrated(environment: unknown): string {
  return text(environment, 'proposed.note.drySha') || text(environment, 'proposed.dry.sha');
}

function checks(statuses: readonly unknown[]): string {
  const keys = (phase: string) => statuses.filter((s) => text(s, 'phase') === phase).map((s) => text(s, 'key'));
  const [pending, failed] = [keys('pending'), keys('failure')];
  const parts = [`${keys('success').length} checks passed`];
  if (pending.length > 0) parts.push(`waiting for ${pending.join(', ')}`);
  if (failed.length > 0) parts.push(`failed: ${failed.join(', ')}`);
  return parts.join('; ');
}

function short(sha: string): string {
  return sha.slice(0, 7);
}
