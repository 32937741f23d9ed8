#!/usr/bin/env node
// What running a pipeline costs beyond starting: a script of 1,000 trivial tasks against one of a single task.
//   node bench/tasks.mjs [-- --tasks 1000 --rounds 5]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = join(fileURLToPath(new URL('..', import.meta.url)), 'dist/evenkeel.js');
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const tasks = option('tasks', 1000);
const rounds = option('rounds', 5);
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Chains of ten tasks side by side. */
const script = (n) => `import { task } from 'evenkeel';
for (let i = 0; i < ${n}; i++) task('t' + i).dependsOn(i % 10 === 0 ? [] : ['t' + (i - 1)]).command(() => i).build();
`;

function timed(file) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'run', file, '-o', 'json'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${file} ended with ${status}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}

try {
  writeFileSync(join(folder, 'one.ts'), script(1));
  writeFileSync(join(folder, 'many.ts'), script(tasks));
  timed('one.ts');
  const beyond = [];
  for (let i = 0; i < rounds; i++) {
    const one = timed('one.ts');
    beyond.push(timed('many.ts') - one);
  }
  console.log(`${`${tasks} trivial tasks, beyond a pipeline of one`.padEnd(58)} ${`${Math.round(median(beyond))} ms`.padStart(22)}  < 1 s`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
