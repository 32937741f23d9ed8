import type { FieldSpec } from '../config/field-spec.js';
import { failure, within } from '../errors.js';
import { kindOf, type Resource } from '../resource/index.js';
import { BOOL, FLOAT, INT, isNull, isText, lookup, STR, splitFieldPath, type YNode } from '../yaml/index.js';
import type { Work } from './context.js';
import { visitFields } from './fields.js';

export interface Var {
  name: string;
  objref: { apiVersion?: string; group?: string; version?: string; kind?: string; name?: string; namespace?: string };
  fieldref?: { fieldPath?: string };
}

interface Value {
  text: string;
  tag: string;
}

/**
 * Replaces `$(NAME)` by what vars stand for, in the fields that may hold them.
 * @returns the names that nothing asked for
 * @throws EvenkeelError KUSTOMIZE_NO_MATCH where a var finds no field
 */
export function transformVars(work: Work, vars: readonly Var[], fieldSpecs: readonly FieldSpec[]): string[] {
  const values = new Map<string, Value | undefined>();
  for (const each of vars) values.set(each.name, sourceOf(work.resources, each));
  if (values.size === 0) return [];
  const used = new Set<string>();
  const expand = (node: YNode) => {
    const { text, tag } = replaceIn(node.value, values, used);
    node.value = text;
    node.tag = tag;
    node.style = 0;
  };
  const set = (node: YNode) => {
    if (isNull(node)) return;
    const { kind, content } = node as YNode;
    if (kind === 'scalar') {
      if (isText(node)) expand(node);
    } else if (kind === 'map') {
      for (let i = 0; i < content.length; i += 2) {
        if (!isText(content[i] as YNode))
          throw failure('KUSTOMIZE_RESOURCE_INVALID', `invalid map key: value='${(content[i] as YNode).value}'`);
        const value = content[i + 1] as YNode;
        if (isText(value)) expand(value);
      }
    } else
      for (const item of content) {
        if (!isText(item)) throw failure('KUSTOMIZE_RESOURCE_INVALID', 'invalid value type expect a string');
        expand(item);
      }
  };
  for (const { node, file, line } of work.resources) within({ file, line }, () => visitFields(node, fieldSpecs, { set }));
  return [...values.keys()].filter((name) => !used.has(name));
}

/** Undefined for a mapping or list, which nothing can hold in a text. */
function sourceOf(resources: readonly Resource[], { name, fieldref }: Var): Value | undefined {
  const path = fieldref?.fieldPath || 'metadata.name';
  for (const resource of resources) {
    if (!resource.refVars.includes(name)) continue;
    const node = lookup(resource.node, splitFieldPath(path).flatMap(indexed));
    if (node === undefined)
      throw failure(
        'KUSTOMIZE_NO_MATCH',
        `field specified in var '${name}' (${path} of ${kindOf(resource)}) not found in corresponding resource`,
        {
          field: 'vars',
        },
      );
    if (node.kind !== 'scalar') return undefined;
    return { text: node.value, tag: node.tag === INT || node.tag === BOOL || node.tag === FLOAT ? node.tag : STR };
  }
  throw failure('KUSTOMIZE_NO_MATCH', `var '${name}' cannot be mapped to a field in the set of known resources`, { field: 'vars' });
}

/** `ports[0]` is the item 0 of `ports`. */
function indexed(part: string): string[] {
  const match = /^(.*)\[([0-9]+)\]$/s.exec(part);
  if (!match) return [part];
  return match[1] === '' ? [match[2] as string] : [match[1] as string, match[2] as string];
}

function replaceIn(text: string, values: ReadonlyMap<string, Value | undefined>, used: Set<string>): Value {
  let out = '';
  let from = 0;
  for (let at = text.indexOf('$'); at >= 0 && at + 1 < text.length; at = text.indexOf('$', from)) {
    out += text.slice(from, at);
    const next = text.charAt(at + 1);
    if (next === '$') {
      out += '$';
      from = at + 2;
      continue;
    }
    const close = next === '(' ? text.indexOf(')', at + 2) : -1;
    if (close < 0) {
      const c = String.fromCodePoint(text.codePointAt(at + 1) as number);
      out += `$${c}`;
      from = at + 1 + c.length;
      continue;
    }
    const name = text.slice(at + 2, close);
    const value = values.get(name);
    if (value !== undefined) used.add(name);
    const whole = at === 0 && close === text.length - 1;
    if (whole) return value ?? { text, tag: STR };
    out += value === undefined ? `$(${name})` : value.text;
    from = close + 1;
  }
  return { text: out + text.slice(from), tag: STR };
}
