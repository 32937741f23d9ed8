import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { WireRequest, WireResponse } from '../../model/index.js';
import { bodyLimit } from '../rest/body.js';

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

/** Answers one request; a rejection is answered with 500. */
export type Answer = (request: WireRequest) => Promise<WireResponse>;

/** Carries one HTTP exchange, of either HTTP version, to a function and back. */
export async function exchange(incoming: Incoming, outgoing: Outgoing, answer: Answer): Promise<void> {
  const abort = new AbortController();
  outgoing.on('close', () => abort.abort());
  outgoing.on('error', () => abort.abort());
  incoming.on('error', () => abort.abort());
  try {
    const body = await readBody(incoming);
    const request: WireRequest = {
      method: incoming.method as 'GET',
      path: incoming.url ?? '/',
      headers: plainHeaders(incoming),
      signal: abort.signal,
    };
    if (body) request.body = body;
    const response = await answer(request);
    await write(outgoing, response, incoming.method === 'HEAD');
  } catch (error) {
    const broken = (error as { code?: unknown } | undefined)?.code === 'ECONNRESET';
    if (!outgoing.headersSent && !abort.signal.aborted && !broken) {
      outgoing.statusCode = 500;
      outgoing.setHeader('content-type', 'text/plain');
      outgoing.end('internal error\n');
    } else breakOff(outgoing);
  }
}

/** Ends an exchange so that the client cannot take what it got for the whole answer. */
function breakOff(outgoing: Outgoing): void {
  const { stream } = outgoing as Http2ServerResponse;
  if (stream) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else (outgoing as ServerResponse).destroy();
}

function plainHeaders(incoming: Incoming): { [name: string]: string } {
  const headers: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name.startsWith(':')) {
      if (name === ':authority' && typeof value === 'string') headers['host'] = value;
    } else if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/**
 * All of a body. One that is too large comes back as soon as that is known, cut to what shows it, while the rest is
 * read and thrown away so that the client gets to its answer.
 */
function readBody(incoming: Incoming): Promise<Uint8Array | undefined> {
  if (incoming.method === 'GET' || incoming.method === 'HEAD') return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    incoming.on('data', (piece: Buffer) => {
      if (size > bodyLimit) return;
      size += piece.length;
      pieces.push(piece);
      if (size <= bodyLimit) return;
      pieces.length = 0;
      resolve(Buffer.alloc(bodyLimit + 1));
    });
    incoming.once('end', () => resolve(size === 0 ? undefined : pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)));
    incoming.once('error', reject);
    incoming.once('close', () => reject(new Error('the request ended before its body did')));
  });
}

async function write(outgoing: Outgoing, response: WireResponse, headOnly: boolean): Promise<void> {
  const out = outgoing as ServerResponse;
  out.statusCode = response.status;
  for (const [name, value] of Object.entries(response.headers)) out.setHeader(name, value);
  if (typeof response.body === 'string') {
    out.setHeader('content-length', Buffer.byteLength(response.body));
    out.end(headOnly ? undefined : response.body);
    return;
  }
  out.flushHeaders?.();
  const iterator = response.body[Symbol.asyncIterator]();
  const closed = new Promise<'closed'>((resolve) => out.once('close', () => resolve('closed')));
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), closed]);
      if (next === 'closed' || next.done) break;
      if (
        !out.write(next.value) &&
        (await Promise.race([new Promise<'drained'>((resolve) => out.once('drain', () => resolve('drained'))), closed])) === 'closed'
      )
        break;
    }
  } finally {
    await iterator.return?.();
  }
  out.end();
}
