#!/usr/bin/env node
// Starts the sandbox without controllers and replays the recorded API sequences against it.
//   node scripts/conformance/kube-api.mjs [SHARED] [--verbose] [--only NAME]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadRoom } from './load.mjs';

const tokens = 'admintoken,admin,admin,"system:masters"\nviewertoken,viewer,viewer,"dev"\n';

/** @returns {Promise<{passed: number, failed: number, failures: string[]}>} steps that agree with the recording, and those that do not */
export async function run(sharedDir, extra = []) {
  const replay = join(sharedDir, 'conformance/kube-api/replay.mjs');
  if (!existsSync(replay)) throw new Error(`${replay} is not there`);
  const { createSandbox, serveSandbox } = await loadRoom('sandbox');
  const sandbox = await createSandbox({ controllers: false });
  const server = await serveSandbox(sandbox, { port: 0, tokens });
  try {
    const output = await collect([replay, '--server', `http://127.0.0.1:${server.port}`, '--token', 'admintoken', ...extra]);
    const lines = output.trimEnd().split('\n');
    const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(lines.at(-1) ?? '') ?? [];
    if (passed === undefined) throw new Error(`replay ended without a count:\n${output}`);
    return { passed: Number(passed), failed: Number(failed), failures: lines.slice(0, -1) };
  } finally {
    await server.close();
    await sandbox.close();
  }
}

function collect(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let problems = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      problems += data;
    });
    child.on('error', reject);
    child.on('close', () => (output === '' && problems !== '' ? reject(new Error(problems)) : resolve(output)));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const shared =
    args[0] !== undefined && !args[0].startsWith('--') ? args.shift() : join(dirname(fileURLToPath(import.meta.url)), '../../../shared');
  const { passed, failed, failures } = await run(shared, args);
  for (const line of failures) console.log(line);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
