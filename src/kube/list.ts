import type { Json, KubeObject } from '../model/index.js';
import { EvenkeelError, joinApiVersion } from '../model/index.js';
import type { Exchange } from './exchange.js';
import { isRecord, notThat, typed, whereOf } from './objects.js';
import { collectionPath, withQuery } from './paths.js';
import type { ApiResource, ListOptions, ListResult } from './types.js';

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** How often a list is begun anew because its pages outlived what the server remembers. */
const MOST_RESTARTS = 2;

/**
 * All objects of a type, page by page. Where a page's token has expired (410), everything is asked for
 * again in one answer: the result is one consistent state of the collection, never a mixture of two.
 */
export async function list(
  exchange: Exchange,
  resource: ApiResource,
  options: ListOptions & { attempts?: number } = {},
): Promise<ListResult> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await pages(exchange, resource, restarts === 0 ? options : { ...options, pageSize: 0 });
    } catch (thrown) {
      const gone = thrown instanceof EvenkeelError && thrown.code === 'KUBE_GONE';
      if (!gone || restarts >= MOST_RESTARTS) throw thrown;
    }
  }
}

async function pages(exchange: Exchange, resource: ApiResource, options: ListOptions & { attempts?: number }): Promise<ListResult> {
  const where = whereOf(resource, options);
  const items: KubeObject[] = [];
  let token: string | undefined;
  for (;;) {
    const { json } = await exchange.call({
      method: 'GET',
      path: withQuery(collectionPath(resource, options.namespace), {
        limit: options.first ?? (options.pageSize === 0 ? undefined : (options.pageSize ?? 500)),
        continue: token,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
      }),
      repeatable: true,
      where,
      ...(options.metadataOnly ? { accept: METADATA } : {}),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
    });
    const page = readPage(json);
    if (page === undefined) throw notThat('a list', where);
    const convert = options.metadataOnly ? reduced : typed;
    for (const item of page.items) items.push(convert(resource, item));
    if (page.token === undefined) return { items, resourceVersion: page.resourceVersion };
    if (options.first !== undefined) return { items, resourceVersion: page.resourceVersion, remaining: page.remaining ?? 'unknown' };
    if (page.token === token) throw notThat('the next page of a list', where);
    token = page.token;
  }
}

interface Page {
  items: Json[];
  resourceVersion: string;
  token: string | undefined;
  remaining: number | undefined;
}

function readPage(json: Json): Page | undefined {
  if (!isRecord(json)) return undefined;
  const { items, metadata } = json;
  if (!(items === null || Array.isArray(items)) || !isRecord(metadata)) return undefined;
  const { resourceVersion, continue: token, remainingItemCount: remaining } = metadata;
  if (items?.some((item) => !isRecord(item))) return undefined;
  return {
    items: items ?? [],
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    token: typeof token === 'string' && token !== '' ? token : undefined,
    remaining: typeof remaining === 'number' && remaining >= 0 ? remaining : undefined,
  };
}

/** An object's type and metadata, also from a server that sent all of it. */
export function reduced(resource: ApiResource, item: Json): KubeObject {
  const { metadata } = item as unknown as KubeObject;
  return { apiVersion: joinApiVersion(resource.group, resource.version), kind: resource.kind, metadata };
}
