#!/usr/bin/env node
// Writes src/manifest/types/generated/ from the published OpenAPI (v2) and discovery documents of one Kubernetes version.
//   node scripts/generate-types.mjs [DIRECTORY | OPENAPI.json DISCOVERY.json] [--check]
// DIRECTORY (default ../shared/kubernetes) holds openapi-v2-<version>.json and discovery-aggregated-<version>.json.
// The output depends on these documents only. --check writes nothing and fails where the committed files differ.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'src/manifest/types/generated');

/** Defaults of fields that identify list items, where the OpenAPI v2 document is silent and a zero value is not meant. */
const keyDefaults = {
  'io.k8s.api.core.v1.ContainerPort': { protocol: 'TCP' },
  'io.k8s.api.core.v1.ServicePort': { protocol: 'TCP' },
  'io.k8s.api.core.v1.LocalObjectReference': { name: '' },
};

/** The core group is not in the aggregated discovery of /apis; what paths do not tell of it stands here. */
const coreShortNames = {
  componentstatuses: ['cs'],
  configmaps: ['cm'],
  endpoints: ['ep'],
  events: ['ev'],
  limitranges: ['limits'],
  namespaces: ['ns'],
  nodes: ['no'],
  persistentvolumeclaims: ['pvc'],
  persistentvolumes: ['pv'],
  pods: ['po'],
  replicationcontrollers: ['rc'],
  resourcequotas: ['quota'],
  serviceaccounts: ['sa'],
  services: ['svc'],
};
const coreCategories = { pods: ['all'], replicationcontrollers: ['all'], services: ['all'] };

/** Definitions that are one JSON value and not a structure. */
const leaves = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 't',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'm',
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'q',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'x',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'e',
};

function documents(args) {
  const paths = args.filter((a) => !a.startsWith('--'));
  if (paths.length === 2) return paths;
  const directory = paths[0] ?? join(root, '../shared/kubernetes');
  const find = (prefix) => {
    const names = readdirSync(directory).filter((n) => n.startsWith(prefix) && n.endsWith('.json'));
    if (names.length !== 1) throw new Error(`${directory} should hold one ${prefix}*.json, it holds ${names.length}`);
    return join(directory, names[0]);
  };
  return [find('openapi-v2-'), find('discovery-aggregated-')];
}

const [openapiPath, discoveryPath] = documents(process.argv.slice(2));
const openapi = JSON.parse(readFileSync(openapiPath, 'utf8'));
const discovery = JSON.parse(readFileSync(discoveryPath, 'utf8'));
const definitions = openapi.definitions;
const names = Object.keys(definitions)
  .filter((n) => !(n in leaves))
  .sort();
const indexOf = new Map(names.map((n, i) => [n, i]));

const scalars = { string: 's', integer: 'i', number: 'd', boolean: 'b' };
const formats = {
  'string/byte': 'y',
  'string/date-time': 't',
  'string/int-or-string': 'x',
  'integer/int32': 'i',
  'integer/int64': 'l',
  'number/double': 'd',
};

/**
 * A field in short: a letter for a scalar, a number for a definition, or an object: {t: field} with what is
 * said of the field beside its type, {a: items} an array, {o: values} a map.
 */
function field(schema, defaultValue) {
  const node = shape(schema);
  const extra = {};
  if (schema['x-kubernetes-list-type'] !== undefined) extra.lt = schema['x-kubernetes-list-type'];
  if (schema['x-kubernetes-list-map-keys'] !== undefined) extra.lk = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-map-type'] !== undefined) extra.mt = schema['x-kubernetes-map-type'];
  if (schema['x-kubernetes-patch-strategy'] !== undefined) extra.ps = schema['x-kubernetes-patch-strategy'];
  if (schema['x-kubernetes-patch-merge-key'] !== undefined) extra.pk = schema['x-kubernetes-patch-merge-key'];
  if (Array.isArray(schema.enum)) extra.en = schema.enum;
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) extra.pu = 1;
  const value = schema.default ?? defaultValue;
  if (value !== undefined) extra.d = value;
  if (Object.keys(extra).length === 0) return node;
  return typeof node === 'object' ? { ...node, ...extra } : { t: node, ...extra };
}

