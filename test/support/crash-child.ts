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

/** What changes nothing that the next process reads is no step: removing nothing, and saying how far a run is. */
const isStep = (name: string, args: unknown[]) => {
  if (name === 'remove') return (args.at(-1) as unknown[]).length > 0;
  const record = args[0] as { status?: string; message?: string } | undefined;
  return !(name === 'put' && record?.status === 'running' && record.message !== 'Sync is running');
};

/** Runs a writing method and counts it when it is done. */
function counted<T extends object>(target: T, writes: readonly string[], counts: (name: string, args: unknown[]) => boolean): T {
  return new Proxy(target, {
    get(object, name) {
      const value = Reflect.get(object, name) as unknown;
      if (typeof value !== 'function') return value;
      const method = (value as (...args: unknown[]) => unknown).bind(object);
      if (!writes.includes(String(name))) return method;
      return async (...args: unknown[]) => {
        const result = await method(...args);
        if (counts(String(name), args)) step();
        return result;
      };
    },
  });
}

const writes = ['put', 'create', 'remove', 'addResources', 'append'];

function countedStore(store: Store): Store {
  const rooms = {
    runs: counted(store.runs, writes, isStep),
    inventory: counted(store.inventory, writes, isStep),
    documents: counted(store.documents, writes, isStep),
    audit: counted(store.audit, writes, isStep),
  };
  return new Proxy(store, { get: (object, name) => rooms[name as keyof typeof rooms] ?? Reflect.get(object, name) });
}

const text = readFileSync(options.kubeconfig, 'utf8');
const connection = await connectionFor(parseKubeconfig(text, options.kubeconfig), undefined, { env: {} });
const real = connectCluster({ ...connection, name: 'sandbox' });
const isReal = (_name: string, args: unknown[]) => !args.some((arg) => (arg as { dryRun?: boolean } | undefined)?.dryRun === true);
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
