import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const hasKubectl = spawnSync('kubectl', ['kustomize', '--help'], { stdio: 'ignore' }).status === 0;
if (!hasKubectl) console.log('Comparison with kubectl kustomize skipped: there is no kubectl.');

/** Invented kustomizations come out of ours and of kubectl's alike, or are refused by both. */
describe.skipIf(!hasKubectl)('kubectl kustomize', () => {
  it.each([
    ['trees of bases, overlays, components and generators', ['--runs', '10', '--seed', '1093', '--size', '3']],
    ['texts that are hard to read and write', ['--runs', '12', '--seed', '9', '--texts']],
  ])('%s', (_, options) => {
    const { stdout, status } = spawnSync(process.execPath, ['scripts/kustomize-differential.mjs', ...options], {
      cwd: root,
      encoding: 'utf8',
    });
    expect([stdout.replace(/^\d+ built alike, \d+ refused by both, \d+ that kubectl breaks on, /, ''), status]).toEqual([
      '0 different\n',
      0,
    ]);
    expect(Number(/^(\d+) built alike/.exec(stdout)?.[1])).toBeGreaterThan(0);
  });
});
