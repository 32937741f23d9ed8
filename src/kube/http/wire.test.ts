import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcp, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { configMap, configMaps } from '../../../test/kube/support/fake-wire.js';
import { type Answer, type Certificate, makeCertificate, type ServeOptions, serve } from '../../../test/kube/support/server.js';
import { EvenkeelError } from '../../model/index.js';
import { connectCluster } from '../connect.js';
import { type Connection, fixedCredentials } from '../connection.js';
import { httpWire } from './wire.js';

let tls: Certificate;
let other: Certificate;
beforeAll(async () => {
  [tls, other] = await Promise.all([makeCertificate(), makeCertificate('elsewhere.example')]);
});

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function start(answer: Answer, options: ServeOptions = {}) {
  const server = await serve(answer, options);
  endings.push(() => server.close());
  return server;
}

function to(server: string, more: Partial<Connection> = {}): Connection {
  return {
    name: 'test',
    server,
    tls: { authority: tls.cert, insecure: false },
    compression: true,
    headers: {},
    credentials: fixedCredentials({ authorization: 'Bearer t0ken' }),
    ...more,
  };
}

function wireTo(connection: Connection) {
  const wire = httpWire(connection, { connectTimeoutMs: 2000 });
  endings.push(() => wire.close());
  return wire;
}

function clusterTo(connection: Connection) {
  const cluster = connectCluster(connection, { attempts: 1 });
  endings.push(() => cluster.close());
  return cluster;
}

async function failure(promise: Promise<unknown>): Promise<EvenkeelError> {
  const thrown = await promise.then(
    (value) => `resolved with ${JSON.stringify(value)}`,
    (e: unknown) => e,
  );
  if (thrown instanceof EvenkeelError) return thrown;
  throw new Error(`no EvenkeelError: ${String(thrown)}`);
}

const get = { method: 'GET' as const, path: '/api/v1/x', headers: {} };

describe('requests', () => {
  it('go to the path below the server, with credentials, impersonation and body', async () => {
    const server = await start((_, response) => {
      response.setHeader('warning', ['299 - "a"', '299 - "b"']);
      return { ok: 'é' };
    });
    const wire = wireTo(to(`${server.url}/k8s/c-1/`, { headers: { 'impersonate-user': 'jane', 'impersonate-group': ['a', 'b'] } }));
    const answer = await wire({ method: 'PATCH', path: '/api/v1/x?force=true', headers: { 'content-type': 'x/y' }, body: '{"a":"é"}' });
    expect(answer).toMatchObject({ status: 200, body: '{"ok":"é"}', headers: { warning: ['299 - "a"', '299 - "b"'] } });
    expect(server.seen[0]).toMatchObject({
      method: 'PATCH',
      path: '/k8s/c-1/api/v1/x?force=true',
      body: '{"a":"é"}',
      headers: {
        authorization: 'Bearer t0ken',
        'impersonate-user': 'jane',
        'impersonate-group': 'a, b',
        'content-type': 'x/y',
        'user-agent': 'evenkeel',
      },
    });
  });

  it('reuse their sockets, and use no more than they may', async () => {
    const server = await start(() => ({}));
    const wire = httpWire(to(server.url), { sockets: 3 });
    endings.push(() => wire.close());
    await Promise.all(Array.from({ length: 30 }, () => wire(get)));
    await wire(get);
    expect(server.sockets()).toBeLessThanOrEqual(3);
  });

  it('are not held up by watches', async () => {
    const server = await start((request, response) => {
      if (!request.path.includes('watch=1')) return {};
      response.write(' ');
      return undefined;
    });
    const wire = httpWire(to(server.url), { sockets: 1 });
    endings.push(() => wire.close());
    const stop = new AbortController();
    await Promise.all(Array.from({ length: 5 }, () => wire({ ...get, path: '/w?watch=1', signal: stop.signal })));
    expect((await wire(get)).status).toBe(200);
    stop.abort();
  });

  it('unpack gzip, and refuse what is damaged or too large', async () => {
    const packed = gzipSync('{"kind":"ConfigMap","metadata":{}}');
    const server = await start((request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(request.path.endsWith('/cut') ? packed.subarray(0, 30) : packed);
    });
    const cluster = clusterTo(to(server.url));
    expect(await cluster.get(configMaps, { namespace: 'a', name: 'whole' })).toEqual({ kind: 'ConfigMap', metadata: {} });
    expect((await failure(cluster.get(configMaps, { namespace: 'a', name: 'cut' }))).code).toBe('KUBE_BAD_ANSWER');
  });

  it('end when they are cancelled, whether before or during the answer', async () => {
    const server = await start((_, response) => void response.write('{"half":'));
    const cluster = clusterTo(to(server.url));
    const stop = new AbortController();
    const asked = failure(cluster.get(configMaps, { namespace: 'a', name: 'b' }, { signal: stop.signal }));
    while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect((await asked).code).toBe('CANCELLED');
    expect((await failure(cluster.list(configMaps, { signal: stop.signal }))).code).toBe('CANCELLED');
  });

  it('put a character together that the network took apart', async () => {
    const bytes = Buffer.from('{"a":"€"}\n');
    const server = await start(async (_, response) => {
      response.write(bytes.subarray(0, 7));
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.end(bytes.subarray(7));
    });
    const { body } = await wireTo(to(server.url))({ ...get, path: '/x?watch=1' });
    let text = '';
    for await (const piece of body) text += piece;
    expect(text).toBe('{"a":"€"}\n');
  });
});

