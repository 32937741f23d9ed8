import type { WireResponse } from '../../model/index.js';
import { type FieldErrors, forbiddenField, invalid, invalidObject } from '../strategy/field.js';
import type { Loose } from '../strategy/types.js';
import type { Api } from './api.js';
import { isTrue, readInteger } from './flags.js';
import type { Call } from './handle.js';
import { readObject } from './object.js';
import { outbox } from './outbox.js';
import { containerOf, containerSpec, containerStatus } from './pod-container.js';
import { badRequest, notFound } from './status.js';

interface LogOptions {
  container: string;
  follow: boolean;
  previous: boolean;
  timestamps: boolean;
  tailLines: number | undefined;
  limitBytes: number | undefined;
  /** Milliseconds since the epoch before which lines are left out. */
  since: number | undefined;
}

interface LogLine {
  time: number;
  text: string;
}

function logOptions({ api, info }: Call): LogOptions {
  const { query } = info;
  const tailLines = readInteger(query.get('tailLines'));
  const limitBytes = readInteger(query.get('limitBytes'));
  const sinceSeconds = readInteger(query.get('sinceSeconds'));
  const sinceTime = query.get('sinceTime') ?? '';
  const errors: FieldErrors = [];
  if (tailLines !== undefined && tailLines < 0) errors.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'));
  if (limitBytes !== undefined && limitBytes < 1) errors.push(invalid('limitBytes', limitBytes, 'must be greater than 0'));
  if (sinceSeconds !== undefined && sinceTime !== '')
    errors.push(forbiddenField('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  if (sinceSeconds !== undefined && sinceSeconds < 1) errors.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  if (errors.length > 0) throw invalidObject('', 'PodLogOptions', info.name, errors);
  const time = sinceTime === '' ? undefined : Date.parse(sinceTime);
  if (Number.isNaN(time))
    throw badRequest(
      `parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(sinceTime)} as "2006"`,
    );
  return {
    container: query.get('container') ?? '',
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    tailLines,
    limitBytes,
    since: sinceSeconds === undefined ? time : api.clock.now() - sinceSeconds * 1000,
  };
}

/**
 * What a simulated container has written: that it began, and how it ended. No process runs, so nothing else is said.
 * @throws ApiError 400 where the container has not begun
 */
function linesOf(pod: Loose, container: string, previous: boolean): LogLine[] {
  const status = containerStatus(pod, container);
  const { name } = pod.metadata;
  const ended = previous ? status?.lastState?.terminated : status?.state?.terminated;
  if (previous && !ended)
    throw badRequest(`previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} not found`);
  const begun = ended ?? status?.state?.running;
  if (!begun) {
    const reason = status?.state?.waiting?.reason ?? 'ContainerCreating';
    throw badRequest(`container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} is waiting to start: ${reason}`);
  }
  const { image, command = [], args = [] } = containerSpec(pod, container);
  const run = [...command, ...args].join(' ');
  const at = (text: unknown) => (typeof text === 'string' ? Date.parse(text) : 0) || 0;
  const lines = [
    { time: at(begun.startedAt), text: `container ${container} started: image ${image}${run === '' ? '' : `, running ${run}`}` },
  ];
  if (ended) lines.push({ time: at(ended.finishedAt), text: `container ${container} ended: exit code ${ended.exitCode ?? 0}` });
  return lines;
}

const isOver = (pod: Loose, container: string) => containerStatus(pod, container)?.state?.terminated !== undefined;

/** GET of a pod's `log`. */
export function podLog(call: Call): WireResponse {
  const { api, type, info } = call;
  const options = logOptions(call);
  const pod = readObject(api, type, info.namespace, info.name)?.object as Loose;
  if (!pod) throw notFound(type, info.name);
  const container = containerOf(pod, options.container);
  const headers = { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' };
  if (!pod.spec.nodeName) return { status: 200, headers, body: '' };
  const all = linesOf(pod, container, options.previous);
  const recent = options.since === undefined ? all : all.filter((l) => l.time >= (options.since as number));
  const tail = options.tailLines === undefined ? recent : options.tailLines === 0 ? [] : recent.slice(-options.tailLines);
  const written = tail.map((line) => format(line, options)).join('');
  if (!options.follow || isOver(pod, container)) return { status: 200, headers, body: cut(written, options.limitBytes) };
  return { status: 200, headers, body: follow(api, { pod, container, options, first: written, signal: call.request.signal }) };
}

const format = ({ time, text }: LogLine, { timestamps }: LogOptions) => `${timestamps ? `${new Date(time).toISOString()} ` : ''}${text}\n`;

function cut(text: string, bytes: number | undefined): string {
  return bytes === undefined || Buffer.byteLength(text) <= bytes ? text : Buffer.from(text).subarray(0, bytes).toString('utf8');
}

interface Following {
  pod: Loose;
  container: string;
  options: LogOptions;
  first: string;
  signal: AbortSignal | undefined;
}

/** The log from here on, until the container ends, its pod goes or the reader leaves. */
function follow(api: Api, { pod, container, options, first, signal }: Following): AsyncIterable<string> {
  const out = outbox();
  if (first !== '') out.push(first);
  const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
  const stop = api.store.listen('pods.', (event) => {
    if (event.key !== key) return;
    const now: Loose = api.store.parse(event.text);
    const over = isOver(now, container);
    if (over) out.push(format(linesOf(now, container, false).at(-1) as LogLine, options));
    if (over || event.type === 'DELETED') out.end();
  });
  const finish = () => out.end();
  signal?.addEventListener('abort', finish, { once: true });
  if (signal?.aborted) finish();
  return out.lines(() => {
    stop();
    signal?.removeEventListener('abort', finish);
  });
}
