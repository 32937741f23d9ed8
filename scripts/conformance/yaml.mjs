// Reads the recorded YAML cases with the manifest room: node scripts/conformance/yaml.mjs [folder of shared files]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadRoom } from './load.mjs';

/** Key order does not count; integers that JavaScript cannot hold are compared by their digits. */
function canonical(value) {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)))
    return `#${value}`;
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).sort();
  if (keys.length === 1 && keys[0] === '$integer') return `#${value.$integer}`;
  return keys.map((key) => [key, canonical(value[key])]);
}

/** What readManifests leaves out: members of metadata that are null. */
function withoutNulls(object) {
  if (object?.metadata === null || typeof object?.metadata !== 'object') return object;
  const members = Object.entries(object.metadata).filter(([key, value]) => value !== null || key === 'creationTimestamp');
  return { ...object, metadata: Object.fromEntries(members) };
}

/**
 * @param {string} sharedDir the folder that holds conformance/
 * @returns {Promise<{passed: number, failed: number, failures: {id: string, message: string}[]}>}
 */
export async function run(sharedDir) {
  const { parseYaml, readManifests } = await loadRoom('manifest');
  const lines = readFileSync(join(sharedDir, 'conformance/yaml/cases.jsonl'), 'utf8').split('\n');
  const result = { passed: 0, failed: 0, failures: [] };
  for (const line of lines) {
    if (line.trim() === '') continue;
    const { id, yaml, expect } = JSON.parse(line);
    let message;
    try {
      const objects = readManifests(parseYaml(yaml, { file: `${id}.yaml` }), `${id}.yaml`).map((manifest) => manifest.object);
      const got = JSON.stringify(canonical(objects));
      if (expect === 'error') message = `should be refused, but was read as ${got}`;
      else if (got !== JSON.stringify(canonical(expect.map(withoutNulls)))) message = `read as ${got}`;
    } catch (error) {
      if (error?.name !== 'EvenkeelError') message = `threw ${error?.stack}`;
      else if (expect !== 'error') message = `refused: ${error.code} ${error.message}`;
    }
    if (message === undefined) result.passed++;
    else {
      result.failed++;
      result.failures.push({ id, message });
    }
  }
  return result;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = await run(process.argv[2] ?? fileURLToPath(new URL('../../../shared', import.meta.url)));
  for (const { id, message } of result.failures) console.log(`${id}: ${message}`);
  console.log(`yaml: ${result.passed} of ${result.passed + result.failed} passed`);
  process.exitCode = result.failed > 0 ? 1 : 0;
}
