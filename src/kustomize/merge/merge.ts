import { looseSchema, type Schema } from '../schema/index.js';
import { expectKind, fieldOf, isNull, keyOf, keysOf, NULL, scalarNode, setField, type YNode } from '../yaml/index.js';
import { mergeAssociative } from './associative.js';
import { takeDirective } from './directive.js';

export interface MergeOptions {
  /** The schema of an object, by which lists merge. */
  schemaOf(apiVersion: string, kind: string): Schema | undefined;
  /** New items of a list go to its front, as patches of a kustomization do. */
  prepend: boolean;
  /** Lists that no schema knows merge by `name` where all their items have one. */
  infer?: boolean;
}

export interface Step {
  dest: YNode | undefined;
  patch: YNode | undefined;
  schema: Schema | undefined;
}

/**
 * Strategic merge as kyaml does it: `patch` over `dest`, which is changed where it stands. Undefined where
 * nothing is left.
 * @throws WrongKind where both have a node of different kinds, EvenkeelError KUSTOMIZE_PATCH_INVALID
 */
export function merge(dest: YNode, patch: YNode, options: MergeOptions): YNode | undefined {
  return mergeNodes({ dest, patch, schema: undefined }, options);
}

export function mergeNodes(step: Step, options: MergeOptions): YNode | undefined {
  const { dest, patch } = step;
  const schema = commented(dest, patch) ?? step.schema ?? schemaOfObject(dest, options) ?? schemaOfObject(patch, options);
  const kind = !isNull(dest) ? dest.kind : !isNull(patch) ? patch.kind : 'map';
  expectKind(dest, kind);
  expectKind(patch, kind);
  const known = { dest, patch, schema };
  if (kind === 'scalar') return patch ?? dest;
  if (kind === 'map') return mergeMaps(known, options);
  if (schema === undefined ? options.infer === true && (isNamed(dest) || isNamed(patch)) : schema.mergeKeys !== undefined)
    return mergeAssociative(known, options);
  return patch ?? dest;
}

/** The first schema that a comment gives. */
function commented(...nodes: (YNode | undefined)[]): Schema | undefined {
  for (const node of nodes) if (node?.schema !== undefined && !isNull(node)) return looseSchema(node.schema);
  return undefined;
}

function schemaOfObject(node: YNode | undefined, { schemaOf }: MergeOptions): Schema | undefined {
  if (isNull(node) || node.kind !== 'map') return undefined;
  const apiVersion = fieldOf(node, 'apiVersion')?.value ?? '';
  const kind = fieldOf(node, 'kind')?.value ?? '';
  return apiVersion === '' || kind === '' ? undefined : schemaOf(apiVersion, kind);
}

/** Whether every item has a `name`; true also of an empty list. */
function isNamed(list: YNode | undefined): boolean {
  return !isNull(list) && list.content.every((item) => fieldOf(item, 'name') !== undefined);
}

/** What a map or list becomes before its fields are looked at: the patch's, the one there, or nothing. */
function mergeMaps({ dest, patch, schema }: Step, options: MergeOptions): YNode | undefined {
  if (dest !== undefined && patch !== undefined && dest.kind !== 'scalar' && dest.content.length === 0) dest.style = patch.style;
  const result = chooseMap(dest, patch);
  if (result === undefined) return undefined;
  // A null that is kept has no fields to merge.
  if (result.tag === NULL && patch === undefined) return result;
  const names = new Set([...(isNull(result) ? [] : keysOf(result)), ...(isNull(patch) ? [] : keysOf(patch as YNode))]);
  for (const name of [...names].sort()) {
    const theirs = isNull(patch) ? undefined : patch;
    const field = { dest: fieldOf(result, name), patch: fieldOf(theirs, name) };
    const own = commented(field.dest, keyOf(result, name), field.patch, keyOf(theirs, name));
    const value = mergeNodes({ ...field, schema: own ?? schema?.field(name) }, options);
    setField(result, name, value);
  }
  return result;
}

function chooseMap(dest: YNode | undefined, patch: YNode | undefined): YNode | undefined {
  if (isNull(dest)) {
    const directive = patch === undefined ? 'merge' : takeDirective(patch, true);
    if (directive === 'delete') return undefined;
    const kept = dest as YNode | undefined;
    if (patch === undefined && kept !== undefined && kept.value !== '') return { ...scalarNode(kept.value, NULL), keep: true };
    return patch;
  }
  if (patch?.tag === NULL) return undefined;
  const directive = patch === undefined ? 'merge' : takeDirective(patch, false);
  return directive === 'delete' ? undefined : directive === 'replace' ? patch : dest;
}
