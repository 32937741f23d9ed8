import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serve } from '../../../test/kube/support/server.js';
import { EvenkeelError, manualClock } from '../../model/index.js';
import { connectCluster } from '../connect.js';
import { connectionFor } from './connection-for.js';
import { inCluster, isInCluster } from './in-cluster.js';
import { loadKubeconfig } from './load.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, text: string, mode?: number): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  if (mode !== undefined) await chmod(path, mode);
  return path;
}

interface Entry {
  cluster?: object;
  user?: object;
  context?: object;
}

/** A kubeconfig of one context; JSON is YAML too. */
function kubeconfig({ cluster, user, context }: Entry = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user: user ?? {} }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', ...context } }],
  });
}

async function connect(entry: Entry, options: Partial<Parameters<typeof connectionFor>[2]> = {}, context?: string) {
  const path = await write('config', kubeconfig(entry));
  return connectionFor(await loadKubeconfig({ path, env: {} }), context, { env: {}, ...options });
}

async function failure(promise: Promise<unknown>): Promise<EvenkeelError> {
  const thrown = await promise.then(
    (value) => `resolved with ${JSON.stringify(value)}`,
    (e: unknown) => e,
  );
  if (thrown instanceof EvenkeelError) return thrown;
  throw new Error(`no EvenkeelError: ${String(thrown)}`);
}

describe('loadKubeconfig', () => {
  it('merges the files of KUBECONFIG: the first to name something wins, missing ones are passed over', async () => {
    const a = await write(
      'a/config',
      `
apiVersion: v1
kind: Config
current-context: ""
clusters:
- {name: c1, cluster: {server: "https://a:1", certificate-authority: ca.crt}}
users:
- {name: u1, user: {token: aaa, client-certificate: ../x.crt, client-key: /k}}
contexts:
- {name: k1, context: {cluster: c1, user: u1}}
unknown: {field: 1}
`,
    );
    const b = await write(
      'b/config',
      `
current-context: k2
clusters:
- {name: c1, cluster: {server: "https://b:1", tls-server-name: bb}}
users:
- {name: u2, user: {tokenFile: t, exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./get}}}
contexts:
- {name: k1, context: {cluster: other, user: u2}}
- {name: k2, context: {cluster: c1, user: u2, namespace: nn}}
`,
    );
    const config = await loadKubeconfig({ env: { KUBECONFIG: `${a}:${folder}/none::${b}:${a}` }, homeDirectory: folder });
    expect(config.currentContext).toBe('k2');
    expect(config.clusters.get('c1')).toMatchObject({ server: 'https://a:1', authorityFile: join(folder, 'a/ca.crt') });
    expect(config.clusters.get('c1')?.tlsServerName).toBeUndefined();
    expect(config.users.get('u1')).toMatchObject({ certificateFile: join(folder, 'x.crt'), keyFile: '/k' });
    expect(config.users.get('u2')).toMatchObject({ tokenFile: join(folder, 'b/t'), exec: { command: join(folder, 'b/get') } });
    expect(config.contexts.get('k1')?.cluster).toBe('c1');
    expect(config.contexts.get('k2')?.namespace).toBe('nn');
    expect(config.files).toEqual([a, b]);
  });

  it('takes ~/.kube/config where KUBECONFIG is not set, and an explicit path before both', async () => {
    const home = await write('.kube/config', kubeconfig());
    const named = await write('named', kubeconfig());
    expect((await loadKubeconfig({ env: {}, homeDirectory: folder })).files).toEqual([home]);
    expect((await loadKubeconfig({ path: named, env: { KUBECONFIG: home }, homeDirectory: folder })).files).toEqual([named]);
  });

  it('says where it looked, and what is wrong, without quoting the file', async () => {
    expect((await failure(loadKubeconfig({ env: {}, homeDirectory: folder }))).code).toBe('KUBE_CONFIG_NOT_FOUND');
    const faults = [
      'users:\n- name: u\n  user: {token: hunter22\n',
      'users: {hunter22: 1}',
      'users: [{name: u, user: {token: 12345678}}]',
      'users: [{name: u}, {name: u}]',
      'users: [{name: u, user: {client-key-data: "hunter22!"}}]',
      'kind: Pod',
      '- a',
      'users: [{name: u, user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1}}}]',
      'users: [{name: u, user: {exec: {command: x, apiVersion: a/v1, interactiveMode: Maybe}}}]',
    ];
    for (const text of faults) {
      const error = await failure(loadKubeconfig({ path: await write('bad', text), env: {} }));
      expect([text, error.code]).toEqual([text, 'KUBE_CONFIG_INVALID']);
      expect(error.where.file).toBe(join(folder, 'bad'));
      expect(JSON.stringify(error) + String(error.stack) + String(error.cause)).not.toMatch(/hunter22|12345678/);
    }
    expect((await loadKubeconfig({ path: await write('empty', ''), env: {} })).contexts.size).toBe(0);
  });

  it('keeps names that are special to JavaScript apart from it', async () => {
    const config = await loadKubeconfig({
      path: await write('odd', 'contexts: [{name: __proto__, context: {cluster: constructor, user: ""}}]'),
      env: {},
    });
    expect(config.contexts.get('__proto__')?.cluster).toBe('constructor');
    expect((await failure(connectionFor(config, '__proto__', { env: {} }))).code).toBe('KUBE_CONTEXT_UNKNOWN');
  });
});

