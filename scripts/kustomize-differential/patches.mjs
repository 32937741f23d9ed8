import { oddText, oddValue } from './objects.mjs';
import { yaml } from './yaml.mjs';

/** A patch for an object: strategic merge or JSON 6902, inline or in a file, with and without target. */
export function inventPatch(random, { object, files, folder, i, merge = false, json = false, inline = false }) {
  const isMerge = merge || (!json && random.chance(0.6));
  const patch = isMerge ? mergePatch(random, object) : operations(random, object);
  const text = !isMerge && random.chance(0.3) ? JSON.stringify(unraw(patch)) : yaml(patch, random);
  const entry = {};
  if (inline || random.chance(0.5)) entry.patch = text;
  else {
    entry.path = `patch${i}.yaml`;
    files[`${folder}/patch${i}.yaml`] = text;
  }
  if (!isMerge || random.chance(0.4)) entry.target = target(random, object);
  if (isMerge && random.chance(0.1)) entry.options = random.pick([{ allowNameChange: true }, { allowKindChange: true }]);
  return entry;
}

function unraw(value) {
  if (value === null || typeof value !== 'object') return value;
  if ('$raw' in value) return value.$raw;
  if (Array.isArray(value)) return value.map(unraw);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unraw(item)]));
}

function target(random, { apiVersion, kind, metadata }) {
  const all = {
    kind: random.pick([kind, kind, `${kind.slice(0, 3)}.*`, '.*']),
    name: random.pick([metadata.name, '.*', `${metadata.name.slice(0, 1)}.*`]),
    version: apiVersion.split('/').pop(),
    namespace: random.pick(['default', metadata.namespace ?? 'default', '.*']),
    labelSelector: random.pick(['app=web', 'app in (web,api)', '!tier', 'app']),
    annotationSelector: 'note',
  };
  const chosen = random.chance(0.7) ? ['kind', 'name'] : [random.pick(Object.keys(all)), random.pick(['kind', 'name'])];
  return Object.fromEntries(chosen.map((field) => [field, all[field]]));
}

function mergePatch(random, { apiVersion, kind, metadata, ...rest }) {
  const patch = {
    apiVersion,
    kind,
    metadata: {
      name: random.chance(0.97) ? metadata.name : 'renamed',
      ...(metadata.namespace === undefined || random.chance(0.03) ? {} : { namespace: metadata.namespace }),
    },
  };
  if (random.chance(0.05)) return { ...patch, $patch: 'delete' };
  if (random.chance(0.2)) patch.metadata.labels = { added: oddText(random), ...(random.chance(0.3) ? { app: null } : {}) };
  if (random.chance(0.15))
    patch.metadata.annotations = random.pick([{ added: 'x' }, { note: null }, null, { $patch: 'replace', only: 'x' }]);
  if (random.chance(0.1)) patch.metadata.finalizers = ['d.e/f', 'new/x'];
  for (const [field, value] of Object.entries(rest)) if (random.chance(0.8)) patch[field] = vary(random, value, 0);
  return patch;
}

/** A part of a value with changes, additions, directives and nulls. */
function vary(random, value, depth) {
  if (value === null || typeof value !== 'object' || '$raw' in value)
    return random.chance(0.2) ? null : random.chance(0.5) ? value : oddValue(random);
  if (Array.isArray(value)) {
    const items = value
      .filter(() => random.chance(0.6))
      .map((item) => (isNamed(item) ? { ...keysOf(item), ...vary(random, item, depth + 1) } : vary(random, item, depth + 1)));
    if (random.chance(0.25)) items.push(newItem(random, value[0]));
    if (random.chance(0.06)) items.push({ $patch: random.pick(['replace', 'delete', 'merge']) });
    if (items.length > 0 && random.chance(0.06) && isNamed(items[0])) items[0] = { ...keysOf(items[0]), $patch: 'delete' };
    return items;
  }
  const out = {};
  for (const [key, item] of Object.entries(value)) if (random.chance(0.5)) out[key] = vary(random, item, depth + 1);
  if (random.chance(0.15)) out[random.pick(['added', 'more'])] = oddValue(random);
  if (random.chance(0.04)) out.$patch = random.pick(['replace', 'delete', 'merge']);
  return out;
}

const isNamed = (item) =>
  item !== null && typeof item === 'object' && ('name' in item || 'containerPort' in item || 'port' in item || 'mountPath' in item);

function keysOf(item) {
  return Object.fromEntries(
    Object.entries(item).filter(([key]) => ['name', 'containerPort', 'protocol', 'port', 'mountPath'].includes(key)),
  );
}

function newItem(random, like) {
  if (like === undefined || like === null || typeof like !== 'object') return oddText(random);
  if ('containerPort' in like)
    return { containerPort: random.pick([80, 9000]), ...(random.chance(0.5) ? { protocol: random.pick(['TCP', 'UDP']) } : {}) };
  if ('port' in like) return { port: random.pick([80, 53]), ...(random.chance(0.5) ? { protocol: 'TCP' } : {}) };
  if ('mountPath' in like) return { mountPath: '/new', name: 'data' };
  return { name: random.pick(['new', 'web', 'MODE']), value: oddText(random) };
}

function operations(random, object) {
  return Array.from({ length: random.int(1, 3) }, () => {
    const op = random.pick([
      'add',
      'add',
      'add',
      'replace',
      'replace',
      'replace',
      'remove',
      'remove',
      random.pick(['test', 'copy', 'move']),
    ]);
    const path = pathIn(random, object);
    if (op === 'remove') return { op, path };
    if (op === 'copy' || op === 'move') return { op, from: pathIn(random, object), path: '/metadata/labels' };
    return {
      op,
      path:
        op === 'add' && random.chance(0.4)
          ? random.pick(['/metadata/annotations', '/spec/added', '/metadata/labels/new~1x', '/spec/template/spec/containers/-'])
          : path,
      value: valueFor(random),
    };
  });
}

function valueFor(random) {
  return random.pick([
    oddValue(random),
    { a: oddValue(random) },
    [oddValue(random)],
    { name: 'n', image: 'nginx' },
    12345678901234567890n.toString(),
    5,
    1.5,
    1000000,
  ]);
}

function pathIn(random, object) {
  let at = object;
  let path = '';
  let depthOf = -1;
  for (let depth = random.int(2, 7); depth > 0; depth--) {
    depthOf++;
    if (at === null || typeof at !== 'object' || '$raw' in at) break;
    const keys = Object.keys(at);
    if (keys.length === 0) break;
    const key =
      depthOf === 0
        ? (random.pick(keys.filter((each) => !['apiVersion', 'kind', 'metadata'].includes(each) || random.chance(0.03))) ?? keys[0])
        : Array.isArray(at) && random.chance(0.1)
          ? random.pick(['-1', '99', '-'])
          : random.pick(keys);
    path += `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    at = at[key];
  }
  return path;
}
