import { equalJson } from '../../../model/index.js';
import type { Loose } from '../../strategy/types.js';

/**
 * A definition's spec as the API server holds it inside: what all versions have in common stands at the top
 * and no more in the versions, which is why errors name those places.
 */
export interface SpecView {
  spec: Loose;
  versions: VersionView[];
  schema: Loose;
  subresources: Loose;
  columns: Loose[];
}

export interface VersionView {
  version: Loose;
  schema: Loose;
  subresources: Loose;
  columns: Loose[];
}

export function viewOf(spec: Loose): SpecView {
  const versions: Loose[] = spec.versions ?? [];
  const [first] = versions;
  const common = (read: (version: Loose) => unknown) => versions.every((v) => equalJson(read(v) ?? null, read(first) ?? null));
  const schemaIsCommon = common((v) => v.schema);
  const subresourcesAreCommon = common((v) => v.subresources);
  const columnsAreCommon = common((v) => v.additionalPrinterColumns ?? []);
  return {
    spec,
    schema: schemaIsCommon ? first?.schema : undefined,
    subresources: subresourcesAreCommon ? first?.subresources : undefined,
    columns: columnsAreCommon ? (first?.additionalPrinterColumns ?? []) : [],
    versions: versions.map((version) => ({
      version,
      schema: schemaIsCommon ? undefined : version.schema,
      subresources: subresourcesAreCommon ? undefined : version.subresources,
      columns: columnsAreCommon ? [] : (version.additionalPrinterColumns ?? []),
    })),
  };
}

/** Versions as Go's %#v prints them; addresses of structures are all the same here. */
export function printVersions({ versions }: SpecView): string {
  const pointer = (type: string, value: unknown) => (value === undefined ? `(*${type})(nil)` : `(*${type})(0xc000000000)`);
  const shown = versions.map(
    ({ version, schema, subresources, columns }) =>
      `apiextensions.CustomResourceDefinitionVersion{Name:${JSON.stringify(version.name)}, Served:${version.served === true}, Storage:${version.storage === true}, Deprecated:${version.deprecated === true}, DeprecationWarning:${pointer('string', version.deprecationWarning)}, Schema:${pointer('apiextensions.CustomResourceValidation', schema)}, Subresources:${pointer('apiextensions.CustomResourceSubresources', subresources)}, AdditionalPrinterColumns:[]apiextensions.CustomResourceColumnDefinition${columns.length === 0 ? '(nil)' : `{${columns.map(printColumn).join(', ')}}`}}`,
  );
  return `[]apiextensions.CustomResourceDefinitionVersion{${shown.join(', ')}}`;
}

function printColumn(column: Loose): string {
  const text = (value: unknown) => JSON.stringify(value ?? '');
  return `apiextensions.CustomResourceColumnDefinition{Name:${text(column.name)}, Type:${text(column.type)}, Format:${text(column.format)}, Description:${text(column.description)}, Priority:${column.priority ?? 0}, JSONPath:${text(column.jsonPath)}}`;
}
