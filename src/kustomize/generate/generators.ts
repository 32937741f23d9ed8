import { failure } from '../errors.js';
import { enable, newResource, note, type Resource } from '../resource/index.js';
import {
  BOOL,
  compareBytes,
  getOrCreate,
  mapNode,
  QUOTED,
  STR,
  scalarNode,
  setAnnotation,
  setField,
  setLabel,
  stringNode,
  type YNode,
} from '../yaml/index.js';
import type { KeyValueSources, Pair } from './key-values.js';

export interface GeneratorOptions {
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  disableNameSuffixHash?: boolean;
  immutable?: boolean;
}

export interface GeneratorArgs extends KeyValueSources {
  name?: string;
  namespace?: string;
  behavior?: string;
  /** The older, single form of `envs`. */
  env?: string;
  options?: GeneratorOptions;
  /** Of a Secret. */
  type?: string;
}

/** The generator's own options over those for all; a `true` for all cannot be taken back. */
export function mergeOptions(own: GeneratorOptions | undefined, all: GeneratorOptions | undefined): GeneratorOptions | undefined {
  if (all === undefined) return own;
  return {
    labels: { ...all.labels, ...own?.labels },
    annotations: { ...all.annotations, ...own?.annotations },
    disableNameSuffixHash: own?.disableNameSuffixHash || all.disableNameSuffixHash,
    immutable: own?.immutable || all.immutable,
  };
}

/**
 * Makes a ConfigMap or Secret out of pairs.
 * @throws EvenkeelError KUSTOMIZE_INVALID for a missing name and a key that stands twice
 */
export function generate(kind: 'ConfigMap' | 'Secret', args: GeneratorArgs, from: { pairs: readonly Pair[]; file: string }): Resource {
  const { name = '', namespace = '', options } = args;
  if (name === '') throw failure('KUSTOMIZE_INVALID', 'a configmap must have a name', { field: 'name' });
  const node = mapNode([scalarNode('apiVersion', STR), scalarNode('v1', STR), scalarNode('kind', STR), scalarNode(kind, STR)]);
  setStringMeta(node, 'name', name);
  if (namespace !== '') setStringMeta(node, 'namespace', namespace);
  if (kind === 'Secret') setField(node, 'type', stringNode(args.type || 'Opaque'));
  addData(node, kind, dataOf(from.pairs, name));
  for (const key of Object.keys(options?.labels ?? {}).sort(compareBytes)) setLabel(node, key, options?.labels?.[key] as string);
  for (const key of Object.keys(options?.annotations ?? {}).sort(compareBytes))
    setAnnotation(node, key, options?.annotations?.[key] as string);
  if (options?.immutable) setField(node, 'immutable', scalarNode('true', BOOL));
  const resource = newResource(node, { file: from.file });
  if (!options?.disableNameSuffixHash) enable(resource, note.needsHash);
  const { behavior = '' } = args;
  enable(resource, note.behavior, ['create', 'merge', 'replace'].includes(behavior) ? behavior : 'unspecified');
  return resource;
}

function setStringMeta(node: YNode, field: 'name' | 'namespace', text: string): void {
  setField(getOrCreate(node, 'metadata', 'map') as YNode, field, stringNode(text));
}

function dataOf(pairs: readonly Pair[], name: string): Map<string, Uint8Array | string> {
  const data = new Map<string, Uint8Array | string>();
  for (const { key, value } of pairs) {
    if (data.has(key)) throw failure('KUSTOMIZE_INVALID', `configmap ${name} illegally repeats the key \`${key}\``);
    data.set(key, value);
  }
  return data;
}

function addData(node: YNode, kind: 'ConfigMap' | 'Secret', data: ReadonlyMap<string, Uint8Array | string>): void {
  if (kind === 'Secret') getOrCreate(node, 'data', 'map');
  for (const key of [...data.keys()].sort(compareBytes)) {
    const value = data.get(key) as Uint8Array | string;
    const text = typeof value === 'string' ? value : decode(value);
    const isPlain = kind === 'ConfigMap' && text !== undefined;
    const content = isPlain ? text : base64Lines(value);
    const map = getOrCreate(node, kind === 'Secret' || isPlain ? 'data' : 'binaryData', 'map') as YNode;
    setField(map, key, scalarNode(content, STR, content.includes('\n') ? QUOTED : 0));
  }
}

/** Undefined for what is no UTF-8. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Base64 in lines of 70 characters where it is longer than one: they are part of the value. */
function base64Lines(value: Uint8Array | string): string {
  const text = Buffer.from(value as Uint8Array).toString('base64');
  return text.length < 70 ? text : `${(text.match(/.{1,70}/g) ?? []).join('\n')}\n`;
}
