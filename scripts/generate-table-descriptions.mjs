#!/usr/bin/env node
// Writes src/sandbox/table/generated/descriptions.ts: what the published API documentation says of the fields that the
// API server's tables show, for each that a column names.
//   node scripts/generate-table-descriptions.mjs API_REPO APIMACHINERY_REPO
// Each is a git directory; they are read at Kubernetes 1.26, whose tables ours are.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const [api, machinery] = process.argv.slice(2);
const branch = 'release-1.26';
const table = new URL('../src/sandbox/table/', import.meta.url);
const packages = {
  apps: 'apps/v1beta1',
  autoscaling: 'autoscaling/v2beta1',
  batch: 'batch/v1',
  certificates: 'certificates/v1beta1',
  coordination: 'coordination/v1',
  core: 'core/v1',
  cron: 'batch/v1beta1',
  discovery: 'discovery/v1beta1',
  extensions: 'extensions/v1beta1',
  flowcontrol: 'flowcontrol/v1beta3',
  rbac: 'rbac/v1beta1',
  scale: 'autoscaling/v1',
  scheduling: 'scheduling/v1',
  storage: 'storage/v1',
  storagebeta: 'storage/v1beta1',
};

const show = (repo, path) => execFileSync('git', ['--git-dir', repo, 'show', `${branch}:${path}`], { encoding: 'utf8' });
const source = (name) =>
  name === 'meta'
    ? show(machinery, 'pkg/apis/meta/v1/types_swagger_doc_generated.go')
    : show(api, `${packages[name]}/types_swagger_doc_generated.go`);

function documented(text) {
  const out = new Map();
  for (const [, type, body] of text.matchAll(/^var map_(\w+) = map\[string\]string\{\n(.*?)\n\}/gms))
    for (const [, field, said] of body.matchAll(/^\s*"([^"]*)":\s*("(?:[^"\\]|\\.)*"),?$/gm)) out.set(`${type}.${field}`, JSON.parse(said));
  return out;
}

const named = new Set();
for (const file of ['columns', 'custom', 'table'].flatMap((f) =>
  f === 'columns' ? readdirSync(new URL('columns/', table)).map((n) => `columns/${n}`) : `${f}.ts`,
))
  for (const [, key] of readFileSync(new URL(file, table), 'utf8').matchAll(/\bdoc\('([^']+)'\)/g)) named.add(key);
const known = new Map();
const lines = [...named].sort().map((key) => {
  const [name, ...rest] = key.split('.');
  if (!known.has(name)) known.set(name, documented(source(name)));
  const text = known.get(name).get(rest.join('.'));
  if (text === undefined) throw new Error(`${key} is documented nowhere`);
  return `  ${JSON.stringify(key)}: ${JSON.stringify(text)},\n`;
});
writeFileSync(
  new URL('generated/descriptions.ts', table),
  `// Written by scripts/generate-table-descriptions.mjs.\nexport const descriptions = {\n${lines.join('')}} as const;\n`,
);
