import type { Json } from '../../model/index.js';
import { EvenkeelError, joinApiVersion, parseApiVersion } from '../../model/index.js';
import type { Exchange } from '../exchange.js';
import { isRecord } from '../objects.js';
import type { ApiResource } from '../types.js';
import { records, type Served, text, texts } from './aggregated.js';

/** Discovery as servers before 1.26 offer it: the groups, then one document a version. */
export async function discoverByGroup(exchange: Exchange, signal: AbortSignal | undefined): Promise<Served> {
  const ask = async (path: string) =>
    (await exchange.call({ method: 'GET', path, repeatable: true, where: { url: path }, ...(signal === undefined ? {} : { signal }) }))
      .json;
  const [core, groups] = await Promise.all([ask('/api'), ask('/apis')]);
  const paths = [
    ...texts(isRecord(core) ? core['versions'] : undefined).map((version) => ({ path: `/api/${version}`, groupVersion: version })),
    ...groupVersions(groups).map((groupVersion) => ({ path: `/apis/${groupVersion}`, groupVersion })),
  ];
  const served: Served = { resources: [], incomplete: [] };
  const documents = await Promise.all(
    paths.map(async ({ path, groupVersion }) => {
      try {
        return { groupVersion, resources: readResources(groupVersion, await ask(path)) };
      } catch (thrown) {
        if (!(thrown instanceof EvenkeelError) || thrown.code === 'CANCELLED') throw thrown;
        return { groupVersion, reason: thrown.message };
      }
    }),
  );
  for (const document of documents)
    if (document.resources === undefined) served.incomplete.push({ groupVersion: document.groupVersion, reason: document.reason ?? '' });
    else served.resources.push(...document.resources);
  return served;
}

/** Every group's versions, its preferred one first. */
function groupVersions(json: Json): string[] {
  return records(isRecord(json) ? json['groups'] : undefined).flatMap((group) => {
    const preferred = isRecord(group['preferredVersion']) ? text(group['preferredVersion']['groupVersion']) : '';
    const all = records(group['versions']).map((v) => text(v['groupVersion']));
    return [...all.filter((v) => v === preferred), ...all.filter((v) => v !== preferred)];
  });
}

/** Reads an APIResourceList, in which subresources stand beside their resources as `deployments/status`. */
function readResources(groupVersion: string, json: Json): ApiResource[] {
  const { group, version } = parseApiVersion(groupVersion);
  const found = new Map<string, ApiResource>();
  const entries = records(isRecord(json) ? json['resources'] : undefined);
  for (const entry of entries) {
    const plural = text(entry['name']);
    const kind = text(entry['kind']);
    if (plural === '' || kind === '' || plural.includes('/')) continue;
    found.set(plural, {
      group: text(entry['group']) || group,
      version: text(entry['version']) || version,
      kind,
      plural,
      singular: text(entry['singularName']) || kind.toLowerCase(),
      namespaced: entry['namespaced'] === true,
      shortNames: texts(entry['shortNames']),
      categories: texts(entry['categories']),
      verbs: texts(entry['verbs']),
      subresources: [],
    });
  }
  for (const entry of entries) {
    const [plural = '', subresource] = text(entry['name']).split('/', 2);
    if (subresource !== undefined) found.get(plural)?.subresources.push(subresource);
  }
  return [...found.values()].filter((r) => joinApiVersion(r.group, r.version) === groupVersion);
}
