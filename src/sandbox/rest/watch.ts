import type { KubeObject } from '../../model/index.js';
import { joinApiVersion } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import type { StoredEvent } from '../storage/store.js';
import type { Api } from './api.js';
import { inVersion } from './object.js';
import { type ListQuery, readVersion, tooLargeVersion } from './read.js';
import { expired, type Status } from './status.js';

export interface WatchQuery extends ListQuery {
  bookmarks: boolean;
  initialEvents: boolean;
  timeoutSeconds: number;
}

/** How an object is written in an event: as itself, as metadata only, as a table. */
export type EventShape = (object: KubeObject, text: string) => string;

/** Events that a slow reader may lag behind before its watch is closed; it then lists anew. */
const backlog = 20_000;

const bookmarkEvery = 60_000;

/**
 * Changes from a version on as lines of JSON, until the time is up, the signal is aborted or the reader leaves.
 * Selectors turn changes into what the watcher sees: an object that begins to match is ADDED, one that ceases to
 * is DELETED.
 * @throws ApiError before the first line where the version is unknown
 */
export function watchObjects(
  api: Api,
  type: ResourceType,
  query: WatchQuery,
  options: { shape: EventShape; signal?: AbortSignal | undefined },
): AsyncIterable<string> {
  const { store } = api;
  const queue: string[] = [];
  let done = false;
  let wake: (() => void) | undefined;
  const push = (line: string) => {
    queue.push(line);
    if (queue.length > backlog) done = true;
    wake?.();
  };
  const line = (kind: string, objectText: string) => `{"type":"${kind}","object":${objectText}}\n`;
  const matches = (text: string) => {
    const object = store.parse(text);
    return query.labels.matches(object.metadata.labels) && query.fields.matches(object);
  };
  const inNamespace = (key: string) => !type.namespaced || query.namespace === '' || key.startsWith(`${query.namespace}/`);
  const shaped = (text: string) => {
    const version = inVersion(api, type, text);
    return options.shape(version.object, version.text);
  };
  const plain = query.labels.empty && query.fields.empty;
  const tell = (event: StoredEvent) => {
    if (!inNamespace(event.key)) return;
    const now = event.type !== 'DELETED' && (plain || matches(event.text));
    const before = event.before !== undefined && (plain || matches(event.before));
    if (now) push(line(before ? 'MODIFIED' : 'ADDED', shaped(event.text)));
    else if (before)
      push(
        line(
          'DELETED',
          shaped(event.type === 'DELETED' ? event.text : withVersion(event.before as string, event.rv, store.parse.bind(store))),
        ),
      );
  };
  const bookmark = (initial: boolean) => {
    const annotations = initial ? ',"annotations":{"k8s.io/initial-events-end":"true"}' : '';
    push(
      line(
        'BOOKMARK',
        `{"kind":${JSON.stringify(type.kind)},"apiVersion":${JSON.stringify(joinApiVersion(type.group, type.version))},"metadata":{"resourceVersion":"${store.rv}","creationTimestamp":null${annotations}}}`,
      ),
    );
  };
  const begun = begin(api, type, query, { tell, push, line, shaped, matches, plain, bookmark });
  const stop = store.listen(type.storage, tell);
  const end = new AbortController();
  const finish = () => {
    done = true;
    wake?.();
  };
  options.signal?.addEventListener('abort', finish, { once: true });
  api.clock.sleep(query.timeoutSeconds * 1000, end.signal).then(finish, () => undefined);
  const bookmarks = query.bookmarks ? setInterval(() => bookmark(false), bookmarkEvery).unref() : undefined;
  const close = () => {
    done = true;
    stop();
    clearInterval(bookmarks);
    end.abort();
    options.signal?.removeEventListener('abort', finish);
    wake?.();
  };
  if (options.signal?.aborted || !begun) close();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        while (queue.length === 0 && !done) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
        }
        if (queue.length > 0 && queue.length <= backlog) {
          const value = queue.join('');
          queue.length = 0;
          return { value, done: false };
        }
        close();
        return { value: undefined, done: true };
      },
      async return() {
        close();
        return { value: undefined, done: true };
      },
    }),
  };
}

interface Beginning {
  tell: (event: StoredEvent) => void;
  push: (line: string) => void;
  line: (kind: string, text: string) => string;
  shaped: (text: string) => string;
  matches: (text: string) => boolean;
  plain: boolean;
  bookmark: (initial: boolean) => void;
}

/** @returns false where the watch ends at once, with an error told */
function begin(api: Api, type: ResourceType, query: WatchQuery, to: Beginning): boolean {
  const { store } = api;
  const from = query.resourceVersion;
  if (query.initialEvents || from === '' || from === '0') {
    if (from !== '' && from !== '0' && readVersion(from) > BigInt(store.rv)) throw tooLargeVersion(from, store.rv);
    for (const key of store.keys(type.storage, type.namespaced ? query.namespace : '')) {
      const entry = store.get(type.storage, key);
      if (entry && (to.plain || to.matches(entry.text))) to.push(to.line('ADDED', to.shaped(entry.text)));
    }
    if (query.initialEvents && query.bookmarks) to.bookmark(true);
    return true;
  }
  const wanted = readVersion(from);
  if (wanted > BigInt(store.rv)) throw tooLargeVersion(from, store.rv);
  const events = store.since(type.storage, Number(wanted));
  if (events === undefined) to.push(to.line('ERROR', JSON.stringify(tooOld(from, store.rv))));
  else for (const event of events) to.tell(event);
  return events !== undefined;
}

function tooOld(from: string, current: number): Status {
  return expired(`too old resource version: ${from} (${current})`).status;
}

/** The state before a change with the change's version, as a watcher is told of an object that it loses sight of. */
function withVersion(text: string, rv: number, parse: (text: string) => KubeObject): string {
  const object = parse(text);
  return JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(rv) } });
}
