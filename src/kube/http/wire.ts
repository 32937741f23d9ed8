import type { Wire, WireRequest, WireResponse } from '../../model/index.js';
import type { Connection, Credential } from '../connection.js';
import { readAll, readStream } from './body.js';
import { openTransport, type Transport } from './transport.js';

export interface HttpWireOptions {
  /** Sockets for requests that end. Default 32: see Transport. */
  sockets?: number;
  /** Default 10 s. */
  connectTimeoutMs?: number;
  /** How long the server may take to begin an answer, and between two pieces of one that ends. Default 65 s: it gives up after 60. */
  answerTimeoutMs?: number;
  /** Value of User-Agent. Default `evenkeel`. */
  userAgent?: string;
}

/** A wire over sockets. */
export type HttpWire = Wire & {
  /** Ends all of them. */
  close(): Promise<void>;
  /** The credential that was used last, to explain why it was refused. */
  lastCredential(): Credential | undefined;
};

/** Requests over HTTP to the server of a connection, as its user. Throws what undici and Node throw, or EvenkeelError. */
export function httpWire(connection: Connection, options: HttpWireOptions = {}): HttpWire {
  const { answerTimeoutMs = 65_000, userAgent = 'evenkeel' } = options;
  const base = new URL(connection.server).pathname.replace(/\/+$/, '');
  const gzip = connection.compression && !isLoopback(new URL(connection.server).hostname);
  let open: { certificate: string | undefined; transport: Promise<Transport> } | undefined;
  let closed = false;
  let last: Credential | undefined;

  /** The transport with this client certificate; one with an older one ends when it is idle. */
  const transportFor = (credential: Credential): Promise<Transport> => {
    if (closed) throw new Error('the connection was closed');
    const certificate = credential.certificate?.cert;
    if (open !== undefined && open.certificate === certificate) return open.transport;
    open?.transport.then((old) => old.close('when-idle')).catch(() => undefined);
    const transport = openTransport({
      connection,
      credential,
      sockets: options.sockets ?? 32,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    });
    open = { certificate, transport };
    return transport;
  };

  const send = async (request: WireRequest, credential: Credential): Promise<WireResponse> => {
    last = credential;
    const transport = await transportFor(credential);
    const streaming = isStreaming(request.path);
    const response = await (streaming ? transport.streams : transport.requests).request({
      method: request.method,
      path: base + request.path,
      headers: {
        'user-agent': userAgent,
        ...(gzip && !streaming ? { 'accept-encoding': 'gzip' } : {}),
        ...connection.headers,
        ...request.headers,
        ...(credential.authorization === undefined ? {} : { authorization: credential.authorization }),
      },
      headersTimeout: answerTimeoutMs,
      // A watch that falls silent is noticed by who reads it.
      bodyTimeout: streaming ? 0 : answerTimeoutMs,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const headers = response.headers as WireResponse['headers'];
    const encoding = headers['content-encoding'];
    const stream = streaming && response.statusCode < 300;
    const body = stream ? readStream(response.body) : await readAll(response.body, { encoding, name: connection.name });
    return { status: response.statusCode, headers, body };
  };

  const wire: Wire = async (request) => {
    const credential = await connection.credentials.current(request.signal);
    const response = await send(request, credential);
    if (response.status !== 401 || connection.credentials.renew === undefined) return response;
    const newer = await connection.credentials.renew(credential, request.signal);
    return newer === undefined ? response : send(request, newer);
  };

  return Object.assign(wire, {
    lastCredential: () => last,
    async close() {
      closed = true;
      await (await open?.transport)?.close('now');
    },
  });
}

/** Answers that go on until somebody ends them: watches and followed logs. */
function isStreaming(path: string): boolean {
  return /[?&](watch|follow)=(1|true)(&|$)/.test(path);
}

/** On this machine compressing costs both sides more than it saves. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}
