import { joinApiVersion, type KubeObject } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import { strategyOf } from '../strategy/index.js';
import type { Api } from './api.js';
import { inVersion, isInVersion, readObject, type Version } from './object.js';
import type { RequestInfo } from './request.js';
import { type FieldSelector, type LabelSelector, metadataFields, parseFieldSelector, parseLabelSelector } from './selectors.js';
import { badRequest, expired, failure, notFound, plainError } from './status.js';

export function getObject(api: Api, type: ResourceType, namespace: string, name: string): Version {
  const found = readObject(api, type, namespace, name);
  if (!found) throw notFound(type, name);
  return found;
}

export interface ListQuery {
  namespace: string;
  labels: LabelSelector;
  fields: FieldSelector;
  limit: number;
  continue: string;
  resourceVersion: string;
  match: string;
}

/** Reads what a list, a watch or a deletecollection selects. */
export function listQuery(type: ResourceType, info: RequestInfo): ListQuery {
  const { query } = info;
  const limitText = query.get('limit') ?? '';
  const limit = limitText === '' ? 0 : Number(limitText);
  if (!Number.isInteger(limit)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(limitText)}: invalid syntax`);
  const own = { ...metadataFields, ...strategyOf(type).fields };
  if (!type.namespaced) delete (own as { [field: string]: unknown })['metadata.namespace'];
  for (const path of type.custom?.selectableFields ?? []) own[path.replace(/^\./, '')] = readPath(path);
  const result: ListQuery = {
    namespace: info.namespace,
    labels: parseLabelSelector(query.get('labelSelector') ?? ''),
    fields: parseFieldSelector(query.get('fieldSelector') ?? '', own, (field) => unknownField(type, field)),
    limit: Math.max(0, limit),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    match: query.get('resourceVersionMatch') ?? '',
  };
  if (info.name !== '' && result.fields.name !== undefined && result.fields.name !== info.name)
    throw badRequest(`field metadata.name requires exact match`);
  return result;
}

function unknownField(type: ResourceType, field: string): string {
  if (type.custom || !strategyOf(type).fields)
    return type.custom
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  return `field label not supported: ${field}`;
}

function readPath(path: string): (object: KubeObject) => string {
  const steps = path.replace(/^\./, '').split('.');
  return (object) => {
    let at: unknown = object;
    for (const step of steps)
      at = at !== null && typeof at === 'object' && Object.hasOwn(at, step) ? (at as { [key: string]: unknown })[step] : undefined;
    return at === undefined || at === null ? '' : String(at);
  };
}

export interface Listed {
  versions: () => Generator<Version>;
  texts: string[];
  resourceVersion: string;
  continue: string;
  remaining: number | undefined;
}

interface Continue {
  rv: string;
  start: string;
}

function readContinue(text: string): Continue {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as { v?: string; rv?: number; start?: string };
    if (value.v !== 'meta.k8s.io/v1' || typeof value.start !== 'string') throw new Error('other token');
    return { rv: String(value.rv), start: value.start };
  } catch {
    throw badRequest('continue key is not valid: invalid character');
  }
}

/** The objects that a query selects, in the order of their keys, one page of them. */
export function listObjects(api: Api, type: ResourceType, query: ListQuery): Listed {
  checkVersions(api, query);
  const all = api.store.keys(type.storage, type.namespaced ? query.namespace : '');
  let at = 0;
  let resourceVersion = String(api.store.rv);
  if (query.continue !== '') {
    if (query.resourceVersion !== '' && query.resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    const from = readContinue(query.continue);
    // Older states are not kept: a page goes on from its key in the present state, as the API server's "inconsistent continue" does.
    resourceVersion = from.rv === '-1' ? resourceVersion : from.rv;
    at = firstAfter(all, from.start);
  }
  const plain = query.labels.empty && query.fields.empty;
  const texts: string[] = [];
  for (; at < all.length; at++) {
    const entry = api.store.get(type.storage, all[at] as string);
    if (!entry) continue;
    if (!plain) {
      const object = api.store.parse(entry.text);
      if (!query.labels.matches(object.metadata.labels) || !query.fields.matches(object)) continue;
    }
    if (query.limit > 0 && texts.length === query.limit) break;
    texts.push(entry.text);
  }
  const more = query.limit > 0 && at < all.length;
  const last = more ? (all[at - 1] as string) : '';
  return {
    *versions() {
      for (const text of texts) yield inVersion(api, type, text);
    },
    texts: texts.map((text) => (isInVersion(type, text) ? text : inVersion(api, type, text).text)),
    resourceVersion,
    continue: more
      ? Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: Number(resourceVersion), start: last })).toString('base64url')
      : '',
    remaining: more && plain ? all.length - at : undefined,
  };
}

function firstAfter(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkVersions(api: Api, query: ListQuery): void {
  const { resourceVersion: rv, match } = query;
  if (match !== '') {
    if (query.continue !== '')
      throw invalidOptions(
        'resourceVersionMatch',
        'Forbidden: resourceVersionMatch is forbidden when continue is provided',
        'FieldValueForbidden',
      );
    if (match !== 'Exact' && match !== 'NotOlderThan')
      throw invalidOptions(
        'resourceVersionMatch',
        `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
        'FieldValueNotSupported',
      );
    if (rv === '')
      throw invalidOptions(
        'resourceVersionMatch',
        'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
        'FieldValueForbidden',
      );
    if (match === 'Exact' && rv === '0')
      throw invalidOptions(
        'resourceVersionMatch',
        'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        'FieldValueForbidden',
      );
  }
  if (rv === '' || rv === '0') return;
  const wanted = readVersion(rv);
  if (wanted > BigInt(api.store.rv)) throw tooLargeVersion(rv, api.store.rv);
  if (match === 'Exact' && wanted < BigInt(api.store.rv)) throw expired(`The resourceVersion for the provided list is too old.`);
}

function invalidOptions(field: string, message: string, reason: string): Error {
  return failure(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: ${field}: ${message}`, {
    group: 'meta.k8s.io',
    kind: 'ListOptions',
    causes: [{ reason, message, field }],
  });
}

/** @throws ApiError 500, as upstream answers, where the text is no version */
export function readVersion(text: string): bigint {
  if (!/^\d{1,20}$/.test(text))
    throw plainError(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return BigInt(text);
}

export function tooLargeVersion(wanted: string, current: number): Error {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** A list's JSON text from the texts of its items. Items of built-in kinds go without apiVersion and kind. */
export function listText(type: ResourceType, listed: Listed): string {
  const apiVersion = joinApiVersion(type.group, type.version);
  const meta: { [key: string]: unknown } = {};
  if (type.custom || listed.continue !== '') meta['continue'] = listed.continue;
  if (listed.remaining !== undefined) meta['remainingItemCount'] = listed.remaining;
  meta['resourceVersion'] = listed.resourceVersion;
  const head = `{"kind":${JSON.stringify(type.listKind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(meta)},"items":[`;
  const prefix = type.custom ? 0 : `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(type.kind)},`.length;
  const items = prefix === 0 ? listed.texts.join(',') : listed.texts.map((text) => `{${text.slice(prefix)}`).join(',');
  return `${head}${items}]}`;
}
