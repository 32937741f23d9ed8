import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Gitops, type GitopsDependencies, openGitops } from '../../src/gitops/index.js';
import { type Cluster, openCluster } from '../../src/kube/index.js';
import { type KubeObject, systemClock, type Wire, type WireRequest, type WireResponse } from '../../src/model/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { openStore } from '../../src/store/index.js';
import { makeRepository, type TestRepository } from './repository.js';

export interface Lab {
  folder: string;
  repository: TestRepository;
  sandbox: Sandbox;
  cluster: Cluster;
  gitops: Gitops;
  /** Every request since the last `forget`, as `PATCH /api/v1/…`. */
  requests: string[];
  /** Those that would have changed something: no reads, no dry runs. */
  writes(): string[];
  lists(): string[];
  forget(): void;
  get(apiVersion: string, kind: string, name: string, namespace?: string): Promise<KubeObject | undefined>;
  /** Opens another gitops over the same state, as the next process would. */
  reopen(options?: Partial<GitopsDependencies>): Promise<Gitops>;
  close(): Promise<void>;
}

/** A repository, a sandbox in memory, a store on disk, and the gitops module over them. */
export async function makeLab(options: { wire?: (inner: Wire) => Wire; gitops?: Partial<GitopsDependencies> } = {}): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-lab-'));
  const repository = makeRepository(join(folder, 'repository'));
  const sandbox = await createSandbox({ pace: 0 });
  const requests: string[] = [];
  const counted: Wire = async (request: WireRequest): Promise<WireResponse> => {
    requests.push(`${request.method} ${request.path}`);
    return sandbox.wire(request);
  };
  const wire = options.wire?.(counted) ?? counted;
  const open = async (extra: Partial<GitopsDependencies> = {}) =>
    openGitops({
      store: await openStore({ file: join(folder, 'state.db'), clock: systemClock }),
      openCluster: async () => openCluster({ wire, name: 'sandbox' }),
      cacheDirectory: join(folder, 'mirrors'),
      environment: 'controller',
      workingDirectory: folder,
      requestedBy: 'test@lab',
      ...options.gitops,
      ...extra,
    });
  const opened: Gitops[] = [];
  const reopen = async (extra?: Partial<GitopsDependencies>) => {
    const gitops = await open(extra);
    opened.push(gitops);
    return gitops;
  };
  const gitops = await reopen();
  const cluster = openCluster({ wire: sandbox.wire, name: 'sandbox' });
  return {
    folder,
    repository,
    sandbox,
    cluster,
    gitops,
    requests,
    writes: () => requests.filter((r) => !r.startsWith('GET') && !r.includes('dryRun=All')),
    lists: () => requests.filter((r) => r.startsWith('GET') && r.includes('labelSelector')),
    forget: () => requests.splice(0),
    async get(apiVersion, kind, name, namespace = 'default') {
      const slash = apiVersion.indexOf('/');
      const discovery = await cluster.discovery({ refresh: true });
      const resource = discovery.find({ group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind });
      if (resource === undefined) throw new Error(`no type ${apiVersion} ${kind}`);
      return cluster.get(resource, { name, namespace: resource.namespaced ? namespace : undefined });
    },
    reopen,
    async close() {
      for (const one of opened) await one.close();
      await cluster.close();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const configMap = (name: string, data: { [key: string]: string }, extra = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${extra}data: ${JSON.stringify(data)}\n`;

export const deployment = (
  name: string,
  { replicas = 1, image = 'nginx:1.25', extra = '' }: { replicas?: number; image?: string; extra?: string } = {},
) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
${extra}spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - {name: main, image: "${image}"}
`;
