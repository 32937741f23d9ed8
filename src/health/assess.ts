import type { Health, KubeObject } from '../model/index.js';
import { parseApiVersion } from '../model/index.js';
import { generalHealth } from './general/general.js';
import { progressing } from './kinds/answers.js';
import { builtinKinds, isBuiltinGroup } from './kinds/table.js';
import { isStale, isStaleReady, staleMessage } from './observed.js';
import { at, isRecord, list, text } from './read.js';
import { evaluateRules } from './rules/language.js';
import { rulesFor } from './rules/registry.js';
import type { HealthRules } from './user/types.js';

const hookFinalizer = 'argocd.argoproj.io/hook-finalizer';

export interface HealthOptions {
  /** Rules of the user's own, from compileHealthRules; they are asked first. */
  rules?: HealthRules | undefined;
}

/**
 * The health of one live object, from nothing but the object. Null: its kind has none (a ConfigMap), or nobody knows
 * how to read it; such an object is never waited for.
 *
 * Any JSON can come in; nothing is thrown. The order: pending deletion, the user's rules, the kind's own reading,
 * what controllers commonly write. A status written for an older generation of the spec is Progressing.
 */
export function assessHealth(object: KubeObject, options: HealthOptions = {}): Health | null {
  if (!isRecord(object)) return null;
  // A hook keeps its finalizer until the sync has read how it ended, so its end still counts.
  if (at(object, 'metadata.deletionTimestamp') !== undefined && !list(object, 'metadata.finalizers').includes(hookFinalizer))
    return progressing('Pending deletion');
  const { group } = parseApiVersion(text(object, 'apiVersion'));
  const kind = text(object, 'kind');
  const own = options.rules?.assess(object, group, kind);
  if (own) return own;

  const builtin = builtinKinds.get(`${group}/${kind}`);
  if (builtin) {
    const health = builtin(object);
    return health && isStale(object) && health.status !== 'Suspended' ? progressing(staleMessage(object)) : health;
  }
  const rules = rulesFor(group, kind);
  if (rules) {
    if (rules.rules.length === 0) return null;
    if (isStale(object) || isStaleReady(object)) return progressing(staleMessage(object));
    return evaluateRules(rules.rules, object) ?? null;
  }
  return isBuiltinGroup(group) ? null : generalHealth(object);
}
