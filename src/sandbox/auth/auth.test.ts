import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox, type SandboxServer, serveSandbox } from '../index.js';
import { type Client, clientOf, configMap, inDefault, mergeType } from '../test/client.js';

let sandbox: Sandbox;
let server: SandboxServer;
let root: Client;
let now: number;

const clock = () => ({ now: () => now, sleep: async () => undefined });

beforeEach(async () => {
  now = Date.parse('2026-01-01T00:00:00Z');
  sandbox = await createSandbox({ controllers: false, clock: clock() as never });
  server = await serveSandbox(sandbox, { port: 0, tokens: 'boss,boss,1,"system:masters"\nann,ann,2,"dev,ops"\n' });
  root = clientOf(sandbox.wire);
});
afterEach(async () => {
  await server.close();
  await sandbox.close();
});

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const maps = inDefault('configmaps');

/** A request over HTTP with a bearer token. */
async function ask(token: string | undefined, method: string, path: string, body?: unknown, headers: { [name: string]: string } = {}) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: answers of any kind
  return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as any };
}

const role = (name: string, rules: object[]) => root('POST', `${rbac}/clusterroles`, { metadata: { name }, rules });
const bind = (name: string, subject: object, roleName = name) =>
  root('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName },
    subjects: [subject],
  });
const ann = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' };

describe('who may do what', () => {
  it.each<[string, string, string, string]>([
    ['GET', maps, 'configmaps', 'User "ann" cannot list resource "configmaps" in API group "" in the namespace "default"'],
    ['GET', `${maps}/x`, 'configmaps "x"', 'User "ann" cannot get resource "configmaps" in API group "" in the namespace "default"'],
    ['GET', '/api/v1/nodes', 'nodes', 'User "ann" cannot list resource "nodes" in API group "" at the cluster scope'],
    [
      'GET',
      '/api/v1/namespaces/default',
      'namespaces "default"',
      'User "ann" cannot get resource "namespaces" in API group "" in the namespace "default"',
    ],
    [
      'DELETE',
      inDefault('deployments', 'apps/v1'),
      'deployments.apps',
      'User "ann" cannot deletecollection resource "deployments" in API group "apps" in the namespace "default"',
    ],
    [
      'GET',
      `${inDefault('deployments', 'apps/v1')}/x/scale`,
      'deployments.apps "x"',
      'User "ann" cannot get resource "deployments/scale" in API group "apps" in the namespace "default"',
    ],
  ])('%s %s is refused in the words of the server', async (method, path, what, why) =>
    expect(await ask('ann', method, path)).toMatchObject({
      status: 403,
      body: { reason: 'Forbidden', message: `${what} is forbidden: ${why}` },
    }),
  );

  it('lets everybody see what is public, and those who are known discover', async () => {
    const status = async (token: string | undefined, path: string) => (await ask(token, 'GET', path)).status;
    expect(await Promise.all(['/version', '/healthz', '/api', '/openapi/v2'].map((p) => status(undefined, p)))).toEqual([
      200, 200, 403, 403,
    ]);
    expect(await Promise.all(['/version', '/healthz', '/api', '/openapi/v2', '/metrics'].map((p) => status('ann', p)))).toEqual([
      200, 200, 200, 200, 403,
    ]);
    expect((await ask(undefined, 'GET', '/metrics')).body).toMatchObject({
      message: 'forbidden: User "system:anonymous" cannot get path "/metrics"',
      details: {},
    });
  });

  it('tells of roles that bindings name in vain', async () => {
    await bind('lost', ann, 'nowhere');
    expect((await ask('ann', 'GET', '/api/v1/nodes')).body.message).toBe(
      'nodes is forbidden: User "ann" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "nowhere" not found',
    );
  });

  it('gathers rules of other roles into those that ask for them', async () => {
    expect((await root('GET', `${rbac}/clusterroles/view`)).body.rules.length).toBeGreaterThan(5);
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { team: 'a' } }] };
    await root('POST', `${rbac}/clusterroles`, { metadata: { name: 'all' }, aggregationRule, rules: [] });
    const rule = { apiGroups: [''], resources: ['nodes'], verbs: ['list'] };
    await root('POST', `${rbac}/clusterroles`, { metadata: { name: 'part', labels: { team: 'a' } }, rules: [rule] });
    expect((await root('GET', `${rbac}/clusterroles/all`)).body.rules).toEqual([rule]);
    await bind('all', ann);
    expect((await ask('ann', 'GET', '/api/v1/nodes')).status).toBe(200);
    await root('DELETE', `${rbac}/clusterroles/part`);
    expect((await ask('ann', 'GET', '/api/v1/nodes')).status).toBe(403);
  });

  it('holds bindings of a namespace to it', async () => {
    const binding = {
      metadata: { name: 'a' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'ops' }],
    };
    await root('POST', `${rbac}/namespaces/default/rolebindings`, binding);
    expect((await ask('ann', 'POST', maps, configMap('x'))).status).toBe(201);
    expect((await ask('ann', 'POST', maps.replace('default', 'kube-system'), configMap('x'))).status).toBe(403);
  });
});

