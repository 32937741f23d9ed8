#!/usr/bin/env node
// Bundles the command and the public entries into dist/. Rooms become chunks that are read when used.
//   node scripts/build.mjs [--quiet] [--types]
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = {
  evenkeel: 'src/cli/main.ts',
  index: 'src/index.ts',
  sandbox: 'src/sandbox/index.ts',
  kustomize: 'src/kustomize.ts',
  testing: 'src/testing/index.ts',
  'lua-worker': 'src/lua/worker.ts',
};

rmSync(join(root, 'dist'), { recursive: true, force: true });
const result = await build({
  absWorkingDir: root,
  entryPoints: Object.entries(entries)
    .filter(([, path]) => existsSync(join(root, path)))
    .map(([out, path]) => ({ out, in: path })),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.20',
  external: ['better-sqlite3', 'esbuild', 'selfsigned', 'wasmoon'],
  define: { EVENKEEL_VERSION: JSON.stringify(version) },
  // Packages in CommonJS ask for `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as evenkeelCreateRequire } from 'node:module'; const require = evenkeelCreateRequire(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
  // Names stay as they are, so that a stack in a report of a bug can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
});
const command = join(root, 'dist/evenkeel.js');
if (existsSync(command)) chmodSync(command, 0o755);
if (process.argv.includes('--types')) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}
if (!process.argv.includes('--quiet')) {
  const bytes = Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  console.log(`dist/: ${Object.keys(result.metafile.outputs).length} files, ${Math.round(bytes / 1024)} KiB`);
}
