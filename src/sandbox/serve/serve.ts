import { createServer as createHttp } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTcp, type Socket } from 'node:net';
import { EvenkeelError, type Random } from '../../model/index.js';
import { authenticate } from '../auth/authenticate.js';
import { parseTokens, type TokenUser } from '../auth/tokens.js';
import { statusResponse } from '../rest/respond.js';
import { unauthorized } from '../rest/status.js';
import { internalsOf, type SandboxInternals } from '../sandbox.js';
import type { Sandbox, SandboxServer, ServeOptions } from '../types.js';
import { coversHosts, makeCertificate, type ServerCertificate } from './certificate.js';
import { type Answer, exchange } from './exchange.js';
import { kubeconfigText } from './kubeconfig.js';

/** What Go's server takes of one request's headers; selectors in a URL can be long. */
const headerLimit = 1 << 20;
/** How long a connection may stay without a first byte. */
const silence = 60_000;

/** First byte of a TLS handshake. */
const handshake = 0x16;

/**
 * Serves a sandbox on one port, plain HTTP and TLS alike.
 * @throws EvenkeelError SANDBOX_PORT_TAKEN, SANDBOX_TOKENS_INVALID
 */
export async function serveSandbox(sandbox: Sandbox, options: ServeOptions): Promise<SandboxServer> {
  const inner = internalsOf(sandbox);
  const host = options.host ?? '127.0.0.1';
  const users = options.tokens === undefined ? ownToken(inner) : parseTokens(options.tokens);
  const certificate = await keptCertificate(inner, host === '0.0.0.0' || host === '::' ? [] : [host]);
  const answer: Answer = async (request) => {
    const user = authenticate(inner.api, users, request.headers['authorization']);
    return user ? inner.answer(request, user) : statusResponse(unauthorized().status);
  };
  const http = createHttp({ keepAliveTimeout: 60_000, maxHeaderSize: headerLimit }, (req, res) => void exchange(req, res, answer));
  // The check for clients that never finish their headers or bodies begins with this event, and this server has no port of its own.
  http.emit('listening');
  const tls = createSecureServer(
    {
      allowHTTP1: true,
      key: certificate.key,
      cert: `${certificate.cert}\n${certificate.ca}`,
      settings: { maxHeaderListSize: headerLimit },
    },
    (req, res) => void exchange(req, res, answer),
  );
  tls.on('sessionError', () => undefined).on('tlsClientError', () => undefined);
  http.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(socket as Socket, error.code === 'HPE_HEADER_OVERFLOW'));
  const sockets = new Set<Socket>();
  const server = createTcp({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    socket.setTimeout(silence, () => socket.destroy());
    socket.once('data', (first) => {
      socket.setTimeout(0);
      socket.pause();
      socket.unshift(first);
      (first[0] === handshake ? tls : http).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  const port = await listen(server, options.port, host);
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `https://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
  const [token] = [...users].find(([, user]) => user.groups.includes('system:masters')) ?? [...users][0] ?? [''];
  return {
    url,
    port,
    kubeconfig: kubeconfigText({ url, ca: certificate.ca, token }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        http.close();
        tls.close();
      }),
  };
}

/** Answers what is no HTTP request as Go's server does, and hangs up. */
function refuse(socket: Socket, tooLong: boolean): void {
  const line = tooLong ? '431 Request Header Fields Too Large' : '400 Bad Request';
  if (socket.writable) socket.end(`HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${line}`);
  else socket.destroy();
}

function listen(server: ReturnType<typeof createTcp>, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new EvenkeelError(
          'SANDBOX_PORT_TAKEN',
          `cannot listen on ${host}:${port}: ${cause.code === 'EADDRINUSE' ? 'the port is in use' : cause.message}`,
          {
            hint: 'Name another port, or 0 for any free one.',
            cause,
          },
        ),
      ),
    );
    server.listen(port, host, () => resolve((server.address() as { port: number }).port));
  });
}

/** One administrator whose token stays the same for as long as the file does. */
function ownToken(inner: SandboxInternals): Map<string, TokenUser> {
  let token = inner.file?.meta('token');
  if (token === undefined) {
    token = randomToken(inner.api.random);
    inner.file?.setMeta('token', token);
  }
  return new Map([[token, { name: 'kubernetes-admin', uid: 'admin', groups: ['system:masters'] }]]);
}

function randomToken(random: Random): string {
  return Buffer.from(random(24)).toString('base64url');
}

async function keptCertificate(inner: SandboxInternals, hosts: readonly string[]): Promise<ServerCertificate> {
  const now = Date.now();
  const text = inner.file?.meta('certificate');
  if (text !== undefined) {
    const kept = JSON.parse(text) as ServerCertificate;
    if (coversHosts(kept, now, hosts)) return kept;
  }
  const made = await makeCertificate(now, hosts);
  inner.file?.setMeta('certificate', JSON.stringify(made));
  return made;
}
