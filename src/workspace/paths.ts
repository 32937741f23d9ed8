import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Files of one workspace. */
export interface WorkspacePaths {
  /** The folder that evenkeel.yaml stands in, or the working directory. */
  root: string;
  config: string | undefined;
  state: string;
  store: string;
  sandbox: string;
  sandboxLink: string;
  sandboxKubeconfig: string;
  repositories: string;
}

export const configNames = ['evenkeel.yaml', 'evenkeel.yml'] as const;

/**
 * Finds the workspace of a folder: the nearest folder upwards that has an evenkeel.yaml or a state folder;
 * else the folder itself.
 * @param state a state folder named by the person, in place of `.evenkeel`
 */
export function findPaths(directory: string, { state, config }: { state?: string; config?: string } = {}): WorkspacePaths {
  const start = resolve(directory);
  let root = start;
  for (let at = start; ; at = dirname(at)) {
    if (configNames.some((name) => existsSync(join(at, name))) || existsSync(join(at, '.evenkeel'))) {
      root = at;
      break;
    }
    if (dirname(at) === at) break;
  }
  const found = configNames.map((name) => join(root, name)).find((path) => existsSync(path));
  const folder = state === undefined ? join(root, '.evenkeel') : resolve(start, state);
  return {
    root,
    config: config === undefined ? found : resolve(start, config),
    state: folder,
    store: join(folder, 'state.db'),
    sandbox: join(folder, 'sandbox.db'),
    sandboxLink: join(folder, 'sandbox.json'),
    sandboxKubeconfig: join(folder, 'sandbox.kubeconfig'),
    repositories: join(folder, 'repositories'),
  };
}
