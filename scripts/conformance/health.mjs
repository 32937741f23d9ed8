import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRoom } from './load.mjs';

/**
 * Health recorded from Argo CD: built-in kinds and custom kinds, one case a line. Only the status is compared.
 *
 * @param {string} sharedDir the folder that holds `conformance/health/`
 * @returns {Promise<{passed: number, failed: number, failures: {id: string, file: string, expected: string | null, got: string | null, message: string}[]}>}
 */
export async function run(sharedDir) {
  const { assessHealth } = await loadRoom('health');
  const failures = [];
  let passed = 0;
  for (const file of ['builtin-kinds.jsonl', 'custom-kinds.jsonl']) {
    const text = readFileSync(join(sharedDir, 'conformance', 'health', file), 'utf8');
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      const { id, object, expect } = JSON.parse(line);
      const health = assessHealth(object);
      const got = health?.status ?? null;
      if (got === expect.status) passed++;
      else failures.push({ id, file, expected: expect.status, got, message: health?.message ?? '' });
    }
  }
  return { passed, failed: failures.length, failures };
}
