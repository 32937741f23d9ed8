import { type KubeObject, stringifyJson } from '../../model/index.js';
import type { PrinterColumn } from '../crd/types.js';
import type { ResourceType } from '../registry/types.js';
import { ageColumn, type Column, columns, defaultColumns, humanDuration, nameColumn } from './columns.js';
import { evaluatePath } from './jsonpath.js';

export interface TableOptions {
  version: 'v1' | 'v1beta1';
  /** What of the object each row carries. */
  include: 'None' | 'Metadata' | 'Object';
  now: number;
  /** Whether columns are described. Default true. */
  headers?: boolean;
}

interface Definition {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

function columnsOf(type: ResourceType): { definitions: Definition[]; cells: Column[] } {
  const own = type.custom ? customColumns(type.custom.columns) : (columns[type.storage] ?? defaultColumns);
  const definitions = own.map((c, i) => ({
    name: c.name,
    type: c.type ?? 'string',
    format: i === 0 && c.name === 'Name' ? 'name' : '',
    description: c.name,
    priority: c.wide ? 1 : 0,
  }));
  return { definitions, cells: own };
}

function customColumns(printed: readonly PrinterColumn[]): Column[] {
  if (printed.length === 0) return [nameColumn, ageColumn];
  return [
    nameColumn,
    ...printed.map(
      (column): Column => ({
        name: column.name,
        type: column.type === 'integer' || column.type === 'date' ? column.type : 'string',
        ...((column.priority ?? 0) > 0 ? { wide: true as const } : {}),
        cell(object, now) {
          const [value] = evaluatePath(column.jsonPath, object);
          if (value === undefined || value === null) return null;
          if (column.type === 'date') {
            const time = Date.parse(String(value));
            return Number.isNaN(time) ? '<invalid>' : humanDuration(now - time);
          }
          return typeof value === 'object' ? stringifyJson(value) : value;
        },
      }),
    ),
  ];
}

/** An object's metadata alone, as PartialObjectMetadata. */
export function partialObject(object: KubeObject, version: string): { [key: string]: unknown } {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

export function tableText(
  type: ResourceType,
  objects: readonly KubeObject[],
  meta: { [key: string]: unknown },
  options: TableOptions,
): string {
  const { definitions, cells } = columnsOf(type);
  const rows = objects.map((object) => {
    const carried = options.include === 'None' ? undefined : options.include === 'Object' ? object : partialObject(object, options.version);
    return { cells: cells.map((c) => c.cell(object, options.now) ?? null), ...(carried ? { object: carried } : {}) };
  });
  return stringifyJson({
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: meta,
    columnDefinitions: options.headers === false ? null : definitions,
    rows,
  });
}
