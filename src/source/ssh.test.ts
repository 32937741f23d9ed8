import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSource } from './source.js';
import { failure, makeRepository, temporaryFolder, writeFiles } from './testing.js';
import type { Credentials, Source, SourceOptions } from './types.js';

const sshKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA-not-a-real-key\n-----END OPENSSH PRIVATE KEY-----';

let folder: { path: string; remove(): void };
let opened: Source[];

beforeEach(() => {
  folder = temporaryFolder();
  opened = [];
  makeRepository(join(folder.path, 'r'));
  // Stands in for ssh: notes how it was called and what the key file is like, then does what the far end would.
  writeFiles(folder.path, { 'bin/x': '' });
  writeFileSync(
    join(folder.path, 'bin/ssh'),
    `#!/bin/sh
printf '%s\\n' "$@" > '${folder.path}/args'
for arg in "$@"; do case "$previous" in -i) stat -c %a "$arg" > '${folder.path}/mode'; stat -c %a "$(dirname "$arg")" >> '${folder.path}/mode'; cp "$arg" '${folder.path}/key' ;; esac
case "$arg" in UserKnownHostsFile=*) eval "set -- \${arg#UserKnownHostsFile=}"; for file in "$@"; do cat "$file" >> '${folder.path}/hosts' 2> /dev/null; done ;; esac
previous=$arg; last=$arg; done
[ -e '${folder.path}/fail' ] && { cat '${folder.path}/fail' >&2; exit 255; }
cd '${folder.path}' && eval "exec $(echo "$last" | sed "s,'/,',")"
`,
    { mode: 0o755 },
  );
});
afterEach(async () => {
  await Promise.all(opened.map((source) => source.close()));
  folder.remove();
});

function open(url: string, more: Partial<SourceOptions> = {}): Source {
  const env = { PATH: `${join(folder.path, 'bin')}:${process.env['PATH']}`, HOME: folder.path, TMPDIR: folder.path };
  const source = openSource({ url, cacheDirectory: join(folder.path, 'cache'), environment: 'controller', env, ...more });
  opened.push(source);
  return source;
}

const args = () => readFileSync(join(folder.path, 'args'), 'utf8').split('\n');
const written = (name: string) => readFileSync(join(folder.path, name), 'utf8');

describe('over ssh', () => {
  it.each(['git@host.example:r', 'ssh://git@host.example:2222/r'])('logs in to %s with a key that only we can read', async (url) => {
    const knownHosts = 'host.example ssh-ed25519 AAAAexample';
    const source = open(url, { credentials: { type: 'ssh', sshKey, knownHosts } });
    expect((await source.fetch({ branch: 'main' })).ref).toBe('refs/heads/main');
    expect(written('mode')).toBe('600\n700\n');
    expect(written('key')).toBe(`${sshKey}\n`);
    expect(written('hosts')).toContain(`${knownHosts}\n`);
    expect(args()).toEqual(
      expect.arrayContaining(['StrictHostKeyChecking=yes', 'BatchMode=yes', 'IdentitiesOnly=yes', 'git@host.example']),
    );
    expect(args()).toEqual(expect.arrayContaining(['GlobalKnownHostsFile=/dev/null', '-F']));
    expect(args().join('\n')).not.toContain('not-a-real-key');
  });

  it('checks host keys also where none are given: strictly for a controller, accepting a new one for a person', async () => {
    await open('git@host.example:r', { credentials: { type: 'ssh', sshKey } }).fetch({ head: true });
    expect(args()).toContain('StrictHostKeyChecking=yes');
    expect(written('hosts')).toContain('github.com ssh-ed25519 ');
    await open('git@host.example:r').fetch({ head: true });
    expect(args()).toContain('StrictHostKeyChecking=yes');
    await open('git@host.example:r', { environment: 'person', credentials: { type: 'ssh', sshKey } }).fetch({ head: true });
    expect(args()).toContain('StrictHostKeyChecking=accept-new');
    expect(args()).not.toContain('-F');
  });

  it("leaves a person's own ssh settings alone where no key is given", async () => {
    await open('git@host.example:r', { environment: 'person' }).fetch({ head: true });
    expect(args().filter((arg) => arg.startsWith('StrictHostKeyChecking') || arg === '-i')).toEqual([]);
  });

  it.each([
    ['Host key verification failed.', 'SOURCE_HOST_KEY'],
    ['git@host.example: Permission denied (publickey).', 'SOURCE_AUTH'],
    ['ssh: Could not resolve hostname host.example: Name or service not known', 'SOURCE_HOST_UNKNOWN'],
    ['ssh: connect to host host.example port 22: Connection refused', 'SOURCE_UNREACHABLE'],
    ['kex_exchange_identification: Connection closed by remote host', 'SOURCE_UNREACHABLE'],
    ['ERROR: Repository not found.', 'SOURCE_NOT_FOUND'],
  ])('understands %s', async (said, code) => {
    writeFileSync(join(folder.path, 'fail'), `${said}\n`);
    expect((await failure(open('git@host.example:r').resolve({ head: true }))).code).toBe(code);
  });
});

describe('credentials that do not fit', () => {
  it.each<[string, Credentials]>([
    ['https://host/o/r', { type: 'ssh', sshKey }],
    ['git@host:o/r', { type: 'token', token: 'abcdef' }],
    ['/srv/r', { type: 'token', token: 'abcdef' }],
    ['git@host:o/r', { type: 'ssh', sshKey: '/home/me/.ssh/id_ed25519' }],
    ['https://host/o/r', { type: 'token', token: 'a\nb' }],
    ['https://host/o/r', { type: 'token', token: '' }],
    ['https://a:bcdef@host/o/r', { type: 'token', token: 'abcdef' }],
  ])('are refused for %s: %j', (url, credentials) => {
    expect(() => open(url, { credentials })).toThrowError(expect.objectContaining({ code: 'SOURCE_CREDENTIALS_INVALID' }));
  });
});
