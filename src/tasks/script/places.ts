import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SourcePlace } from '../types.js';

/** Frames of a stack, innermost first. */
const frame = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()\n]*?):([0-9]+):([0-9]+)\)?$/gm;

/**
 * Finds out where in the sources of a script a stack was taken.
 * @param bundle the file that was executed
 */
export function sourcePlaces(bundle: string, map: string): (stack: string | undefined) => SourcePlace | undefined {
  const sources = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]);
  const url = pathToFileURL(bundle).href;
  return (stack) => {
    for (const [, file, line, column] of (stack ?? '').matchAll(frame)) {
      if (file !== url && file !== bundle) continue;
      const entry = sources.findEntry(Number(line) - 1, Number(column) - 1);
      if (!('originalSource' in entry) || entry.originalSource === undefined) continue;
      const source = entry.originalSource.startsWith('file://')
        ? fileURLToPath(entry.originalSource)
        : resolve(dirname(bundle), entry.originalSource);
      // Modules that we put in the place of others have no file.
      if (source.includes('evenkeel-script:')) continue;
      return { file: source, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    }
    return undefined;
  };
}
