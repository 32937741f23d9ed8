import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireRequest } from '../../model/index.js';
import { createSandbox, serveSandbox } from '../index.js';
import type { Sandbox, SandboxServer } from '../types.js';
import { configMap, inDefault } from './client.js';

let sandbox: Sandbox;
let server: SandboxServer;
const maps = inDefault('configmaps');

beforeAll(async () => {
  sandbox = await createSandbox({ controllers: false });
  server = await serveSandbox(sandbox, { port: 0, tokens: 'boss,boss,boss,"system:masters"\n' });
  for (const name of ['a', 'b', 'c']) await send('POST', maps, JSON.stringify(configMap(name)));
});
afterAll(async () => {
  await server.close();
  await sandbox.close();
});

async function send(method: WireRequest['method'], path: string, body?: string | Uint8Array, headers: { [name: string]: string } = {}) {
  const abort = new AbortController();
  const response = await sandbox.wire({
    method,
    path,
    headers: { 'content-type': 'application/json', ...headers },
    signal: abort.signal,
    ...(body === undefined ? {} : { body }),
  });
  abort.abort();
  let text = '';
  if (typeof response.body === 'string') text = response.body;
  else for await (const piece of response.body) text += piece;
  return { status: response.status, text };
}

/** What every answer has to be: a failure that is told as a Status, or the plain text of an unknown path. */
function isOrderly({ status, text }: { status: number; text: string }): void {
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status, text).toBeLessThan(600);
  if (status === 500) expect(text).not.toMatch(/is not a function|undefined|Cannot read|Maximum call stack|is not iterable/);
  if (status >= 400 && text !== '404 page not found\n')
    expect(JSON.parse(text)).toMatchObject({ kind: 'Status', status: 'Failure', code: status });
}

const alive = async () => expect((await send('GET', `${maps}/a`)).status).toBe(200);

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '\0', '..', '%', '/', 'ａ', '😀', 'x'.repeat(5000)),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1, 1e308, 2 ** 53, 'a', [], {}),
    nasty,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(nasty, tie('any'), { maxKeys: 4 }),
  ),
})).any;
const media = fc.constantFrom(
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'text/html',
  '',
);
const where = fc.constantFrom(
  maps,
  `${maps}/a`,
  `${maps}/zz?fieldManager=x`,
  inDefault('pods'),
  `${inDefault('services')}/s?fieldManager=x&force=true`,
  '/apis/apps/v1/namespaces/default/deployments/d?fieldManager=x',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles/r?fieldManager=x',
  '/api/v1/namespaces/default',
);

