import { type KubeObject, stringifyJson } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import { type Column, columns, defaultColumns, nameColumn, rowConditions, scales } from './columns/index.js';
import { type ColumnDefinition, customColumns } from './custom.js';

export interface TableOptions {
  version: 'v1' | 'v1beta1';
  /** What of the object each row carries. */
  include: 'None' | 'Metadata' | 'Object';
  now: number;
  /** Whether columns are described. Default true. */
  headers?: boolean;
}

function columnsOf(type: ResourceType, objects: readonly KubeObject[]): { definitions: ColumnDefinition[]; cells: Column[] } {
  const custom = type.custom && customColumns(type.custom.columns);
  const own = isScale(objects[0]) ? scales : custom ? [nameColumn] : (columns[type.storage] ?? defaultColumns);
  const definitions = own.map((c) => ({
    name: c.name,
    type: c.type,
    format: c.format ?? '',
    description: c.description,
    priority: c.wide ? 1 : 0,
  }));
  if (!custom || own === scales) return { definitions, cells: own };
  return { definitions: [...definitions, ...custom.definitions], cells: custom.cells };
}

/** Scales are answers of the resource that they are of. */
const isScale = (object: KubeObject | undefined) => object?.kind === 'Scale' && object.apiVersion === 'autoscaling/v1';

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
  const { definitions, cells } = columnsOf(type, objects);
  const conditionsOf = rowConditions[type.storage];
  const rows = objects.map((object) => {
    const carried = options.include === 'None' ? undefined : options.include === 'Object' ? object : partialObject(object, options.version);
    const conditions = conditionsOf?.(object);
    return {
      cells: cells.map((c) => c.cell(object, options.now) ?? null),
      ...(conditions ? { conditions } : {}),
      ...(carried ? { object: carried } : {}),
    };
  });
  return stringifyJson({
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: meta,
    columnDefinitions: options.headers === false ? null : definitions,
    rows,
  });
}
