import { resourcesJson } from './generated/resources.js';

/** A resource type that every API server of this version serves. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly SubresourceInfo[];
}

export interface SubresourceInfo {
  /** `status`, `scale`, `log` and the like. */
  readonly name: string;
  /** Group, version and kind of what is read and written there. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

interface Document {
  resources: ResourceInfo[];
  versions: { [group: string]: string[] };
}

let loaded: { document: Document; byKind: Map<string, ResourceInfo>; byPlural: Map<string, ResourceInfo> } | undefined;

function load(): NonNullable<typeof loaded> {
  if (loaded === undefined) {
    const document = JSON.parse(resourcesJson) as Document;
    loaded = {
      document,
      byKind: new Map(document.resources.map((r) => [`${r.group}/${r.version}/${r.kind}`, r])),
      byPlural: new Map(document.resources.map((r) => [`${r.group}/${r.version}/${r.plural}`, r])),
    };
  }
  return loaded;
}

/** All built-in resource types, by group, version and plural name. */
export function builtinResources(): readonly ResourceInfo[] {
  return load().document.resources;
}

/** The versions of each built-in group, the preferred one first. */
export function builtinVersions(): { readonly [group: string]: readonly string[] } {
  return load().document.versions;
}

export function resourceOfKind(group: string, version: string, kind: string): ResourceInfo | undefined {
  return load().byKind.get(`${group}/${version}/${kind}`);
}

export function resourceOfPlural(group: string, version: string, plural: string): ResourceInfo | undefined {
  return load().byPlural.get(`${group}/${version}/${plural}`);
}
