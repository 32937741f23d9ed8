import { isSecret } from '../compare/index.js';
import type { ParseCache } from '../manifest/index.js';
import { type KubeObject, parseJson, stringifyJson } from '../model/index.js';
import type { Store } from '../store/index.js';

/** Parsed files by blob id, so that a file that has not changed is neither read nor parsed again. */
export function parseCache(store: Store): ParseCache {
  return {
    get: (ids) => store.cache.get('manifest', ids),
    put: (entries) => store.cache.put('manifest', entries),
  };
}

/** What was desired when an object was last applied, by hash: the common base of a conflict. */
export function appliedBase(store: Store): (hash: string) => Promise<KubeObject | undefined> {
  return async (hash) => {
    const text = (await store.cache.get('applied', [hash])).get(hash);
    return text === undefined ? undefined : (parseJson(text) as unknown as KubeObject);
  };
}

/** Secrets are not kept: the store holds no secret in clear. */
export async function keepApplied(store: Store, objects: readonly { hash: string; object: KubeObject }[]): Promise<void> {
  const entries = objects
    .filter(({ object }) => !isSecret(object))
    .map(({ hash, object }) => ({ key: hash, value: stringifyJson(object) }));
  if (entries.length > 0) await store.cache.put('applied', entries);
}
