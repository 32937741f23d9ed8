import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../model/index.js';
import { createSandbox } from '../index.js';
import { type Client, clientOf, configMap, deployment, inDefault, mergeType } from '../test/client.js';
import type { Sandbox } from '../types.js';

let sandbox: Sandbox;
let call: Client;
const asTable = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' };

beforeAll(async () => {
  sandbox = await createSandbox({ controllers: false, clock: manualClock() });
  call = clientOf(sandbox.wire);
  await call('POST', inDefault('serviceaccounts'), { metadata: { name: 'default' } });
});
afterAll(() => sandbox.close());

async function cells(path: string): Promise<unknown[]> {
  const { body } = await call('GET', path, undefined, asTable);
  const { columnDefinitions: columns, rows } = body;
  expect(rows[0].cells).toHaveLength(columns.length);
  return rows.map((row: { cells: unknown[] }) => row.cells);
}

describe('a table', () => {
  it('describes its columns as the API documentation does its fields', async () => {
    const { body } = await call('GET', inDefault('pods'), undefined, asTable);
    expect(body.columnDefinitions.map((c: { [key: string]: unknown }) => [c['name'], c['type'], c['format'], c['priority']])).toEqual([
      ['Name', 'string', 'name', 0],
      ['Ready', 'string', '', 0],
      ['Status', 'string', '', 0],
      ['Restarts', 'string', '', 0],
      ['Age', 'string', '', 0],
      ['IP', 'string', '', 1],
      ['Node', 'string', '', 1],
      ['Nominated Node', 'string', '', 1],
      ['Readiness Gates', 'string', '', 1],
    ]);
    expect(body.columnDefinitions[0].description).toMatch(/^Name must be unique within a namespace\./);
    expect(body.columnDefinitions[5].description).toMatch(/^IP address allocated to the pod\./);
    for (const { description } of body.columnDefinitions) expect(description.length).toBeGreaterThan(10);
  });

  it('of a resource without columns of its own shows names and times', async () => {
    const { body } = await call('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles?limit=1', undefined, asTable);
    expect(body.columnDefinitions.map((c: { name: string; type: string }) => [c.name, c.type])).toEqual([
      ['Name', 'string'],
      ['Created At', 'date'],
    ]);
    expect(body.rows[0].cells[1]).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('of a scale shows what is wanted and what there is', async () => {
    await call('POST', inDefault('deployments', 'apps/v1'), deployment('scaled', 'nginx:1', 3));
    const path = `${inDefault('deployments', 'apps/v1')}/scaled/scale`;
    expect((await cells(path)).at(0)).toEqual(['scaled', 3, 0, '0s']);
  });

  it('shows workloads', async () => {
    await call('POST', inDefault('deployments', 'apps/v1'), deployment('web', 'nginx:1', 2));
    expect(await cells(`${inDefault('deployments', 'apps/v1')}/web`)).toEqual([['web', '0/2', 0, 0, '0s', 'main', 'nginx:1', 'app=web']]);
    const pod = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b:1' }] } };
    await call('POST', inDefault('jobs', 'batch/v1'), { metadata: { name: 'job' }, spec: { parallelism: 3, template: pod } });
    const [job] = await cells(`${inDefault('jobs', 'batch/v1')}/job`);
    expect(job).toEqual(['job', '0/1 of 3', '', '0s', 'a', 'b:1', expect.stringMatching(/^controller-uid=/)]);
    await call('POST', inDefault('cronjobs', 'batch/v1'), {
      metadata: { name: 'nightly' },
      spec: { schedule: '0 0 * * *', jobTemplate: { spec: { template: pod } } },
    });
    expect(await cells(inDefault('cronjobs', 'batch/v1'))).toEqual([
      ['nightly', '0 0 * * *', 'False', 0, '<none>', '0s', 'a', 'b:1', '<none>'],
    ]);
  });

  it('shows services and ingresses', async () => {
    await call('POST', inDefault('services'), {
      metadata: { name: 'lb' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { b: '2', a: '1' } },
    });
    const ingress = [{ ip: '10.0.0.2' }, { ip: '10.0.0.1' }, { ip: '10.0.0.2' }];
    await call('PATCH', `${inDefault('services')}/lb/status`, { status: { loadBalancer: { ingress } } }, mergeType);
    const [row] = (await cells(`${inDefault('services')}/lb`)) as unknown[][];
    expect([row?.[1], row?.[3], row?.[6]]).toEqual(['LoadBalancer', '10.0.0.1,10.0.0.2', 'a=1,b=2']);
    const http = { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'lb', port: { number: 80 } } } }] };
    const rules = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ host: `${name}.example.com`, http }));
    await call('POST', inDefault('ingresses', 'networking.k8s.io/v1'), { metadata: { name: 'web' }, spec: { rules } });
    expect(await cells(inDefault('ingresses', 'networking.k8s.io/v1'))).toEqual([
      ['web', '<none>', 'a.example.com,b.example.com,c.example.com + 2 more...', '', '80', '0s'],
    ]);
  });

  it('counts data and quotas', async () => {
    await call('POST', inDefault('configmaps'), { ...configMap('two', { a: '1' }), binaryData: { b: 'AA==' } });
    expect(await cells(`${inDefault('configmaps')}/two`)).toEqual([['two', 2, '0s']]);
    await call('POST', inDefault('resourcequotas'), { metadata: { name: 'q' }, spec: { hard: { pods: '2', 'limits.cpu': '1' } } });
    const status = { hard: { pods: '2', 'limits.cpu': '1' }, used: { pods: '1' } };
    await call('PATCH', `${inDefault('resourcequotas')}/q/status`, { status }, mergeType);
    expect(await cells(`${inDefault('resourcequotas')}/q`)).toEqual([['q', '0s', 'pods: 1/2', 'limits.cpu: 0/1']]);
    await call('DELETE', `${inDefault('resourcequotas')}/q`);
  });
});

