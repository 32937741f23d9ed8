import { createHash } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { EvenkeelError, type Json, parseJson, stringifyJson } from '../../model/index.js';
import {
  anyOf,
  boolean,
  bytes,
  data,
  duration,
  integer,
  type ModuleDescription,
  number,
  object,
  optional,
  optionalParameter,
  options,
  parameter,
  record,
  required,
  text,
} from '../describe/types.js';
import { type Duration, milliseconds } from '../durations.js';
import { explained } from '../files/failure.js';
import { pathInside } from '../files/folder.js';
import type { ModuleHost } from '../host.js';
import { sleep } from '../waiting.js';
import { exchange, type NetHost, parseUrl, showUrl } from './request.js';

export interface RequestOptions {
  headers?: { [name: string]: string };
  /** Added to those in the URL. */
  query?: { [name: string]: string | number | boolean };
  /** The body as JSON. */
  json?: unknown;
  /** A bearer token. */
  token?: string;
  timeout?: Duration;
  maxBytes?: number;
  redirects?: number;
  /** An answer with a status of 400 and above is a result. */
  allowFailure?: boolean;
}

export interface NetResponse {
  status: number;
  /** Whether the status is below 400. */
  ok: boolean;
  headers: { [name: string]: string };
  /** As text; bytes that are none are replaced. */
  body: string;
  /** The body as data, where it says that it is JSON. */
  json?: Json;
  /** Where the answer came from in the end. */
  url: string;
}

/** HTTP requests. */
export interface NetModule {
  request(method: string, url: string, options?: RequestOptions & { body?: string | Uint8Array }): Promise<NetResponse>;
  get(url: string, options?: RequestOptions): Promise<NetResponse>;
  post(url: string, body?: string | Uint8Array, options?: RequestOptions): Promise<NetResponse>;
  put(url: string, body?: string | Uint8Array, options?: RequestOptions): Promise<NetResponse>;
  delete(url: string, options?: RequestOptions): Promise<NetResponse>;
  /** @returns its size and hash */
  download(
    url: string,
    path: string,
    options?: Omit<RequestOptions, 'json' | 'allowFailure'> & { sha256?: string },
  ): Promise<{ bytes: number; sha256: string }>;
  /** Asks again and again until the answer is as it should be. @returns the answer */
  waitFor(url: string, options?: Omit<RequestOptions, 'allowFailure'> & { status?: number; interval?: Duration }): Promise<NetResponse>;
}

const TIMEOUT_MS = 30_000;
const ANSWER_BYTES = 16 * 1024 * 1024;
const DOWNLOAD_BYTES = 512 * 1024 * 1024;
const WAIT_MS = 300_000;

type Host = NetHost & Pick<ModuleHost, 'workingDirectory' | 'folders' | 'random'>;
type Asked = RequestOptions & { body?: string | Uint8Array };

