import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { EvenkeelError, nearest, printable } from '../model/index.js';
import { readText } from './read.js';

/** A file that a script requires. */
export interface RequiredFile {
  /** How errors call it: its path from the script's folder. */
  chunk: string;
  source: string;
}

/**
 * Finds the file that `require(name)` means: beside who requires it, or in the folder of the script, and never outside
 * of that folder. `lib.words` and `lib/words` are `lib/words.lua` or `lib/words/init.lua`.
 * @param root the folder of the script
 * @param caller the chunk that requires it
 * @throws EvenkeelError LUA_MODULE_NOT_FOUND
 */
export async function findRequired(options: {
  root: string;
  name: string;
  caller: string | undefined;
  modules: readonly string[];
}): Promise<RequiredFile> {
  const { root, name, caller, modules } = options;
  const path = /[/\\]/.test(name) ? name.replace(/\.lua$/, '') : name.replace(/\.lua$/, '').replaceAll('.', '/');
  const folders = [...new Set([caller === undefined || isAbsolute(caller) ? root : dirname(join(root, caller)), root])];
  const top = await realpath(root);
  for (const folder of folders)
    for (const candidate of [`${path}.lua`, `${path}/init.lua`]) {
      const file = resolve(folder, candidate);
      if (name.includes('\0') || !(await isFile(file))) continue;
      const real = await realpath(file);
      if (!real.startsWith(top + sep)) throw notFound(name, `"${printable(name)}" lies outside of the folder of the script`);
      return { chunk: relative(top, real).replaceAll(sep, '/'), source: await readText(real) };
    }
  const near = nearest(name, modules);
  throw notFound(
    name,
    `there is no module and no file "${printable(name.slice(0, 200))}"`,
    near === undefined
      ? `The modules are ${[...modules].sort().join(', ')}; files are looked for beside the script.`
      : `Did you mean "${near}"?`,
  );
}

const isFile = (file: string) =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  );

function notFound(name: string, message: string, hint?: string): EvenkeelError {
  return new EvenkeelError('LUA_MODULE_NOT_FOUND', message, {
    ...(hint === undefined ? {} : { hint }),
    details: { name: name.slice(0, 200) },
  });
}
