import { describe, expect, it } from 'vitest';
import { fakeWire, json, status } from '../../../test/kube/support/fake-wire.js';
import type { WireRequest } from '../../model/index.js';
import { manualClock } from '../../model/index.js';
import { openCluster } from '../cluster.js';

const resource = (plural: string, kind: string, more: object = {}) => ({
  resource: plural,
  responseKind: { group: '', version: '', kind },
  scope: 'Namespaced',
  singularResource: kind.toLowerCase(),
  verbs: ['get', 'list'],
  ...more,
});
const group = (name: string, ...versions: object[]) => ({ metadata: { name }, versions });
const version = (name: string, freshness: string, ...resources: object[]) => ({ version: name, freshness, resources });
const aggregated = (...items: object[]) => ({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items });

const core = aggregated(
  group(
    '',
    version(
      'v1',
      'Current',
      resource('pods', 'Pod', { shortNames: ['po'], categories: ['all'] }),
      resource('events', 'Event', { shortNames: ['ev'] }),
      resource('namespaces', 'Namespace', { scope: 'Cluster' }),
    ),
  ),
);
const groups = aggregated(
  group(
    'apps',
    version(
      'v1',
      'Current',
      resource('deployments', 'Deployment', {
        shortNames: ['deploy'],
        subresources: [{ subresource: 'scale' }, { subresource: 'status' }],
      }),
    ),
  ),
  group('events.k8s.io', version('v1', 'Current', resource('events', 'Event', { shortNames: ['ev'] }))),
  group(
    'example.com',
    version('v2', 'Current', resource('widgets', 'Widget')),
    version('v1', 'Current', resource('widgets', 'Widget'), resource('gadgets', 'Gadget', { shortNames: ['pods'] })),
  ),
  group('metrics.k8s.io', version('v1beta1', 'Stale')),
);

function open(answer: (request: WireRequest) => unknown) {
  const { wire, asked } = fakeWire(answer);
  const clock = manualClock();
  return { cluster: openCluster({ wire, name: 'test', attempts: 1, clock }), asked, clock };
}
const modern = () => open((request) => (request.path === '/api' ? core : groups));

