import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox, type SandboxServer, serveSandbox } from '../index.js';
import { configMap, inDefault } from './client.js';

let sandbox: Sandbox;
let server: SandboxServer;
const maps = inDefault('configmaps');
beforeAll(async () => {
  sandbox = await createSandbox({ controllers: false });
  server = await serveSandbox(sandbox, { port: 0, tokens: 'boss,boss,1,"system:masters"\nreader,reader,2,"dev"' });
});
afterAll(async () => {
  await server.close();
  await sandbox.close();
});

const plain = () => `http://127.0.0.1:${server.port}`;

async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  options: { token?: string; body?: string; ca?: string; h2?: boolean } = {},
) {
  const dispatcher = new Agent({ allowH2: options.h2 ?? false, connect: options.ca === undefined ? {} : { ca: options.ca } });
  const response = await request(url, {
    method,
    dispatcher,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  const text = await response.body.text();
  await dispatcher.close();
  return { status: response.statusCode, text };
}

const authority = () => Buffer.from(/certificate-authority-data: (\S+)/.exec(server.kubeconfig)?.[1] ?? '', 'base64').toString();

describe('serving', () => {
  it('answers plain HTTP, TLS and HTTP/2 on one port, with a certificate that the kubeconfig trusts', async () => {
    expect((await ask('GET', `${plain()}/healthz`)).text).toBe('ok');
    expect((await ask('GET', `${server.url}/healthz`, { ca: authority() })).text).toBe('ok');
    expect((await ask('GET', `${server.url}/healthz`, { ca: authority(), h2: true })).text).toBe('ok');
    await expect(ask('GET', `${server.url}/healthz`)).rejects.toThrow();
  });

  it('tells users apart by their tokens', async () => {
    const statuses = async (token?: string) => (await ask('GET', `${plain()}${maps}`, token === undefined ? {} : { token })).status;
    expect([await statuses('boss'), await statuses('reader'), await statuses('wrong'), await statuses()]).toEqual([200, 403, 401, 403]);
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'dev-view' },
      roleRef: { kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'Group', name: 'dev' }],
    };
    await ask('POST', `${plain()}/apis/rbac.authorization.k8s.io/v1/clusterrolebindings`, { token: 'boss', body: JSON.stringify(role) });
    expect(await statuses('reader')).toBe(200);
    expect((await ask('POST', `${plain()}${maps}`, { token: 'reader', body: JSON.stringify(configMap('x')) })).status).toBe(403);
    await ask('DELETE', `${plain()}/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/dev-view`, { token: 'boss' });
    expect(await statuses('reader')).toBe(403);
  });

  it('refuses what is too large', async () => {
    const body = JSON.stringify(configMap('big', { a: 'x'.repeat(3 * 1024 * 1024) }));
    expect((await ask('POST', `${plain()}${maps}`, { token: 'boss', body })).status).toBe(413);
  });

  it('lives through clients that send rubbish or leave', async () => {
    for (const bytes of ['\x16\x03\x01rubbish', 'rubbish\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n']) {
      await new Promise<void>((resolve) => {
        const socket = connect(server.port, '127.0.0.1', () => socket.end(Buffer.from(bytes, 'latin1')));
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.resume();
      });
    }
    const watching = httpRequest(`${plain()}${maps}?watch=true`, { headers: { authorization: 'Bearer boss' } }, (response) =>
      response.destroy(),
    );
    watching.on('error', () => undefined).end();
    await new Promise((resolve) => watching.on('close', resolve));
    expect((await ask('POST', `${plain()}${maps}`, { token: 'boss', body: JSON.stringify(configMap('after')) })).status).toBe(201);
  });

  it('streams changes while they happen', async () => {
    const response = await request(`${plain()}${maps}?watch=true&resourceVersion=${await version()}`, {
      headers: { authorization: 'Bearer boss' },
    });
    const first = (async () => {
      for await (const piece of response.body) return JSON.parse(String(piece)) as { type: string; object: { metadata: { name: string } } };
      return undefined;
    })();
    await ask('POST', `${plain()}${maps}`, { token: 'boss', body: JSON.stringify(configMap('live')) });
    expect(await first).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'live' } } });
    response.body.destroy();
  });

  it('says which port is taken', async () => {
    await expect(serveSandbox(sandbox, { port: server.port })).rejects.toMatchObject({ code: 'SANDBOX_PORT_TAKEN' });
  });
});

async function version(): Promise<string> {
  const { text } = await ask('GET', `${plain()}${maps}`, { token: 'boss' });
  return (JSON.parse(text) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}
