import { EvenkeelError, joinApiVersion } from '../../model/index.js';
import type { Exchange } from '../exchange.js';
import type { ApiResource, Discovery } from '../types.js';
import { readAggregated, type Served } from './aggregated.js';
import { discoverByGroup } from './by-group.js';

const AGGREGATED = ['v2', 'v2beta1'].map((v) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`);
const ACCEPT = [...AGGREGATED, 'application/json'].join(',');

/** Asks what the server serves: two requests, or one a group version where the server is an old one. */
export async function discover(exchange: Exchange, signal?: AbortSignal): Promise<Discovery> {
  const ask = async (path: string) => {
    try {
      const answer = await exchange.call({
        method: 'GET',
        path,
        accept: ACCEPT,
        repeatable: true,
        where: { url: path },
        ...(signal === undefined ? {} : { signal }),
      });
      return readAggregated(answer.json);
    } catch (thrown) {
      // 406 comes from servers that know none of the forms above, in spite of the plain one at the end.
      if (thrown instanceof EvenkeelError && thrown.details['httpStatus'] === 406) return undefined;
      throw thrown;
    }
  };
  const [core, groups] = await Promise.all([ask('/api'), ask('/apis')]);
  if (core === undefined || groups === undefined) return indexDiscovery(await discoverByGroup(exchange, signal));
  return indexDiscovery({ resources: [...core.resources, ...groups.resources], incomplete: [...core.incomplete, ...groups.incomplete] });
}

/** Makes discovery searchable. The order of resources is the order of preference. */
function indexDiscovery({ resources, incomplete }: Served): Discovery {
  const exact = new Map<string, ApiResource>();
  const preferred = new Map<string, ApiResource>();
  const names = new Map<string, ApiResource[]>();
  const addOnce = (map: Map<string, ApiResource>, key: string, resource: ApiResource) => {
    if (!map.has(key)) map.set(key, resource);
  };
  for (const resource of resources) {
    addOnce(exact, `${joinApiVersion(resource.group, resource.version)}/${resource.kind}`, resource);
    addOnce(preferred, `${resource.group}/${resource.kind}`, resource);
  }
  // What people mean first by a word: the plural, the singular, the kind, a short name.
  const readings: ((r: ApiResource) => string[])[] = [(r) => [r.plural], (r) => [r.singular], (r) => [r.kind], (r) => r.shortNames];
  for (const reading of readings)
    for (const resource of resources)
      for (const name of reading(resource)) {
        const key = name.toLowerCase();
        const known = names.get(key);
        if (known === undefined) names.set(key, [resource]);
        else if (!known.includes(resource)) known.push(resource);
      }

  return {
    resources,
    incomplete,
    find: ({ group, version, kind }) => exact.get(`${joinApiVersion(group, version)}/${kind}`),
    preferred: (group, kind) => preferred.get(`${group}/${kind}`),
    byName(name) {
      const [word = '', ...rest] = name.toLowerCase().split('.');
      const known = names.get(word) ?? [];
      if (rest.length === 0) return known[0];
      const group = rest.join('.');
      const [version, ...groupRest] = rest;
      const versioned = groupRest.join('.');
      return (
        known.find((r) => r.group === group) ??
        known.find((r) => r.version === version && r.group === versioned) ??
        known.find((r) => r.group.startsWith(group))
      );
    },
  };
}
