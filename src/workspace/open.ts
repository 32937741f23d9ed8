import { hostname, userInfo } from 'node:os';
import { type ClusterSelector, type Gitops, openGitops } from '../gitops/index.js';
import { assessHealth, compileHealthRules } from '../health/index.js';
import type { Cluster } from '../kube/index.js';
import { type Clock, systemClock, systemRandom } from '../model/index.js';
import type { ModuleHost } from '../modules/index.js';
import { openStore, type Store } from '../store/index.js';
import { openSelected } from './clusters.js';
import { applyConfig, readConfig } from './config-file.js';
import { findPaths, type WorkspacePaths } from './paths.js';

export interface WorkspaceOptions {
  /** Folder to begin at. Default: the working directory. */
  directory?: string;
  /** State folder in place of `.evenkeel`. */
  state?: string;
  /** Configuration file in place of `evenkeel.yaml`. */
  config?: string;
  env?: { [name: string]: string | undefined };
  environment?: 'person' | 'controller';
  /** Where relative paths of repositories begin. Default: `directory`. */
  workingDirectory?: string;
  interactive?: boolean;
  requestedBy?: string;
  clock?: Clock;
}

export interface Workspace {
  /** Folder that it was opened from: relative paths of repositories begin here. */
  directory: string;
  gitops: Gitops;
  /** Closed together with the workspace. */
  store: Store;
  requestedBy: string;
  /** What the modules of scripts work on here; whoever runs a script adds the rest and calls createModules. */
  moduleHost: Pick<ModuleHost, 'clock' | 'random' | 'store' | 'gitops' | 'openCluster' | 'assess' | 'git'>;
  paths: WorkspacePaths;
  /** Ids of the workflows that the configuration file declares. */
  declared: string[];
  close(): Promise<void>;
}

/** Opens the workspace of a folder: its state, what its evenkeel.yaml declares, and its clusters when they are used. */
export async function openWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const { directory = process.cwd(), env = {}, environment = 'person', interactive = false, clock = systemClock } = options;
  const paths = findPaths(directory, options);
  const config = paths.config === undefined ? undefined : readConfig(paths.config);
  const rules = config?.health_rules === undefined ? undefined : await compileHealthRules(config.health_rules);
  const store = await openStore({ file: paths.store, clock });
  const requestedBy = options.requestedBy ?? `${userName()}@${hostname()}`;
  const clusters = sharedClusters((selector) => openSelected(selector, { paths, env, interactive }));
  const assess: NonNullable<ModuleHost['assess']> = (object) => assessHealth(object, { rules });
  const gitops = openGitops({
    store,
    // Scripts use the same clusters, so they are closed when all is over.
    openCluster: async (selector) => ({ ...(await clusters.open(selector)), close: async () => {} }),
    cacheDirectory: paths.repositories,
    environment,
    workingDirectory: options.workingDirectory ?? directory,
    requestedBy,
    clock,
    assess,
    commandEnvironment: commandEnvironment(env, environment),
    commandDirectory: paths.root,
  });
  const close = async () => {
    await gitops.close();
    await clusters.close();
  };
  try {
    if (config !== undefined && paths.config !== undefined) await applyConfig(config, gitops, { path: paths.config, env });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    directory,
    gitops,
    store,
    requestedBy,
    moduleHost: {
      clock,
      random: systemRandom,
      store,
      gitops,
      openCluster: clusters.open,
      assess,
      git: { environment, cacheDirectory: paths.repositories },
    },
    paths,
    declared: (config?.workflows ?? []).map((workflow) => workflow.id),
    close,
  };
}

/** Each cluster is opened once, however many ask for it. */
function sharedClusters(open: (selector: ClusterSelector) => Promise<Cluster>) {
  const opened = new Map<string, Promise<Cluster>>();
  return {
    open(selector: ClusterSelector): Promise<Cluster> {
      const key = JSON.stringify([selector.target, selector.kubeconfig ?? '']);
      let cluster = opened.get(key);
      if (cluster === undefined) {
        cluster = open(selector);
        opened.set(key, cluster);
        // One that could not be reached is asked again the next time.
        cluster.catch(() => opened.delete(key));
      }
      return cluster;
    },
    async close(): Promise<void> {
      for (const cluster of opened.values()) await cluster.then((one) => one.close()).catch(() => {});
      opened.clear();
    },
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** A person's commands see what the person's shell has; a controller's see where programs are and nothing else. */
function commandEnvironment(env: { [name: string]: string | undefined }, environment: 'person' | 'controller'): { [name: string]: string } {
  const kept = environment === 'person' ? Object.keys(env) : ['PATH', 'HOME', 'LANG', 'TZ'];
  const out: { [name: string]: string } = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
  for (const name of kept) if (env[name] !== undefined) out[name] = env[name];
  return out;
}
