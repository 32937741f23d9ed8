import { EvenkeelError, sha256 } from '../model/index.js';
import { normaliseUrl } from '../source/index.js';
import type { Workspace } from '../workspace/index.js';

/** Options that say what to sync without a file. */
export interface OneOffOptions {
  repo?: string;
  path?: string;
  branch?: string;
  tag?: string;
  commit?: string;
  cluster?: string;
  kubeconfig?: string;
  namespace?: string;
  createNamespace?: boolean;
  include?: string[];
  exclude?: string[];
  id?: string;
  healthTimeout?: string;
  wait?: boolean;
}

const oneOffOnly = ['path', 'branch', 'tag', 'commit', 'cluster', 'kubeconfig', 'namespace', 'include', 'exclude', 'id'] as const;

/**
 * The workflow that a command line means: the one that it names, the one that `--repo` and its options
 * describe (registered under a name made from them, so that the same command finds it again), or the
 * only one there is.
 * @throws EvenkeelError USAGE
 */
export async function targetWorkflow(workspace: Workspace, name: string | undefined, options: OneOffOptions): Promise<string> {
  return (await target(workspace, name, options)).id;
}

/**
 * The same, for a command that only looks: a workflow that the command line alone describes, and that no sync
 * has made known before, is forgotten again afterwards.
 */
export async function lookAtTarget<T>(
  workspace: Workspace,
  name: string | undefined,
  options: OneOffOptions,
  look: (id: string) => Promise<T>,
): Promise<T> {
  const { id, fresh } = await target(workspace, name, options);
  try {
    return await look(id);
  } finally {
    if (fresh) await workspace.gitops.forgetWorkflow(id);
  }
}

/** A workflow that only this command line describes, and whose source was never read, is not remembered. */
export async function syncTarget<T extends { commitHash: string }>(
  workspace: Workspace,
  name: string | undefined,
  options: OneOffOptions,
  sync: (id: string) => Promise<T>,
): Promise<T> {
  const { id, fresh } = await target(workspace, name, options);
  let known = !fresh;
  try {
    const report = await sync(id);
    known ||= report.commitHash !== '';
    return report;
  } finally {
    if (!known) await workspace.gitops.forgetWorkflow(id);
  }
}

interface Target {
  id: string;
  /** Whether this command has made it known. */
  fresh: boolean;
}

async function target(workspace: Workspace, name: string | undefined, options: OneOffOptions): Promise<Target> {
  const { gitops, declared } = workspace;
  if (options.repo !== undefined) {
    if (name !== undefined) throw new EvenkeelError('USAGE', `give either a workflow ("${name}") or --repo, not both`);
    return oneOff(workspace, options);
  }
  const stray = oneOffOnly.find((option) => options[option] !== undefined);
  if (stray !== undefined) {
    const flag = `--${stray.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
    throw new EvenkeelError('USAGE', `${flag} goes with --repo`, { hint: 'For a workflow of evenkeel.yaml, write the setting there.' });
  }
  if (name !== undefined) return { id: name, fresh: false };
  const known = declared.length > 0 ? declared : (await gitops.listWorkflows()).map((workflow) => workflow.id);
  if (known.length === 1) return { id: known[0] as string, fresh: false };
  throw known.length === 0
    ? new EvenkeelError('USAGE', 'there is no workflow here', {
        hint: 'Give --repo URL --path PATH, or write an evenkeel.yaml with "evenkeel init".',
      })
    : new EvenkeelError('USAGE', `which workflow? There are ${known.join(', ')}`, {
        hint: `Name one after the command, for example ${known[0]}.`,
      });
}

async function oneOff({ gitops, directory }: Pick<Workspace, 'gitops' | 'directory'>, options: OneOffOptions): Promise<Target> {
  const { repo = '', path = '.', kubeconfig, namespace, createNamespace, include, exclude } = options;
  const repository = await gitops.registerRepository({ url: repo, ...refOf(options), ...(hasRef(options) ? {} : { branch: 'HEAD' }) });
  const cluster = clusterOf(options);
  const { url } = normaliseUrl(repo, directory);
  // Another branch, tag or commit is another state of the same thing: it is no part of the name.
  const identity = sha256(JSON.stringify([url, path, cluster, kubeconfig ?? '', namespace ?? ''])).slice(0, 8);
  const last = slug(path, repo);
  const id = options.id ?? `${last}-${identity}`;
  const known = (await gitops.listWorkflows()).find((workflow) => workflow.id === id);
  // The same repository and path under this name are followed elsewhere; anything else under it is refused.
  const replace = known !== undefined && known.repositoryUrl === url && known.targetPath === path;
  const created = await gitops.createWorkflow(
    {
      id,
      name: options.id ?? last,
      repository,
      targetPath: path,
      cluster,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(createNamespace === true ? { createNamespace } : {}),
      ...(include === undefined ? {} : { include }),
      ...(exclude === undefined ? {} : { exclude }),
      syncPolicy: {
        healthCheck: {
          enabled: options.wait !== false,
          ...(options.healthTimeout === undefined ? {} : { timeout: options.healthTimeout }),
        },
      },
    },
    { replace },
  );
  return { id: created, fresh: known === undefined };
}

function hasRef({ branch, tag, commit }: OneOffOptions): boolean {
  return branch !== undefined || tag !== undefined || commit !== undefined;
}

function refOf({ branch, tag, commit }: OneOffOptions) {
  return {
    ...(branch === undefined ? {} : { branch }),
    ...(tag === undefined ? {} : { tag }),
    ...(commit === undefined ? {} : { commit }),
  };
}

function clusterOf({ cluster, kubeconfig }: OneOffOptions): string {
  if (cluster === undefined) return kubeconfig === undefined ? 'sandbox' : 'kubeconfig';
  return cluster === 'sandbox' || cluster === 'in-cluster' ? cluster : `context:${cluster}`;
}

/** A name from the last part of the path, or of the repository where the path is its root. */
function slug(path: string, repo: string): string {
  const parts = [...repo.replace(/(\.git|\.bundle)?\/*$/, '').split(/[/:\\]/), ...path.split('/')].filter(
    (part) => part !== '' && part !== '.',
  );
  const name = (parts[parts.length - 1] ?? 'workflow')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return name === '' ? 'workflow' : name;
}
