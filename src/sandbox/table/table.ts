import { type KubeObject, stringifyJson } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import { type Column, columns, defaultColumns, nameColumn } from './columns.js';
import { type ColumnDefinition, customColumns } from './custom.js';

export interface TableOptions {
  version: 'v1' | 'v1beta1';
  /** What of the object each row carries. */
  include: 'None' | 'Metadata' | 'Object';
  now: number;
  /** Whether columns are described. Default true. */
  headers?: boolean;
}

function columnsOf(type: ResourceType): { definitions: ColumnDefinition[]; cells: Column[] } {
  const custom = type.custom && customColumns(type.custom.columns);
  const own = columns[type.storage] ?? defaultColumns;
  const definitions = (custom ? [nameColumn] : own).map((c, i) => ({
    name: c.name,
    type: c.type ?? 'string',
    format: i === 0 && c.name === 'Name' ? 'name' : '',
    description: i === 0 && custom ? nameDescription : c.name,
    priority: c.wide ? 1 : 0,
  }));
  return custom ? { definitions: [...definitions, ...custom.definitions], cells: custom.cells } : { definitions, cells: own };
}

const nameDescription =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: http://kubernetes.io/docs/user-guide/identifiers#names';

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
