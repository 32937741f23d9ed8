import { AsyncLocalStorage } from 'node:async_hooks';
import type { TaskContext, TaskLog } from '../types.js';

/** Who is at work: a script's top level, or one of its tasks. */
export interface Scope {
  /** Undefined at the top level of a script. */
  task?: TaskContext;
  log: TaskLog;
}

const scopes = new AsyncLocalStorage<Scope>();

/** Within `body`, and all that it starts, `currentScope` is this one. */
export function withScope<T>(scope: Scope, body: () => T): T {
  return scopes.run(scope, body);
}

/** The task or script on whose behalf the caller runs; undefined outside of one. */
export function currentScope(): Scope | undefined {
  return scopes.getStore();
}
