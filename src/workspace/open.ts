import { hostname, userInfo } from 'node:os';
import { type Gitops, openGitops } from '../gitops/index.js';
import { assessHealth, compileHealthRules } from '../health/index.js';
import { type Clock, systemClock } from '../model/index.js';
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
  interactive?: boolean;
  requestedBy?: string;
  clock?: Clock;
}

export interface Workspace {
  gitops: Gitops;
  /** Closed together with the workspace. */
  store: Store;
  requestedBy: string;
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
  const gitops = openGitops({
    store,
    openCluster: (selector) => openSelected(selector, { paths, env, interactive }),
    cacheDirectory: paths.repositories,
    environment,
    workingDirectory: directory,
    requestedBy,
    clock,
    ...(rules === undefined ? {} : { assess: (object) => assessHealth(object, { rules }) }),
  });
  try {
    if (config !== undefined && paths.config !== undefined) await applyConfig(config, gitops, { path: paths.config, env });
  } catch (error) {
    await gitops.close();
    throw error;
  }
  return {
    gitops,
    store,
    requestedBy,
    paths,
    declared: (config?.workflows ?? []).map((workflow) => workflow.id),
    close: () => gitops.close(),
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
