import { afterAll, expect, it } from 'vitest';
import { applyType } from '../../test/client.js';
import { aServer, core, of } from './server.js';

const { call, close } = aServer();
afterAll(close);

it('writers of pods are told what will not do what they think', async () => {
  const expression = { key: 'beta.kubernetes.io/arch', operator: 'Exists' };
  const term = { matchExpressions: [expression] };
  const spec = {
    nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
    terminationGracePeriodSeconds: -1,
    containers: [
      {
        name: 'main',
        image: 'nginx',
        resources: { limits: { memory: '100m' } },
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    ],
  };
  const labels = { app: 'web' };
  const { status, headers } = await call('POST', of('apps/v1', 'deployments'), {
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
  expect(status).toBe(201);
  expect(headers['warning']).toEqual(
    [
      'nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \\"kubernetes.io/os\\" instead',
      'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/arch is deprecated since v1.14; use \\"kubernetes.io/arch\\" instead',
      'containers[0].resources.limits[memory]: fractional byte value \\"100m\\" is invalid, must be an integer',
      'containers[0].env[1].name: duplicate name \\"A\\"',
      'terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ].map((text) => `299 - "spec.template.spec.${text}"`),
  );
});

it('users of what is deprecated are told until when and what instead', async () => {
  const told = async (path: string) => (await call('GET', path)).headers['warning'];
  expect(await told('/api/v1/componentstatuses')).toEqual(['299 - "v1 ComponentStatus is deprecated in v1.19+"']);
  expect(await told(core('endpoints'))).toEqual(['299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"']);
  expect(await told('/apis/networking.k8s.io/v1beta1/servicecidrs')).toEqual([
    '299 - "networking.k8s.io/v1beta1 ServiceCIDR is deprecated in v1.34+, unavailable in v1.37+"',
  ]);
  expect(await told('/apis/apps/v1/deployments')).toBeUndefined();
});

it('configurations that name a key twice are told in one line', async () => {
  const text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"a","k":"b"}}';
  const { headers } = await call('PATCH', `${core('configmaps')}/a?fieldManager=x`, text, applyType);
  expect(headers['warning']).toHaveLength(1);
  expect(headers['warning']?.[0]).not.toMatch(/[\r\n]/);
});
