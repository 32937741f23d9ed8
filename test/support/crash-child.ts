/**
 * A process that syncs and is killed by its own hand after the n-th thing that it wrote, to the cluster or to
 * the store: as if the machine had lost power there. Ends with status 0 where it came to its end first.
 */
import { readFileSync } from 'node:fs';
import { openGitops } from '../../src/gitops/index.js';
import { type Cluster, connectCluster, connectionFor, parseKubeconfig } from '../../src/kube/index.js';
import { systemClock } from '../../src/model/index.js';
import { openStore, type Store } from '../../src/store/index.js';

interface Options {
  folder: string;
  cache: string;
  store: string;
  kubeconfig: string;
  workflow: string;
  killAfter: number;
}

const options = JSON.parse(process.argv[2] as string) as Options;
let steps = 0;

function step(): void {
  if (++steps === options.killAfter) process.kill(process.pid, 'SIGKILL');
}

/** Runs a writing method and counts it when it is done. */
function counted<T extends object>(target: T, writes: readonly string[], counts: (args: unknown[]) => boolean = () => true): T {
  return new Proxy(target, {
    get(object, name) {
      const value = Reflect.get(object, name) as unknown;
      if (typeof value !== 'function') return value;
      const method = (value as (...args: unknown[]) => unknown).bind(object);
      if (!writes.includes(String(name))) return method;
      return async (...args: unknown[]) => {
        const result = await method(...args);
        if (counts(args)) step();
        return result;
      };
    },
  });
}

const writes = ['put', 'create', 'remove', 'addResources', 'append', 'trim'];

function countedStore(store: Store): Store {
  const rooms = {
    runs: counted(store.runs, writes),
    inventory: counted(store.inventory, writes),
    documents: counted(store.documents, writes),
    audit: counted(store.audit, writes),
  };
  return new Proxy(store, { get: (object, name) => rooms[name as keyof typeof rooms] ?? Reflect.get(object, name) });
}

const text = readFileSync(options.kubeconfig, 'utf8');
const connection = await connectionFor(parseKubeconfig(text, options.kubeconfig), undefined, { env: {} });
const real = connectCluster({ ...connection, name: 'sandbox' });
const isReal = (args: unknown[]) => !args.some((arg) => (arg as { dryRun?: boolean } | undefined)?.dryRun === true);
const cluster: Cluster = counted(real, ['apply', 'create', 'replace', 'patch', 'delete'], isReal);
const gitops = openGitops({
  store: countedStore(await openStore({ file: options.store, clock: systemClock })),
  openCluster: async () => cluster,
  cacheDirectory: options.cache,
  environment: 'controller',
  workingDirectory: options.folder,
  requestedBy: 'child@lab',
});
await gitops.syncWorkflow(options.workflow, { reason: 'crash test' });
await gitops.close();
