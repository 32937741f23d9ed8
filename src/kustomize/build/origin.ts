import { parseRemote } from '../load/index.js';
import { apiVersionOf, kindOf, nameOf, namespaceOf, note, type Resource } from '../resource/index.js';
import type { Schemas } from '../schema/index.js';
import { transformEntries } from '../transform/index.js';
import { getMetaMap, getMetaMapEntry, isEmpty, setMetaMap, writeYaml } from '../yaml/index.js';

/** Where an object or a transformation comes from, for the annotations of `buildMetadata`. */
export interface Origin {
  path?: string;
  repo?: string;
  ref?: string;
  configuredIn?: string;
  configuredBy?: { apiVersion?: string; kind?: string; name?: string; namespace?: string };
}

export function appendOrigin(origin: Origin, path: string): Origin {
  const remote = parseRemote(path);
  if (remote !== undefined) return { ...origin, repo: remote.repository, ref: remote.ref, path: remote.path };
  return { ...origin, path: joinLoosely(origin.path ?? '', path) };
}

/** `..` that leads above the folder of the build stays. */
function joinLoosely(folder: string, path: string): string {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

export function builtinOrigin(origin: Origin, file: string, kind: string): Origin {
  return {
    repo: origin.repo,
    ref: origin.ref,
    configuredIn: joinLoosely(origin.path ?? '', file),
    configuredBy: { apiVersion: 'builtin', kind },
  };
}

/** What a plugin's configuration says of where it stands. */
export function pluginOrigin(resource: Resource): Origin | undefined {
  const origin = originOf(resource);
  if (origin === undefined) return undefined;
  return {
    repo: origin.repo,
    ref: origin.ref,
    configuredIn: origin.path,
    configuredBy: { apiVersion: apiVersionOf(resource), kind: kindOf(resource), name: nameOf(resource), namespace: namespaceOf(resource) },
  };
}

function originOf(resource: Resource): Origin | undefined {
  const text = getMetaMapEntry(resource.node, 'annotations', note.origin);
  if (text === undefined) return undefined;
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.replace(/^"(.*)"$/, '$1');
  return { path: field('path'), repo: field('repo'), ref: field('ref') };
}

function lines(origin: Origin): string[] {
  const entry = (name: string, value: string | undefined) => (value ? [`${name}: ${writeYaml(value).trimEnd()}`] : []);
  const by = origin.configuredBy ?? {};
  const inner = [
    ...entry('apiVersion', by.apiVersion),
    ...entry('kind', by.kind),
    ...entry('name', by.name),
    ...entry('namespace', by.namespace),
  ];
  return [
    ...entry('path', origin.path),
    ...entry('repo', origin.repo),
    ...entry('ref', origin.ref),
    ...entry('configuredIn', origin.configuredIn),
    ...(inner.length === 0 ? [] : ['configuredBy:', ...inner.map((line) => `  ${line}`)]),
  ];
}

function originText(origin: Origin): string {
  const all = lines(origin);
  return all.length === 0 ? '{}\n' : `${all.join('\n')}\n`;
}

export function setOrigin(resource: Resource, origin: Origin): void {
  setMetaMap(resource.node, 'annotations', getMetaMap(resource.node, 'annotations').set(note.origin, originText(origin)));
}

export function annotateFile(resource: Resource, origin: Origin, schemas: Schemas): void {
  const work = { resources: [resource], schemas };
  transformEntries(work, { [note.origin]: originText(origin) }, [{ path: 'metadata/annotations', create: true }]);
}

export function hasOrigin(resource: Resource): boolean {
  return getMetaMapEntry(resource.node, 'annotations', note.origin) !== undefined;
}

/** Notes a transformation on each object; one that has no origin was made by it. */
export function annotateTransformer(resources: readonly Resource[], origin: Origin): void {
  for (const resource of resources) {
    if (isEmpty(resource.node)) continue;
    if (!hasOrigin(resource)) {
      setOrigin(resource, origin);
      continue;
    }
    const annotations = getMetaMap(resource.node, 'annotations');
    const known = annotations.get(note.transformations) ?? '';
    const added = lines(origin)
      .map((line, i) => `${i === 0 ? '- ' : '  '}${line}\n`)
      .join('');
    setMetaMap(resource.node, 'annotations', annotations.set(note.transformations, known + added));
  }
}
