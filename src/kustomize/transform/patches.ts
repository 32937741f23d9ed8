import { EvenkeelError, type Json, parseJson } from '../../model/index.js';
import { failure, located, within } from '../errors.js';
import { merge } from '../merge/index.js';
import {
  appendAll,
  copyResource,
  currentId,
  enable,
  isEnabled,
  isInternalNote,
  kindOf,
  nameOf,
  namespaceOf,
  note,
  originalId,
  type Resource,
  readNodes,
  readResources,
  type Selector,
  select,
  setNamespace,
  storePreviousId,
  takeMetadata,
  theOne,
} from '../resource/index.js';
import { fromJson, getMetaMap, isEmpty, mapNode, scalarNode, setField, setMetaField, setMetaMap, toJson, toJson11 } from '../yaml/index.js';
import { replaceAll, type Work } from './context.js';
import { applyOperations, type Operation, parseOperations, readOperations } from './json-patch.js';

export interface PatchOptions {
  allowNameChange?: boolean;
  allowKindChange?: boolean;
}

export type LoadedPatch = { kind: 'merge'; patches: Resource[] } | { kind: 'json'; operations: Operation[] };

/**
 * Finds out what a text is: strategic merge patches, or a JSON patch.
 * @throws EvenkeelError KUSTOMIZE_PATCH_INVALID where it is neither, or both
 */
export function loadPatch(text: string, source: { file?: string; options?: PatchOptions }): LoadedPatch {
  const merging = attempt(() => readResources(text, source.file));
  const json = attempt(() => operationsFrom(text));
  if ('value' in merging && 'value' in json)
    throw failure('KUSTOMIZE_PATCH_INVALID', 'illegally qualifies as both an SM and JSON patch', { file: source.file });
  if ('value' in merging) {
    const patches = merging.value;
    for (const patch of patches) {
      if (source.options?.allowNameChange) enable(patch, note.allowNameChange);
      if (source.options?.allowKindChange) enable(patch, note.allowKindChange);
    }
    return { kind: 'merge', patches };
  }
  if ('value' in json) return { kind: 'json', operations: json.value };
  const looksLikeList = /^\s*(?:-|\[)/.test(text);
  const reason = looksLikeList ? json.error : merging.error;
  throw located(
    failure('KUSTOMIZE_PATCH_INVALID', `unable to parse SM or JSON patch: ${reason.message}`, {
      ...reason.where,
      hint: 'A patch is an object with apiVersion, kind and metadata.name, or a list of JSON patch operations.',
    }),
    { ...(source.file === undefined ? {} : { file: source.file }) },
  );
}

function attempt<T>(run: () => T): { value: T } | { error: EvenkeelError } {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof EvenkeelError) return { error };
    throw error;
  }
}

/** Operations in JSON or YAML. */
export function operationsFrom(text: string): Operation[] {
  if (text === '') throw failure('KUSTOMIZE_PATCH_INVALID', 'empty json patch operations');
  if (text.startsWith('[')) return parseOperations(text);
  const isJson = /^\s*\{/.test(text);
  const value: Json = isJson ? parseJsonOrFail(text) : yamlOrNull(text);
  // Nothing at all is a patch without operations to Go's decoder.
  return value === null ? [] : readOperations(value);
}

function yamlOrNull(text: string): Json {
  const [document] = readNodes(text, undefined);
  return document === undefined ? null : toJson11(document.node);
}

function parseJsonOrFail(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw failure('KUSTOMIZE_PATCH_INVALID', 'the patch is no JSON');
  }
}

