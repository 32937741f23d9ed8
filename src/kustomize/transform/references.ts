import type { FieldSpec, NameReference } from '../config/field-spec.js';
import { failure, within } from '../errors.js';
import {
  currentId,
  effectiveNamespace,
  type GvkSelector,
  idText,
  isSelected,
  kindOf,
  nameOf,
  namespaceOf,
  prefixesOf,
  previousIds,
  type ResId,
  type Resource,
  suffixesOf,
} from '../resource/index.js';
import { fieldOf, isNull, isText, scalarNode, setField, setScalar, textOf, type YNode } from '../yaml/index.js';
import type { Work } from './context.js';
import { visitFields } from './fields.js';

interface Known {
  resource: Resource;
  id: ResId;
  original: ResId;
  previous: ResId[];
  prefixes: string[];
  suffixes: string[];
  /** Where it stands in the list. */
  index: number;
}

/**
 * Follows names that changed: every field that may name another object takes the name that it has now.
 * @throws EvenkeelError KUSTOMIZE_CONFLICT where several objects could be meant, KUSTOMIZE_RESOURCE_INVALID
 */
export function transformReferences({ resources, schemas }: Work, references: readonly NameReference[]): void {
  const known = resources.map((resource, index): Known => {
    const previous = previousIds(resource, schemas);
    const id = currentId(resource, schemas);
    return {
      resource,
      id,
      previous,
      original: previous[0] ?? id,
      prefixes: prefixesOf(resource),
      suffixes: suffixesOf(resource),
      index,
    };
  });
  const byName = new Map<string, Known[]>();
  for (const each of known)
    for (const name of new Set(each.previous.map((id) => id.name))) {
      const same = byName.get(name);
      if (same === undefined) byName.set(name, [each]);
      else same.push(each);
    }
  for (const referrer of known) {
    within({ file: referrer.resource.file, line: referrer.resource.line }, () => {
      const finder: Finder = { referrer, known, byName, namespaces: bindingNamespaces(referrer) };
      for (const reference of references)
        for (const spec of reference.fieldSpecs) if (isSelected(referrer.original, spec)) follow(finder, reference, spec);
    });
  }
}

interface Finder {
  referrer: Known;
  known: readonly Known[];
  byName: ReadonlyMap<string, Known[]>;
  /** Other namespaces whose objects a RoleBinding may name. */
  namespaces: ReadonlySet<string>;
}

function bindingNamespaces({ resource, id }: Known): Set<string> {
  const result = new Set<string>();
  const subjects = id.kind === 'RoleBinding' && !id.clusterScoped ? fieldOf(resource.node, 'subjects') : undefined;
  if (isNull(subjects) || subjects.kind !== 'list') return result;
  for (const subject of (subjects as YNode).content) {
    const namespace = fieldOf(subject, 'namespace');
    if (namespace === undefined || textOf(fieldOf(subject, 'kind')) !== 'ServiceAccount') continue;
    if (!isText(namespace))
      throw failure('KUSTOMIZE_RESOURCE_INVALID', `Invalid Input: namespace is blank for resource ${idText(id)}`, { field: 'subjects' });
    result.add(namespace.value);
  }
  return result;
}

function follow(finder: Finder, target: GvkSelector, spec: FieldSpec): void {
  let anyKind = bare.get(spec);
  if (anyKind === undefined) {
    anyKind = [{ path: spec.path }];
    bare.set(spec, anyKind);
  }
  visitFields(finder.referrer.resource.node, anyKind, { set: (node) => setName(finder, { target, spec }, node) });
}

/** The same paths for any kind: by the kind that it had at first the referrer is chosen already. */
const bare = new WeakMap<FieldSpec, FieldSpec[]>();

interface Aim {
  target: GvkSelector;
  spec: FieldSpec;
}

function setName(finder: Finder, aim: Aim, node: YNode): void {
  if (isNull(node)) return;
  if (node.kind === 'scalar') setText(finder, aim, node);
  else if (node.kind === 'map') setEntry(finder, aim, node);
  else
    for (const item of (node as YNode).content) {
      if (isNull(item)) continue;
      if (item.kind === 'scalar') setText(finder, aim, item);
      else if (item.kind === 'map') setEntry(finder, aim, item);
      else throw failure('KUSTOMIZE_RESOURCE_INVALID', 'a list of names holds a list');
    }
}

