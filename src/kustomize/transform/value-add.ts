import { failure } from '../errors.js';
import { currentId, type Selector, select } from '../resource/index.js';
import { expectKind, lookupCreate, scalarNode, setScalar, splitPath } from '../yaml/index.js';
import type { Work } from './context.js';
import { setNamespaces } from './namespace.js';

export interface ValueAddTarget {
  selector?: Selector;
  fieldPath?: string;
  filePathPosition?: number;
}

/** The built-in ValueAddTransformer: writes one value into many fields, into a part of a path where told. */
export function transformValueAdd(work: Work, value: string, targets: readonly ValueAddTarget[]): void {
  if (targets.length === 0) throw failure('KUSTOMIZE_INVALID', 'must specify at least one target', { field: 'targets' });
  for (const { selector, fieldPath = '', filePathPosition = 0 } of targets) {
    if (fieldPath === '') throw failure('KUSTOMIZE_INVALID', 'fieldPath cannot be empty', { field: 'targets.fieldPath' });
    if (filePathPosition < 0)
      throw failure('KUSTOMIZE_INVALID', `value of FilePathPosition (${filePathPosition}) cannot be negative`, {
        field: 'targets.filePathPosition',
      });
    const selected = selector === undefined ? work.resources : select(work.resources, selector, work.schemas);
    for (const resource of selected) {
      if (fieldPath === 'metadata/namespace') {
        setNamespaces(resource, { namespace: value, fieldSpecs: [] }, currentId(resource, work.schemas).clusterScoped);
        continue;
      }
      const node = lookupCreate(resource.node, splitPath(`/${fieldPath}`, '/'), 'scalar');
      if (node === undefined) continue;
      expectKind(node, 'scalar');
      setScalar(node, scalarNode(filePathPosition > 0 ? insertPart(node.value, filePathPosition - 1, value) : value));
    }
  }
}

/** Puts a part into a path; behind its end where it has fewer. A leading slash stays. */
function insertPart(path: string, position: number, part: string): string {
  const absolute = path.startsWith('/');
  const parts = path.split('/').filter((each) => each !== '');
  parts.splice(Math.min(position, parts.length), 0, part);
  return `${absolute ? '/' : ''}${parts.join('/')}`;
}