describe('discovery', () => {
  it('takes two requests, in the newest form that the server has', async () => {
    const { cluster, asked } = modern();
    const found = await cluster.discovery();
    expect(asked.map((r) => r.path)).toEqual(['/api', '/apis']);
    expect(asked[0]?.headers['accept']).toBe(
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json',
    );
    expect(found.find({ group: 'apps', version: 'v1', kind: 'Deployment' })).toEqual({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      plural: 'deployments',
      singular: 'deployment',
      namespaced: true,
      shortNames: ['deploy'],
      categories: [],
      verbs: ['get', 'list'],
      subresources: ['scale', 'status'],
    });
    expect(found.find({ group: '', version: 'v1', kind: 'Namespace' })?.namespaced).toBe(false);
    expect(found.find({ group: 'apps', version: 'v1beta1', kind: 'Deployment' })).toBeUndefined();
    expect(found.find({ group: '', version: 'constructor', kind: '__proto__' })).toBeUndefined();
  });

  it('prefers the version that the server names first, of those that have the kind', async () => {
    const found = await modern().cluster.discovery();
    expect(found.preferred('example.com', 'Widget')?.version).toBe('v2');
    expect(found.preferred('example.com', 'Gadget')?.version).toBe('v1');
    expect(found.preferred('', 'Widget')).toBeUndefined();
  });

  const names: [typed: string, found: string | undefined][] = [
    ['deployments', 'apps/v1 deployments'],
    ['deployment', 'apps/v1 deployments'],
    ['deploy', 'apps/v1 deployments'],
    ['Deployment', 'apps/v1 deployments'],
    ['deployments.apps', 'apps/v1 deployments'],
    ['deploy.v1.apps', 'apps/v1 deployments'],
    ['deployments.v2.apps', undefined],
    ['events', '/v1 events'],
    ['ev.events.k8s.io', 'events.k8s.io/v1 events'],
    ['events.v1.events.k8s.io', 'events.k8s.io/v1 events'],
    ['widgets', 'example.com/v2 widgets'],
    ['widgets.v1.example.com', 'example.com/v1 widgets'],
    ['widget.example', 'example.com/v2 widgets'],
    ['pods', '/v1 pods'],
    ['pods.example.com', 'example.com/v1 gadgets'],
    ['nothing', undefined],
    ['constructor', undefined],
    ['', undefined],
  ];
  for (const [typed, expected] of names)
    it(`understands "${typed}" as ${expected ?? 'nothing'}`, async () => {
      const r = (await modern().cluster.discovery()).byName(typed);
      expect(r && `${r.group}/${r.version} ${r.plural}`).toBe(expected);
    });

  it('names groups that are not answering, and asks again after half a minute', async () => {
    const { cluster, asked, clock } = modern();
    expect((await cluster.discovery()).incomplete.map((i) => i.groupVersion)).toEqual(['metrics.k8s.io/v1beta1']);
    await cluster.discovery();
    expect(asked).toHaveLength(2);
    await clock.advance(30_000);
    await cluster.discovery();
    expect(asked).toHaveLength(4);
  });

  it('is shared by all who ask, and one who gives up disturbs nobody', async () => {
    const { cluster, asked } = modern();
    const stop = new AbortController();
    const [given, kept] = [cluster.discovery({ signal: stop.signal }), cluster.discovery()];
    stop.abort();
    await expect(given).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await kept).resources.length).toBeGreaterThan(0);
    await cluster.discovery({ refresh: true });
    expect(asked).toHaveLength(4);
  });

  it('does not remember a failure', async () => {
    let down = true;
    const { cluster } = open((request) => (down ? status(500, 'InternalError') : request.path === '/api' ? core : groups));
    await expect(cluster.discovery()).rejects.toMatchObject({ code: 'KUBE_SERVER_ERROR' });
    down = false;
    expect((await cluster.discovery()).find({ group: '', version: 'v1', kind: 'Pod' })?.plural).toBe('pods');
  });

  for (const [what, refusal] of [
    ['ignores the newer forms', false],
    ['answers 406 to them', true],
  ] as const)
    it(`goes through the groups where the server ${what}`, async () => {
      const list = (groupVersion: string, ...resources: object[]) => ({ kind: 'APIResourceList', groupVersion, resources });
      const documents = new Map<string, unknown>([
        ['/api', { kind: 'APIVersions', versions: ['v1'] }],
        [
          '/apis',
          {
            kind: 'APIGroupList',
            groups: [
              {
                name: 'apps',
                versions: [{ groupVersion: 'apps/v1beta1' }, { groupVersion: 'apps/v1' }],
                preferredVersion: { groupVersion: 'apps/v1' },
              },
              { name: 'down', versions: [{ groupVersion: 'down/v1' }] },
            ],
          },
        ],
        [
          '/api/v1',
          list(
            'v1',
            { name: 'pods', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get'], shortNames: ['po'] },
            { name: 'pods/status', kind: 'Pod', verbs: ['get'] },
          ),
        ],
        [
          '/apis/apps/v1',
          list(
            'apps/v1',
            { name: 'deployments/scale', group: 'autoscaling', version: 'v1', kind: 'Scale' },
            { name: 'deployments', kind: 'Deployment', namespaced: true },
          ),
        ],
        ['/apis/apps/v1beta1', list('apps/v1beta1', { name: 'deployments', kind: 'Deployment', namespaced: true })],
      ]);
      const { cluster } = open((request) => {
        if (refusal && request.headers['accept']?.includes('apidiscovery')) return status(406, 'NotAcceptable');
        return documents.get(request.path) ?? json(503, { kind: 'Status', code: 503, message: 'no endpoints' });
      });
      const found = await cluster.discovery();
      expect(found.preferred('apps', 'Deployment')).toMatchObject({ version: 'v1', subresources: ['scale'] });
      expect(found.byName('pod')).toMatchObject({ plural: 'pods', singular: 'pod', subresources: ['status'] });
      expect(found.incomplete).toEqual([{ groupVersion: 'down/v1', reason: 'no endpoints' }]);
    });
});
