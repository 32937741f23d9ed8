import { EvenkeelError } from '../model/index.js';
import type { Exchange } from './exchange.js';
import { whereOf } from './objects.js';
import { objectPath, withQuery } from './paths.js';
import type { ApiResource, LogOptions, ObjectRef } from './types.js';

const pods: ApiResource = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['get'],
  subresources: ['log'],
};

const MOST_BYTES = 16 * 1024 * 1024;

/** See Cluster.logs. */
export async function logs(exchange: Exchange, ref: ObjectRef, options: LogOptions): Promise<string> {
  const where = whereOf(pods, ref);
  const most = options.maxBytes ?? MOST_BYTES;
  const pieces = await exchange.open({
    method: 'GET',
    path: withQuery(objectPath(pods, ref, 'log'), {
      container: options.container,
      previous: options.previous,
      timestamps: options.timestamps,
      sinceSeconds: options.sinceSeconds,
      tailLines: options.tailLines,
      limitBytes: most,
    }),
    accept: 'application/json, */*',
    repeatable: true,
    where,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    // A server that knows no limitBytes sends what it likes.
    if (text.length > most)
      throw new EvenkeelError('KUBE_BAD_ANSWER', `${exchange.name} sent more than ${most} bytes of a log`, {
        where,
        hint: 'Ask for its last lines only.',
      });
  }
  return text;
}
