import { resolvePlain } from '../../manifest/index.js';
import type { Json } from '../../model/index.js';
import { failure } from '../errors.js';
import { toJson } from './json.js';
import { QUOTED, TAGGED, type YNode } from './node.js';

/** Kustomizations, configurations and JSON patches are read by YAML 1.1, where `n` and `yes` are booleans; of equal keys the last counts. */
export function toJson11(node: YNode): Json {
  if (node.kind === 'list') return node.content.map(toJson11);
  if (node.kind === 'map') {
    const entries = new Map<string, Json>();
    for (let i = 0; i < node.content.length; i += 2) entries.set(keyText(node.content[i] as YNode), toJson11(node.content[i + 1] as YNode));
    return Object.fromEntries(entries);
  }
  if ((node.style & TAGGED) !== 0) return toJson(node, false);
  if ((node.style & QUOTED) !== 0) return node.value;
  const { type, value } = resolvePlain(node.value);
  if (type === 'float' && !Number.isFinite(value)) throw failure('KUSTOMIZE_INVALID', `${node.value} is no number that JSON has`);
  return value;
}

function keyText(key: YNode): string {
  if (key.style !== 0) return key.value;
  const { type, value } = resolvePlain(key.value);
  return type === 'string' ? key.value : String(value);
}
