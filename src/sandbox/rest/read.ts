import { joinApiVersion } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import type { Api } from './api.js';
import { readContinue, writeContinue } from './continue.js';
import { fieldLookup, unknownField } from './field-labels.js';
import { type FieldSelector, fieldName, parseFieldSelector } from './field-selector.js';
import { isTrue, readInteger } from './flags.js';
import { type LabelSelector, parseLabelSelector } from './label-selector.js';
import { checkListOptions } from './list-options.js';
import { inVersion, isInVersion, readObject, type Version } from './object.js';
import type { RequestInfo } from './request.js';
import { badRequest, expired, notFound } from './status.js';
import { readStoredVersion, readVersion, tooLargeVersion } from './versions.js';

/** One object, which may not be older than `resourceVersion` where that is given. */
export function getObject(api: Api, type: ResourceType, key: { namespace: string; name: string; resourceVersion?: string }): Version {
  const { resourceVersion: rv = '' } = key;
  if (rv !== '' && readVersion(rv) > BigInt(api.store.rv)) throw tooLargeVersion(rv, api.store.rv);
  const found = readObject(api, type, type.namespaced ? key.namespace : '', key.name);
  if (!found) throw notFound(type, key.name);
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

/** Reads and checks what a list, a watch or a deletecollection selects. @throws ApiError 400, 422 */
export function listQuery(type: ResourceType, info: RequestInfo, watching: boolean): ListQuery {
  const { query } = info;
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const raw = query.get('fieldSelector') ?? '';
  const limit = readInteger(query.get('limit')) ?? 0;
  readInteger(query.get('timeoutSeconds'));
  const initial = query.get('sendInitialEvents');
  const result: ListQuery = {
    namespace: type.namespaced ? info.namespace : '',
    labels,
    fields: fieldName(''),
    limit: Math.max(0, limit),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    match: query.get('resourceVersionMatch') ?? '',
  };
  checkListOptions({ ...result, watching, initialEvents: initial === null ? undefined : isTrue(initial) });
  const fields = parseFieldSelector(raw, fieldLookup(type), (field) => unknownField(type, field));
  if (info.name === '') return { ...result, fields };
  if (!fields.empty && fields.name !== info.name) throw badRequest("fieldSelector metadata.name doesn't match requested name");
  return { ...result, fields: fields.empty ? fieldName(info.name) : fields };
}

export interface Listed {
  versions: () => Generator<Version>;
  texts: () => Generator<string>;
  resourceVersion: string;
  continue: string;
  remaining: number | undefined;
}

/** Events are not kept in the API server's cache, so that a list of them always reads the store. */
const uncached = new Set(['events.']);

interface Reading {
  /** The state that is listed; undefined: the present one. */
  at: number | undefined;
  /** The first key that may be listed, within the request's part of the store. */
  start: string;
  limit: number;
}

/** Which state of the store a list reads, and how much of it. */
function readingOf(api: Api, type: ResourceType, query: ListQuery): Reading {
  const { resourceVersion: rv, match, limit } = query;
  const current = api.store.rv;
  if (query.continue !== '') {
    const token = readContinue(query.continue);
    if (rv !== '' && rv !== '0') throw badRequest('specifying resource version is not allowed when using continue');
    if (token.rv > current) throw tooLargeVersion(String(token.rv), current, 0);
    return { at: token.rv > 0 ? token.rv : undefined, start: token.start, limit };
  }
  if (rv === '') return { at: undefined, start: '', limit };
  const fromStore = match === 'Exact' || (limit > 0 && rv !== '0') || uncached.has(type.storage);
  const wanted = fromStore ? readStoredVersion(rv) : readVersion(rv);
  if (wanted > BigInt(current)) throw tooLargeVersion(rv, current, fromStore ? 0 : 1);
  // A limit with a version and no match asks for exactly that version.
  const exact = match === 'Exact' || (match === '' && limit > 0 && wanted > 0n);
  return { at: exact ? Number(wanted) : undefined, start: '', limit: fromStore ? limit : 0 };
}

const listExpired = 'The resourceVersion for the provided list is too old.';
const continueExpired =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** The objects that a query selects, in the order of their keys, one page of them. @throws ApiError 400, 410, 504 */
export function listObjects(api: Api, type: ResourceType, query: ListQuery): Listed {
  const { store } = api;
  const { at, start, limit } = readingOf(api, type, query);
  const prefix = type.namespaced ? (query.namespace === '' ? '' : `${query.namespace}/`) : '/';
  const snapshot = store.at(type.storage, at ?? store.rv);
  if (!snapshot) {
    if (query.continue === '') throw expired(listExpired);
    const error = expired(continueExpired);
    error.status.metadata = { continue: writeContinue({ rv: -1, start }) };
    throw error;
  }
  const keys = snapshot.keys;
  const to = prefix === '' || prefix === '/' ? keys.length : lowerBound(keys, `${query.namespace}0`);
  let i = lowerBound(keys, `${prefix}${start}`);
  const from = i;
  const plain = query.labels.empty && query.fields.empty;
  const only = query.fields.name === undefined || prefix === '' ? undefined : `${prefix}${query.fields.name}`;
  const texts: string[] = [];
  if (only !== undefined) i = Math.max(i, lowerBound(keys, only));
  for (; i < to; i++) {
    if (only !== undefined && keys[i] !== only) break;
    const text = snapshot.text(keys[i] as string);
    if (text === undefined) continue;
    if (!plain) {
      const object = store.parse(text);
      if (!query.labels.matches(object.metadata.labels) || !query.fields.matches(object)) continue;
    }
    if (texts.push(text) === limit) {
      i++;
      break;
    }
  }
  // After a page that is filled, keys that follow mean more pages, whether or not a selector takes any of them.
  const more = only === undefined && limit > 0 && texts.length === limit && i < to;
  const version = at ?? store.rv;
  return {
    *versions() {
      for (const text of texts) yield inVersion(api, type, text);
    },
    *texts() {
      for (const text of texts) yield isInVersion(type, text) ? text : inVersion(api, type, text).text;
    },
    resourceVersion: String(version),
    continue: more ? writeContinue({ rv: version, start: `${(keys[i - 1] as string).slice(prefix.length)}\0` }) : '',
    remaining: more && plain ? to - from - limit : undefined,
  };
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
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
  const texts = [...listed.texts()];
  const items = prefix === 0 ? texts.join(',') : texts.map((text) => `{${text.slice(prefix)}`).join(',');
  return `${head}${items}]}`;
}
