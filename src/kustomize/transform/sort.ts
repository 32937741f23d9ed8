import { failure } from '../errors.js';
import {
  currentId,
  type Gvk,
  gvkSortText,
  gvkText,
  type KindOrder,
  kindOrder,
  legacyOrder,
  type ResId,
  type Resource,
} from '../resource/index.js';
import type { Schemas } from '../schema/index.js';
import { compareBytes } from '../yaml/index.js';
import { replaceAll, type Work } from './context.js';

export interface SortOptions {
  order?: string;
  legacySortOptions?: { orderFirst?: string[]; orderLast?: string[] };
}

/** @throws EvenkeelError KUSTOMIZE_INVALID */
export function transformOrder(work: Work, options: SortOptions | undefined): void {
  const order = options === undefined ? 'fifo' : (options.order ?? '');
  const lists = options?.legacySortOptions;
  if (order !== 'fifo' && order !== 'legacy')
    throw failure('KUSTOMIZE_INVALID', `the field 'sortOptions.order' must be one of [fifo, legacy]`, { field: 'sortOptions.order' });
  if (order === 'fifo') {
    if (lists === undefined) return;
    throw failure(
      'KUSTOMIZE_INVALID',
      `the field 'sortOptions.legacySortOptions' is set but the selected sort order is '${order}', not 'legacy'`,
      { field: 'sortOptions.legacySortOptions' },
    );
  }
  const kinds = lists === undefined ? legacyOrder : kindOrder(lists.orderFirst ?? [], lists.orderLast ?? []);
  replaceAll(work.resources, sorted(work.resources, kinds, work.schemas));
}

function sorted(resources: readonly Resource[], kinds: KindOrder, schemas: Schemas): Resource[] {
  return resources
    .map((resource) => {
      const id = currentId(resource, schemas);
      return { resource, id, rank: kinds.get(id.kind) ?? 0, gvk: gvkSortText(id), text: idSortText(id) };
    })
    .sort((a, b) => {
      if (a.gvk === b.gvk) return compareBytes(a.text, b.text);
      if (a.rank !== b.rank) return a.rank - b.rank;
      const backwards = isNamespace(a.id) && isNamespace(b.id) && (a.id.group === '' || b.id.group === '');
      return backwards ? compareBytes(b.gvk, a.gvk) : compareBytes(a.gvk, b.gvk);
    })
    .map(({ resource }) => resource);
}

const isNamespace = ({ kind }: Gvk) => kind === 'Namespace';

function idSortText(id: ResId): string {
  return `${gvkText(id)}|${id.namespace || '~X'}|${id.name || '~N'}`;
}
