import type { TypeSchema } from '../../manifest/index.js';
import type { PrinterColumn, StructuralSchema } from '../crd/types.js';
import type { GoStruct } from '../gotypes/types.js';

/** One resource type in one version, as it is served. */
export interface ResourceType {
  group: string;
  version: string;
  kind: string;
  listKind: string;
  plural: string;
  singular: string;
  namespaced: boolean;
  shortNames: string[];
  categories: string[];
  verbs: string[];
  subresources: Subresource[];
  /** Where its objects are kept, the same for all of its versions. */
  storage: string;
  /** The version that objects are kept in. */
  storageVersion: string;
  /** How its kind reads JSON; undefined for custom resources. */
  go: GoStruct | undefined;
  custom: CustomFacts | undefined;
}

export interface Subresource {
  name: string;
  group: string;
  version: string;
  kind: string;
  verbs: string[];
}

/** What a CustomResourceDefinition says of one version. */
interface CustomFacts {
  definition: string;
  schema: StructuralSchema | undefined;
  /** The same schema as merging reads it. */
  merge: TypeSchema | undefined;
  /** The raw openAPIV3Schema. */
  openapi: { [key: string]: unknown } | undefined;
  status: boolean;
  scale: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string } | undefined;
  columns: PrinterColumn[];
  selectableFields: string[];
  deprecated: string | undefined;
  /** Nothing is pruned (spec.preserveUnknownFields of old definitions). */
  preserveUnknownFields: boolean;
  /** The schema has changed since there was one: what is stored is read under today's. */
  changed: boolean;
  /** No new objects: the definition is being deleted. */
  terminating: boolean;
}

export interface GroupVersions {
  group: string;
  /** Preferred first. */
  versions: string[];
}