describe('the status of a pod', () => {
  const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
  const one = (state: object, more: object = {}) => [{ name: 'a', image: 'b', imageID: '', restartCount: 0, ready: false, state, ...more }];
  it.each([
    [{ phase: 'Running', containerStatuses: one(running, { ready: true }) }, '1/1', 'Running'],
    [{ phase: 'Pending', containerStatuses: one({ waiting: { reason: 'ErrImagePull' } }) }, '0/1', 'ErrImagePull'],
    [{ phase: 'Failed', containerStatuses: one({ terminated: { exitCode: 3 } }) }, '0/1', 'ExitCode:3'],
    [{ phase: 'Failed', containerStatuses: one({ terminated: { exitCode: 0, signal: 9 } }) }, '0/1', 'Signal:9'],
    [{ phase: 'Succeeded', containerStatuses: one({ terminated: { exitCode: 0, reason: 'Completed' } }) }, '0/1', 'Completed'],
    [{ phase: 'Failed', reason: 'Evicted' }, '0/1', 'Evicted'],
    [{ phase: 'Pending', initContainerStatuses: one({ terminated: { exitCode: 1, reason: 'Error' } }) }, '0/1', 'Init:Error'],
    [{ phase: 'Pending', initContainerStatuses: one(running) }, '0/1', 'Init:0/1'],
  ])('%j', async (status, ready, shown) => {
    const containers = [{ name: 'a', image: 'b' }];
    const made = await call('POST', inDefault('pods'), {
      metadata: { name: 'p' },
      spec: { containers, initContainers: [{ name: 'i', image: 'b' }] },
    });
    expect(made.body.message).toBeUndefined();
    await call('PATCH', `${inDefault('pods')}/p/status`, { status }, mergeType);
    expect(((await cells(`${inDefault('pods')}/p`))[0] as unknown[]).slice(0, 5)).toEqual(['p', ready, shown, '0', '0s']);
    await call('DELETE', `${inDefault('pods')}/p?gracePeriodSeconds=0`);
  });
});
