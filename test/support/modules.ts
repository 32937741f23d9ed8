import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGitops } from '../../src/gitops/index.js';
import { openCluster } from '../../src/kube/index.js';
import { EvenkeelError, systemClock, systemRandom } from '../../src/model/index.js';
import { createMasker, createModules, type LogEntry, type ModuleHost, type Modules } from '../../src/modules/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { openStore } from '../../src/store/index.js';

export interface ModuleLab {
  folder: string;
  host: ModuleHost;
  modules: Modules;
  /** What was logged. */
  lines: LogEntry[];
  /** Modules of another task of the same run. */
  with(more: Partial<ModuleHost>): Modules;
  close(): Promise<void>;
}

/** Modules over a store of their own in a new folder, over a sandbox in memory, and nobody to ask. */
export async function moduleLab(more: Partial<ModuleHost> = {}): Promise<ModuleLab> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'evenkeel-modules-')));
  const store = await openStore({ file: join(folder, '.evenkeel', 'state.db'), clock: more.clock ?? systemClock });
  const { wire } = await createSandbox({ pace: 0 });
  const cluster = openCluster({ wire, name: 'sandbox' });
  const lines: LogEntry[] = [];
  const gitops = openGitops({
    store,
    openCluster: async () => ({ ...cluster, close: async () => {} }),
    cacheDirectory: join(folder, '.evenkeel', 'repositories'),
    environment: 'person',
    workingDirectory: folder,
    requestedBy: 'ana@desk',
  });
  const host: ModuleHost = {
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    workingDirectory: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    store,
    gitops,
    openCluster: async () => cluster,
    log: (entry) => void lines.push(entry),
    secrets: createMasker(),
    prompt: async () => {
      throw new EvenkeelError('PROMPT_UNANSWERED', 'nobody is here');
    },
    git: { environment: 'person', cacheDirectory: join(folder, '.evenkeel', 'repositories') },
    ...more,
  };
  return {
    folder,
    host,
    modules: createModules(host),
    lines,
    with: (other) => createModules({ ...host, ...other }),
    async close() {
      await gitops.close();
      await cluster.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
