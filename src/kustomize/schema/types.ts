/** What a merge and a namespace ask of the OpenAPI document, at one place of an object. */
export interface Schema {
  /** Of a field, or of a mapping's values; undefined where nothing is known. */
  field(name: string): Schema | undefined;
  /** Of a list's items. */
  elements(): Schema | undefined;
  /** Keys by which the items of a list are the same, none for plain values; undefined where the list is replaced whole. */
  readonly mergeKeys: readonly string[] | undefined;
}

export interface SchemaSource {
  /** By `apiVersion` and kind of an object. */
  schemaOf(apiVersion: string, kind: string): Schema | undefined;
  /** Known for certain to have no namespace. */
  isClusterScoped(apiVersion: string, kind: string): boolean;
}