function shape(schema) {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice('#/definitions/'.length);
    return leaves[name] ?? indexOf.get(name);
  }
  if (schema.type === undefined) return 'j';
  if (schema.type === 'array') return { a: field(schema.items) };
  if (schema.type === 'object') return schema.additionalProperties === undefined ? { o: 'j' } : { o: field(schema.additionalProperties) };
  const code = (schema.format && formats[`${schema.type}/${schema.format}`]) ?? scalars[schema.type];
  if (code === undefined) throw new Error(`type ${schema.type} is not known`);
  return code;
}

/** Which fields of which definitions identify the items of a list. */
const keyFields = new Map();
for (const definition of Object.values(definitions))
  for (const property of Object.values(definition.properties ?? {})) {
    const item = property.items?.$ref?.slice('#/definitions/'.length);
    if (item === undefined) continue;
    const keys = property['x-kubernetes-list-map-keys'] ?? [property['x-kubernetes-patch-merge-key']];
    for (const key of keys) if (key !== undefined) keyFields.set(item, (keyFields.get(item) ?? new Set()).add(key));
  }

/** A key that must be given counts as its zero value where it is not, as the server's own types make it. */
function keyDefault(name, key) {
  if (!keyFields.get(name)?.has(key)) return undefined;
  const given = keyDefaults[name]?.[key];
  if (given !== undefined) return given;
  const definition = definitions[name];
  if (!definition.required?.includes(key)) return undefined;
  return { string: '', integer: 0, boolean: false }[definition.properties[key].type];
}

function definitionOf(name) {
  const definition = definitions[name];
  const entry = {};
  if (definition.properties !== undefined) {
    entry.p = {};
    for (const key of Object.keys(definition.properties).sort()) entry.p[key] = field(definition.properties[key], keyDefault(name, key));
  } else if (definition.type === 'object') entry.o = 'j';
  else if (definition.type !== undefined) entry.t = shape(definition);
  if (definition.required !== undefined) entry.r = [...definition.required].sort();
  if (definition['x-kubernetes-map-type'] !== undefined) entry.mt = definition['x-kubernetes-map-type'];
  if (definition['x-kubernetes-unions'] !== undefined)
    entry.u = definition['x-kubernetes-unions'].map((union) => ({
      ...(union.discriminator === undefined ? {} : { discriminator: union.discriminator }),
      fields: union['fields-to-discriminateBy'] ?? {},
    }));
  return entry;
}