describe('granting', () => {
  it('is for those who have it, or who may escalate', async () => {
    const all = (resources: string[]) => ({
      apiGroups: ['rbac.authorization.k8s.io'],
      resources,
      verbs: ['create', 'update', 'patch', 'get'],
    });
    await role('granter', [all(['clusterroles', 'clusterrolebindings']), { apiGroups: [''], resources: ['pods'], verbs: ['get'] }]);
    await bind('granter', ann);
    const write = (name: string, verbs: string[]) =>
      ask('ann', 'POST', `${rbac}/clusterroles`, { metadata: { name }, rules: [{ apiGroups: [''], resources: ['pods'], verbs }] });
    expect((await write('small', ['get'])).status).toBe(201);
    expect(await write('big', ['get', 'list', 'watch'])).toMatchObject({
      status: 403,
      body: {
        message:
          'clusterroles.rbac.authorization.k8s.io "big" is forbidden: user "ann" (groups=["dev" "ops" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}',
      },
    });
    const binding = (name: string, to: string) => ({
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: to },
      subjects: [ann],
    });
    expect((await ask('ann', 'POST', `${rbac}/clusterrolebindings`, binding('up', 'cluster-admin'))).status).toBe(403);
    expect((await ask('ann', 'POST', `${rbac}/clusterrolebindings`, binding('same', 'small'))).status).toBe(201);
    expect((await ask('ann', 'POST', `${rbac}/clusterrolebindings`, binding('none', 'none'))).status).toBe(404);
    await role('climber', [{ apiGroups: ['*'], resources: ['*'], verbs: ['bind', 'escalate'] }]);
    await bind('climber', ann);
    expect((await write('big', ['get', 'list', 'watch'])).status).toBe(201);
    expect((await ask('ann', 'POST', `${rbac}/clusterrolebindings`, binding('up', 'cluster-admin'))).status).toBe(201);
  });
});

describe('acting as somebody else', () => {
  const as = (name: string, more: object = {}) => ({ 'impersonate-user': name, ...more });
  const who = (token: string, headers: { [name: string]: string }) =>
    ask(
      token,
      'POST',
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      headers,
    );

  it('has to be allowed, for each thing', async () => {
    expect((await ask('ann', 'GET', maps, undefined, as('bob'))).body.message).toBe(
      'users "bob" is forbidden: User "ann" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
    expect((await ask('ann', 'GET', maps, undefined, as('system:serviceaccount:default:x'))).body.message).toBe(
      'serviceaccounts "x" is forbidden: User "ann" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "default"',
    );
    await role('actor', [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] }]);
    await bind('actor', ann);
    expect((await who('ann', as('bob'))).body.status.userInfo).toEqual({ username: 'bob', groups: ['system:authenticated'] });
    expect((await who('ann', as('bob', { 'impersonate-group': 'g' }))).status).toBe(403);
    expect((await who('ann', as('bob', { 'impersonate-extra-scopes': 'x' }))).body.message).toContain(
      'cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io"',
    );
  });

  it('takes groups, uid and extra over, and is refused without a user', async () => {
    const headers = as('bob', { 'impersonate-group': 'a, b', 'impersonate-uid': 'u', 'impersonate-extra-example.com%2fscope': 's' });
    expect((await who('boss', headers as never)).body.status.userInfo).toEqual({
      username: 'bob',
      uid: 'u',
      groups: ['a', 'b', 'system:authenticated'],
      extra: { 'example.com/scope': ['s'] },
    });
    expect((await who('boss', { 'impersonate-group': 'a' })).status).toBe(500);
  });
});

