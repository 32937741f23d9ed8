import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import type { ClusterSelector } from '../gitops/index.js';
import { type Cluster, connectCluster, connectionFor, inCluster, loadKubeconfig, openCluster, parseKubeconfig } from '../kube/index.js';
import { EvenkeelError } from '../model/index.js';
import type { WorkspacePaths } from './paths.js';

export interface ClusterContext {
  paths: WorkspacePaths;
  env: { [name: string]: string | undefined };
  /** Whether an exec plugin of a kubeconfig may ask the person. */
  interactive: boolean;
}

/**
 * Opens the cluster that a workflow names. The sandbox where it names none; a kubeconfig's context only
 * where it is named.
 */
export async function openSelected(selector: ClusterSelector, context: ClusterContext): Promise<Cluster> {
  const { target, kubeconfig } = selector;
  const { env, interactive } = context;
  if (target === 'sandbox') return openSandbox(context);
  if (target === 'in-cluster') return connectCluster(await inCluster({ env }));
  const config = await loadKubeconfig({ path: kubeconfig, env, homeDirectory: homedir() });
  const name = target.startsWith('context:') ? target.slice('context:'.length) : target === 'kubeconfig' ? undefined : target;
  return connectCluster(await connectionFor(config, name, { env, interactive }));
}

/** What `evenkeel sandbox` writes down while it serves. */
export interface SandboxLink {
  pid: number;
  url: string;
  kubeconfig: string;
}

/** The sandbox that another process of this workspace serves; undefined where none does. */
export function readSandboxLink(paths: WorkspacePaths): SandboxLink | undefined {
  let link: SandboxLink;
  try {
    link = JSON.parse(readFileSync(paths.sandboxLink, 'utf8')) as SandboxLink;
  } catch {
    return undefined;
  }
  if (typeof link.pid !== 'number' || typeof link.kubeconfig !== 'string') return undefined;
  if (isAlive(link.pid)) return link;
  // Its process is gone without a word: nobody serves it any more.
  rmSync(paths.sandboxLink, { force: true });
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function openSandbox({ paths, env }: ClusterContext): Promise<Cluster> {
  const link = readSandboxLink(paths);
  if (link !== undefined) {
    let text: string;
    try {
      text = readFileSync(link.kubeconfig, 'utf8');
    } catch (error) {
      throw new EvenkeelError('SANDBOX_UNREACHABLE', `the sandbox is served by pid ${link.pid}, but its kubeconfig cannot be read`, {
        where: { file: link.kubeconfig },
        hint: 'Stop it and start it again: evenkeel sandbox',
        cause: error,
      });
    }
    return connectCluster({
      ...(await connectionFor(parseKubeconfig(text, link.kubeconfig), undefined, {
        env: { ...env, HTTPS_PROXY: undefined, HTTP_PROXY: undefined },
      })),
      name: 'sandbox',
    });
  }
  // The embedded server is read only where it is used.
  const { createSandbox } = await import('../sandbox/index.js');
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  const sandbox = await createSandbox({ file: paths.sandbox });
  return openCluster({ wire: sandbox.wire, name: 'sandbox', concurrency: 64, onClose: () => sandbox.close() });
}
