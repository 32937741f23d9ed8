import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitServer } from './httpGit.testing.js';
import { serveGit } from './httpGit.testing.js';
import { openSource } from './source.js';
import { commit, failure, makeRepository, temporaryFolder, text } from './testing.js';
import type { Credentials, Source, SourceOptions } from './types.js';

const password = 'p4ss-w0rd with $pecial \'"';
const credentials: Credentials = { type: 'userpass', username: 'ada', password };

let folder: { path: string; remove(): void };
let repository: string;
let servers: GitServer[];
let opened: Source[];

beforeEach(() => {
  folder = temporaryFolder();
  repository = makeRepository(join(folder.path, 'r'));
  servers = [];
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await Promise.all(servers.map((server) => server.close()));
  folder.remove();
});

async function serve(login?: { username: string; password: string }): Promise<GitServer> {
  const server = await serveGit(folder.path, login);
  servers.push(server);
  return server;
}

function open(url: string, more: Partial<SourceOptions> = {}): Source {
  const env = { PATH: process.env['PATH'], TMPDIR: folder.path, HOME: folder.path, GIT_CONFIG_NOSYSTEM: '1' };
  const source = openSource({ url, cacheDirectory: join(folder.path, 'cache'), environment: 'controller', env, ...more });
  opened.push(source);
  return source;
}

/** Every file below a folder, as text. */
function everything(path: string): string {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'latin1'))
    .join('\n');
}

