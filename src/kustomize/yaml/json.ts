import { type Json, setOwn } from '../../model/index.js';
import { failure } from '../errors.js';
import { BINARY, emptyNode, FLOAT, INT, mapNode, NULL, QUOTED, STR, scalarNode, stringNode, TAGGED, type YNode } from './node.js';
import { type Meaning, resolve } from './resolve.js';

/**
 * What a resource is once it is written and read again, as Kustomize does before it prints: JSON.
 * @throws EvenkeelError KUSTOMIZE_RESOURCE_INVALID for keys that stand twice or are no texts, and for tags that do not fit
 */
export function toJson(node: YNode, root = true): Json {
  if (node.kind === 'scalar') return meaningOf(node).value;
  if (node.kind === 'list') return node.content.map((item) => toJson(item, false));
  const result: { [key: string]: Json } = {};
  const { content } = node;
  for (let i = 0; i < content.length; i += 2) {
    const key = content[i] as YNode;
    const name = key.value;
    if (Object.hasOwn(result, name)) throw invalid(`mapping key "${name}" already defined`, key);
    if (!root && key.tag !== STR && effective(key).tag !== STR) throw invalid(`the key ${name} is no text: write it in quotes`, key);
    setOwn(result, name, toJson(content[i + 1] as YNode, false));
  }
  return result;
}

function invalid(message: string, node: YNode) {
  return failure('KUSTOMIZE_RESOURCE_INVALID', message, node.value === '' ? {} : { field: node.value });
}

const json = (meaning: Meaning, node: YNode): Meaning & { value: Json } => {
  if (typeof meaning.value === 'number' && !Number.isFinite(meaning.value)) throw invalid(`${node.value} cannot be written as JSON`, node);
  return Object.is(meaning.value, -0) ? { ...meaning, value: 0 } : meaning;
};

/** Tag and value of a scalar as they come out of being written and read. */
function meaningOf(node: YNode): Meaning & { value: Json } {
  return json(effective(node), node);
}

function effective(node: YNode): Meaning {
  const { tag, value, style } = node;
  if (tag === STR) return { tag: STR, value };
  const quoted = (style & QUOTED) !== 0;
  if (tag === '') return quoted ? { tag: STR, value } : resolve(value);
  if (tag === BINARY) return { tag: STR, value: Buffer.from(value.replace(/\s/g, ''), 'base64').toString('utf8') };
  const plain = resolve(value);
  if ((style & TAGGED) === 0 && plain.tag === tag) return quoted ? { tag: STR, value } : plain;
  if (plain.tag === tag) return plain;
  if (tag === FLOAT && plain.tag === INT) return { tag: FLOAT, value: Number(plain.value) };
  throw invalid(`cannot decode \`${value}\` as a ${tag}`, node);
}

/** Nodes for a JSON value that went through Go's decoder, which reads every number as a double. */
export function fromJson(value: Json): YNode {
  if (value === null) return scalarNode('null', NULL);
  switch (typeof value) {
    case 'string':
      return stringNode(value);
    case 'boolean':
      return scalarNode(String(value), '!!bool');
    case 'number':
    case 'bigint': {
      const text = goShortest(Number(value));
      return scalarNode(text, /[.eE]/.test(text) ? FLOAT : INT);
    }
    default:
      break;
  }
  if (Array.isArray(value)) {
    const list = emptyNode('list');
    list.tag = '!!seq';
    list.content = value.map(fromJson);
    return list;
  }
  const map = mapNode();
  map.tag = '!!map';
  for (const key of Object.keys(value).sort()) map.content.push(stringNode(key), fromJson(value[key] as Json));
  return map;
}

/** A double as Go's `strconv.FormatFloat(f, 'g', -1, 64)` writes it. */
export function goShortest(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, power] = value.toExponential().split('e') as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const digits = mantissa.replace(/[-.]/g, '').length;
  return value.toFixed(Math.max(0, digits - 1 - exponent));
}