describe('connectionFor', () => {
  it('reads certificates from data and from files, data first', async () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    await write('ca.crt', 'from file');
    await write('key', 'key file');
    const connection = await connect({
      cluster: { 'certificate-authority': 'ca.crt', 'tls-server-name': 'api', 'disable-compression': true, 'proxy-url': 'http://p:1' },
      user: { 'client-certificate-data': base64('cert'), 'client-key': 'key' },
      context: { namespace: 'shop' },
    });
    expect(connection).toMatchObject({
      name: 'here',
      server: 'https://127.0.0.1:6443',
      namespace: 'shop',
      proxy: 'http://p:1',
      compression: false,
      tls: { authority: 'from file', serverName: 'api', insecure: false },
    });
    expect(await connection.credentials.current()).toEqual({ certificate: { cert: 'cert', key: 'key file' } });
    const data = await connect({ cluster: { 'certificate-authority': 'ca.crt', 'certificate-authority-data': base64('inline') } });
    expect(data.tls.authority).toBe('inline');
    expect((await failure(connect({ cluster: { 'certificate-authority': 'none.crt' } }))).where.file).toBe(join(folder, 'none.crt'));
  });

  it('names the nearest context', async () => {
    const error = await failure(connect({}, {}, 'her'));
    expect([error.code, error.hint]).toEqual(['KUBE_CONTEXT_UNKNOWN', 'Did you mean "here"?']);
    const none = await loadKubeconfig({ path: await write('none', '{"contexts":[{"name":"a"}]}'), env: {} });
    expect((await failure(connectionFor(none, undefined, { env: {} }))).hint).toBe('Name one: a.');
  });

  it('sends tokens, passwords and impersonation as headers', async () => {
    expect(await (await connect({ user: { token: 'abc' } })).credentials.current()).toEqual({ authorization: 'Bearer abc' });
    const basic = await connect({ user: { username: 'me', password: 'p:ä' } });
    expect(await basic.credentials.current()).toEqual({ authorization: `Basic ${Buffer.from('me:p:ä').toString('base64')}` });
    const as = await connect({
      user: { as: 'jane', 'as-uid': '7', 'as-groups': ['a', 'b'], 'as-user-extra': { 'Acme.com/Project': ['x', 'y'] } },
    });
    expect(as.headers).toEqual({
      'impersonate-user': 'jane',
      'impersonate-uid': '7',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-acme.com%2Fproject': ['x', 'y'],
    });
  });

  it('refuses what cannot be meant', async () => {
    const impossible: [Entry, string][] = [
      [{ user: { token: 'a', username: 'b' } }, 'KUBE_CONFIG_INVALID'],
      [{ user: { 'client-key-data': 'YQ==' } }, 'KUBE_CONFIG_INVALID'],
      [{ user: { 'as-groups': ['a'] } }, 'KUBE_CONFIG_INVALID'],
      [{ cluster: { server: '' } }, 'KUBE_CONFIG_INVALID'],
      [{ cluster: { server: 'ftp://x' } }, 'KUBE_CONFIG_INVALID'],
      [{ cluster: { 'insecure-skip-tls-verify': true, 'certificate-authority-data': 'YQ==' } }, 'KUBE_CONFIG_INVALID'],
      [{ cluster: { 'proxy-url': 'socks5://x:1' } }, 'KUBE_CONFIG_INVALID'],
      [{ user: { 'auth-provider': { name: 'gcp' } } }, 'KUBE_CREDENTIALS_UNSUPPORTED'],
      [{ user: { exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1', command: 'x' } } }, 'KUBE_CREDENTIALS_UNSUPPORTED'],
      [{ context: { user: 'nobody' } }, 'KUBE_CONTEXT_UNKNOWN'],
    ];
    for (const [entry, code] of impossible) expect([entry, (await failure(connect(entry))).code]).toEqual([entry, code]);
  });

  it('takes a proxy from the environment as Go programs do', async () => {
    const proxyFor = async (server: string, env: { [name: string]: string }) => (await connect({ cluster: { server } }, { env })).proxy;
    const env = { HTTPS_PROXY: 'proxy:3128', NO_PROXY: 'corp.example, .only.example,10.0.0.0/8,h.example:8443,192.168.1.1' };
    expect(await proxyFor('https://api.example', env)).toBe('http://proxy:3128');
    for (const direct of [
      'corp.example',
      'a.corp.example',
      'a.only.example',
      '10.1.2.3',
      'h.example:8443',
      '192.168.1.1',
      'localhost:6443',
      '127.0.0.1',
    ])
      expect([direct, await proxyFor(`https://${direct}`, env)]).toEqual([direct, undefined]);
    for (const through of ['xcorp.example', 'only.example', '11.1.2.3', 'h.example', '192.168.1.10'])
      expect([through, await proxyFor(`https://${through}`, env)]).toEqual([through, 'http://proxy:3128']);
    expect(await proxyFor('https://api.example', { https_proxy: 'http://p:1', NO_PROXY: '*' })).toBeUndefined();
    expect(await proxyFor('http://api.example', env)).toBeUndefined();
  });

  it('reads a token file again after a minute, and at once after a 401', async () => {
    const clock = manualClock();
    const path = await write('token', 'one\n');
    const { credentials } = await connect({ user: { tokenFile: 'token', token: 'fallback' } }, { clock });
    expect(await credentials.current()).toEqual({ authorization: 'Bearer one' });
    await writeFile(path, 'two');
    expect(await credentials.current()).toEqual({ authorization: 'Bearer one' });
    await clock.advance(60_000);
    expect(await credentials.current()).toEqual({ authorization: 'Bearer two' });
    await writeFile(path, 'three');
    expect(await credentials.renew?.({ authorization: 'Bearer two' })).toEqual({ authorization: 'Bearer three' });
    expect(await credentials.renew?.({ authorization: 'Bearer three' })).toBeUndefined();
    await rm(path);
    await clock.advance(60_000);
    expect(await credentials.current()).toEqual({ authorization: 'Bearer three' });
  });
});

describe('exec plugins', () => {
  const version = 'client.authentication.k8s.io/v1';
  /** A plugin that counts its runs, keeps what it was told and prints what its file `answer` holds. */
  async function plugin(answer: string, more = '') {
    await write('answer', answer);
    await write(
      'get-token',
      `#!/bin/sh\necho run >> "$COUNT"\nprintf %s "$KUBERNETES_EXEC_INFO" > "$COUNT.info"\nprintf '%s' "$1 $EXTRA" > "$COUNT.args"\n${more}\ncat "${folder}/answer"\n`,
      0o755,
    );
    const count = join(folder, 'count');
    const exec = {
      apiVersion: version,
      command: './get-token',
      args: ['a b'],
      env: [{ name: 'EXTRA', value: '$HOME' }],
      interactiveMode: 'Never',
      provideClusterInfo: true,
    };
    const options = { env: { PATH: process.env['PATH'], COUNT: count } };
    const { readFile } = await import('node:fs/promises');
    return {
      exec,
      options,
      runs: async () => (await readFile(count, 'utf8')).length / 4,
      read: (name: string) => readFile(`${count}.${name}`, 'utf8'),
    };
  }
  const credential = (status: object) => JSON.stringify({ apiVersion: version, kind: 'ExecCredential', status });

  it('are told of the cluster and run once for many requests, again when theirs expires', async () => {
    const clock = manualClock();
    const expires = (ms: number) => new Date(clock.now() + ms).toISOString();
    const { exec, options, runs, read } = await plugin(credential({ token: 'one', expirationTimestamp: expires(60_000) }));
    const cluster = {
      'certificate-authority-data': 'Q0E=',
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }],
    };
    const { credentials } = await connect({ user: { exec }, cluster }, { ...options, clock });
    expect(await Promise.all([credentials.current(), credentials.current()])).toEqual([
      { authorization: 'Bearer one' },
      { authorization: 'Bearer one' },
    ]);
    expect(await runs()).toBe(1);
    expect(JSON.parse(await read('info'))).toEqual({
      apiVersion: version,
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': 'Q0E=', config: { audience: 'x' } },
      },
    });
    expect(await read('args')).toBe('a b $HOME');
    await write('answer', credential({ token: 'two' }));
    await clock.advance(59_999);
    expect(await credentials.current()).toEqual({ authorization: 'Bearer one' });
    await clock.advance(1);
    expect(await credentials.current()).toEqual({ authorization: 'Bearer two' });
    expect(await runs()).toBe(2);
  });

  it('run once more after a 401', async () => {
    const server = await serve((request, response) => {
      response.statusCode = request.headers.authorization === 'Bearer two' ? 200 : 401;
      return { gitVersion: 'v1', kind: 'Status', code: response.statusCode, reason: 'Unauthorized' };
    });
    endings.push(() => server.close());
    const { exec, options, runs } = await plugin(credential({ token: 'one' }));
    const connection = await connect({ user: { exec }, cluster: { server: server.url } }, options);
    const cluster = connectCluster(connection);
    endings.push(() => cluster.close());
    expect((await failure(cluster.version())).code).toBe('KUBE_UNAUTHORIZED');
    expect(await runs()).toBe(2);
    await write('answer', credential({ token: 'two' }));
    expect((await cluster.version()).gitVersion).toBe('v1');
    expect(await runs()).toBe(3);
  });

  it('may give certificates', async () => {
    const { exec, options } = await plugin(credential({ clientCertificateData: 'C', clientKeyData: 'K' }));
    expect(await (await connect({ user: { exec } }, options)).credentials.current()).toEqual({ certificate: { cert: 'C', key: 'K' } });
  });

  it('that fail are told with their own words and the install hint, never with what they printed', async () => {
    const bad: [answer: string, more: string, message: RegExp][] = [
      [credential({ token: 'hunter22' }), 'echo "please sign in" >&2; exit 3', /exit status 3: please sign in/],
      ['hunter22', '', /did not write JSON/],
      [credential({ clientKeyData: 'hunter22' }), '', /only one of certificate and key/],
      [credential({}), '', /neither a token nor a certificate/],
      [credential({ token: 'hunter22', expirationTimestamp: 'soon' }), '', /no time/],
      [
        JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1beta1', kind: 'ExecCredential', status: { token: 'hunter22' } }),
        '',
        /another version/,
      ],
    ];
    for (const [answer, more, message] of bad) {
      const { exec, options } = await plugin(answer, more);
      const connection = await connect({ user: { exec: { ...exec, installHint: 'brew install get-token' } } }, options);
      const error = await failure(Promise.resolve(connection.credentials.current()));
      expect([error.code, error.hint]).toEqual(['KUBE_EXEC_FAILED', 'brew install get-token']);
      expect(error.message).toMatch(message);
      expect(JSON.stringify(error) + String(error.cause)).not.toContain('hunter22');
    }
    const missing = await connect({ user: { exec: { apiVersion: version, command: 'no-such-program-here', interactiveMode: 'Never' } } });
    expect((await failure(Promise.resolve(missing.credentials.current()))).message).toContain('is not installed');
  });

  it('are ended, with their children, when they take too long', async () => {
    const { exec, options, read } = await plugin('', '(while :; do printf x >> "$COUNT.beat"; sleep 0.01; done) & wait');
    const { credentials } = await connect({ user: { exec } }, { ...options, execTimeoutMs: 300 });
    expect((await failure(Promise.resolve(credentials.current()))).message).toContain('did not finish');
    const beats = (await read('beat')).length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await read('beat')).length).toBe(beats);
  });

  it('are not waited for when a grandchild keeps their output open', async () => {
    const { exec, options } = await plugin(credential({ token: 'x' }), `cat "${folder}/answer"; sleep 600 & exit 0`);
    expect(await (await connect({ user: { exec } }, options)).credentials.current()).toEqual({ authorization: 'Bearer x' });
  });

  it('that need a person are refused where there is none', async () => {
    const { exec, options } = await plugin('');
    expect((await failure(connect({ user: { exec: { ...exec, interactiveMode: 'Always' } } }, options))).code).toBe(
      'KUBE_CREDENTIALS_UNSUPPORTED',
    );
  });
});

describe('inCluster', () => {
  it('reads what Kubernetes mounts, and the token anew', async () => {
    await write('token', 'sa-token\n');
    await write('ca.crt', 'CA');
    await write('namespace', 'tools');
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect([isInCluster(env), isInCluster({})]).toEqual([true, false]);
    const connection = await inCluster({ env, directory: folder });
    expect(connection).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'tools', tls: { authority: 'CA', insecure: false } });
    expect(await connection.credentials.current()).toEqual({ authorization: 'Bearer sa-token' });
  });

  it('says that this is no pod, or that it has no token', async () => {
    expect((await failure(inCluster({ env: {} }))).code).toBe('KUBE_CONFIG_NOT_FOUND');
    const env = { KUBERNETES_SERVICE_HOST: 'h', KUBERNETES_SERVICE_PORT: '1' };
    expect((await failure(inCluster({ env, directory: folder }))).where.file).toBe(join(folder, 'token'));
  });
});
