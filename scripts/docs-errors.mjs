#!/usr/bin/env node
// Writes docs/errors.md from the error registry in src/model/codes/.
//   node scripts/docs-errors.mjs [--check | --print]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const pagePath = join(root, 'docs/errors.md');

const classes = [
  ['input', 'what you wrote: a manifest, an option, a setting'],
  ['environment', 'what is around us: the cluster, the remote, the disk, rights'],
  ['refused', 'not done on purpose: it would have been unsafe, somebody else is at it, or you stopped it'],
  ['internal', 'a bug in Evenkeel: please report it'],
];

/** The registry, and each room's part of it, out of the sources. */
async function registry() {
  const files = readdirSync(join(root, 'src/model/codes'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -3));
  const { outputFiles } = await build({
    stdin: {
      contents: ["export { codes } from './codes.js';", ...files.map((name, i) => `export * as room${i} from './codes/${name}.js';`)].join(
        '\n',
      ),
      resolveDir: join(root, 'src/model'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  const text = Buffer.from(outputFiles[0].contents).toString('base64');
  const module = await import(`data:text/javascript;base64,${text}`);
  return { codes: module.codes, rooms: files.map((name, i) => ({ name, codes: Object.assign({}, ...Object.values(module[`room${i}`])) })) };
}

/** @throws Error where two rooms have one code, or a room's codes are not in the registry */
function render({ codes, rooms }) {
  const order = Object.keys(codes);
  const owner = new Map();
  for (const room of rooms)
    for (const code of Object.keys(room.codes)) {
      if (owner.has(code)) throw new Error(`${code} stands in codes/${owner.get(code)}.ts and in codes/${room.name}.ts`);
      if (!Object.hasOwn(codes, code)) throw new Error(`${code} of codes/${room.name}.ts is not in codes.ts`);
      owner.set(code, room.name);
    }
  const filled = rooms.filter((room) => Object.keys(room.codes).length > 0);
  const place = (room) => order.indexOf(Object.keys(room.codes)[0]);
  filled.sort((a, b) => place(a) - place(b));
  return [
    '# Errors',
    '',
    '<!-- Written by scripts/docs-errors.mjs from src/model/codes/. Change the codes there and run it again. -->',
    '',
    'Every error has a code that never changes its meaning, a message, where it is known a place, and a hint what to do next. With `-o json` they',
    'are the fields `code`, `message`, `where`, `hint` and `details`. The class says who has to act:',
    '',
    '| class | what was wrong |',
    '|---|---|',
    ...classes.map(([name, meaning]) => `| ${name} | ${meaning} |`),
    '',
    'An error that *may pass* can be gone at the next attempt without anybody changing anything; no other is retried.',
    ...filled.flatMap(section),
    '',
  ].join('\n');
}

function section(room) {
  const cell = (text) => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replace(/\s+/g, ' ');
  return [
    '',
    `## ${room.name}`,
    '',
    '| code | class | may pass | meaning |',
    '|---|---|---|---|',
    ...Object.entries(room.codes).map(
      ([code, facts]) => `| \`${code}\` | ${facts.class} | ${facts.transient ? 'yes' : ''} | ${cell(facts.summary)} |`,
    ),
  ];
}

const page = render(await registry());
if (process.argv.includes('--print')) process.stdout.write(page);
else if (process.argv.includes('--check')) {
  if (readFileSync(pagePath, 'utf8') !== page) {
    console.error('docs/errors.md is not what the codes say. Run: node scripts/docs-errors.mjs');
    process.exit(1);
  }
} else writeFileSync(pagePath, page);
