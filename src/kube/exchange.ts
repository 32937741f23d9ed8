import type { Clock, Json, Random, Where, Wire, WireRequest, WireResponse } from '../model/index.js';
import { EvenkeelError, isAbort, parseJson, sharedByMany } from '../model/index.js';
import { cancelled, orCancelled, pause } from './cancel.js';
import { explainFailure } from './failure.js';
import { limiter } from './limiter.js';
import { retryDelay } from './retry.js';
import { isHtml, refusalError } from './status.js';

/** One request and what must be known to repeat it safely. */
export interface Call {
  method: WireRequest['method'];
  path: string;
  body?: string;
  contentType?: string;
  accept?: string;
  signal?: AbortSignal;
  /** True where doing it twice is the same as doing it once. */
  repeatable: boolean;
  where: Where;
  /** Overrides how often it is tried. */
  attempts?: number;
}

export interface Answer {
  status: number;
  headers: { [name: string]: string | string[] };
  json: Json;
  /** Which try this is the answer to, from 1. */
  attempt: number;
}

/** Requests with retries, bounded in number, their failures explained. */
export interface Exchange {
  /** The cluster's name, for messages. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** @throws EvenkeelError for everything but an answer of 2xx with JSON */
  call(call: Call): Promise<Answer>;
  /** One try, for an answer that comes in pieces for as long as it likes; it takes nobody's turn. */
  open(call: Call): Promise<AsyncIterable<string>>;
}

export interface ExchangeOptions {
  wire: Wire;
  name: string;
  clock: Clock;
  random: Random;
  /** How many requests may be under way at once. */
  concurrency: number;
  explainUnauthorized: () => string | undefined;
  /** Aborted when the cluster is closed: nothing is sent or repeated after that. */
  closing: AbortSignal;
  /** How often a request is tried. */
  attempts: number;
}

/** More than this is not taken from an answer: a little under the longest string that the engine can hold. */
export const MAX_ANSWER = 512_000_000;

export function exchange(options: ExchangeOptions): Exchange {
  const { name, clock, random, wire, closing } = options;
  const turns = limiter(options.concurrency);

  const send = async (call: Call): Promise<WireResponse> => {
    const headers: { [name: string]: string } = { accept: call.accept ?? 'application/json' };
    if (call.body !== undefined) headers['content-type'] = call.contentType ?? 'application/json';
    return wire({
      method: call.method,
      path: call.path,
      headers,
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  };

  const attempt = async (call: Call): Promise<WireResponse & { body: string }> => {
    const response = await send(call);
    return { status: response.status, headers: response.headers, body: await readText(response.body, name) };
  };

  const refused = (status: number, text: string, call: Call) => {
    const note = status === 401 ? options.explainUnauthorized() : undefined;
    return refusalError({ status, text, cluster: name, where: call.where, ...(note === undefined ? {} : { note }) });
  };

  return {
    name,
    clock,
    random,
    async call(call) {
      sharedByMany(call.signal);
      const most = call.attempts ?? options.attempts;
      for (let tries = 1; ; tries++) {
        let failure: EvenkeelError;
        let headers: WireResponse['headers'] = {};
        if (closing.aborted) throw cancelled(closing);
        try {
          const response = await turns.run(() => orCancelled(attempt(call), call.signal), call.signal);
          if (response.status >= 200 && response.status < 300)
            return { status: response.status, headers: response.headers, json: readJson(response, call, name), attempt: tries };
          headers = response.headers;
          failure = refused(response.status, response.body, call);
        } catch (thrown) {
          failure = closing.aborted ? cancelled(closing) : asFailure(thrown, call.signal, name);
        }
        const wait =
          tries < most ? retryDelay({ failure, headers, tries, repeatable: call.repeatable, random, now: clock.now() }) : undefined;
        if (wait === undefined) throw failure;
        await pause(clock, wait, call.signal === undefined ? closing : AbortSignal.any([call.signal, closing]));
      }
    },
    async open(call) {
      let response: WireResponse;
      try {
        sharedByMany(call.signal);
        response = await orCancelled(send(call), call.signal);
      } catch (thrown) {
        throw asFailure(thrown, call.signal, name);
      }
      if (response.status < 200 || response.status >= 300) {
        const text = await readText(response.body, name).catch(() => '');
        throw refused(response.status, text, call);
      }
      return typeof response.body === 'string' ? once(response.body) : response.body;
    },
  };
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

export function asFailure(thrown: unknown, signal: AbortSignal | undefined, name: string): EvenkeelError {
  if (signal?.aborted) return cancelled(signal, thrown);
  if (isAbort(thrown)) return cancelled(undefined, thrown);
  return explainFailure(thrown, name);
}

async function readText(body: string | AsyncIterable<string>, name: string): Promise<string> {
  if (typeof body === 'string') return body;
  const parts: string[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > MAX_ANSWER) throw tooLarge(name);
    parts.push(part);
  }
  return parts.join('');
}

export function tooLarge(name: string): EvenkeelError {
  return new EvenkeelError('KUBE_BAD_ANSWER', `${name} sent an answer of more than ${MAX_ANSWER / 1e6} MB`, {
    hint: 'Ask for fewer objects at once, by namespace or label.',
  });
}

function readJson(response: WireResponse & { body: string }, call: Call, name: string): Json {
  try {
    return parseJson(response.body);
  } catch {
    const html = isHtml(response.body);
    const what = response.body === '' ? 'nothing' : html ? 'a web page' : 'text that is not JSON, or is cut off';
    throw new EvenkeelError('KUBE_BAD_ANSWER', `${name} answered ${call.method} ${call.path.split('?', 1)[0]} with ${what}`, {
      where: call.where,
      // The engine's message quotes what it read, which may be a Secret.
      ...(html || response.body === '' ? {} : { cause: new SyntaxError(`invalid JSON in ${response.body.length} characters`) }),
      hint: html
        ? 'The address of the server leads to something else, or a proxy or sign-in page stands in between.'
        : 'Something between here and the API server cuts answers off; try again, or go around the proxy.',
      details: { httpStatus: response.status },
    });
  }
}
