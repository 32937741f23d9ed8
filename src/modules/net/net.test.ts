import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../../test/support/modules.js';

let lab: ModuleLab;
let server: Server;
let other: Server;
let base: string;
let otherBase: string;
const seen: { path: string; method: string; headers: IncomingMessage['headers']; body: string }[] = [];
let failures = 0;

const listen = async (one: Server) => {
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  lab = await moduleLab();
  const handle = (request: IncomingMessage, answer: import('node:http').ServerResponse) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const path = request.url as string;
      seen.push({ path, method: request.method as string, headers: request.headers, body });
      if (path.startsWith('/json')) return answer.setHeader('content-type', 'application/vnd.x+json').end('{"big": 9007199254740993}');
      if (path.startsWith('/away')) return answer.writeHead(302, { location: `${otherBase}/landed` }).end();
      if (path.startsWith('/post-away')) return answer.writeHead(307, { location: '/landed' }).end();
      if (path === '/file') return answer.writeHead(302, { location: 'file:///etc/hostname' }).end();
      if (path === '/loop') return answer.writeHead(301, { location: '/loop' }).end();
      if (path === '/silent') return undefined;
      if (path === '/drip') return answer.write('x'.repeat(100));
      if (path === '/large') return answer.end('x'.repeat(5000));
      if (path === '/broken') return answer.socket?.destroy();
      if (path === '/flaky') return answer.writeHead(failures-- > 0 ? 503 : 200).end('up');
      if (path.startsWith('/404')) return answer.writeHead(404).end('no');
      return answer.end('ok');
    });
  };
  server = createServer(handle);
  other = createServer(handle);
  base = await listen(server);
  otherBase = await listen(other);
});
afterAll(async () => {
  await lab.close();
  for (const one of [server, other]) {
    one.closeAllConnections();
    await new Promise((resolve) => one.close(resolve));
  }
});

const last = () => seen.at(-1) as (typeof seen)[number];

