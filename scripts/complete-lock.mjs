#!/usr/bin/env node
// Puts the binaries of other platforms back into package-lock.json. npm leaves an optional package out of the
// lock when the registry at hand does not carry it (mirrors often have one platform's only), and "npm ci" then
// refuses the lock on every machine.
//   node scripts/complete-lock.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'aix', 'win32'];
const processors = ['arm64', 'arm', 'x64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32'];
let added = 0;

/** `…-linux-arm64-musl` → what npm compares with the machine. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = systems.filter((system) => words.includes(system) || (system === 'win32' && words.includes('windows')));
  const cpu = processors.filter((processor) => words.includes(processor));
  const libc = ['musl', 'gnu', 'gnueabihf', 'musleabihf'].filter((word) => words.includes(word));
  return {
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(os.length > 0 ? { os } : {}),
    ...(os.includes('linux') && libc.length > 0 ? { libc: [libc[0].startsWith('musl') ? 'musl' : 'glibc'] } : {}),
  };
}

for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '') continue;
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const top = `node_modules/${name}`;
    if (lock.packages[top] !== undefined || lock.packages[`${path}/${top}`] !== undefined) continue;
    const version = range.replace(/^[\^~=v]+/, '');
    lock.packages[top] = { version, ...platformOf(name), ...(entry.dev ? { dev: true } : {}), optional: true };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
if (added === 0) process.exit(0);
if (process.argv.includes('--check')) {
  console.error(`package-lock.json misses ${added} optional packages: run node scripts/complete-lock.mjs`);
  process.exit(1);
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional packages added to package-lock.json`);