describe('whatever is sent', () => {
  it('as a body of any shape and type is answered in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'), where, media, value, async (method, path, type, body) => {
        if (method === 'DELETE' && path === `${maps}/a`) return;
        const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
        if (method === 'DELETE' && (path === maps || text === '')) return;
        isOrderly(await send(method as 'POST', path, text, { 'content-type': type }));
      }),
      { numRuns: 300 },
    );
  });

  it('as a half-broken object is answered in order', async () => {
    const fields = ['metadata', 'spec', 'status', 'data', 'kind', 'apiVersion', 'rules', 'type'];
    await fc.assert(
      fc.asyncProperty(where, media, fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 3 }), async (path, type, part) => {
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'zz' }, ...part };
        const method = type.includes('patch') ? 'PATCH' : 'POST';
        isOrderly(await send(method, path, JSON.stringify(body), { 'content-type': type }));
      }),
      { numRuns: 300 },
    );
  });

  it('as a path or a query is answered in order', async () => {
    const keys = [
      'labelSelector',
      'fieldSelector',
      'limit',
      'continue',
      'resourceVersion',
      'resourceVersionMatch',
      'dryRun',
      'timeoutSeconds',
      'pretty',
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(nasty, { maxLength: 5 }), fc.dictionary(fc.constantFrom(...keys), nasty), async (parts, query) => {
        const wellFormed = (text: string) => encodeURIComponent(Buffer.from(text).toString());
        const search = Object.entries(query).map(([k, v]) => `${k}=${wellFormed(v)}`);
        isOrderly(await send('GET', `/api/v1/${parts.map(wellFormed).join('/')}?${search.join('&')}`));
        isOrderly(await send('GET', `${maps}?${search.join('&')}`));
        isOrderly(await send('GET', `${maps}?watch=1&${search.join('&')}`));
      }),
      { numRuns: 200 },
    );
  });

  it('changes no prototype', async () => {
    const text =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto","labels":{"__proto__":"x"}},"data":{"__proto__":"y","constructor":"z"}}';
    isOrderly(await send('POST', maps, text));
    isOrderly(
      await send('PATCH', `${maps}/a`, '[{"op":"add","path":"/__proto__/polluted","value":1}]', {
        'content-type': 'application/json-patch+json',
      }),
    );
    isOrderly(
      await send('PATCH', `${maps}/a`, '{"__proto__":{"polluted":1},"data":{"__proto__":"x"}}', {
        'content-type': 'application/merge-patch+json',
      }),
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    await alive();
  });

  it.each([
    ['objects', '{"a":', '1', '}'],
    ['lists', '[', '', ']'],
  ])('nested very deeply in %s is refused', async (_what, open, middle, close) => {
    for (const depth of [900, 5000, 20_000, 200_000]) {
      const deep = `${open.repeat(depth)}${middle}${close.repeat(depth)}`;
      for (const [method, path, type] of [
        ['POST', maps, 'application/json'],
        ['POST', maps, 'application/yaml'],
        ['PATCH', `${maps}/a`, 'application/merge-patch+json'],
        ['PATCH', `${maps}/a?fieldManager=x`, 'application/apply-patch+yaml'],
      ] as const) {
        const text = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":${deep}}`;
        const answer = await send(method, path, text, { 'content-type': type });
        isOrderly(answer);
        // What does not fit its kind is told as upstream tells it of each kind of request.
        expect([400, 422, 500]).toContain(answer.status);
      }
    }
    await alive();
  });

  it('too large is refused, and the limit is named', async () => {
    const answer = await send('POST', maps, `{"a":"${'x'.repeat(3 * 1024 * 1024)}"}`);
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text).message).toBe('Request entity too large: limit is 3145728');
  });

  it('as huge selectors is answered', async () => {
    const keys = Array.from({ length: 5000 }, (_, i) => `k${i} notin (a,b,c)`).join(',');
    expect((await send('GET', `${maps}?labelSelector=${encodeURIComponent(keys)}`)).status).toBe(200);
    isOrderly(await send('GET', `${maps}?labelSelector=${'('.repeat(20_000)}`));
    isOrderly(await send('GET', `${maps}?fieldSelector=${'metadata.name%3Da,'.repeat(5000)}`));
  });
});

describe('over a socket', () => {
  const auth = 'Host: x\r\nAuthorization: Bearer boss\r\n';
  /** Sends bytes as they are; what came back until the other side closed, or until enough did. */
  const raw = (text: string, until: RegExp | undefined = undefined) =>
    new Promise<string>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
      let got = '';
      socket.on('data', (data) => {
        got += data;
        if (until?.test(got)) socket.destroy();
      });
      socket.on('close', () => resolve(got));
      // A reset after the answer is an end too.
      socket.on('error', () => resolve(got));
    });

  it('a body over the limit is refused with the limit', async () => {
    const size = 3 * 1024 * 1024 + 10;
    const head = `POST ${maps} HTTP/1.1\r\n${auth}Content-Type: application/json\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`;
    expect(await raw(head + 'x'.repeat(size), /limit is/)).toMatch(/^HTTP\/1\.1 413 [\s\S]*Request entity too large: limit is 3145728/);
  });

  it('uploads and watches that break off leave the server as it was', async () => {
    for (let i = 0; i < 20; i++) {
      const upload = connect(server.port, '127.0.0.1');
      upload.on('error', () => undefined);
      upload.write(`POST ${maps} HTTP/1.1\r\n${auth}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"half`);
      const watch = connect(server.port, '127.0.0.1');
      watch.on('error', () => undefined);
      watch.write(`GET ${maps}?watch=1 HTTP/1.1\r\n${auth}\r\n`);
      await new Promise((resolve) => watch.once('data', resolve));
      upload.destroy();
      if (i % 2 === 0) watch.destroy();
      else watch.end();
      watch.destroy();
    }
    await alive();
  });

  it.each([
    ['garbage', '\x01\x02\x03\r\n\r\n'],
    ['a request line that is none', 'GET\r\n\r\n'],
    ['a header that is none', `GET / HTTP/1.1\r\n${auth}:\r\n\r\n`],
    ['very long headers', `GET / HTTP/1.1\r\n${auth}X: ${'x'.repeat(2_000_000)}\r\n\r\n`],
  ])('%s is refused', async (_what, text) => {
    expect(await raw(text)).not.toMatch(/^HTTP\/1\.1 200/);
    await alive();
  });
});
