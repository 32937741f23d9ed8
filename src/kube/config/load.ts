import { readFile as readFileFromDisk } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { EvenkeelError } from '../../model/index.js';
import { parseKubeconfig } from './parse.js';
import type { Kubeconfig } from './types.js';

/** Reads a whole file as text; rejects with Node's error codes. */
export type ReadFile = (path: string) => Promise<string>;

export const readTextFile: ReadFile = (path) => readFileFromDisk(path, 'utf8');

export interface LoadKubeconfigOptions {
  /** One file, instead of where kubectl looks; it must exist. */
  path?: string;
  /** KUBECONFIG is read from it. */
  env: { [name: string]: string | undefined };
  homeDirectory?: string;
  readFile?: ReadFile;
}

/**
 * The kubeconfig, found and merged as kubectl does: `path` alone; or the files in KUBECONFIG, of which
 * the first to name something wins and missing ones are passed over; or ~/.kube/config.
 * @throws EvenkeelError KUBE_CONFIG_NOT_FOUND where no file exists, KUBE_CONFIG_INVALID
 */
export async function loadKubeconfig(options: LoadKubeconfigOptions): Promise<Kubeconfig> {
  const { path, env, homeDirectory, readFile = readTextFile } = options;
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((p) => p !== '');
  const usual = homeDirectory === undefined ? [] : [join(homeDirectory, '.kube', 'config')];
  const candidates = (path !== undefined ? [path] : listed.length > 0 ? [...new Set(listed)] : usual).map((p) => resolve(p));
  const found: Kubeconfig[] = [];
  for (const file of candidates) {
    const text = await readIfThere(file, readFile);
    if (text !== undefined) found.push(parseKubeconfig(text, file));
  }
  if (found.length === 0)
    throw new EvenkeelError(
      'KUBE_CONFIG_NOT_FOUND',
      `There is no kubeconfig${candidates.length > 0 ? ` at ${candidates.join(', ')}` : ''}`,
      {
        where: candidates[0] === undefined ? {} : { file: candidates[0] },
        hint: 'Set KUBECONFIG to a kubeconfig file, or name one in the command.',
      },
    );
  return merge(found);
}

async function readIfThere(file: string, readFile: ReadFile): Promise<string | undefined> {
  try {
    return await readFile(file);
  } catch (thrown) {
    const code = (thrown as { code?: string }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new EvenkeelError('KUBE_CONFIG_INVALID', `The kubeconfig ${file} cannot be read (${code ?? 'unknown reason'})`, {
      where: { file },
      cause: thrown,
      hint: 'Check the permissions of the file.',
    });
  }
}

/** Whole entries: the first file that has a context, cluster or user of a name has all of it. */
function merge(found: readonly Kubeconfig[]): Kubeconfig {
  const first = <T>(pick: (config: Kubeconfig) => ReadonlyMap<string, T>) =>
    new Map([...found].reverse().flatMap((config) => [...pick(config)]));
  const currentContext = found.find((config) => config.currentContext !== undefined)?.currentContext;
  return {
    ...(currentContext === undefined ? {} : { currentContext }),
    contexts: first((c) => c.contexts),
    clusters: first((c) => c.clusters),
    users: first((c) => c.users),
    files: found.flatMap((c) => c.files),
  };
}