describe('service accounts', () => {
  const account = inDefault('serviceaccounts');
  const tokenOf = async (spec: object = {}) =>
    (await root('POST', `${account}/robot/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec })).body.status
      .token as string;
  const self = (token: string) =>
    ask(token, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    });

  beforeEach(async () => {
    await root('POST', account, { metadata: { name: 'robot' } });
  });

  it('are known by their tokens until these expire or the account goes', async () => {
    const token = await tokenOf({ expirationSeconds: 600 });
    const { body } = await self(token);
    expect(body.status.userInfo).toMatchObject({
      username: 'system:serviceaccount:default:robot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
    now += 601_000;
    expect((await self(token)).status).toBe(401);
    const next = await tokenOf();
    expect((await self(next)).status).toBe(201);
    await root('DELETE', `${account}/robot`);
    await root('POST', account, { metadata: { name: 'robot' } });
    expect((await self(next)).status).toBe(401);
  });

  it('are not known by tokens for somebody else, or by changed ones', async () => {
    expect((await self(await tokenOf({ audiences: ['vault'] }))).status).toBe(401);
    const [header, , signature] = (await tokenOf()).split('.');
    const forged = Buffer.from(JSON.stringify({ sub: 'system:serviceaccount:kube-system:x', exp: 9e9 })).toString('base64url');
    expect((await self(`${header}.${forged}.${signature}`)).status).toBe(401);
  });

  it('can be reviewed', async () => {
    const review = (spec: object) =>
      root('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec });
    const token = await tokenOf({ audiences: ['vault'] });
    expect((await review({ token, audiences: ['vault', 'x'] })).body.status).toMatchObject({
      authenticated: true,
      audiences: ['vault'],
      user: { username: 'system:serviceaccount:default:robot' },
    });
    expect((await review({ token })).body.status).toEqual({ user: {}, error: 'invalid bearer token' });
    await ask('ann', 'GET', '/version');
    expect((await review({ token: 'ann' })).body.status.user).toEqual({
      username: 'ann',
      uid: '2',
      groups: ['dev', 'ops', 'system:authenticated'],
    });
    expect((await review({})).status).toBe(400);
  });

  it('are bound by where they are', async () => {
    await root('POST', `${rbac}/namespaces/default/rolebindings`, {
      metadata: { name: 'robot' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
    });
    const token = await tokenOf();
    expect([(await ask(token, 'GET', maps)).status, (await ask(token, 'GET', inDefault('secrets'))).status]).toEqual([200, 403]);
  });
});

describe('questions about access', () => {
  const sar = (kind: string, spec: object, path = '') =>
    root('POST', `/apis/authorization.k8s.io/v1${path}/${kind.toLowerCase()}s`, { apiVersion: 'authorization.k8s.io/v1', kind, spec });
  const pods = { verb: 'list', resource: 'pods', namespace: 'default' };

  it('are answered with the binding that decides', async () => {
    await bind('seer', ann, 'view');
    expect((await sar('SubjectAccessReview', { user: 'ann', resourceAttributes: pods })).body.status).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "seer" of ClusterRole "view" to User "ann"',
    });
    expect((await sar('SubjectAccessReview', { user: 'bob', resourceAttributes: pods })).body.status).toEqual({ allowed: false });
    expect(
      (await sar('SubjectAccessReview', { groups: ['system:masters'], nonResourceAttributes: { verb: 'get', path: '/x' } })).body.status,
    ).toEqual({ allowed: true });
  });

  it('have to be whole', async () => {
    const causes = async (kind: string, spec: object, path?: string) =>
      (await sar(kind, spec, path)).body.details.causes.map((c: { field: string; message: string }) => `${c.field}: ${c.message}`);
    expect(await causes('SubjectAccessReview', {})).toEqual([
      'spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified',
      'spec.user: Invalid value: "": at least one of user or group must be specified',
    ]);
    expect(
      (await sar('LocalSubjectAccessReview', { user: 'ann', resourceAttributes: { ...pods, namespace: 'x' } }, '/namespaces/default')).body
        .message,
    ).toBe('spec.resourceAttributes.namespace must match namespace: default');
  });

  it('list all rules of who asks', async () => {
    const { body } = await ask('ann', 'POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: 'default' },
    });
    expect(body.status.incomplete).toBe(false);
    expect(body.status.resourceRules).toContainEqual({
      verbs: ['create'],
      apiGroups: ['authentication.k8s.io'],
      resources: ['selfsubjectreviews'],
    });
    expect(body.status.nonResourceRules.flatMap((r: { nonResourceURLs: string[] }) => r.nonResourceURLs)).toContain('/openapi/*');
  });
});

describe('a running cluster', () => {
  it('keeps changes of its default roles apart from who asks for them', async () => {
    const { status } = await ask('ann', 'PATCH', `${rbac}/clusterroles/view`, { metadata: { labels: { a: 'b' } } }, mergeType);
    expect(status).toBe(403);
  });
});
