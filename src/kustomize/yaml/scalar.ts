import { QUOTED, STR, type YNode } from './node.js';
import { resolve } from './resolve.js';

/** A scalar as YAML writes it, in quotes where it has them or needs them; '' for collections. */
export function writeScalar(node: YNode): string {
  if (node.kind !== 'scalar') return '';
  const quoted = (node.style & QUOTED) !== 0 || (node.tag === STR && resolve(node.value).tag !== STR);
  return quoted ? JSON.stringify(node.value) : node.value;
}
