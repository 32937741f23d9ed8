import { type KubeObject, stringifyJson } from '../../model/index.js';
import type { PrinterColumn } from '../crd/types.js';
import { type Column, doc, nameColumn } from './columns/index.js';
import { humanDuration } from './duration.js';
import { evaluatePath, isPath } from './jsonpath.js';

/** What a column says of itself. */
export interface ColumnDefinition {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

const age: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description: doc('meta.ObjectMeta.creationTimestamp'),
  jsonPath: '.metadata.creationTimestamp',
};

/** The columns that a definition prints its objects in, after their name: their age where it says nothing. */
export function customColumns(printed: readonly PrinterColumn[]): { definitions: ColumnDefinition[]; cells: Column[] } {
  const columns: PrinterColumn[] = printed.length === 0 ? [age] : [];
  for (const column of printed) {
    // What stands after a path that cannot be read is not printed.
    if (!isPath(column.jsonPath)) break;
    columns.push(column);
  }
  return {
    definitions: columns.map((c) => ({
      name: c.name,
      type: c.type,
      format: c.format ?? '',
      description: c.description || `Custom resource definition column (in JSONPath format): ${c.jsonPath}`,
      priority: c.priority ?? 0,
    })),
    cells: [
      nameColumn,
      ...columns.map((c): Column => ({ name: c.name, type: 'string', description: '', cell: (object, now) => cellOf(c, object, now) })),
    ],
  };
}

function cellOf(column: PrinterColumn, object: KubeObject, now: number): unknown {
  const [value] = evaluatePath(column.jsonPath, object);
  if (value === undefined) return null;
  switch (column.type) {
    case 'string':
      return value === null ? '<nil>' : typeof value === 'object' ? stringifyJson(value) : String(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : typeof value === 'bigint' ? value : null;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    default: {
      if (typeof value !== 'string') return null;
      const time = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
      return Number.isNaN(time) ? '<invalid>' : humanDuration(now - time);
    }
  }
}