/** `group/version/Kind` → definition, for definitions that are one kind only. */
function kinds() {
  const map = {};
  for (const name of names) {
    const gvks = definitions[name]['x-kubernetes-group-version-kind'] ?? [];
    if (gvks.length === 1) map[`${gvks[0].group}/${gvks[0].version}/${gvks[0].kind}`] = indexOf.get(name);
  }
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const verbOf = { post: 'create', put: 'update', watchlist: 'watch' };

/** Resources of the core group, read out of the paths. */
function coreResources() {
  const found = new Map();
  const resource = (plural) => {
    if (!found.has(plural)) found.set(plural, { plural, kind: undefined, namespaced: false, verbs: new Set(), sub: new Map() });
    return found.get(plural);
  };
  for (const [path, operations] of Object.entries(openapi.paths)) {
    const match = /^\/api\/v1\/(watch\/)?(namespaces\/\{namespace\}\/)?([a-z]+)(\/\{name\}(?:\/([a-z]+))?)?$/.exec(path);
    if (!match) continue;
    const [, watch, namespace, plural, , sub] = match;
    const entry = resource(plural);
    if (namespace) entry.namespaced = true;
    for (const [method, operation] of Object.entries(operations)) {
      if (method === 'parameters') continue;
      const gvk = operation['x-kubernetes-group-version-kind'];
      const action = operation['x-kubernetes-action'];
      const verb =
        action === 'connect'
          ? ({ get: 'get', post: 'create', put: 'update', patch: 'patch', delete: 'delete' }[method] ?? undefined)
          : (verbOf[action] ?? action);
      if (verb === undefined) continue;
      if (sub === undefined) {
        entry.kind ??= gvk.kind;
        entry.verbs.add(watch ? 'watch' : verb);
      } else {
        const known = entry.sub.get(sub) ?? { name: sub, gvk, verbs: new Set() };
        known.verbs.add(verb);
        entry.sub.set(sub, known);
      }
    }
  }
  return [...found.values()].map((r) => ({
    group: '',
    version: 'v1',
    kind: r.kind,
    plural: r.plural,
    singular: r.kind.toLowerCase(),
    namespaced: r.namespaced,
    shortNames: coreShortNames[r.plural] ?? [],
    categories: coreCategories[r.plural] ?? [],
    verbs: [...r.verbs].sort(),
    subresources: [...r.sub.values()]
      .map((s) => ({ name: s.name, ...s.gvk, verbs: [...s.verbs].sort() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
}

function discoveredResources() {
  const resources = [];
  for (const group of discovery.items)
    for (const version of group.versions)
      for (const r of version.resources)
        resources.push({
          group: group.metadata.name ?? '',
          version: version.version,
          kind: r.responseKind.kind,
          plural: r.resource,
          singular: r.singularResource,
          namespaced: r.scope === 'Namespaced',
          shortNames: r.shortNames ?? [],
          categories: r.categories ?? [],
          verbs: r.verbs,
          subresources: (r.subresources ?? []).map((s) => ({
            name: s.subresource,
            group: s.responseKind.version === '' ? (group.metadata.name ?? '') : s.responseKind.group,
            version: s.responseKind.version === '' ? version.version : s.responseKind.version,
            kind: s.responseKind.kind,
            verbs: s.verbs,
          })),
        });
  return resources;
}

const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const resources = [...coreResources(), ...discoveredResources()].sort(
  (a, b) => order(a.group, b.group) || order(a.version, b.version) || order(a.plural, b.plural),
);
/** Versions of each group as the server prefers them. */
const versions = { '': ['v1'], ...Object.fromEntries(discovery.items.map((g) => [g.metadata.name, g.versions.map((v) => v.version)])) };

const quote = (value) => `'${JSON.stringify(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const version = /openapi-v2-(.+)\.json$/.exec(openapiPath)?.[1] ?? openapi.info.version;
const header = `// Generated by scripts/generate-types.mjs from the documents of Kubernetes ${version}; do not edit.\n`;
const files = {
  'schemas.ts': `${header}/** {names, definitions, kinds} as builtin.ts reads them. */\nexport const schemasJson =\n  ${quote({ names, definitions: names.map(definitionOf), kinds: kinds() })};\n`,
  'resources.ts': `${header}/** {resources, versions} as resources.ts reads them. */\nexport const resourcesJson =\n  ${quote({ resources, versions })};\n`,
};

if (process.argv.includes('--check')) {
  const stale = Object.keys(files).filter((name) => {
    try {
      return readFileSync(join(out, name), 'utf8') !== files[name];
    } catch {
      return true;
    }
  });
  if (stale.length > 0) {
    console.error(`not up to date: ${stale.join(', ')}; run node scripts/generate-types.mjs`);
    process.exit(1);
  }
} else {
  mkdirSync(out, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(out, name), text);
}
console.log(
  Object.entries(files)
    .map(([name, text]) => `${name} ${Math.round(text.length / 1024)} KiB`)
    .join(', '),
);
