#!/usr/bin/env node
// Writes src/sandbox/gotypes/generated/facts.ts: how the API server's own types read and write JSON (field names, types, which
// fields are left out when empty), taken from the struct declarations of the published API modules.
//   node scripts/generate-go-types.mjs API_REPO APIMACHINERY_REPO APIEXTENSIONS_REPO
// Each is a git directory. The base is Kubernetes 1.26; types and fields that came later are added as 1.36 has them.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [api, machinery, extensions] = process.argv.slice(2);
const base = 'v0.26.15';
const newest = 'v0.36.0';
const git = (dir, ...args) => execFileSync('git', ['--git-dir', dir, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });

const scalars = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  int: 'int',
  float64: 'float64',
  byte: 'byte',
  uint32: 'uint32',
  uint64: 'uint64',
  int16: 'int16',
  rune: 'rune',
  uint8: 'uint8',
  float32: 'float32',
};
const special = {
  'meta/v1.Time': 'Time',
  'meta/v1.MicroTime': 'MicroTime',
  'meta/v1.Duration': 'Duration',
  'resource.Quantity': 'Quantity',
  'intstr.IntOrString': 'IntOrString',
  'runtime.RawExtension': 'any',
  'meta/v1.FieldsV1': 'any',
  'apiextensions/v1.JSON': 'any',
  'apiextensions/v1.JSONSchemaPropsOrBool': 'any',
  'apiextensions/v1.JSONSchemaPropsOrArray': 'any',
  'apiextensions/v1.JSONSchemaPropsOrStringArray': 'any',
  'runtime.Object': 'any',
};

/** All type declarations of one revision: `pkg.Name` → { struct fields } or { alias }. */
function read(tag) {
  const types = new Map();
  const add = (dir, pkg, files) => {
    for (const file of files) parse(git(dir, 'show', `${tag}:${file}`), pkg, types);
  };
  const list = (dir) => git(dir, 'ls-tree', '-r', '--name-only', tag).split('\n');
  for (const file of list(api)) {
    const match = /^([a-z]+)\/(v[0-9a-z]+)\/types\.go$/.exec(file);
    if (match) add(api, `${match[1]}/${match[2]}`, [file]);
  }
  add(machinery, 'meta/v1', ['pkg/apis/meta/v1/types.go']);
  add(extensions, 'apiextensions/v1', ['pkg/apis/apiextensions/v1/types.go', 'pkg/apis/apiextensions/v1/types_jsonschema.go']);
  return types;
}

function parse(source, pkg, types) {
  const lines = source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)\/\/.*$/, ''));
  let grouped = false;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (/^type \($/.test(line)) {
      grouped = true;
      continue;
    }
    if (grouped && /^\)/.test(line)) {
      grouped = false;
      continue;
    }
    const match = (grouped ? /^\s+(\w+)\s+(.+?)\s*$/ : /^type (\w+)\s+(.+?)\s*$/).exec(line);
    if (!match) continue;
    const [, name, what] = match;
    if (what !== 'struct {') {
      if (!/interface/.test(what) && what !== 'struct{}') types.set(`${pkg}.${name}`, { alias: resolve(what.replace(/^= /, ''), pkg) });
      continue;
    }
    const fields = [];
    for (i++; !/^\s*\}\s*$/.test(lines[i]); i++) {
      const field = /^\s+(?:(\w+)\s+)?([\w.*[\]]+)\s+`(.*)`/.exec(lines[i]);
      if (!field) continue;
      const tag = /json:"([^"]*)"/.exec(field[3])?.[1];
      if (tag === undefined || tag === '-') continue;
      const [json, ...options] = tag.split(',');
      fields.push({
        json,
        inline: options.includes('inline') || json === '',
        omit: options.includes('omitempty') || options.includes('omitzero'),
        type: resolve(field[2], pkg),
        number: /protobuf:"[a-z0-9]+,(\d+)/.exec(field[3])?.[1],
      });
    }
    types.set(`${pkg}.${name}`, { fields });
  }
}

