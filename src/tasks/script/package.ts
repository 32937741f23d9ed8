import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Our own package as a script imports it. */
export interface OwnPackage {
  /** What its main entry exports, by name. */
  names: readonly string[];
  /** `evenkeel/testing` → the file that stands for it; undefined for an entry that there is none of. */
  entry(specifier: string): string | undefined;
  entries: readonly string[];
}

/** Reads the package that this code belongs to, from the sources as well as from the bundle. */
export function ownPackage(): OwnPackage {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isOurs(folder)) {
    if (dirname(folder) === folder) return { names: [], entry: () => undefined, entries: [] };
    folder = dirname(folder);
  }
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: { [path: string]: string | { default: string } };
  };
  const files = new Map<string, string>(
    Object.entries(exports)
      .map(([path, to]): [string, string] => [`evenkeel${path.slice(1)}`, join(folder, typeof to === 'string' ? to : to.default)])
      .filter(([, file]) => existsSync(file)),
  );
  const main = files.get('evenkeel');
  return {
    names: main === undefined ? [] : exportsOf(readFileSync(main, 'utf8')),
    entry: (specifier) => {
      const file = files.get(specifier);
      return file === undefined ? undefined : pathToFileURL(file).href;
    },
    entries: [...files.keys()],
  };
}

function isOurs(folder: string): boolean {
  const file = join(folder, 'package.json');
  return existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'evenkeel';
}

/** The names that a module of our own bundle exports: it lists them at its end. */
function exportsOf(bundle: string): string[] {
  return [...bundle.matchAll(/\bexport\s*\{([^}]*)\}/g)].flatMap((match) =>
    (match[1] ?? '')
      .split(',')
      .map(
        (one) =>
          one
            .trim()
            .split(/\s+as\s+/)
            .at(-1) ?? '',
      )
      .filter((name) => /^[A-Za-z_$][\w$]*$/.test(name)),
  );
}