describe('failures', () => {
  it('tell a server that refuses connections', async () => {
    const server = await serve(() => ({}));
    await server.close();
    const error = await failure(clusterTo(to(server.url)).version());
    expect([error.code, error.transient, error.details['sent']]).toEqual(['KUBE_UNREACHABLE', true, false]);
  });

  it('tell a connection that breaks in the middle of an answer', async () => {
    const server = await start((request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"kind":"ConfigMap"');
      setTimeout(() => request.socket.destroy(), 10);
    });
    const error = await failure(clusterTo(to(server.url)).version());
    expect([error.code, error.details['sent']]).toEqual(['KUBE_UNREACHABLE', true]);
  });

  it('tell an unknown authority, another name and plain HTTP from each other', async () => {
    const server = await start(() => ({}), { tls });
    const untrusted = await failure(clusterTo(to(server.url, { tls: { authority: other.cert, insecure: false } })).version());
    expect(untrusted.code).toBe('KUBE_TLS');
    expect(untrusted.hint).toContain('certificate-authority-data');
    const misnamed = await failure(
      clusterTo(to(server.url, { tls: { authority: tls.cert, serverName: 'api.example', insecure: false } })).version(),
    );
    expect([misnamed.code, misnamed.details['reason']]).toEqual(['KUBE_TLS', 'ERR_TLS_CERT_ALTNAME_INVALID']);
    const plain = await start(() => ({}));
    const wrong = await failure(clusterTo(to(plain.url.replace('http:', 'https:'))).version());
    expect([wrong.code, wrong.message]).toEqual(['KUBE_TLS', expect.stringContaining('does not speak TLS')]);
  });

  it('tell what speaks no HTTP', async () => {
    const tcp = createTcp((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    endings.push(async () => void tcp.close());
    const error = await failure(clusterTo(to(`http://127.0.0.1:${(tcp.address() as AddressInfo).port}`)).version());
    expect(error.code).toBe('KUBE_BAD_ANSWER');
  });

  it('tell a server that does not answer', async () => {
    const server = await start(() => undefined);
    const cluster = connectCluster(to(server.url), { attempts: 1, answerTimeoutMs: 300 });
    endings.push(() => cluster.close());
    expect((await failure(cluster.version())).code).toBe('KUBE_TIMEOUT');
  });
});

describe('TLS', () => {
  it('accepts a certificate by its authority, by another name, or blindly', async () => {
    const server = await start(() => ({ gitVersion: 'v1' }), { tls: other });
    for (const options of [{ authority: other.cert, serverName: 'elsewhere.example', insecure: false }, { insecure: true }])
      expect(await clusterTo(to(server.url, { tls: options })).version()).toMatchObject({ gitVersion: 'v1' });
  });

  it('shows the client certificate of the moment', async () => {
    const server = await start(() => ({}), { tls, clients: other.cert });
    let certificate: Certificate | undefined = other;
    const wire = wireTo(to(server.url, { credentials: { current: () => (certificate === undefined ? {} : { certificate }) } }));
    await wire(get);
    certificate = undefined;
    await wire(get);
    expect(server.seen.map((request) => request.client)).toEqual(['elsewhere.example', undefined]);
  });
});

describe('after 401', () => {
  it('asks once for newer credentials', async () => {
    const server = await start((request, response) => {
      response.statusCode = request.headers.authorization === 'Bearer 2' ? 200 : 401;
      return {};
    });
    let n = 0;
    const credentials = {
      current: () => ({ authorization: `Bearer ${n}` }),
      renew: async () => ({ authorization: `Bearer ${++n}` }),
    };
    const wire = wireTo(to(server.url, { credentials }));
    expect((await wire(get)).status).toBe(401);
    expect(server.seen).toHaveLength(2);
    expect((await wire(get)).status).toBe(200);
  });
});

describe('a proxy', () => {
  async function startProxy(check: (authorization: string | undefined) => boolean) {
    const asked: string[] = [];
    const sockets = new Set<Socket>();
    const proxy = createServer((_, response) => response.end());
    proxy.on('connect', (request, socket: Socket, head) => {
      asked.push(request.url ?? '');
      sockets.add(socket);
      if (!check(request.headers['proxy-authorization'])) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      const [host = '', port] = (request.url ?? '').split(':');
      const target = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.write(head);
        target.pipe(socket).pipe(target);
      });
      for (const end of [socket, target]) end.on('error', () => target.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    endings.push(
      () =>
        new Promise((resolve) => {
          proxy.close(() => resolve());
          for (const socket of sockets) socket.destroy();
        }),
    );
    return { port: (proxy.address() as AddressInfo).port, asked };
  }

  it('is asked to connect, with its user and password, for TLS and for plain HTTP', async () => {
    const expected = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    const proxy = await startProxy((authorization) => authorization === expected);
    for (const server of [await start(() => ({ gitVersion: 'v1' }), { tls }), await start(() => ({ gitVersion: 'v1' }))]) {
      const cluster = clusterTo(to(server.url, { proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}` }));
      expect(await cluster.version()).toMatchObject({ gitVersion: 'v1' });
      expect(await cluster.version()).toMatchObject({ gitVersion: 'v1' });
      expect(proxy.asked.at(-1)).toBe(`127.0.0.1:${server.port}`);
    }
    // undici takes a second socket for a request that comes in the same tick in which the first one ends.
    expect(proxy.asked.length).toBeLessThanOrEqual(4);
  });

  it('that refuses is named, without its password', async () => {
    const proxy = await startProxy(() => false);
    const server = await start(() => ({}));
    const error = await failure(clusterTo(to(server.url, { proxy: `http://me:hunter22@127.0.0.1:${proxy.port}` })).version());
    expect([error.code, error.details['sent']]).toEqual(['KUBE_PROXY_FAILED', false]);
    expect(JSON.stringify(error) + String(error.cause)).not.toContain('hunter22');
    expect(error.message).toContain('407');
  });

  it('that is down is told', async () => {
    const gone = await serve(() => ({}));
    await gone.close();
    const error = await failure(clusterTo(to('http://127.0.0.1:1', { proxy: gone.url })).version());
    expect(error.code).toBe('KUBE_PROXY_FAILED');
  });
});

it('an object goes there and back unchanged', async () => {
  const object = configMap('web', { data: { 'k\u2028': '\u0000€😀' } });
  const server = await start((request) => JSON.parse(request.body) as unknown);
  expect((await clusterTo(to(server.url)).apply(configMaps, object, { fieldManager: 'x' })).object).toEqual(object);
});
