import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Loose } from '../types.js';
import { aServer, core, of } from './server.js';

const { call, patch, close } = aServer();
afterAll(close);
const pod = (name: string, resources?: object) =>
  call('POST', core('pods'), {
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i', ...(resources ? { resources } : {}) }] },
  });
const remove = (path: string) => call('DELETE', path);

beforeAll(async () => {
  await call('POST', core('serviceaccounts'), { metadata: { name: 'default' } });
});

describe('limits', () => {
  const range = `${core('limitranges')}/l`;

  it('are filled in and held', async () => {
    await call('POST', core('limitranges'), {
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'Container', max: { memory: '1Gi' }, min: { memory: '64Mi' }, defaultRequest: { memory: '128Mi' } }] },
    });
    const made = (await pod('filled')).body as Loose;
    expect(made.spec.containers[0].resources).toEqual({ limits: { memory: '1Gi' }, requests: { memory: '128Mi' } });
    expect(made.metadata.annotations['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: memory request for container c; memory limit for container c',
    );
    const refused = await pod('greedy', { requests: { memory: '32Mi' }, limits: { memory: '2Gi' } });
    expect(refused.body).toMatchObject({
      code: 403,
      message:
        'pods "greedy" is forbidden: [minimum memory usage per Container is 64Mi, but request is 32Mi, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    });
    await remove(range);
  });

  it('bound a whole pod and a claim', async () => {
    await call('POST', core('limitranges'), {
      metadata: { name: 'l' },
      spec: {
        limits: [
          { type: 'Pod', max: { cpu: '1' } },
          { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } },
        ],
      },
    });
    expect((await pod('unbound')).body.message).toBe('pods "unbound" is forbidden: maximum cpu usage per Pod is 1.  No limit is specified');
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } };
    expect((await call('POST', core('persistentvolumeclaims'), { metadata: { name: 'big' }, spec: claim })).body.message).toBe(
      'persistentvolumeclaims "big" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
    );
    await remove(range);
  });
});

describe('quotas', () => {
  const path = `${core('resourcequotas')}/q`;
  const quota = async (hard: { [name: string]: string }) => {
    await call('POST', core('resourcequotas'), { metadata: { name: 'q' }, spec: { hard } });
    await patch(`${path}/status`, { status: { hard, used: Object.fromEntries(Object.keys(hard).map((name) => [name, '0'])) } });
  };
  const used = async () => ((await call('GET', path)).body as Loose).status.used;

  it('count what is made, refuse more, and count nothing that fails', async () => {
    await quota({ secrets: '2', 'count/deployments.apps': '0' });
    const make = (name: string) => call('POST', core('secrets'), { metadata: { name } });
    await make('a');
    expect((await call('POST', `${core('secrets')}?dryRun=All`, { metadata: { name: 'b' } })).status).toBe(201);
    expect((await make('a')).status).toBe(409);
    expect(await used()).toMatchObject({ secrets: '1' });
    await make('b');
    expect((await make('c')).body).toMatchObject({
      code: 403,
      message: 'secrets "c" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=2, limited: secrets=2',
      details: { name: 'c', kind: 'secrets' },
    });
    const deployment = {
      metadata: { name: 'd' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    };
    expect((await call('POST', of('apps/v1', 'deployments'), deployment)).body.message).toBe(
      'deployments.apps "d" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    );
    await remove(path);
  });

  it('of amounts ask every container to say what it wants', async () => {
    await quota({ 'requests.cpu': '1', 'limits.memory': '1Gi', pods: '5' });
    expect((await pod('silent', { requests: { cpu: '1' } })).body.message).toBe(
      'pods "silent" is forbidden: failed quota: q: must specify limits.memory for: c',
    );
    expect((await pod('fits', { requests: { cpu: '600m' }, limits: { memory: '512Mi' } })).status).toBe(201);
    expect(await used()).toEqual({ 'requests.cpu': '600m', 'limits.memory': '512Mi', pods: '1' });
    expect((await pod('over', { requests: { cpu: '600m' }, limits: { memory: '1Gi' } })).body.message).toBe(
      'pods "over" is forbidden: exceeded quota: q, requested: limits.memory=1Gi,requests.cpu=600m, used: limits.memory=512Mi,requests.cpu=600m, limited: limits.memory=1Gi,requests.cpu=1',
    );
    await remove(path);
  });
});

describe('classes', () => {
  const claims = core('persistentvolumeclaims');
  const claim = (name: string, spec = {}) =>
    call('POST', claims, {
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    });

  it('by default are the ones that say so', async () => {
    await call('POST', '/apis/storage.k8s.io/v1/storageclasses', {
      metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'example.com/disk',
    });
    await call('POST', '/apis/networking.k8s.io/v1/ingressclasses', {
      metadata: { name: 'web', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'example.com/web' },
    });
    expect(((await claim('a')).body as Loose).spec.storageClassName).toBe('fast');
    expect(((await claim('b', { storageClassName: '' })).body as Loose).spec.storageClassName).toBe('');
    const ingress = { metadata: { name: 'i' }, spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } };
    expect(((await call('POST', of('networking.k8s.io/v1', 'ingresses'), ingress)).body as Loose).spec.ingressClassName).toBe('web');
  });

  it('let bound claims grow where they say so', async () => {
    const grow = (storage: string) => patch(`${claims}/a`, { spec: { resources: { requests: { storage } } } });
    expect((await grow('2Gi')).status).toBe(422);
    await patch(`${claims}/a/status`, { status: { phase: 'Bound' } });
    expect((await grow('2Gi')).body.message).toBe(
      'persistentvolumeclaims "a" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
    await patch('/apis/storage.k8s.io/v1/storageclasses/fast', { allowVolumeExpansion: true });
    expect((await grow('2Gi')).status).toBe(200);
    expect((await grow('1Gi')).body.message).toBe(
      'PersistentVolumeClaim "a" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than previous value',
    );
  });

  it('that are the default are one', async () => {
    const path = '/apis/scheduling.k8s.io/v1/priorityclasses';
    const made = await call('POST', path, { metadata: { name: 'one' }, value: 3, globalDefault: true });
    expect(made.status).toBe(201);
    expect((await call('POST', path, { metadata: { name: 'two' }, value: 4, globalDefault: true })).body.message).toBe(
      'priorityclasses.scheduling.k8s.io "two" is forbidden: PriorityClass one is already marked as default. Only one default can exist',
    );
    expect(((await pod('usual')).body as Loose).spec).toMatchObject({ priorityClassName: 'one', priority: 3 });
  });
});