describe('over HTTP', () => {
  it('fetches and reads', async () => {
    const server = await serve();
    const source = open(`${server.origin}/r/.git`);
    const { revision } = await source.fetch({ branch: 'main' });
    expect(text((await source.tree(revision).read(await source.tree(revision).walk('')))[0])).toBe('one\n');
    const count = server.requests.length;
    await source.fetch({ commit: revision });
    expect(server.requests).toHaveLength(count);
    await source.resolve({ branch: 'main' });
    expect(server.requests.slice(count).every((request) => request.authorization === undefined)).toBe(true);
  });

  it.each<[string, 'controller' | 'person', Credentials | undefined, string]>([
    ['a user and a password', 'controller', credentials, ''],
    ['a token', 'controller', { type: 'token', token: password, username: 'ada' }, ''],
    ['a user and a password, for a person', 'person', credentials, ''],
    ['what the URL says', 'controller', undefined, `ada:${encodeURIComponent(password)}@`],
  ])('logs in with %s, and keeps it off command lines, out of the mirror and out of errors', async (_, environment, given, inUrl) => {
    const server = await serve({ username: 'ada', password });
    const seen: string[] = [];
    server.intercept = () => {
      for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)))
        if (existsSync(`/proc/${pid}/cmdline`)) seen.push(safeRead(`/proc/${pid}/cmdline`));
      return false;
    };
    const source = open(`${server.origin.replace('//', `//${inUrl}`)}/r/.git`, { environment, credentials: given });
    expect(source.url).toBe(`${server.origin}/r/.git`);
    const { revision } = await source.fetch({ branch: 'main' });
    expect(await source.tree(revision).walk('')).toHaveLength(1);
    expect(seen.some((line) => line.includes('fetch'))).toBe(true);
    expect(seen.join('\n')).not.toContain('p4ss-w0rd');
    expect(everything(join(folder.path, 'cache'))).not.toContain('p4ss-w0rd');
    const error = await failure(source.fetch({ branch: 'none' }));
    expect(JSON.stringify(error) + error.stack).not.toContain('p4ss-w0rd');
    const kept = readdirSync(folder.path).filter((name) => name.startsWith('evenkeel-git-'));
    expect(kept.length).toBeGreaterThan(0);
    await source.close();
    expect(readdirSync(folder.path).filter((name) => name.startsWith('evenkeel-git-') && kept.includes(name))).toEqual([]);
  });

  it('sends a token as GitHub and GitLab take it', async () => {
    const server = await serve({ username: 'x-access-token', password: 'tok-12345' });
    expect(
      (await open(`${server.origin}/r/.git`, { credentials: { type: 'token', token: 'tok-12345' } }).resolve({ head: true })).ref,
    ).toBe('refs/heads/main');
  });

  it('tells refused credentials, and recovers with the right ones', async () => {
    const server = await serve({ username: 'ada', password });
    for (const wrong of [undefined, { ...credentials, password: 'wrong-secret' }]) {
      const error = await failure(open(`${server.origin}/r/.git`, { credentials: wrong }).fetch({ head: true }));
      expect(error).toMatchObject({ code: 'SOURCE_AUTH', transient: false });
      expect(JSON.stringify(error)).not.toContain('wrong-secret');
    }
    expect((await open(`${server.origin}/r/.git`, { credentials }).fetch({ head: true })).ref).toBe('refs/heads/main');
  });

  it('keeps a password that the server puts into its answer out of the error', async () => {
    const server = await serve();
    server.intercept = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
      const line = `ERR bad ${password} and ${encodeURIComponent(password)}`;
      response.end(`001e# service=git-upload-pack\n0000${(line.length + 4).toString(16).padStart(4, '0')}${line}`);
      return true;
    };
    const error = await failure(open(`${server.origin}/r/.git`, { credentials }).resolve({ head: true }));
    expect(JSON.stringify(error)).toContain('•••');
    expect(JSON.stringify(error)).not.toContain('p4ss-w0rd');
  });

  it('gives credentials to no other host than the one they are for', async () => {
    const thief = await serve({ username: 'ada', password });
    const server = await serve();
    server.intercept = (request, response) => {
      response.writeHead(302, { location: `${thief.origin}${request.url}` }).end();
      return true;
    };
    const error = await failure(open(`${server.origin}/r/.git`, { credentials }).resolve({ head: true }));
    expect(error.code).toBe('SOURCE_AUTH');
    expect(thief.requests.length).toBeGreaterThan(0);
    expect(thief.requests.every((request) => request.authorization === undefined)).toBe(true);
  });

  it("neither asks a person's credential helper nor lets it store what was given", async () => {
    const server = await serve({ username: 'ada', password });
    const log = join(folder.path, 'helper.log');
    const helper = join(folder.path, 'helper');
    writeFileSync(helper, `#!/bin/sh\necho "$1" >> '${log}'\ncat > /dev/null\n`, { mode: 0o755 });
    writeFileSync(
      join(folder.path, '.gitconfig'),
      `[credential]\n\thelper = ${helper}\n[credential "${server.origin}"]\n\thelper = ${helper}\n`,
    );
    await open(`${server.origin}/r/.git`, { environment: 'person', credentials }).fetch({ head: true });
    expect(existsSync(log)).toBe(false);
  });

  it("uses a person's credential helper and insteadOf where nothing was given, a controller neither", async () => {
    const server = await serve({ username: 'ada', password });
    writeFileSync(
      join(folder.path, 'helper'),
      `#!/bin/sh\n[ "$1" = get ] && printf 'username=ada\\npassword=%s\\n' "$(cat '${folder.path}/pw')"\nexit 0\n`,
      { mode: 0o755 },
    );
    writeFileSync(join(folder.path, 'pw'), password);
    writeFileSync(
      join(folder.path, '.gitconfig'),
      `[credential]\n\thelper = ${join(folder.path, 'helper')}\n[url "${server.origin}/"]\n\tinsteadOf = gh:\n\tinsteadOf = https://github.com/company/\n`,
    );
    for (const url of ['gh:r/.git', 'company/r'])
      expect(
        (await open(url === 'company/r' ? 'https://github.com/company/r/.git' : url, { environment: 'person' }).fetch({ head: true })).ref,
      ).toBe('refs/heads/main');
    expect((await failure(open(`${server.origin}/r/.git`).fetch({ head: true }))).code).toBe('SOURCE_AUTH');
  });

  it.each([
    [404, 'SOURCE_NOT_FOUND', false],
    [403, 'SOURCE_AUTH', false],
    [500, 'SOURCE_SERVER_ERROR', true],
    [503, 'SOURCE_SERVER_ERROR', true],
    [429, 'SOURCE_SERVER_ERROR', true],
  ])('answers status %i with %s', async (status, code, transient) => {
    const server = await serve();
    server.intercept = (_, response) => {
      response.writeHead(status).end();
      return true;
    };
    const source = open(`${server.origin}/r/.git`);
    expect(await failure(source.fetch({ head: true }))).toMatchObject({ code, transient, where: { url: source.url } });
    server.intercept = undefined;
    expect((await source.fetch({ head: true })).ref).toBe('refs/heads/main');
  });

  it('finds no repository in a web page or at another path', async () => {
    const server = await serve();
    expect((await failure(open(`${server.origin}/other`).fetch({ head: true }))).code).toBe('SOURCE_NOT_FOUND');
    server.intercept = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>\n<body>\thello</body>\n</html>\n');
      return true;
    };
    expect((await failure(open(`${server.origin}/r`).fetch({ head: true }))).code).toBe('SOURCE_NOT_FOUND');
  });

  it('survives a transfer that is cut off: the mirror stays usable', async () => {
    const server = await serve();
    const source = open(`${server.origin}/r/.git`);
    const first = await source.fetch({ head: true });
    const next = commit(repository, { 'large.bin': randomBytes(300_000) }, 'large');
    server.cutAfter = 100_000;
    expect(await failure(source.fetch({ head: true }))).toMatchObject({ code: 'SOURCE_TRANSFER_BROKEN', transient: true });
    expect(await source.tree(first.revision).walk('')).toHaveLength(1);
    expect((await failure(source.tree(next).walk(''))).code).toBe('SOURCE_REVISION_MISSING');
    server.cutAfter = undefined;
    expect((await source.fetch({ head: true })).revision).toBe(next);
    const tree = source.tree(next);
    expect((await tree.read(await tree.walk(''))).map((bytes) => bytes.byteLength)).toEqual([4, 300_000]);
    const packs = join(
      folder.path,
      'cache',
      readdirSync(join(folder.path, 'cache')).find((name) => name.endsWith('.git')) as string,
      'objects/pack',
    );
    expect(readdirSync(packs).filter((name) => name.startsWith('tmp_'))).toEqual([]);
  });

  it('stops at its time limit and on abort, and goes on afterwards', async () => {
    const server = await serve();
    server.intercept = () => true;
    const quick = open(`${server.origin}/r/.git`, { timeoutMs: 500 });
    expect(await failure(quick.fetch({ head: true }))).toMatchObject({ code: 'SOURCE_TIMEOUT', transient: true });
    const controller = new AbortController();
    const source = open(`${server.origin}/r/.git`);
    server.intercept = () => {
      controller.abort();
      return true;
    };
    expect((await failure(source.fetch({ head: true }, controller.signal))).code).toBe('CANCELLED');
    expect((await failure(source.fetch({ head: true }, controller.signal))).code).toBe('CANCELLED');
    server.intercept = undefined;
    expect((await source.fetch({ head: true })).ref).toBe('refs/heads/main');
  });

  it('tells an unknown host from a connection that is refused or dropped', async () => {
    expect(await failure(open('https://nowhere.invalid/o/r').resolve({ head: true }))).toMatchObject({
      code: 'SOURCE_HOST_UNKNOWN',
      transient: true,
    });
    const dropping = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => dropping.listen(0, '127.0.0.1', done));
    const { port } = dropping.address() as AddressInfo;
    const dropped = await failure(open(`http://127.0.0.1:${port}/o/r`).resolve({ head: true }));
    expect(dropped.transient).toBe(true);
    await new Promise((done) => dropping.close(done));
    expect(await failure(open(`http://127.0.0.1:${port}/o/r`).resolve({ head: true }))).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      transient: true,
    });
  });
});

function safeRead(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