/** @throws EvenkeelError KUSTOMIZE_NO_MATCH, KUSTOMIZE_CONFLICT, KUSTOMIZE_PATCH_INVALID */
export function transformPatch(work: Work, patch: LoadedPatch, target: Selector | undefined): void {
  if (patch.kind === 'json') {
    if (target === undefined)
      throw failure('KUSTOMIZE_PATCH_INVALID', 'must specify a target for JSON patch', {
        field: 'target',
        hint: 'Say with target which objects it is for.',
      });
    for (const resource of select(work.resources, target, work.schemas)) {
      storePreviousId(resource, work.schemas);
      applyJsonPatch(resource, patch.operations);
    }
    return;
  }
  if (target === undefined) {
    for (const each of patch.patches) {
      const resource = theOne(work.resources, originalId(each, work.schemas), work.schemas);
      applyMerge(resource, each, work);
    }
    return;
  }
  const [only, ...others] = patch.patches;
  if (only === undefined || others.length > 0)
    throw failure(
      'KUSTOMIZE_PATCH_INVALID',
      'Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field',
      { field: 'target' },
    );
  patchAll(work, select(work.resources, target, work.schemas), only);
}

/** The `patchesStrategicMerge` field: each patch changes the one object that it names. */
export function transformMergePatches(work: Work, patches: readonly Resource[]): void {
  for (const patch of patches) patchAll(work, [theOne(work.resources, originalId(patch, work.schemas), work.schemas)], patch);
}

function patchAll(work: Work, selected: readonly Resource[], patch: Resource): void {
  const chosen = new Set(selected.map((resource) => exactId(resource, work)));
  const left: Resource[] = [];
  for (const resource of work.resources.slice()) {
    if (chosen.has(exactId(resource, work))) {
      const own = copyResource(patch);
      takeMetadata(own, patch);
      const { group, version } = currentId(resource, work.schemas);
      setField(own.node, 'kind', scalarNode(kindOf(patch)));
      setField(own.node, 'apiVersion', scalarNode(group === '' ? version : `${group}/${version}`));
      applyMerge(resource, own, work);
    }
    if (!isEmpty(resource.node)) left.push(resource);
  }
  const list: Resource[] = [];
  appendAll(list, left, work.schemas);
  replaceAll(work.resources, list);
}

function exactId(resource: Resource, work: Work): string {
  const { group, version, kind, name, namespace } = currentId(resource, work.schemas);
  return JSON.stringify([group, version, kind, name, namespace]);
}

function applyMerge(resource: Resource, patch: Resource, { schemas }: Work): void {
  const name = nameOf(resource);
  const namespace = namespaceOf(resource);
  const kind = kindOf(resource);
  const mayRename = isEnabled(patch, note.allowNameChange);
  const mayChangeKind = isEnabled(patch, note.allowKindChange);
  if (mayRename || mayChangeKind) storePreviousId(resource, schemas);
  const merged = within(patch.file === undefined ? {} : { file: patch.file, line: patch.line }, () =>
    merge(resource.node, patch.node, { schemaOf: (apiVersion, of) => schemas.schemaOf(apiVersion, of), prepend: true }),
  );
  if (merged === undefined || isEmpty(merged)) {
    resource.node = mapNode();
    return;
  }
  resource.node = merged;
  if (!mayChangeKind) setField(resource.node, 'kind', scalarNode(kind));
  if (!mayRename) setMetaField(resource.node, 'name', name);
  setNamespace(resource.node, namespace);
}

/** Applies operations to what the object is as JSON; what the build knows of it stays. */
export function applyJsonPatch(resource: Resource, operations: readonly Operation[]): void {
  within({ resource: `${kindOf(resource)}/${nameOf(resource)}` }, () => {
    const internal = [...getMetaMap(resource.node, 'annotations')].filter(([key]) => isInternalNote(key));
    const patched = applyOperations(toJson(resource.node), operations);
    if (patched === null || typeof patched !== 'object' || Array.isArray(patched))
      throw failure('KUSTOMIZE_PATCH_INVALID', 'the patch leaves no object');
    resource.node = fromJson(patched);
    const annotations = getMetaMap(resource.node, 'annotations');
    for (const [key, value] of internal) annotations.set(key, value);
    setMetaMap(resource.node, 'annotations', annotations);
  });
}
