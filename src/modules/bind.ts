import { AsyncLocalStorage } from 'node:async_hooks';
import { EvenkeelError } from '../model/index.js';
import type { Modules } from './create.js';
import { moduleDescriptions } from './descriptions.js';

/**
 * Which modules a script's imports stand for. A script may import another copy of this package than the one
 * that runs it (its own node_modules), so the copies find each other here.
 */
const shared = Symbol.for('evenkeel.modules.1');

function storage(): AsyncLocalStorage<Modules> {
  const holder = globalThis as { [shared]?: AsyncLocalStorage<Modules> };
  holder[shared] ??= new AsyncLocalStorage();
  return holder[shared];
}

/** Runs a function, and all that it starts, with `import { log, exec } from 'evenkeel'` standing for these modules. */
export function withModules<T>(modules: Modules, action: () => T): T {
  return storage().run(modules, action);
}

/** Functions that call the modules of the run that they are called in. @throws EvenkeelError TASK_OUTSIDE_RUN */
function forwarding<M extends keyof Modules>(module: M): Modules[M] {
  const functions = moduleDescriptions[module].functions as { [name: string]: unknown };
  const forward =
    (name: string) =>
    (...args: unknown[]) => {
      const modules = storage().getStore();
      if (modules === undefined)
        throw new EvenkeelError('TASK_OUTSIDE_RUN', `${module}.${name} was called outside of a run`, {
          hint: 'Run the script with "evenkeel run FILE". In a program of your own, open a workspace (openWorkspace) and make them with createModules.',
        });
      return (modules[module] as unknown as { [name: string]: (...args: unknown[]) => unknown })[name]?.(...args);
    };
  return Object.freeze(Object.fromEntries(Object.keys(functions).map((name) => [name, forward(name)]))) as unknown as Modules[M];
}

export const gitops = forwarding('gitops');
export const log = forwarding('log');
export const exec = forwarding('exec');
export const fs = forwarding('fs');
export const net = forwarding('net');
export const data = forwarding('data');
export const values = forwarding('values');
export const state = forwarding('state');
export const template = forwarding('template');
export const kubernetes = forwarding('kubernetes');
export const ai = forwarding('ai');
export const notifications = forwarding('notifications');
export const git = forwarding('git');
export const metrics = forwarding('metrics');
export const prompt = forwarding('prompt');
