import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { formatYamlDocuments } from '../../manifest/index.js';
import { EvenkeelError, stringifyJson } from '../../model/index.js';
import { renderPath } from '../../render/index.js';
import { directoryTree } from '../../source/index.js';
import type { CommandContext } from '../context.js';
import { oneLine } from '../output.js';
import { exit } from '../report.js';

export interface RenderCommandOptions {
  output?: 'yaml' | 'json';
  include?: string[];
  exclude?: string[];
}

/** Renders a folder of this machine; no cluster and no state are used. */
export async function renderCommand({ terminal, directory }: CommandContext, path: string, options: RenderCommandOptions): Promise<number> {
  const target = resolve(directory, path);
  if (!existsSync(target))
    throw new EvenkeelError('MANIFEST_PATH_NOT_FOUND', `there is no ${path}`, {
      where: { file: path },
      hint: 'Give a folder or file of this machine, for example: evenkeel render ./k8s',
    });
  const root = repositoryRoot(statSync(target).isDirectory() ? target : dirname(target));
  const { manifests, warnings } = await renderPath({
    tree: directoryTree(root),
    path: relative(root, target),
    include: options.include,
    exclude: options.exclude,
  });
  for (const warning of warnings) terminal.err(`${terminal.style('yellow', 'warning')} ${oneLine(warning)}`);
  const objects = manifests.map((manifest) => manifest.object);
  // The text is for a file or a pipe: it is printed as it is.
  terminal.out(options.output === 'json' ? stringifyJson(objects, 2) : formatYamlDocuments(objects).trimEnd());
  return exit.done;
}

/** The checkout that a folder lies in, so that its manifests may refer to their neighbours; else the folder. */
function repositoryRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return folder;
  }
}
