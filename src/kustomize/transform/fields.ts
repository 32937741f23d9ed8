import type { FieldSpec } from '../config/field-spec.js';
import { failure, located, WrongKind } from '../errors.js';
import { idText, isSelected, splitApiVersion } from '../resource/index.js';
import { emptyNode, fieldOf, getField, getMeta, NULL, scalarNode, splitPath, type YNode } from '../yaml/index.js';

export interface Visit {
  set: (node: YNode) => void;
  /** What a missing field is created as, where its spec wants it created. */
  create?: YNode['kind'];
  /** Tag of a null field that is turned into it. */
  tag?: string;
}

/** Visits each field of an object that a spec names; lists on the way are gone through. */
export function visitFields(root: YNode, specs: readonly FieldSpec[], visit: Visit): void {
  const apiVersion = fieldOf(root, 'apiVersion')?.value ?? '';
  const gvk = { ...splitApiVersion(apiVersion), kind: fieldOf(root, 'kind')?.value ?? '' };
  for (const spec of specs) {
    if (!isSelected(gvk, spec)) continue;
    try {
      walk(root, pathOf(spec), 0, { ...visit, wantsCreate: spec.create === true });
    } catch (error) {
      if (error instanceof WrongKind) {
        const id = idText({ ...gvk, name: getMeta(root, 'name'), namespace: getMeta(root, 'namespace') });
        throw failure('KUSTOMIZE_RESOURCE_INVALID', `considering field '${spec.path}' of object ${id}: ${error.message}`, {
          field: spec.path,
        });
      }
      throw located(error, { field: spec.path });
    }
  }
}

const split = new WeakMap<FieldSpec, string[]>();

function pathOf(spec: FieldSpec): string[] {
  let parts = split.get(spec);
  if (parts === undefined) {
    parts = splitPath(spec.path, '/');
    split.set(spec, parts);
  }
  return parts;
}

interface Walk extends Visit {
  wantsCreate: boolean;
}

function walk(node: YNode, path: readonly string[], at: number, visit: Walk): void {
  if (at === path.length) {
    visit.set(node);
    return;
  }
  if (node.tag === NULL) return;
  if (node.kind === 'list') {
    for (const item of node.content) walk(item, path, at, visit);
    return;
  }
  if (node.kind !== 'map') throw failure('KUSTOMIZE_RESOURCE_INVALID', 'expected sequence or mapping node');
  const part = path[at] as string;
  const isList = part.endsWith('[]');
  const name = isList ? part.slice(0, -2) : part;
  if (name === '') throw failure('KUSTOMIZE_INVALID', 'cannot set or create an empty field name');
  const last = at === path.length - 1;
  const creates = visit.wantsCreate && visit.create !== undefined && !isList;
  const kind = creates ? (last ? (visit.create as YNode['kind']) : 'map') : isList ? 'list' : undefined;
  let field = getField(node, name);
  if (field === undefined && creates) {
    field = emptyNode(kind as YNode['kind']);
    node.content.push(scalarNode(name), field);
  }
  if (field === undefined) return;
  if (field.tag === NULL && kind !== undefined) {
    field.kind = kind;
    field.tag = creates ? (last ? (visit.tag ?? '') : '!!map') : '';
  }
  walk(field, path, at + 1, visit);
}
