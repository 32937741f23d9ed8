import type { EvenkeelError, Json, KubeObject } from '../model/index.js';
import { sharedByMany } from '../model/index.js';
import { cancelled, pause } from './cancel.js';
import { asFailure, type Exchange } from './exchange.js';
import { list, reduced } from './list.js';
import { isRecord, typed, whereOf } from './objects.js';
import { collectionPath, withQuery } from './paths.js';
import { backoff, jitter } from './retry.js';
import { isStatus, statusError } from './status.js';
import type { ApiResource, WatchEvent, WatchOptions } from './types.js';
import { badEvent, parseLine, pieces, splitLines } from './watch-stream.js';

/** A watch on which nothing comes for this long, not even a bookmark, is taken for dead and resumed. */
const IDLE = 120_000;
/** A watch that the server ends sooner than this is not resumed at once. */
const SHORT = 1_000;
/** After so many failures at one and the same point the list is asked for again. */
const MOST_FAILURES_AT_A_POINT = 3;

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

interface Position {
  /** Where to go on; undefined means list. */
  resourceVersion: string | undefined;
  listed: boolean;
  /** Failures in a row, and those of them at this resource version. */
  failures: number;
  failuresHere: number;
}

/** See Cluster.watch. Nothing is told after the signal was aborted. */
export async function* watch(exchange: Exchange, resource: ApiResource, options: WatchOptions): AsyncGenerator<WatchEvent, void, void> {
  sharedByMany(options.signal);
  if (options.signal.aborted) return;
  for await (const event of run(exchange, resource, options)) {
    if (options.signal.aborted) return;
    yield event;
  }
}

async function* run(exchange: Exchange, resource: ApiResource, options: WatchOptions): AsyncGenerator<WatchEvent, void, void> {
  const { signal } = options;
  const position: Position = { resourceVersion: undefined, listed: false, failures: 0, failuresHere: 0 };
  while (!signal.aborted) {
    let failure: EvenkeelError | undefined;
    const begun = exchange.clock.now();
    try {
      if (position.resourceVersion === undefined) yield* relist(exchange, resource, { options, position });
      yield* follow(exchange, resource, { options, position });
    } catch (thrown) {
      if (signal.aborted) return;
      failure = asFailure(thrown, undefined, exchange.name);
    }
    if (signal.aborted) return;
    const wait = failure === undefined ? shortWatchPause(exchange, begun) : settle(exchange, position, failure);
    if (wait === 0) continue;
    if (failure !== undefined && failure.code !== 'KUBE_GONE') yield { type: 'trouble', error: failure, retryInMs: wait };
    try {
      await pause(exchange.clock, wait, signal);
    } catch {
      return;
    }
  }
}

interface Task {
  options: WatchOptions;
  position: Position;
}

async function* relist(exchange: Exchange, resource: ApiResource, { options, position }: Task): AsyncGenerator<WatchEvent, void, void> {
  // One try: the watch has a backoff of its own, and tells of it.
  const { items, resourceVersion } = await list(exchange, resource, { ...options, attempts: 1 });
  if (position.listed) yield { type: 'restarted' };
  for (const object of items) yield { type: 'added', object };
  position.listed = true;
  position.resourceVersion = resourceVersion;
  position.failuresHere = 0;
  yield { type: 'synced', resourceVersion };
}

/** Follows one watch request until the server ends it; throws where it breaks. */
async function* follow(exchange: Exchange, resource: ApiResource, { options, position }: Task): AsyncGenerator<WatchEvent, void, void> {
  const where = whereOf(resource, options);
  const minutes = 5 + 5 * jitter(exchange.random);
  const attempt = new AbortController();
  const signal = AbortSignal.any([options.signal, attempt.signal]);
  try {
    const body = await exchange.open({
      method: 'GET',
      path: withQuery(collectionPath(resource, options.namespace), {
        watch: '1',
        allowWatchBookmarks: 'true',
        resourceVersion: position.resourceVersion,
        timeoutSeconds: Math.round(minutes * 60),
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
      }),
      ...(options.metadataOnly ? { accept: METADATA } : {}),
      repeatable: true,
      where,
      signal,
    });
    const idle = { ms: options.idleMs ?? IDLE, clock: exchange.clock };
    for await (const line of splitLines(pieces(body, { signal: options.signal, idle }))) {
      const event = readEvent(line, where);
      if (event.type === 'ERROR')
        throw isStatus(event.object)
          ? statusError(event.object, { status: 0, cluster: exchange.name, where })
          : badEvent('an ERROR event without a Status', where);
      const convert = options.metadataOnly ? reduced : typed;
      const object = convert(resource, event.object as Json);
      const version = object.metadata?.resourceVersion;
      if (typeof version === 'string' && version !== '') position.resourceVersion = version;
      position.failures = 0;
      position.failuresHere = 0;
      const type = told[event.type];
      if (type !== undefined) yield { type, object };
    }
    if (options.signal.aborted) throw cancelled(options.signal);
  } finally {
    attempt.abort();
  }
}

const told: { [type: string]: 'added' | 'modified' | 'deleted' | undefined } = {
  ADDED: 'added',
  MODIFIED: 'modified',
  DELETED: 'deleted',
  BOOKMARK: undefined,
};

interface RawEvent {
  type: string;
  object: unknown;
}

function readEvent(line: string, where: ReturnType<typeof whereOf>): RawEvent {
  const value = parseLine(line);
  if (!isRecord(value) || typeof value['type'] !== 'string' || !isRecord(value['object'])) throw badEvent('a line that is no event', where);
  const { type, object } = value;
  if (type !== 'ERROR' && !Object.hasOwn(told, type)) throw badEvent('an event of an unknown type', where);
  if (type !== 'ERROR' && !isRecord((object as { metadata?: Json })['metadata'])) throw badEvent('an event without an object', where);
  return { type, object: object as unknown as KubeObject };
}

/** Decides where to go on after a failure, and says after how many ms. */
function settle(exchange: Exchange, position: Position, failure: EvenkeelError): number {
  position.failures++;
  position.failuresHere++;
  const gone = failure.code === 'KUBE_GONE';
  if (gone || isStalePosition(failure) || position.failuresHere >= MOST_FAILURES_AT_A_POINT) position.resourceVersion = undefined;
  if (gone && position.failures === 1) return 0;
  return backoff(position.failures, { first: 800, most: 30_000, random: exchange.random });
}

/** Answers that say something of the place we want to go on from, not of the server's state. */
function isStalePosition(failure: EvenkeelError): boolean {
  if (failure.code === 'KUBE_BAD_REQUEST' || failure.code === 'KUBE_NOT_FOUND' || failure.code === 'KUBE_INVALID') return true;
  const causes = failure.details['causes'];
  return Array.isArray(causes) && causes.some((c: { reason?: string }) => c.reason === 'ResourceVersionTooLarge');
}

function shortWatchPause(exchange: Exchange, begun: number): number {
  return exchange.clock.now() - begun < SHORT ? backoff(1, { first: SHORT, most: SHORT, random: exchange.random }) : 0;
}
