import type { Health } from '../../model/index.js';
import { degraded, healthy, progressing } from '../kinds/answers.js';
import { isStaleCondition } from '../observed.js';
import { at, type Condition, conditionsAt, findCondition, list, number, text } from '../read.js';

/** A route of the Gateway API: every gateway that has looked at the spec that stands accepts it. */
export function routeHealth(object: unknown): Health {
  let seen = false;
  for (const parent of list(object, 'status.parents')) {
    const conditions = conditionsAt(parent, 'conditions');
    if (conditions.length === 0 || conditions.some((c) => isStaleCondition(object, c))) continue;
    seen = true;
    const trouble = judge(conditions, `Parent ${text(parent, 'parentRef.name')}: `);
    if (trouble) return trouble;
  }
  return seen ? healthy() : progressing('Waiting for a gateway to look at the route');
}

/** A gateway and each of its listeners. */
export function gatewayHealth(object: unknown): Health {
  const own = conditionsAt(object);
  const listeners = list(object, 'status.listeners');
  if (own.some((c) => isStaleCondition(object, c))) return progressing('Waiting for the new spec to be seen');
  const trouble = judge(own, '');
  if (trouble) return trouble;
  for (const listener of listeners) {
    const found = judge(conditionsAt(listener, 'conditions'), `Listener ${text(listener, 'name')}: `);
    if (found) return found;
  }
  return at(object, 'status.conditions') !== undefined || listeners.length > 0
    ? healthy()
    : progressing('Waiting for a controller to report');
}

function judge(conditions: readonly Condition[], where: string): Health | undefined {
  for (const type of ['ResolvedRefs', 'Accepted']) {
    const found = conditions.find((c) => c.type === type && c.status === 'False');
    if (found) return degraded(where + (found.message || found.reason || `${type} is False`));
  }
  const open = conditions.find((c) => c.type === 'Programmed' && c.status !== 'True');
  return open && progressing(where + (open.message || 'Waiting to be programmed'));
}

/**
 * A policy that is attached to others: each ancestor has seen it and accepts it. Strict: an ancestor that does not say for
 * which generation it speaks has not seen it, and one that does not say that it accepts refuses.
 */
export function policyHealth(object: unknown, options: { strict?: boolean } = {}): Health {
  const ancestors = list(object, 'status.ancestors').map((ancestor) => ({
    where: `Ancestor ${text(ancestor, 'ancestorRef.name')}: `,
    conditions: conditionsAt(ancestor, 'conditions'),
  }));
  const generation = number(object, 'metadata.generation');
  let accepted = false;
  for (const { where, conditions } of ancestors) {
    const unseen = (c: Condition) =>
      generation !== undefined && (c.observedGeneration === undefined ? options.strict === true : c.observedGeneration !== generation);
    if (conditions.some(unseen)) return progressing(`${where}waiting for it to see the new spec`);
  }
  for (const { where, conditions } of ancestors) {
    const bad = conditions.find((c) => (c.type === 'Accepted' || c.type === 'ResolvedRefs') && c.status !== 'True');
    if (bad) return degraded(where + (bad.message || bad.reason));
    if (findCondition(conditions, 'Accepted')) accepted = true;
    else if (options.strict) return degraded(`${where}the policy is not accepted`);
  }
  return accepted ? healthy() : progressing('Waiting for the policy to be accepted');
}
