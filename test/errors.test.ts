import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type CodeFacts, codes } from '../src/model/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const registry = Object.entries<CodeFacts>(codes);

describe('docs/errors.md', () => {
  test('is what scripts/docs-errors.mjs writes (run it after a change of codes)', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'scripts/docs-errors.mjs'), '--print']);
    expect(page).toBe(stdout);
  });

  test('lists every code once, and none that does not exist', () => {
    const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]);
    expect(listed).toEqual([...new Set(listed)]);
    expect([...listed].sort()).toEqual(registry.map(([code]) => code).sort());
  });

  test.each(registry)('%s stands with its class and meaning', (code, facts) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${code}\` |`));
    expect(row?.split(' | ').slice(1, 3)).toEqual([facts.class, facts.transient ? 'yes' : '']);
    expect(row?.replaceAll('\\', '')).toContain(facts.summary.replaceAll('\\', ''));
  });
});

describe('the registry', () => {
  test.each(registry)('%s is written as codes are', (code, facts) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    expect(['input', 'environment', 'refused', 'internal']).toContain(facts.class);
    expect(facts.summary).toMatch(/^[^\s].*\.$/);
  });
});
