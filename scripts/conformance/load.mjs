// Bundles the door of one room from its TypeScript and imports it, so that scripts need no build.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @param {string} room the folder under src/ whose index.ts is wanted, e.g. 'manifest'
 * @returns {Promise<any>} what the door exports. Packages stay external, so they are read from node_modules.
 */
export async function loadRoom(room) {
  // One file per process: runs that overlap must not overwrite each other's bundle.
  const outfile = join(root, 'node_modules/.cache/evenkeel', `${room.replaceAll('/', '-')}-${process.pid}.mjs`);
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [`src/${room}/index.ts`],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.20',
    define: { EVENKEEL_VERSION: '"0.0.0"' },
    logLevel: 'silent',
    sourcemap: 'inline',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}
