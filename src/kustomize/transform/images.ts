import type { FieldSpec } from '../config/field-spec.js';
import { within } from '../errors.js';
import { compileRegex } from '../regex.js';
import { kindOf } from '../resource/index.js';
import { expectKind, getField, isNull, scalarNode, setScalar, type YNode } from '../yaml/index.js';
import type { Work } from './context.js';
import { visitFields } from './fields.js';

export interface Image {
  name?: string;
  newName?: string;
  newTag?: string;
  tagSuffix?: string;
  digest?: string;
}

/** Changes images by name: in every `containers` and `initContainers` at any depth, and in the fields that specs name. */
export function transformImages(work: Work, image: Image, fieldSpecs: readonly FieldSpec[]): void {
  const matches = within({ field: 'name' }, () => compileRegex(`^${image.name ?? ''}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`));
  const set = (node: YNode) => {
    expectKind(node, 'scalar');
    if (matches(node.value)) setScalar(node, scalarNode(changed(node.value, image)));
  };
  const concerned = work.resources.filter((resource) => kindOf(resource) !== 'CustomResourceDefinition');
  for (const { node, file, line } of concerned) within({ file, line }, () => walk(node, set));
  for (const { node, file, line } of concerned) within({ file, line }, () => visitFields(node, fieldSpecs, { set }));
}

function walk(node: YNode, set: (node: YNode) => void): void {
  if (node.kind === 'list') for (const item of node.content) walk(item, set);
  if (node.kind !== 'map') return;
  for (let i = 0; i < node.content.length; i += 2) {
    const value = node.content[i + 1] as YNode;
    if (value.content.length === 0) continue;
    walk(value, set);
    const key = (node.content[i] as YNode).value;
    if ((key !== 'containers' && key !== 'initContainers') || value.kind !== 'list') continue;
    for (const item of value.content) {
      const image = getField(item, 'image');
      if (!isNull(image)) set(image);
    }
  }
}

function changed(text: string, image: Image): string {
  const old = splitImage(text);
  const name = image.newName || old.name;
  let { tag, digest } = old;
  if (image.newTag || image.digest) {
    tag = image.newTag ?? '';
    digest = image.digest ?? '';
  } else if (image.tagSuffix) {
    tag += image.tagSuffix;
    digest = '';
  }
  return `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`;
}

/** `host:port/name:tag@digest` in its parts. */
function splitImage(text: string): { name: string; tag: string; digest: string } {
  const slash = Math.max(0, text.indexOf('/'));
  const at = text.indexOf('@', slash);
  const colon = text.indexOf(':', slash);
  if (colon >= 0 && (at < 0 || colon < at))
    return { name: text.slice(0, colon), tag: text.slice(colon + 1, at < 0 ? undefined : at), digest: at < 0 ? '' : text.slice(at + 1) };
  if (at >= 0) return { name: text.slice(0, at), tag: '', digest: text.slice(at + 1) };
  return { name: text, tag: '', digest: '' };
}
