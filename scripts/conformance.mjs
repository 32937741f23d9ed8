#!/usr/bin/env node
// Runs the recorded conformance cases of ../shared/conformance and compares the counts that pass with
// conformance.json, which may only rise.
//   node scripts/conformance.mjs [--shared DIR] [--write] [--only NAME] [--verbose]
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const option = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const given = option('shared') ?? join(root, '..', 'shared');
// A program started through a link does not know itself for the one that was started.
const shared = existsSync(given) ? realpathSync(given) : given;
const file = join(root, 'conformance.json');
const suites = ['yaml', 'health', 'kube-api', 'kustomize', 'lua'];

if (!existsSync(join(shared, 'conformance'))) {
  console.log(`Conformance cases skipped: there is no ${join(shared, 'conformance')}.`);
  process.exit(0);
}

const floor = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const counts = {};
let fell = false;
for (const name of suites) {
  if (option('only') !== undefined && option('only') !== name) continue;
  const { run } = await import(new URL(`./conformance/${name}.mjs`, import.meta.url).href);
  const { passed, failed, failures } = await run(shared);
  counts[name] = passed;
  console.log(`${name}: ${passed} of ${passed + failed} pass`);
  if (process.argv.includes('--verbose'))
    for (const failure of failures) console.log(`  ${typeof failure === 'string' ? failure : JSON.stringify(failure)}`);
  if (passed < (floor[name] ?? 0)) {
    fell = true;
    console.error(`${name}: ${passed} pass, but ${floor[name]} did before`);
    for (const failure of failures.slice(0, 20)) console.error(`  ${typeof failure === 'string' ? failure : JSON.stringify(failure)}`);
  }
}
if (process.argv.includes('--write')) writeFileSync(file, `${JSON.stringify({ ...floor, ...counts }, null, 2)}\n`);
process.exit(fell ? 1 : 0);
