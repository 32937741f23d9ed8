import { type KubeObject, sha256, type WireRequest, type WireResponse } from '../../model/index.js';
import { serialize } from './api.js';
import type { Call } from './handle.js';
import type { Version } from './object.js';
import type { Listed } from './read.js';
import type { Status } from './status.js';

/** How objects are written in one answer: as they are, as metadata only, or as a table. */
export interface Shape {
  object(call: Call, object: KubeObject, text: string): string;
  /** Undefined: a plain list. */
  list: ((call: Call, listed: Listed) => WireResponse) | undefined;
  event(call: Call): (object: KubeObject, text: string) => string;
}

export const plainShape: Shape = {
  object: (_call, object, text) => (text === '' ? serialize(object) : text),
  list: undefined,
  event: () => (_object, text) => text,
};

/** The headers of every answer to a resource request, with its warnings. */
export function headersOf(call: { warnings: readonly string[] }): WireResponse['headers'] {
  const out: WireResponse['headers'] = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' };
  if (call.warnings.length > 0) out['warning'] = call.warnings.map((w) => `299 - ${JSON.stringify(w)}`);
  return out;
}

export function json(call: { warnings: readonly string[] }, status: number, body: string): WireResponse {
  return { status, headers: headersOf(call), body };
}

export function answerObject(call: Call, status: number, version: Version): WireResponse {
  return json(call, status, call.shape.object(call, version.object, version.text));
}

export function statusResponse(status: Status): WireResponse {
  const retry = status.details?.retryAfterSeconds;
  return {
    status: status.code ?? 200,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
      ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
    },
    body: JSON.stringify(status),
  };
}

export function textResponse(status: number, body: string): WireResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache, private', 'x-content-type-options': 'nosniff' },
    body,
  };
}

/** An answer with the tag of its content, or 304 where the client has that already. */
export function tagged(request: WireRequest, response: WireResponse, tag = sha256(String(response.body)).toUpperCase()): WireResponse {
  const etag = `"${tag}"`;
  const headers = { ...response.headers, etag };
  const known = (request.headers['if-none-match'] ?? '').split(',').map((t) => t.trim().replace(/^W\//, ''));
  return known.includes(etag) ? { status: 304, headers, body: '' } : { ...response, headers };
}
