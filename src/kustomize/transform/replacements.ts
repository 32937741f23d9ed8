import { failure, WrongKind, within } from '../errors.js';
import { allIds, type IdSelector, idText, isSelectedBy, matchesMeta, type ResId, type Resource, type Selector } from '../resource/index.js';
import type { SchemaSource } from '../schema/index.js';
import { become, copyNode, isEmpty, lookup, matchPath, splitFieldPath, textOf, type YNode } from '../yaml/index.js';
import type { Work } from './context.js';

export interface FieldOptions {
  delimiter?: string;
  index?: number;
  encoding?: string;
  create?: boolean;
}

export interface Replacement {
  source?: IdSelector & { fieldPath?: string; options?: FieldOptions };
  targets?: ReplacementTarget[];
}

export interface ReplacementTarget {
  select?: Selector;
  reject?: Selector[];
  fieldPaths?: string[];
  options?: FieldOptions;
}

const defaultPath = 'metadata.name';

/** @throws EvenkeelError KUSTOMIZE_INVALID, KUSTOMIZE_NO_MATCH, KUSTOMIZE_CONFLICT */
export function transformReplacements(work: Work, replacements: readonly Replacement[]): void {
  for (const [i, replacement] of replacements.entries())
    within({ field: `replacements[${i}]` }, () => {
      const { source, targets } = replacement;
      if (source === undefined || targets === undefined)
        throw failure('KUSTOMIZE_INVALID', 'replacements must specify a source and at least one target');
      const value = sourceValue(work, source);
      for (const target of targets) applyTo(work, target, value);
    });
}

/** All that an object is and was called, without its scope: a selector of replacements does not know it. */
function idsOf(resource: Resource, schemas: SchemaSource): ResId[] {
  const ids = allIds(resource, schemas);
  const current = ids[ids.length - 1] as ResId;
  return [{ ...current, clusterScoped: false }, ...ids.slice(0, -1)];
}

function sourceValue({ resources, schemas }: Work, source: NonNullable<Replacement['source']>): YNode {
  const found = resources.filter((resource) => idsOf(resource, schemas).some((id) => isSelectedBy(id, source)));
  const path = source.fieldPath || defaultPath;
  const described = idText(source);
  if (found.length > 1) throw failure('KUSTOMIZE_CONFLICT', `multiple matches for selector ${described}`);
  const [resource] = found;
  if (resource === undefined) throw failure('KUSTOMIZE_NO_MATCH', `nothing selected by ${described}${source.fieldPath ? `:${path}` : ''}`);
  const node = lookup(resource.node, splitFieldPath(path));
  if (isEmpty(node)) throw failure('KUSTOMIZE_NO_MATCH', `fieldPath \`${path}\` is missing for replacement source ${described}`);
  return refined(node as YNode, source.options);
}

function refined(node: YNode, { delimiter = '', index = 0 }: FieldOptions = {}): YNode {
  if (delimiter === '') return node;
  onlyScalars(node);
  const part = textOf(node).split(delimiter)[index];
  if (part === undefined) throw failure('KUSTOMIZE_INVALID', `options.index ${index} is out of bounds for value ${textOf(node)}`);
  return { ...copyNode(node), value: part };
}

function onlyScalars(node: YNode): void {
  if (node.kind !== 'scalar') throw failure('KUSTOMIZE_INVALID', 'delimiter option can only be used with scalar nodes');
}

function applyTo({ resources, schemas }: Work, target: ReplacementTarget, value: YNode): void {
  const { select } = target;
  if (select === undefined) throw failure('KUSTOMIZE_INVALID', 'target must specify resources to select');
  const paths = target.fieldPaths === undefined || target.fieldPaths.length === 0 ? [defaultPath] : target.fieldPaths;
  const selected = matchesMeta(select);
  const rejectsMeta = (target.reject ?? []).filter((each) => each.annotationSelector || each.labelSelector).map(matchesMeta);
  const rejectsIds = (target.reject ?? []).filter((each) => each.group || each.version || each.kind || each.name || each.namespace);
  for (const resource of resources) {
    if (!selected(resource) || rejectsMeta.some((rejects) => rejects(resource))) continue;
    const ids = idsOf(resource, schemas);
    if (!ids.some((id) => isSelectedBy(id, select)) || rejectsIds.some((each) => ids.some((id) => isSelectedBy(id, each)))) continue;
    for (const path of paths) writeTo(resource, path, { value, options: target.options });
  }
}

function writeTo(resource: Resource, path: string, { value, options }: { value: YNode; options: FieldOptions | undefined }): void {
  const create = options?.create ? value.kind : undefined;
  const verb = create === undefined ? 'find' : 'find or create';
  const problem = `unable to ${verb} field "${path}" in replacement target`;
  let fields: YNode[];
  try {
    fields = matchPath(resource.node, splitFieldPath(path), create);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw failure(error instanceof WrongKind ? 'KUSTOMIZE_INVALID' : 'KUSTOMIZE_NO_MATCH', `${problem}: ${error.message}`);
  }
  if (fields.length === 0)
    throw failure('KUSTOMIZE_NO_MATCH', problem, { hint: 'With options.create: true a field is made where it is missing.' });
  for (const field of fields) setValue(field, value, options);
}

function setValue(field: YNode, source: YNode, { delimiter = '', index = 0 }: FieldOptions = {}): void {
  const value = copyNode(source);
  if (delimiter !== '') {
    onlyScalars(field);
    const parts = field.value.split(delimiter);
    const text = textOf(value);
    if (index < 0) parts.unshift(text);
    else if (index >= parts.length) parts.push(text);
    else parts[index] = text;
    value.value = parts.join(delimiter);
  }
  // Of a scalar only the text is taken: whether it is a string or a number stays as it was in the target.
  if (field.kind === 'scalar') field.value = value.value;
  else become(field, value);
}
