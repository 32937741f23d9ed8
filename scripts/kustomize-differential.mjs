#!/usr/bin/env node
// Invents kustomizations and compares what the kustomize room makes of them with `kubectl kustomize`.
//   node scripts/kustomize-differential.mjs [--runs N] [--seed N] [--size N] [--texts] [--reasons] [--keep]
// Prints each difference with its seed, by which it can be made again; exits with 1 where there is one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadRoom } from './conformance/load.mjs';
import { inventTree } from './kustomize-differential/invent.mjs';
import { inventText } from './kustomize-differential/texts.mjs';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};

function kubectl(folder) {
  try {
    return {
      text: execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 }),
    };
  } catch (error) {
    if (error.code === 'ENOENT') {
      console.log('Skipped: there is no kubectl.');
      process.exit(0);
    }
    return {
      error: String(error.stderr)
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .join(' ')
        .slice(0, 600),
    };
  }
}

const { build, formatBuild } = await loadRoom('kustomize');
const { directoryTree } = await loadRoom('source');

async function ours(folder, path) {
  try {
    const { manifests } = await build(directoryTree(folder), path);
    return { text: formatBuild(manifests) };
  } catch (error) {
    if (error?.name !== 'EvenkeelError') return { error: `THREW ${error?.stack}`, broken: true };
    return { error: `${error.code} ${error.message} ${JSON.stringify(error.where)}` };
  }
}

const runs = Number(option('runs', '100'));
const first = Number(option('seed', '1'));
const counts = { same: 0, refused: 0, upstream: 0, different: 0 };
// What kubectl cannot do although nothing is wrong: it panics, or cannot read what it has written itself.
const faults = /panic: |found a tab character where an indentation/;
for (let seed = first; seed < first + runs; seed++) {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-kustomize-'));
  const { files, path } = process.argv.includes('--texts') ? inventText(seed) : inventTree(seed, Number(option('size', '6')));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const theirs = kubectl(join(folder, path));
  // A kubectl built without a version says so where Kustomize itself says which one it is.
  theirs.text = theirs.text?.replaceAll('managed-by: kustomize-(devel)', 'managed-by: kustomize-v5.5.0');
  const mine = await ours(folder, path);
  const agree = theirs.text === undefined ? mine.text === undefined && !mine.broken : theirs.text === mine.text;
  if (theirs.error !== undefined && faults.test(theirs.error) && !mine.broken) counts.upstream++;
  else if (agree) counts[theirs.text === undefined ? 'refused' : 'same']++;
  else {
    counts.different++;
    console.log(`--- seed ${seed}`);
    if (theirs.text === undefined || mine.text === undefined)
      console.log(`theirs: ${theirs.error ?? 'built'}\nours: ${mine.error ?? 'built'}`);
    else {
      const [a, b] = [theirs.text.split('\n'), mine.text.split('\n')];
      const at = a.findIndex((line, i) => line !== b[i]);
      console.log(`line ${at + 1}:\n  theirs ${JSON.stringify(a.slice(at, at + 4))}\n  ours   ${JSON.stringify(b.slice(at, at + 4))}`);
    }
  }
  if (process.argv.includes('--reasons') && theirs.error !== undefined)
    console.log(`seed ${seed}\n  theirs ${theirs.error.slice(0, 300)}\n  ours   ${mine.error}`);
  if (!process.argv.includes('--keep')) rmSync(folder, { recursive: true, force: true });
  else console.log(`seed ${seed} is in ${folder}`);
}
console.log(
  `${counts.same} built alike, ${counts.refused} refused by both, ${counts.upstream} that kubectl breaks on, ${counts.different} different`,
);
process.exit(counts.different > 0 ? 1 : 0);
