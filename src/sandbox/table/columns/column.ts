import type { Loose } from '../../strategy/types.js';
import { humanDuration } from '../duration.js';
import { descriptions } from '../generated/descriptions.js';

/** A column of a printed table and how an object fills it. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date';
  format?: 'name';
  description: string;
  /** Shown in wide output only. */
  wide?: true;
  cell(object: Loose, now: number): unknown;
}

type Cell = Column['cell'];

/** What the API documentation says of a field. */
export const doc = (field: keyof typeof descriptions): string => descriptions[field];

export const text = (name: string, description: string, cell: Cell): Column => ({ name, type: 'string', description, cell });
export const int = (name: string, description: string, cell: Cell): Column => ({ name, type: 'integer', description, cell });
export const bool = (name: string, description: string, cell: Cell): Column => ({ name, type: 'boolean', description, cell });
export const wide = (column: Column): Column => ({ ...column, wide: true });

/** How long ago a time was. */
export const since = (time: string | undefined | null, now: number): string => (time ? humanDuration(now - Date.parse(time)) : '<unknown>');

export const orNone = (value: unknown) => (value === undefined || value === null || value === '' ? '<none>' : value);

export const name: Column = { ...text('Name', doc('meta.ObjectMeta.name'), (o) => o.metadata.name), format: 'name' };
export const age: Column = text('Age', doc('meta.ObjectMeta.creationTimestamp'), (o, now) => since(o.metadata.creationTimestamp, now));

/** The first texts of a list, and how many more there are. */
export function firstOf(items: readonly string[], most: number, separator = ','): string {
  const shown = items.slice(0, most).join(separator);
  return items.length > most ? `${shown} + ${items.length - most} more...` : shown;
}

const containersOf = (template: Loose): Loose[] => template?.spec?.containers ?? [];

/** The names and images of a template's containers. */
export const containerColumns = (template: (object: Loose) => Loose): Column[] => [
  text('Containers', 'Names of each container in the template.', (o) =>
    containersOf(template(o))
      .map((c) => c.name)
      .join(','),
  ),
  text('Images', 'Images referenced by each container in the template.', (o) =>
    containersOf(template(o))
      .map((c) => c.image)
      .join(','),
  ),
];
