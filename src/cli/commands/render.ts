import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { EvenkeelError, stringifyJson } from '../../model/index.js';
import { type Rendered, type RenderInput, remoteBases, renderPath } from '../../render/index.js';
import { directoryTree, openSource, type Source } from '../../source/index.js';
import { findPaths } from '../../workspace/index.js';
import type { CommandContext } from '../context.js';
import { oneLine } from '../output.js';
import { exit } from '../report.js';

export interface RenderCommandOptions {
  output?: 'yaml' | 'json';
  include?: string[];
  exclude?: string[];
  loadRestrictor?: 'root' | 'none';
  reorder?: 'none' | 'legacy';
  remoteBases?: 'allow' | 'refuse';
}

/** Renders a folder of this machine; no cluster and no state are used. */
export async function renderCommand(context: CommandContext, path: string, options: RenderCommandOptions): Promise<number> {
  const { terminal, directory } = context;
  const target = resolve(directory, path);
  if (!existsSync(target))
    throw new EvenkeelError('MANIFEST_PATH_NOT_FOUND', `there is no ${path}`, {
      where: { file: path },
      hint: 'Give a folder or file of this machine, for example: evenkeel render ./k8s',
    });
  const remotes = openRemotes(context);
  try {
    const rendered = await renderWithin(target, {
      include: options.include,
      exclude: options.exclude,
      kustomize: {
        loadRestrictor: options.loadRestrictor,
        reorder: options.reorder,
        fetchRemote: options.remoteBases === 'refuse' ? undefined : remotes.fetch,
      },
      check: false,
    });
    for (const warning of rendered.warnings) terminal.err(`${terminal.style('yellow', 'warning')} ${oneLine(warning)}`);
    for (const { url, ref, revision } of rendered.remotes)
      terminal.err(`${terminal.style('dim', 'base')} ${oneLine(`${url} ${ref === '' ? 'HEAD' : ref} is ${revision}`)}`);
    // The text is for a file or a pipe: it is printed as it is.
    if (options.output === 'json')
      terminal.out(
        stringifyJson(
          rendered.manifests.map((manifest) => manifest.object),
          2,
        ),
      );
    else terminal.raw(rendered.format());
    return exit.done;
  } finally {
    await remotes.close();
  }
}

/** Repositories of bases, mirrored in the state folder where there is one, else for the time of the command. */
function openRemotes({ directory, env, signal }: CommandContext) {
  const { state, repositories } = findPaths(directory);
  let temporary: string | undefined;
  const opened: Source[] = [];
  const open = (url: string): Source => {
    if (!existsSync(state)) temporary ??= mkdtempSync(join(tmpdir(), 'evenkeel-bases-'));
    const source = openSource({ url, cacheDirectory: temporary ?? repositories, environment: 'person', env });
    opened.push(source);
    return source;
  };
  return {
    fetch: remoteBases({ open, signal }),
    async close() {
      for (const source of opened) await source.close();
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/**
 * Renders a folder as a part of its checkout. Outside of one, bases may lie anywhere, and the folder is looked
 * at from as far up as it takes.
 */
async function renderWithin(target: string, options: Omit<RenderInput, 'tree' | 'path'>): Promise<Rendered> {
  const folder = statSync(target).isDirectory() ? target : dirname(target);
  const checkout = repositoryRoot(folder);
  for (let root = checkout ?? folder; ; root = dirname(root)) {
    try {
      return await renderPath({ ...options, tree: directoryTree(root), path: relative(root, target) });
    } catch (error) {
      const outside = error instanceof EvenkeelError && error.details['outside'] === true;
      if (!outside || checkout !== undefined || dirname(root) === root) throw error;
    }
  }
}

/** The checkout that a folder lies in, so that its manifests may refer to their neighbours. */
function repositoryRoot(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}