function setText(finder: Finder, aim: Aim, node: YNode): void {
  const meant = choose(finder, aim, { name: node.value, from: finder.byName.get(node.value) ?? [], withNamespace: false });
  if (meant !== undefined && nameOf(meant.resource) !== node.value) setScalar(node, scalarNode(nameOf(meant.resource)));
}

/** A mapping with `name` and perhaps `namespace`, as subjects and webhooks have it. */
function setEntry(finder: Finder, aim: Aim, node: YNode): void {
  const name = fieldOf(node, 'name');
  if (name === undefined)
    throw failure('KUSTOMIZE_RESOURCE_INVALID', "path config error; no 'name' field in node", {
      hint: 'The configured field must lead to a name.',
    });
  let from = finder.byName.get(name.value) ?? [];
  const namespace = fieldOf(node, 'namespace');
  if (namespace !== undefined) {
    const text = namespace.value;
    const inOriginal = finder.known.some(
      (each) => !each.original.clusterScoped && effectiveNamespace(each.original) === text && couldBeMeant(finder, each),
    );
    from = from.filter(({ original, id }) => {
      const where = inOriginal ? original : id;
      return !where.clusterScoped && effectiveNamespace(where) === text;
    });
  }
  const meant = choose(finder, aim, { name: name.value, from, withNamespace: true });
  if (meant === undefined) return;
  const newName = nameOf(meant.resource);
  const newNamespace = namespaceOf(meant.resource);
  if (newName === name.value && newNamespace === '') return;
  setField(node, 'name', scalarNode(newName));
  if (newNamespace !== '') setField(node, 'namespace', scalarNode(newNamespace));
}

/** Same namespace, or one of the two has none, or a RoleBinding names it. */
function couldBeMeant({ referrer, namespaces }: Finder, candidate: Known): boolean {
  if (referrer.id.clusterScoped || candidate.id.clusterScoped) return true;
  return effectiveNamespace(referrer.id) === effectiveNamespace(candidate.id) || namespaces.has(namespaceOf(candidate.resource));
}

interface Search {
  name: string;
  from: readonly Known[];
  withNamespace: boolean;
}

function choose(finder: Finder, { target, spec }: Aim, { from, withNamespace }: Search): Known | undefined {
  const { referrer } = finder;
  const role = spec.path.endsWith('roleRef/name') ? roleOf(referrer.resource) : undefined;
  let candidates = from.filter(
    (each) =>
      couldBeMeant(finder, each) &&
      each.previous.some((id) => isSelected(id, target)) &&
      (role === undefined || each.previous.some((id) => isSelected(id, role))) &&
      (referrer.id.clusterScoped ||
        each.id.clusterScoped ||
        kindOf(each.resource) === 'ServiceAccount' ||
        effectiveNamespace(referrer.id) === effectiveNamespace(each.id)),
  );
  if (candidates.length <= 1) return candidates[0];
  candidates = candidates.filter((each) => sameAffixes(each, referrer, true));
  if (candidates.length > 1) candidates = candidates.filter((each) => sameAffixes(each, referrer, false));
  const [first, ...others] = candidates;
  if (first === undefined || others.length === 0) return first;
  const sameName = others.every(({ resource }) => nameOf(resource) === nameOf(first.resource));
  const sameNamespace = !withNamespace || others.every(({ resource }) => namespaceOf(resource) === namespaceOf(first.resource));
  if (sameName && sameNamespace) return first;
  throw failure('KUSTOMIZE_CONFLICT', `found multiple possible referrals: ${candidates.map(({ id }) => idText(id)).join(', ')}`, {
    resource: idText(referrer.id),
    hint: 'Name the namespace in the reference, or give the objects different names in their bases.',
  });
}

function roleOf({ node }: Resource): GvkSelector | undefined {
  const role = fieldOf(node, 'roleRef');
  const group = fieldOf(role, 'apiGroup');
  const kind = fieldOf(role, 'kind');
  return group === undefined || kind === undefined ? undefined : { group: group.value, kind: kind.value };
}

function sameAffixes(a: Known, b: Known, allowEmpty: boolean): boolean {
  return sameEnds(a.prefixes, b.prefixes, allowEmpty) && sameEnds(a.suffixes, b.suffixes, allowEmpty);
}

function sameEnds(a: readonly string[], b: readonly string[], allowEmpty: boolean): boolean {
  if (allowEmpty && (a.length === 0 || b.length === 0)) return true;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length === 0) return long.length === 0;
  return short.every((text, i) => text === long[long.length - short.length + i]);
}
