// Runs the listings of the API documents against the sandbox: node scripts/conformance/lua.mjs [folder of shared files] [--only TEXT]
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases } from './lua-cases.mjs';
import { makeLab } from './lua-lab.mjs';

/**
 * @param {string} sharedDir the folder that holds conformance/
 * @returns {Promise<{passed: number, failed: number, failures: {id: string, message: string}[]}>}
 */
export async function run(sharedDir, only = '') {
  if (!existsSync(fileURLToPath(new URL('../../dist/evenkeel.js', import.meta.url)))) throw new Error('build first: npm run build');
  const scripts = join(sharedDir, 'conformance/lua');
  const failures = [];
  let passed = 0;
  // They wait most of the time, for pods to become ready.
  const waiting = cases.filter(({ listing, what }) => `${listing}: ${what}`.includes(only));
  const worker = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const lab = makeLab(scripts);
      try {
        await one.run(lab);
        passed++;
      } catch (error) {
        failures.push({ id: `${one.listing}: ${one.what}`, message: error instanceof Error ? error.message : String(error) });
      } finally {
        lab.close();
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return { passed, failed: failures.length, failures };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--only');
  const folder = process.argv[2] === undefined || at === 2 ? fileURLToPath(new URL('../../../shared', import.meta.url)) : process.argv[2];
  const { passed, failed, failures } = await run(folder, at < 0 ? '' : process.argv[at + 1]);
  console.log(`lua: ${passed} of ${passed + failed} pass`);
  for (const { id, message } of failures) console.log(`\n== ${id}\n${message}`);
}
