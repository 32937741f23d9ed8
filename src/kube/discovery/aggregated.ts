import type { Json } from '../../model/index.js';
import { joinApiVersion } from '../../model/index.js';
import { isRecord } from '../objects.js';
import type { ApiResource } from '../types.js';

/** What one or more documents of discovery say, before it is indexed. */
export interface Served {
  /** In the server's own order: groups by priority, versions by preference. */
  resources: ApiResource[];
  incomplete: { groupVersion: string; reason: string }[];
}

/**
 * Reads an APIGroupDiscoveryList (apidiscovery.k8s.io v2 and v2beta1 are alike); undefined where the
 * document is something else, as old servers answer.
 */
export function readAggregated(json: Json): Served | undefined {
  if (!isRecord(json) || json['kind'] !== 'APIGroupDiscoveryList') return undefined;
  const served: Served = { resources: [], incomplete: [] };
  for (const group of records(json['items'])) {
    const name = isRecord(group['metadata']) ? text(group['metadata']['name']) : '';
    for (const version of records(group['versions'])) readVersion(served, name, version);
  }
  return served;
}

function readVersion(served: Served, group: string, version: { [key: string]: Json }): void {
  const name = text(version['version']);
  if (version['freshness'] === 'Stale')
    served.incomplete.push({
      groupVersion: joinApiVersion(group, name),
      reason: 'the server behind it does not answer; what is known of it is old',
    });
  for (const resource of records(version['resources'])) {
    const responseKind = isRecord(resource['responseKind']) ? text(resource['responseKind']['kind']) : '';
    const plural = text(resource['resource']);
    if (responseKind === '' || plural === '') continue;
    served.resources.push({
      group,
      version: name,
      kind: responseKind,
      plural,
      singular: text(resource['singularResource']) || responseKind.toLowerCase(),
      namespaced: resource['scope'] === 'Namespaced',
      shortNames: texts(resource['shortNames']),
      categories: texts(resource['categories']),
      verbs: texts(resource['verbs']),
      subresources: records(resource['subresources']).map((s) => text(s['subresource'])),
    });
  }
}

export function records(value: Json | undefined): { [key: string]: Json }[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
