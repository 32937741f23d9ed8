import { equalJson } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import type { Api } from '../rest/api.js';
import { updateObject } from '../rest/write.js';
import { selects } from '../strategy/selector.js';
import type { Loose } from '../strategy/types.js';
import type { PolicyRule } from './rules.js';

const storage = 'clusterroles.rbac.authorization.k8s.io';

/** Keeps the rules of ClusterRoles that gather those of others in step with these. */
export function followAggregation(api: Api): void {
  api.hooks.push((change) => {
    if (change.type.storage === storage) gather(api);
  });
  gather(api);
}

function gather(api: Api): void {
  const roles: Loose[] = [...api.store.keys(storage)].flatMap((key) => {
    const text = api.store.get(storage, key)?.text;
    return text === undefined ? [] : [api.store.parse(text)];
  });
  for (const role of roles) {
    if (!role.aggregationRule) continue;
    const rules = gathered(role, roles);
    if (equalJson(rules, role.rules ?? [])) continue;
    // What this changes is looked at in the hook of the write.
    write(api, role.metadata.name, rules);
    return;
  }
}

function gathered(role: Loose, roles: readonly Loose[]): PolicyRule[] {
  const out: PolicyRule[] = [];
  const named = [...roles].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const selector of role.aggregationRule.clusterRoleSelectors ?? [])
    for (const other of named) {
      if (other.metadata.name === role.metadata.name || !selects(selector, other.metadata.labels ?? {})) continue;
      for (const rule of other.rules ?? []) if (!out.some((known) => equalJson(known, rule))) out.push(rule);
    }
  return out;
}

function write(api: Api, name: string, rules: PolicyRule[]): void {
  const type = api.registry.byStorage(storage) as ResourceType;
  updateObject(
    api,
    { type, namespace: '', name, subresource: '' },
    { dryRun: false, manager: 'clusterrole-aggregation-controller' },
    (live) => ({ next: { ...live, metadata: { ...live.metadata }, rules } }),
  );
}