function resolve(type, pkg) {
  if (type.startsWith('*')) return `*${resolve(type.slice(1), pkg)}`;
  if (type === '[]byte') return 'bytes';
  if (type.startsWith('[]')) return `[]${resolve(type.slice(2), pkg)}`;
  const map = /^map\[([\w.]+)\](.+)$/.exec(type);
  if (map) return `{}${resolve(map[2], pkg)}`;
  if (scalars[type]) return scalars[type];
  if (type === 'interface{}') return 'any';
  const dot = type.indexOf('.');
  let full = `${pkg}.${type}`;
  if (dot > 0) {
    const name = type.slice(dot + 1);
    const prefix = type.slice(0, dot);
    if (prefix === 'metav1') full = `meta/v1.${name}`;
    else if (prefix === 'types') return 'string';
    else if (/v\d/.test(prefix)) full = `${prefix.replace(/(v\d\w*)$/, '/$1').replace(/^\//, 'core/')}.${name}`;
    else full = `${prefix}.${name}`;
  }
  return special[full] ?? (full === 'meta/v1.Time' ? 'Time' : full);
}

const flatten = (types, name, seen = new Set()) => {
  const type = types.get(name);
  if (!type?.fields || seen.has(name)) return [];
  return type.fields.flatMap((f) => {
    if (!f.inline) return [f];
    const inner = flatten(types, f.type.replace(/^\*/, ''), new Set([...seen, name]));
    // In protobuf the embedded structure is a message of its own: its numbers are not the owner's.
    return f.number === undefined ? inner : inner.map((g) => ({ ...g, number: undefined }));
  });
};

const old = read(base);
const late = read(newest);
for (const types of [old, late]) for (const name of Object.keys(special)) types.delete(name);
const out = [];
// Packages that nothing served refers to any more.
const unserved =
  /^(admission|extensions|imagepolicy|apidiscovery|lifecycle)\/|^(apps|authentication|authorization|batch|discovery|events|flowcontrol|node|policy|rbac|storagemigration)\/v\d(alpha|beta)|^autoscaling\/v2beta|^(admissionregistration|coordination|scheduling)\/v1alpha1|^scheduling\/v1(beta|alpha3)/;
for (const name of [...new Set([...old.keys(), ...late.keys()])].sort()) {
  if (unserved.test(name)) continue;
  const before = old.get(name);
  const after = late.get(name);
  if (name.endsWith('List') && (before ?? after).fields?.some((f) => f.json === 'items')) continue;
  if ((before ?? after).alias !== undefined) {
    out.push(`${name}=${(before ?? after).alias}`);
    continue;
  }
  const wire = (f) => (f.number === undefined ? '' : `@${f.number}`);
  const embedded = new Map(
    [...(after?.fields ?? []), ...(before?.fields ?? [])]
      .filter((f) => f.inline && f.number !== undefined)
      .map((f) => [f.type, `+${f.type}${wire(f)}`]),
  );
  const fields = new Map(after ? flatten(late, name).map((f) => [f.json, f]) : []);
  for (const f of flatten(old, name)) fields.set(f.json, f);
  out.push(
    `${name} ${[...fields.values()]
      .map((f) => `${f.json}${f.omit ? '?' : '!'}${f.type}${wire(f)}`)
      .concat(...embedded.values())
      .join(' ')}`,
  );
}
const target = fileURLToPath(new URL('../src/sandbox/gotypes/generated/facts.ts', import.meta.url));
writeFileSync(
  target,
  `/** Generated by scripts/generate-go-types.mjs; a type a line: \`package.Name field?type field!type\` (\`?\` left out when empty) or \`package.Name=alias\`;
 * \`@n\` is the field's number in protobuf, \`+type@n\` a structure whose fields stand in its owner in JSON. */\nexport const goFacts = \`${out.join('\n')}\`;\n`,
);
console.log(`${out.length} types`);
