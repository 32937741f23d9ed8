import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GitServer {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  requests: { path: string; authorization: string | undefined }[];
  /** Answers instead of git where it returns true. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Ends a response to git-upload-pack after this many bytes. */
  cutAfter: number | undefined;
  close(): Promise<void>;
}

/** Git's own smart HTTP backend over the repositories of a folder, behind basic authentication where `login` is given. */
export async function serveGit(root: string, login?: { username: string; password: string }): Promise<GitServer> {
  const expected = login === undefined ? undefined : `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const state: Omit<GitServer, 'origin' | 'close'> = { requests: [], intercept: undefined, cutAfter: undefined };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    state.requests.push({ path: url.pathname, authorization: request.headers.authorization });
    if (state.intercept?.(request, response)) return;
    if (expected !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_NOSYSTEM: '1',
        HOME: root,
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_ADDR: '127.0.0.1',
      },
    });
    backend.stdin.on('error', () => undefined);
    request.pipe(backend.stdin);
    const cut = url.pathname.endsWith('/git-upload-pack') ? state.cutAfter : undefined;
    let head = Buffer.alloc(0);
    let sent: number | undefined;
    const body = (chunk: Buffer) => {
      if (cut !== undefined && (sent ?? 0) > cut) return;
      sent = (sent ?? 0) + chunk.length;
      response.write(chunk);
      if (cut !== undefined && sent > cut) setTimeout(() => response.destroy(), 20);
    };
    backend.stdout.on('data', (chunk: Buffer) => {
      if (sent !== undefined) return body(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      let status = 200;
      const headers: { [name: string]: string } = {};
      for (const line of head.toString('latin1', 0, end).split('\r\n')) {
        const [name, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()];
        if (name.toLowerCase() === 'status') status = Number(value.slice(0, 3));
        else headers[name] = value;
      }
      response.writeHead(status, headers);
      sent = 0;
      const rest = head.subarray(end + 4);
      for (let at = 0; at < rest.length; at += 1000) {
        if (response.destroyed) return;
        body(rest.subarray(at, at + (cut === undefined ? rest.length : 1000)));
        if (cut === undefined) return;
        if (sent > cut) return;
      }
    });
    backend.stdout.on('end', () => {
      if (cut === undefined || (sent ?? 0) <= cut) response.end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return Object.assign(state, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  });
}
