import type { KubeObject } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import type { StoredEvent } from '../storage/store.js';
import type { Api } from './api.js';
import { emptyObject, inVersion } from './object.js';
import { outbox } from './outbox.js';
import { type ListQuery, listObjects } from './read.js';
import { type ApiError, expired } from './status.js';
import { readVersion, tooLargeVersion } from './versions.js';

export interface WatchQuery extends ListQuery {
  bookmarks: boolean;
  /** Whether the present objects are told first; undefined: as the version asks. */
  initialEvents: boolean | undefined;
  timeoutSeconds: number;
}

/** How an object is written in an event: as itself, as metadata only, as a table. */
export type EventShape = (object: KubeObject, text: string) => string;

const bookmarkEvery = 60_000;
/** How long before its end a watch gets its last bookmark. */
const beforeEnd = 2000;

/**
 * Changes from a version on as lines of JSON, until the time is up, the signal is aborted or the reader leaves.
 * Selectors turn changes into what the watcher sees: an object that begins to match is ADDED, one that ceases to
 * is DELETED. A version that is no longer known, or still to come, is told as an ERROR event.
 * @throws ApiError before the first line where the version cannot be read
 */
export function watchObjects(
  api: Api,
  type: ResourceType,
  query: WatchQuery,
  options: { shape: EventShape; signal?: AbortSignal | undefined },
): AsyncIterable<string> {
  const { store } = api;
  const from = query.resourceVersion === '' ? 0n : readVersion(query.resourceVersion);
  const out = outbox();
  const line = (kind: string, objectText: string) => `{"type":"${kind}","object":${objectText}}\n`;
  const shaped = (text: string) => {
    const version = inVersion(api, type, text);
    return options.shape(version.object, version.text);
  };
  const bookmark = (initial: boolean) => {
    const object = bookmarkObject(type, store.rv, initial);
    out.push(line('BOOKMARK', options.shape(object, JSON.stringify(object))));
  };
  const tell = eventTeller(api, type, query, (kind, text) => out.push(line(kind, shaped(text))));
  const refuse = (error: ApiError) => {
    out.push(line('ERROR', JSON.stringify(error.status)));
    out.end();
  };
  const initial = query.initialEvents ?? from === 0n;
  const end = new AbortController();
  let stop = () => {};
  let bookmarks: NodeJS.Timeout | undefined;
  let last: NodeJS.Timeout | undefined;
  const finish = () => out.end();
  const close = () => {
    stop();
    clearInterval(bookmarks);
    clearTimeout(last);
    end.abort();
    options.signal?.removeEventListener('abort', finish);
  };
  if (initial && from > BigInt(store.rv)) refuse(tooLargeVersion(query.resourceVersion, store.rv) as ApiError);
  else if (initial) {
    const present = listObjects(api, type, { ...query, limit: 0, continue: '', resourceVersion: '', match: '' });
    for (const { object, text } of present.versions()) out.push(line('ADDED', options.shape(object, text)));
    if (query.initialEvents && query.bookmarks) bookmark(true);
    stop = store.listen(type.storage, tell);
  } else {
    const since = from === 0n ? store.rv : Number(from);
    const events = store.since(type.storage, since);
    if (events === undefined) refuse(expired(`too old resource version: ${since} (${store.forgotten(type.storage)})`));
    else {
      for (const event of events) tell(event);
      // What is at or below the version that was asked for is known to the watcher, even where it is still to come.
      stop = store.listen(type.storage, (event) => event.rv > since && tell(event));
    }
  }
  options.signal?.addEventListener('abort', finish, { once: true });
  if (options.signal?.aborted) finish();
  const milliseconds = query.timeoutSeconds * 1000;
  api.clock.sleep(milliseconds, end.signal).then(finish, () => undefined);
  if (query.bookmarks) {
    bookmarks = setInterval(() => bookmark(false), bookmarkEvery).unref();
    if (milliseconds >= beforeEnd) last = setTimeout(() => bookmark(false), milliseconds - beforeEnd).unref();
  }
  return out.lines(close, () => store.settled());
}

/** Turns stored changes into what a watcher with selectors sees of them. */
function eventTeller(api: Api, type: ResourceType, query: ListQuery, tell: (kind: string, text: string) => void) {
  const { store } = api;
  const plain = query.labels.empty && query.fields.empty;
  const matches = (text: string) => {
    const object = store.parse(text);
    return query.labels.matches(object.metadata.labels) && query.fields.matches(object);
  };
  const prefix = type.namespaced ? (query.namespace === '' ? '' : `${query.namespace}/`) : '/';
  return (event: StoredEvent): void => {
    if (!event.key.startsWith(prefix)) return;
    const now = event.type !== 'DELETED' && (plain || matches(event.text));
    const before = event.before !== undefined && (plain || matches(event.before));
    if (now) tell(before ? 'MODIFIED' : 'ADDED', event.text);
    else if (before) tell('DELETED', event.type === 'DELETED' ? event.text : withVersion(api, event.before as string, event.rv));
  };
}

function bookmarkObject(type: ResourceType, rv: number, initial: boolean): KubeObject {
  const metadata: { [key: string]: unknown } = { resourceVersion: String(rv), creationTimestamp: null };
  if (initial) metadata['annotations'] = { 'k8s.io/initial-events-end': 'true' };
  return { ...emptyObject(type), metadata: metadata as KubeObject['metadata'] };
}

/** The state before a change with the change's version, as a watcher is told of an object that it loses sight of. */
function withVersion(api: Api, text: string, rv: number): string {
  const object = api.store.parse(text);
  return JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(rv) } });
}