describe('net', () => {
  test('asks, sends and reads JSON', async () => {
    const { net } = lab.modules;
    const answer = await net.get(`${base}/json?a=1`, { query: { b: 'x y', c: true }, token: 'tok-12345' });
    expect(answer).toMatchObject({ status: 200, ok: true, json: { big: 9007199254740993n } });
    expect(last()).toMatchObject({ path: '/json?a=1&b=x+y&c=true', headers: { authorization: 'Bearer tok-12345' } });
    await net.post(`${base}/`, undefined, { json: { a: 1 }, headers: { 'X-Own': 'y' } });
    expect(last()).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json', 'x-own': 'y' } });
    await net.put(`${base}/`, 'text');
    expect(last()).toMatchObject({ method: 'PUT', body: 'text' });
    await net.delete(`${base}/`);
    await net.request('patch', `${base}/`, { body: new Uint8Array([65]) });
    expect(last()).toMatchObject({ method: 'PATCH', body: 'A' });
    lab.modules.log.info('the token is tok-12345');
    expect(lab.lines.at(-1)?.message).toBe('the token is •••');
  });

  test('credentials go to the host that they are for, not into URLs that are shown, and not along a redirect', async () => {
    const { net } = lab.modules;
    const url = new URL(`${base}/away`);
    url.username = 'ana';
    url.password = 'pass-word-1';
    const answer = await net.get(url.href, { headers: { Cookie: 'a=b', 'X-Kept': '1' } });
    expect(seen.at(-2)?.headers.authorization).toBe(`Basic ${Buffer.from('ana:pass-word-1').toString('base64')}`);
    expect(last().headers).toMatchObject({ 'x-kept': '1' });
    expect(last().headers.authorization ?? last().headers.cookie).toBeUndefined();
    expect(answer.url).toBe(`${otherBase}/landed`);
    url.pathname = '/404';
    url.search = '?token=abc';
    await expect(net.get(url.href)).rejects.toMatchObject({ code: 'NET_STATUS', message: expect.not.stringMatching(/pass-word-1|abc/) });
    await net.post(`${base}/post-away`, 'again');
    expect(last()).toMatchObject({ path: '/landed', method: 'POST', body: 'again' });
  });

  test.each<[string, string, object, object]>([
    ['a status of 400 and above', '/404', {}, { code: 'NET_STATUS', details: { status: 404 } }],
    ['redirects without end', '/loop', { redirects: 3 }, { code: 'NET_REDIRECTS' }],
    ['a redirect to a file', '/file', {}, { code: 'NET_REFUSED' }],
    ['silence', '/silent', { timeout: 0.1 }, { code: 'NET_TIMEOUT' }],
    ['an answer that does not end', '/drip', { timeout: '100ms' }, { code: 'NET_TIMEOUT' }],
    ['an answer that is too large', '/large', { maxBytes: 4999 }, { code: 'NET_TOO_LARGE' }],
    ['a connection that drops', '/broken', {}, { code: 'NET_UNREACHABLE', transient: true }],
  ])('%s is an error', async (_, path, options, expected) => {
    await expect(lab.modules.net.get(`${base}${path}`, options)).rejects.toMatchObject(expected);
  });

  test('what is allowed is a result', async () => {
    expect(await lab.modules.net.get(`${base}/404`, { allowFailure: true })).toMatchObject({ status: 404, ok: false, body: 'no' });
    expect(await lab.modules.net.get(`${base}/away`, { redirects: 0 })).toMatchObject({ status: 302 });
  });

  test.each(['file:///etc/hostname', 'ftp://x/', 'data:,x', 'nonsense', 'http://'])('does not ask %s', async (url) => {
    await expect(lab.modules.net.get(url)).rejects.toMatchObject({ code: 'NET_REFUSED' });
  });

  test('reaches what the host lets it, redirects too', async () => {
    const { net } = lab.with({ mayReach: (url) => url.origin === base });
    expect((await net.get(`${base}/`)).body).toBe('ok');
    await expect(net.get(`${base}/away`)).rejects.toMatchObject({ code: 'NET_REFUSED' });
  });

  test('ends with the run', async () => {
    const controller = new AbortController();
    const asking = lab.with({ signal: controller.signal }).net.get(`${base}/silent`);
    controller.abort();
    await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('downloads whole files, checked', async () => {
    const { net } = lab.modules;
    const sha256 = createHash('sha256').update('x'.repeat(5000)).digest('hex');
    expect(await net.download(`${base}/large`, 'large', { sha256 })).toEqual({ bytes: 5000, sha256 });
    expect(readFileSync(join(lab.folder, 'large')).length).toBe(5000);
    await expect(net.download(`${base}/large`, 'wrong', { sha256: 'ab' })).rejects.toMatchObject({ code: 'NET_CHECKSUM' });
    expect(existsSync(join(lab.folder, 'wrong'))).toBe(false);
    await expect(net.download(`${base}/large`, '../x')).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
  });

  test('waits until an answer is as it should be', async () => {
    failures = 2;
    expect(await lab.modules.net.waitFor(`${base}/flaky`, { interval: 0.01 })).toMatchObject({ status: 200, body: 'up' });
    await expect(lab.modules.net.waitFor(`${base}/404`, { interval: 0.05, timeout: 2 })).rejects.toMatchObject({
      code: 'NET_TIMEOUT',
      message: expect.stringContaining('status 404'),
    });
  });

  test('goes through the proxy that the environment names', async () => {
    const proxied = lab.with({ env: { HTTP_PROXY: `${otherBase}`, NO_PROXY: 'nowhere.example' } });
    expect((await proxied.net.get('http://shop.example/stock')).body).toBe('ok');
    expect(last()).toMatchObject({ path: 'http://shop.example/stock', headers: { host: 'shop.example' } });
  });
});
