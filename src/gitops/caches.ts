import { isSecret } from '../compare/index.js';
import type { ParseCache } from '../manifest/index.js';
import { type KubeObject, parseJson, stringifyJson } from '../model/index.js';
import type { Store } from '../store/index.js';

/** Entries written in one go: few enough that requests under way are not held up. */
const chunk = 250;

export interface LazyCache extends ParseCache {
  /** Writes what was put, in pieces between other work. Never fails: a lost cache costs time and nothing else. */
  flush(): Promise<void>;
}

/**
 * Parsed files by blob id, so that a file that has not changed is neither read nor parsed again. What is put
 * is kept in memory until `flush`, which is called when there is time: a cache is not worth waiting for.
 */
export function parseCache(store: Store): LazyCache {
  let pending: { key: string; value: string }[] = [];
  let writing: Promise<void> = Promise.resolve();
  return {
    get: (ids) => store.cache.get('manifest', ids),
    async put(entries) {
      pending.push(...entries);
    },
    flush() {
      const entries = pending;
      pending = [];
      writing = writing
        .then(async () => {
          for (let from = 0; from < entries.length; from += chunk) {
            await new Promise((resolve) => setImmediate(resolve));
            await store.cache.put('manifest', entries.slice(from, from + chunk));
          }
        })
        .catch(() => {});
      return writing;
    },
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
