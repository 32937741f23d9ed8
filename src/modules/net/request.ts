import type { Dispatcher } from 'undici';
import { EvenkeelError, printable, redactUrls } from '../../model/index.js';
import type { ModuleHost } from '../host.js';
import type { Connections } from './connections.js';
import { failureOf } from './failure.js';

export interface NetHost extends Pick<ModuleHost, 'signal' | 'secrets' | 'mayReach' | 'clock'> {
  connections: Connections;
}

export interface Exchange {
  url: URL;
  method: string;
  headers: { [name: string]: string };
  body?: string | Uint8Array;
  timeoutMs: number;
  maxBytes: number;
  redirects: number;
  /** What a script may see of the URL in errors; its path may be a secret. */
  shown?: string;
}

export interface Answer {
  status: number;
  /** Names in lower case; those that came more than once are joined. */
  headers: { [name: string]: string };
  body: Buffer;
  /** Where the answer came from in the end. */
  url: URL;
}

/** What belongs to one host only and is not taken along to another. */
const personal = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * One exchange with its redirects. Credentials and headers of a person stay with the origin that they were
 * meant for.
 * @throws EvenkeelError NET_REFUSED, NET_UNREACHABLE, NET_TIMEOUT, NET_TOO_LARGE, NET_REDIRECTS, CANCELLED
 */
export async function exchange(host: NetHost, asked: Exchange): Promise<Answer> {
  const limit = AbortSignal.timeout(asked.timeoutMs);
  const signal = AbortSignal.any([host.signal, limit]);
  const { request } = await import('./undici.js');
  let { url, method, headers, body } = asked;
  for (let redirects = 0; ; redirects++) {
    checkUrl(url, host, asked.shown);
    const shown = asked.shown ?? showUrl(url);
    let response: Dispatcher.ResponseData;
    try {
      response = await request(plainUrl(url), {
        method: method as Dispatcher.HttpMethod,
        headers: { 'user-agent': 'evenkeel', ...basic(url), ...headers },
        signal,
        dispatcher: await host.connections(url),
        headersTimeout: asked.timeoutMs,
        bodyTimeout: asked.timeoutMs,
        ...(body === undefined ? {} : { body }),
      });
    } catch (error) {
      throw failureOf(error, { shown, timeoutMs: asked.timeoutMs, host, timedOut: limit.aborted });
    }
    const location = response.headers['location'];
    if (![301, 302, 303, 307, 308].includes(response.statusCode) || typeof location !== 'string' || asked.redirects === 0) {
      const bytes = await readBody(response, { ...asked, host, shown, timedOut: () => limit.aborted });
      return { status: response.statusCode, headers: flatten(response.headers), body: bytes, url };
    }
    await response.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
    if (redirects >= asked.redirects)
      throw new EvenkeelError('NET_REDIRECTS', `${shown} redirects more than ${asked.redirects} times`, {
        hint: 'Give the URL that it leads to, or allow more: redirects.',
      });
    const next = parseUrl(new URL(location, url).href);
    if (url.protocol === 'https:' && next.protocol === 'http:')
      throw new EvenkeelError('NET_REFUSED', `${shown} redirects from https to http`, {
        hint: 'Ask for the http URL itself if that is meant.',
      });
    if (response.statusCode === 303 || (response.statusCode <= 302 && method === 'POST')) {
      method = method === 'HEAD' ? 'HEAD' : 'GET';
      body = undefined;
      headers = without(headers, (name) => name.startsWith('content-'));
    }
    if (next.origin !== url.origin) headers = without(headers, (name) => personal.has(name));
    url = next;
  }
}

export function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new EvenkeelError('NET_REFUSED', `"${printable(redactUrls(text)).slice(0, 200)}" is not a URL`, {
      where: { field: 'url' },
      hint: 'Write it like https://example.com/path.',
    });
  }
}

/** A URL without credentials, for messages. */
export function showUrl(url: URL): string {
  return printable(redactUrls(url.href)).slice(0, 300);
}

function checkUrl(url: URL, host: NetHost, shown = showUrl(url)): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new EvenkeelError('NET_REFUSED', `${shown} has the scheme "${url.protocol.slice(0, -1)}"`, {
      where: { field: 'url' },
      hint: 'Only http and https are asked.',
    });
  if (host.mayReach?.(url) === false)
    throw new EvenkeelError('NET_REFUSED', `scripts may not ask ${shown}`, {
      where: { field: 'url' },
      hint: 'Whoever runs the script decides which hosts it may reach.',
    });
  for (const secret of [url.password, decode(url.password)]) if (secret !== '') host.secrets.add(secret);
}

function plainUrl(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

function basic(url: URL): { authorization?: string } {
  if (url.username === '' && url.password === '') return {};
  return { authorization: `Basic ${Buffer.from(`${decode(url.username)}:${decode(url.password)}`).toString('base64')}` };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function without(headers: { [name: string]: string }, drop: (name: string) => boolean): { [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !drop(name.toLowerCase())));
}

function flatten(headers: { [name: string]: string | string[] | undefined }): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

async function readBody(
  response: Dispatcher.ResponseData,
  how: Exchange & { host: NetHost; shown: string; timedOut: () => boolean },
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  const tooLarge = () =>
    new EvenkeelError('NET_TOO_LARGE', `${how.shown} answered with more than ${how.maxBytes} bytes`, {
      hint: 'Give it more room: maxBytes. What is large is better downloaded: net.download.',
    });
  try {
    if (Number(response.headers['content-length']) > how.maxBytes && how.method !== 'HEAD') throw tooLarge();
    for await (const part of response.body as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > how.maxBytes) throw tooLarge();
      parts.push(part);
    }
  } catch (error) {
    response.body.on('error', () => undefined).destroy();
    if (error instanceof EvenkeelError) throw error;
    throw failureOf(error, { shown: how.shown, timeoutMs: how.timeoutMs, host: how.host, timedOut: how.timedOut() });
  }
  return Buffer.concat(parts);
}
