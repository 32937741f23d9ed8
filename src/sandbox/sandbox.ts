import { type Random, systemClock, systemRandom, type Wire, type WireRequest, type WireResponse } from '../model/index.js';
import { issuedTokens } from './auth/issued.js';
import { checkAccess } from './auth/rbac.js';
import { administrator, type User } from './auth/types.js';
import { bootstrap } from './bootstrap.js';
import { intercepted } from './intercept.js';
import { createRegistry } from './registry/registry.js';
import { type Api, newUid } from './rest/api.js';
import { storeObject } from './rest/object.js';
import { type Authorizer, route } from './rest/route.js';
import { openFile, type SandboxFile } from './storage/file.js';
import { Store } from './storage/store.js';
import { createAllocator } from './strategy/allocate.js';
import type { Sandbox, SandboxOptions } from './types.js';

/** What serving needs beside the public door. */
export interface SandboxInternals {
  api: Api;
  file: SandboxFile | undefined;
  /** Answers a request of a user. */
  answer(request: WireRequest, user: User): Promise<WireResponse>;
}

const internals = new WeakMap<Sandbox, SandboxInternals>();

export function internalsOf(sandbox: Sandbox): SandboxInternals {
  return internals.get(sandbox) as SandboxInternals;
}

/**
 * Starts an embedded Kubernetes API server.
 * @throws EvenkeelError SANDBOX_BUSY, SANDBOX_FILE_INVALID, SANDBOX_FILE_VERSION
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? pooled(systemRandom);
  const file = options.file === undefined ? undefined : await openFile(options.file, clock);
  const store = new Store(file, file?.rv ?? 1);
  if (file) for (const [resource, key, rv] of file.keys()) store.restore(resource, key, rv, () => file.text(resource, key));
  store.sealHistory();
  const api: Api = {
    store,
    registry: createRegistry(),
    clock,
    random,
    host: {
      now: () => clock.now(),
      uid: () => newUid(random),
      read(storage, key) {
        const entry = store.get(storage, key);
        return entry && store.parse(entry.text);
      },
      list: (storage, namespace) => store.keys(storage, namespace).map((key) => store.parse(store.get(storage, key)?.text ?? '{}')),
      replace(storage, object) {
        const type = api.registry.byStorage(storage);
        if (type) storeObject(api, type, object);
      },
      // The API server waits for the account that a controller makes in each new namespace.
      provides: (storage, key) => options.controllers !== false && storage === 'serviceaccounts.' && key.endsWith('/default'),
      allocate: createAllocator(store, random),
    },
    tokens: issuedTokens(signingKey(file, random), clock),
    hooks: [],
  };
  const stop = bootstrap(api, options);
  const authorizer: Authorizer = { check: (user, info) => checkAccess(api, user, info) };
  const handle = (request: WireRequest, user: User) => route(api, authorizer, request, user);
  const { intercept } = options;
  const answer = intercept ? intercepted(intercept, handle) : handle;
  const wire: Wire = (request) => answer(request, administrator);
  const sandbox: Sandbox = {
    wire,
    settle: () => stop.settle(),
    async close() {
      stop.stop();
      file?.close();
    },
  };
  internals.set(sandbox, { api, file, answer });
  return sandbox;
}

/** The key that service account tokens are signed with, the same for as long as the file is. */
function signingKey(file: SandboxFile | undefined, random: Random): Uint8Array {
  const kept = file?.meta('signing-key');
  if (kept !== undefined) return Buffer.from(kept, 'base64');
  const key = random(32);
  file?.setMeta('signing-key', Buffer.from(key).toString('base64'));
  return key;
}

/** Random bytes drawn in bulk: a call for each object costs more than the object's identity is worth. */
function pooled(source: Random): Random {
  let pool: Uint8Array = new Uint8Array(0);
  let at = 0;
  return (bytes) => {
    if (bytes > 1024) return source(bytes);
    if (at + bytes > pool.length) {
      pool = source(4096);
      at = 0;
    }
    at += bytes;
    return pool.slice(at - bytes, at);
  };
}
