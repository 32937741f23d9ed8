import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SourcePlace } from '../types.js';

/** A frame of a stack, which has one a line. */
const frame = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]*):([0-9]+):([0-9]+)\)?$/;
/** The message stands before the frames and is as long as somebody made it. */
const MAX_LINES = 5_000;
const MAX_LINE = 2_000;

/**
 * Finds out where in the sources of a script a stack was taken.
 * @param bundle the file that was executed
 */
export function sourcePlaces(bundle: string, map: string): (stack: string | undefined) => SourcePlace | undefined {
  const sources = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]);
  const url = pathToFileURL(bundle).href;
  return (stack) => {
    for (const text of (stack ?? '').split('\n', MAX_LINES)) {
      const [, file, line, column] = (text.length > MAX_LINE ? undefined : frame.exec(text)) ?? [];
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
