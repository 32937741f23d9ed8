// Builds the recorded kustomizations with the kustomize room: node scripts/conformance/kustomize.mjs [folder of
// shared files] [--verbose] [part of a case's name]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadRoom } from './load.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Key order does not count; integers beyond 2^53 are compared by their digits. */
function canonical(value) {
  if (typeof value === 'bigint') return `#${value}`;
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  return Object.keys(value)
    .sort()
    .map((key) => [key, canonical(value[key])]);
}

const firstDifference = (got, expected) => {
  const [a, b] = [got.split('\n'), expected.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  const line = at < 0 ? a.length : at;
  return `differs at line ${line + 1}: ${JSON.stringify(a[line])} instead of ${JSON.stringify(b[line])}`;
};

/**
 * @param {string} sharedDir the folder that holds conformance/
 * @param {string} [only] part of the names of the cases to run
 * @returns {Promise<{passed: number, failed: number, failures: {id: string, message: string}[], milliseconds: number}>}
 */
export async function run(sharedDir, only = '') {
  const folder = join(sharedDir, 'conformance/kustomize');
  const [{ build, formatBuild }, { directoryTree }] = [await loadRoom('kustomize'), await loadRoom('source')];
  const result = { passed: 0, failed: 0, failures: [], milliseconds: 0 };
  const judge = (id, message) => {
    if (message === undefined) result.passed++;
    else {
      result.failed++;
      result.failures.push({ id, message });
    }
  };
  const wanted = (id) => id.includes(only);

  for (const suite of ['tests', 'real']) {
    for (const name of readdirSync(join(folder, suite)).filter(wanted)) {
      const directory = join(folder, suite, name);
      const { build: path, expect, reorder, loadRestrictor, options, tree } = readJson(join(directory, 'case.json'));
      const root = tree === undefined ? join(directory, 'files') : join(folder, tree);
      const restrictor = options?.loadRestrictor ?? loadRestrictor;
      const began = performance.now();
      let message;
      try {
        const { manifests } = await build(directoryTree(root), path, {
          loadRestrictor: restrictor === 'LoadRestrictionsNone' ? 'none' : 'root',
          reorder: reorder === 'none' ? 'none' : 'legacy',
        });
        const text = formatBuild(manifests);
        result.milliseconds += performance.now() - began;
        if (expect === 'error') message = 'should be refused, but was built';
        else {
          const expected = readFileSync(join(directory, 'expected.yaml'), 'utf8');
          if (text.trim() !== expected.trim()) message = firstDifference(text.trim(), expected.trim());
        }
      } catch (error) {
        if (error?.name !== 'EvenkeelError') message = `threw ${error?.stack}`;
        else if (expect !== 'error') message = `refused: ${error.code} ${error.message} ${JSON.stringify(error.where)}`;
        else if (process.argv.includes('--errors')) console.log(`${name}: ${error.code} ${error.message} ${JSON.stringify(error.where)}`);
      }
      judge(`${suite}/${name}`, message);
    }
  }
  await runUnits(folder, wanted, judge);
  return result;
}

async function runUnits(folder, wanted, judge) {
  if (!existsSync(join(folder, 'units'))) return;
  const { merge } = await loadRoom('kustomize/merge');
  const { readDocument, toJson, isEmpty } = await loadRoom('kustomize/yaml');
  const { openSchemas } = await loadRoom('kustomize/schema');
  const { readNodes, newResource } = await loadRoom('kustomize/resource');
  const { transformReplacements } = await loadRoom('kustomize/transform');
  // These cases are compared formatted, and formatting sorts containers and volumes by name.
  const sortNamed = (_, each) =>
    Array.isArray(each) && each.every((item) => item?.name) ? each.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : each;
  const value = (node, prepend) =>
    JSON.stringify(node === undefined || isEmpty(node) ? null : toJson(node), prepend ? undefined : sortNamed);

  for (const { id, source, dest, expected, infer, listPrepend } of readJson(join(folder, 'units/merge2.json'))) {
    if (!wanted(id)) continue;
    let message;
    try {
      const { schemaOf } = openSchemas();
      const merged = merge(readDocument(dest), readDocument(source), { schemaOf, infer, prepend: listPrepend });
      const [got, want] = [value(merged, listPrepend), value(readDocument(expected), listPrepend)];
      if (got !== want) message = `merged to ${got} instead of ${want}`;
    } catch (error) {
      message = `threw ${error?.stack}`;
    }
    judge(`units/merge2/${id}`, message);
  }

  for (const { test, name, input, replacements, expected, expectedErr } of readJson(join(folder, 'units/replacement.json'))) {
    if (!wanted(name)) continue;
    let message;
    try {
      const resources = readNodes(input, 'input.yaml').map(({ node }) => newResource(node));
      const list = toJson(readDocument(replacements)).replacements;
      transformReplacements({ resources, schemas: openSchemas() }, list);
      const got = JSON.stringify(resources.map(({ node }) => canonical(toJson(node))));
      const want = JSON.stringify(readNodes(expected, 'expected.yaml').map(({ node }) => canonical(toJson(node))));
      if (expectedErr !== '') message = `should be refused: ${expectedErr}`;
      else if (got !== want) message = `became ${got} instead of ${want}`;
    } catch (error) {
      if (error?.name !== 'EvenkeelError') message = `threw ${error?.stack}`;
      else if (expectedErr === '') message = `refused: ${error.code} ${error.message}`;
    }
    judge(`units/${test}/${name}`, message);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [shared, only] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const result = await run(shared ?? fileURLToPath(new URL('../../../shared', import.meta.url)), only);
  for (const { id, message } of result.failures) console.log(`${id}: ${message}`);
  console.log(`kustomize: ${result.passed} of ${result.passed + result.failed} passed, ${Math.round(result.milliseconds)} ms building`);
  process.exitCode = result.failed > 0 ? 1 : 0;
}