export function openNet(host: Host): NetModule {
  const ask = async (method: string, url: string, given: Asked, maxBytes = ANSWER_BYTES) => {
    if (!/^[A-Z]{1,20}$/.test(method) || method === 'CONNECT')
      throw new EvenkeelError('ARGUMENT_INVALID', 'the method is none of HTTP', {
        where: { field: 'method' },
        hint: 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS.',
      });
    if (given.json !== undefined && given.body !== undefined)
      throw new EvenkeelError('OPTION_INVALID', 'a request has a body or json, and not both', { where: { field: 'json' } });
    const target = parseUrl(url);
    for (const [name, value] of Object.entries(given.query ?? {})) target.searchParams.append(name, String(value));
    if (given.token !== undefined) host.secrets.add(given.token);
    const body = given.json === undefined ? given.body : stringifyJson(given.json);
    const answer = await exchange(host, {
      url: target,
      method,
      headers: {
        ...(given.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(given.token === undefined ? {} : { authorization: `Bearer ${given.token}` }),
        ...lowerCase(given.headers ?? {}),
      },
      timeoutMs: milliseconds(given.timeout, TIMEOUT_MS),
      maxBytes: given.maxBytes ?? maxBytes,
      redirects: given.redirects ?? 5,
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 400 && given.allowFailure !== true)
      throw new EvenkeelError('NET_STATUS', `${method} ${showUrl(answer.url)} was answered with status ${answer.status}`, {
        hint: 'Where that is an answer, too, set allowFailure and look at status.',
        details: { status: answer.status },
        transient: answer.status === 429 || answer.status >= 500,
      });
    return answer;
  };
  const send = async (method: string, url: string, given: Asked): Promise<NetResponse> => {
    const { status, headers, body, url: from } = await ask(method, url, given);
    const source = body.toString('utf8');
    const isJson = /^application\/(?:[a-z0-9.+-]+\+)?json\b/i.test(headers['content-type'] ?? '');
    const json = isJson && source.trim() !== '' ? readJson(source) : undefined;
    return { status, ok: status < 400, headers, body: source, url: showUrl(from), ...(json === undefined ? {} : { json }) };
  };

  return {
    request: (method, url, given = {}) => send(method.toUpperCase(), url, given),
    get: (url, given = {}) => send('GET', url, given),
    post: (url, body, given = {}) => send('POST', url, { ...given, ...(body === undefined ? {} : { body }) }),
    put: (url, body, given = {}) => send('PUT', url, { ...given, ...(body === undefined ? {} : { body }) }),
    delete: (url, given = {}) => send('DELETE', url, given),
    async download(url, path, { sha256, ...given } = {}) {
      const real = pathInside(host, path);
      const { body } = await ask('GET', url, { timeout: 600, ...given }, DOWNLOAD_BYTES);
      const hash = createHash('sha256').update(body).digest('hex');
      if (sha256 !== undefined && sha256.toLowerCase() !== hash)
        throw new EvenkeelError('NET_CHECKSUM', `what came from ${showUrl(parseUrl(url))} has another hash than it should`, {
          hint: 'Nothing was written. Check the URL and the hash.',
          details: { expected: sha256.slice(0, 128), found: hash },
        });
      const beside = `${real}.${Buffer.from(host.random(6)).toString('hex')}.part`;
      await explained(path, async () => {
        try {
          await writeFile(beside, body, { flag: 'wx' });
          await rename(beside, real);
        } catch (error) {
          await rm(beside, { force: true });
          throw error;
        }
      });
      return { bytes: body.length, sha256: hash };
    },
    async waitFor(url, { status = 200, interval, timeout, ...given } = {}) {
      const end = host.clock.now() + milliseconds(timeout, WAIT_MS);
      const pause = Math.max(10, milliseconds(interval, 1000));
      let last = 'it was never asked';
      for (;;) {
        const left = end - host.clock.now();
        if (left <= 0)
          throw new EvenkeelError('NET_TIMEOUT', `${showUrl(parseUrl(url))} did not answer with status ${status} in time: ${last}`, {
            hint: 'Give it more time: timeout.',
          });
        try {
          const answer = await send('GET', url, { ...given, allowFailure: true, timeout: Math.min(left, 10_000) / 1000 });
          if (answer.status === status) return answer;
          last = `the last answer had status ${answer.status}`;
        } catch (error) {
          if (!(error instanceof EvenkeelError) || !['NET_UNREACHABLE', 'NET_TIMEOUT'].includes(error.code)) throw error;
          last = error.message;
        }
        await sleep(host, Math.min(pause, Math.max(0, end - host.clock.now())));
      }
    },
  };
}

function lowerCase(headers: { [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** What says that it is JSON and is not has its text. */
function readJson(source: string): Json | undefined {
  try {
    return parseJson(source);
  } catch {
    return undefined;
  }
}

const url = parameter('url', text, 'http or https');
const requestFields = {
  headers: optional(record(text), 'Headers'),
  query: optional(record(anyOf(text, number, boolean)), 'Parameters, added to those in the URL'),
  json: optional(data, 'The body, written as JSON'),
  token: optional(text, 'A bearer token. It is masked in logs from then on'),
  timeout: optional(duration, 'For the whole exchange. Default 30s'),
  maxBytes: optional(integer, 'A larger answer is refused. Default 16 MiB'),
  redirects: optional(integer, 'How many are followed. Default 5'),
  allowFailure: optional(boolean, 'A status of 400 and above is a result. Default false'),
};
const { allowFailure: _allow, ...waitFields } = requestFields;
const { json: _json, ...downloadFields } = waitFields;
const body = optionalParameter('body', bytes, 'A text or bytes');
const response = object('NetResponse', {
  status: required(integer, 'The status'),
  ok: required(boolean, 'Whether it is below 400'),
  headers: required(record(text), 'Headers, names in lower case'),
  body: required(text, 'The body as text'),
  json: optional(data, 'The body as data, where it says that it is JSON'),
  url: required(text, 'Where it came from in the end, without credentials'),
});
const throws = ['NET_STATUS', 'NET_UNREACHABLE', 'NET_TIMEOUT', 'NET_TOO_LARGE', 'NET_REDIRECTS', 'NET_REFUSED', 'CANCELLED'];
const call = (summary: string, parameters: ModuleDescription<NetModule>['functions']['get']['parameters']) => ({
  summary,
  parameters,
  returns: { type: response },
  async: true,
  throws,
});

export const netDescription: ModuleDescription<NetModule> = {
  summary: 'HTTP requests with time limits and bounds. Credentials stay with the host that they are meant for and out of logs.',
  functions: {
    request: call('Sends a request. A status of 400 and above is an error unless `allowFailure`.', [
      parameter('method', text, 'GET, POST …'),
      url,
      options({ ...requestFields, body: optional(bytes, 'A text or bytes') }),
    ]),
    get: call('GET.', [url, options(requestFields)]),
    post: call('POST.', [url, body, options(requestFields)]),
    put: call('PUT.', [url, body, options(requestFields)]),
    delete: call('DELETE.', [url, options(requestFields)]),
    download: {
      summary: 'Fetches a file, wholly or not at all.',
      parameters: [
        url,
        parameter('path', text, 'Where to, relative to the working directory'),
        options({
          ...downloadFields,
          timeout: optional(duration, 'For the whole exchange. Default 10m'),
          maxBytes: optional(integer, 'A larger file is refused. Default 512 MiB'),
          sha256: optional(text, 'What its hash must be; a file with another is not written'),
        }),
      ],
      returns: { type: object('Download', { bytes: required(integer, 'Its size'), sha256: required(text, 'Its hash') }) },
      async: true,
      throws: [...throws, 'NET_CHECKSUM', 'FILE_OUTSIDE', 'FILE_FAILED'],
    },
    waitFor: call('Asks again and again until the answer has the status.', [
      url,
      options({
        ...waitFields,
        timeout: optional(duration, 'For all of it. Default 5m'),
        status: optional(integer, 'Default 200'),
        interval: optional(duration, 'Between two tries. Default 1s'),
      }),
    ]),
  },
};
