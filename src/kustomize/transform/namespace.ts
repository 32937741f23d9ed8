import type { FieldSpec } from '../config/field-spec.js';
import { failure, WrongKind, within } from '../errors.js';
import { apiVersionOf, currentId, idKey, idText, kindOf, type Resource, storePreviousId } from '../resource/index.js';
import { expectKind, fieldOf, getOrCreate, isNull, STR, scalarNode, setScalar, textOf, type YNode } from '../yaml/index.js';
import type { Work } from './context.js';
import { visitFields } from './fields.js';

export type SubjectMode = 'defaultOnly' | 'allServiceAccounts' | 'none';

export interface NamespaceOptions {
  namespace: string;
  fieldSpecs: readonly FieldSpec[];
  unsetOnly?: boolean;
  subjects?: SubjectMode;
}

/**
 * Sets the namespace of what can have one, and of the fields that name it.
 * @throws EvenkeelError KUSTOMIZE_CONFLICT where two objects become the same
 */
export function transformNamespace({ resources, schemas }: Work, options: NamespaceOptions): void {
  if (options.namespace === '') return;
  const counts = new Map<string, number>();
  const count = (key: string, by: number) => counts.set(key, (counts.get(key) ?? 0) + by);
  for (const resource of resources) count(idKey(currentId(resource, schemas)), 1);
  for (const resource of resources) {
    storePreviousId(resource, schemas);
    const before = idKey(currentId(resource, schemas));
    within({ file: resource.file, line: resource.line }, () =>
      setNamespaces(resource, options, currentId(resource, schemas).clusterScoped),
    );
    const id = currentId(resource, schemas);
    count(before, -1);
    count(idKey(id), 1);
    if (counts.get(idKey(id)) !== 1)
      throw failure('KUSTOMIZE_CONFLICT', `namespace transformation produces ID conflict: ${idText(id)}`, {
        file: resource.file,
        line: resource.line,
        hint: 'Two objects of the same kind and name were told apart by their namespaces only.',
      });
  }
}

export function setNamespaces(resource: Resource, options: NamespaceOptions, clusterScoped: boolean): void {
  const { node } = resource;
  const set = setter(options);
  if (!clusterScoped) visitFields(node, [{ path: 'metadata/namespace', create: true }], { set, create: 'scalar' });
  const isCore = apiVersionOf(resource) === 'v1';
  const isBinding = kindOf(resource) === 'RoleBinding' || kindOf(resource) === 'ClusterRoleBinding';
  if (isBinding) setSubjects(node, options, set);
  const specs = options.fieldSpecs.filter(
    ({ path, kind }) =>
      path !== 'metadata/namespace' &&
      (isCore || path !== 'metadata/name') &&
      !(isBinding && path === 'subjects/namespace' && (kind === 'RoleBinding' || kind === 'ClusterRoleBinding')),
  );
  visitFields(node, specs, { set, create: 'scalar', tag: STR });
}

function setter({ namespace, unsetOnly }: NamespaceOptions): (node: YNode) => void {
  return (node) => {
    if (unsetOnly && !isNull(node) && node.kind === 'scalar' && textOf(node) !== '') return;
    try {
      setScalar(node, scalarNode(namespace, STR));
    } catch (error) {
      if (error instanceof WrongKind)
        throw failure('KUSTOMIZE_INVALID', `namespace field specs must target scalar nodes: ${error.message}`, {
          hint: 'The field spec leads to a list or mapping; it must end at the field that holds the namespace.',
        });
      throw error;
    }
  };
}

function setSubjects(node: YNode, { subjects: mode = 'defaultOnly' }: NamespaceOptions, set: (node: YNode) => void): void {
  if (mode === 'none') return;
  const subjects = fieldOf(node, 'subjects');
  if (isNull(subjects)) return;
  expectKind(subjects, 'list');
  for (const subject of (subjects as YNode).content) {
    expectKind(subject, 'map');
    const named = fieldOf(subject, mode === 'allServiceAccounts' ? 'kind' : 'name');
    expectKind(named, 'scalar');
    const wanted =
      mode === 'allServiceAccounts'
        ? textOf(fieldOf(subject, 'kind')) === 'ServiceAccount'
        : textOf(fieldOf(subject, 'name')) === 'default';
    if (!wanted) continue;
    const namespace = getOrCreate(subject, 'namespace', 'scalar');
    if (namespace !== undefined) set(namespace);
  }
}
