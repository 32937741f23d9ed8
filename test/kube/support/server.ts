import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import selfsigned from 'selfsigned';

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** Common name of the client's certificate. */
  client: string | undefined;
  socket: Socket;
}

export interface TestServer {
  url: string;
  port: number;
  seen: Seen[];
  /** How many sockets were opened. */
  sockets(): number;
  close(): Promise<void>;
}

export type Answer = (request: Seen, response: ServerResponse, n: number) => unknown;

export interface Certificate {
  cert: string;
  key: string;
}

/** A self-signed certificate for localhost and 127.0.0.1, or for another name. */
export async function makeCertificate(name = 'localhost'): Promise<Certificate> {
  const altNames =
    name === 'localhost'
      ? [
          { type: 2 as const, value: name },
          { type: 7 as const, ip: '127.0.0.1' },
        ]
      : [{ type: 2 as const, value: name }];
  const made = await selfsigned.generate([{ name: 'commonName', value: name }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { cert: made.cert, key: made.private };
}

export interface ServeOptions {
  tls?: Certificate;
  /** PEM of an authority whose client certificates are asked for. */
  clients?: string;
}

/** A server on a free port of this machine that answers from a function: what it returns is sent as JSON. */
export async function serve(answer: Answer, options: ServeOptions = {}): Promise<TestServer> {
  const seen: Seen[] = [];
  const open = new Set<Socket>();
  let opened = 0;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const peer = options.tls === undefined ? undefined : (request.socket as import('node:tls').TLSSocket).getPeerCertificate();
      const entry: Seen = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString('utf8'),
        client: peer?.subject?.CN === undefined ? undefined : String(peer.subject.CN),
        socket: request.socket,
      };
      seen.push(entry);
      void Promise.resolve(answer(entry, response, seen.length)).then((value) => {
        if (value === undefined || response.writableEnded || response.destroyed) return;
        if (!response.headersSent) response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(value));
      });
    });
  };
  const { tls, clients } = options;
  const server =
    tls === undefined
      ? createHttp(handle)
      : createHttps({ ...tls, ...(clients === undefined ? {} : { ca: clients, requestCert: true, rejectUnauthorized: false }) }, handle);
  server.on('connection', (socket: Socket) => {
    opened++;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    seen,
    sockets: () => opened,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
