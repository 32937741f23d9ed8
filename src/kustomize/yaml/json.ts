import { type Json, setOwn } from '../../model/index.js';
import { failure } from '../errors.js';
import { foldedAgain } from './folded.js';
import {
  BINARY,
  emptyNode,
  FLOAT,
  FLOW,
  FOLDED,
  INT,
  mapNode,
  NULL,
  QUOTED,
  STR,
  scalarNode,
  stringNode,
  TAGGED,
  type YNode,
} from './node.js';
import { hasOtherType11, type Meaning, resolve, TIMESTAMP } from './resolve.js';

/**
 * What a resource is once it is written and read again, as Kustomize does before it prints: JSON.
 * @throws EvenkeelError KUSTOMIZE_RESOURCE_INVALID for keys that stand twice or are no texts, and for tags that do not fit
 */
export function toJson(node: YNode, root = true): Json {
  return convert(node, root, false);
}

function convert(node: YNode, root: boolean, inFlow: boolean): Json {
  if (node.kind === 'scalar') return meaningOf(node, inFlow).value;
  const flow = inFlow || (node.style & FLOW) !== 0;
  if (node.kind === 'list') return node.content.map((item) => convert(item, false, flow));
  const result: { [key: string]: Json } = {};
  const { content } = node;
  for (let i = 0; i < content.length; i += 2) {
    const key = content[i] as YNode;
    const name = key.value;
    if (Object.hasOwn(result, name)) throw invalid(`mapping key "${name}" already defined`, key);
    if (!root && key.tag !== STR && name !== '' && effective(key).tag !== STR)
      throw invalid(`the key ${name} is no text: write it in quotes`, key);
    setOwn(result, name, convert(content[i + 1] as YNode, false, flow));
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
function meaningOf(node: YNode, inFlow: boolean): Meaning & { value: Json } {
  const meaning = json(effective(node), node);
  const { value, style } = node;
  if ((style & FOLDED) !== 0 && typeof meaning.value === 'string') return { tag: STR, value: foldedAgain(meaning.value) };
  // Between braces a time with colons is put into quotes, and nothing at all is written as an empty text.
  const quotedThere =
    (meaning.tag === TIMESTAMP && value.includes(':')) || (meaning.tag === NULL && value === '' && (style & TAGGED) === 0);
  return inFlow && quotedThere ? { tag: STR, value } : meaning;
}

const known = new Set([NULL, INT, FLOAT, '!!bool', TIMESTAMP]);

function effective(node: YNode): Meaning {
  const { tag, value, style } = node;
  if (tag === STR) return { tag: STR, value };
  const quoted = (style & QUOTED) !== 0;
  if (tag === '') return quoted ? { tag: STR, value } : resolve(value);
  if (tag === BINARY) return { tag: STR, value: decodeBinary(node) };
  const plain = resolve(value);
  if ((style & TAGGED) === 0 && plain.tag === tag) return quoted ? { tag: STR, value } : plain;
  if (plain.tag === tag) return plain;
  if (tag === FLOAT && plain.tag === INT) return { tag: FLOAT, value: Number(plain.value) };
  // Tags that nobody knows make it a string.
  if (!known.has(tag)) return { tag: STR, value };
  throw invalid(`cannot decode \`${value}\` as a ${tag}`, node);
}

/** Nodes for a JSON value that went through Go's decoder, which reads every number as a double. */
export function fromJson(value: Json): YNode {
  if (value === null) return scalarNode('null', NULL);
  switch (typeof value) {
    case 'string':
      return textNode(value);
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
  for (const key of Object.keys(value).sort()) map.content.push(textNode(key), fromJson(value[key] as Json));
  return map;
}

function decodeBinary(node: YNode): string {
  const digits = node.value.replace(/[\r\n]/g, '');
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) throw invalid('!!binary value contains invalid base64 data', node);
  return Buffer.from(digits, 'base64').toString('utf8');
}

const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** In quotes where YAML needs them: what is written in its place later is in quotes too. */
function textNode(value: string): YNode {
  const node = stringNode(value);
  if (hasOtherType11(value) || resolve(value).tag !== STR || sexagesimal.test(value)) node.style = QUOTED;
  return node;
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
