import { afterAll, describe, expect, it } from 'vitest';
import type { Loose } from '../types.js';
import { aServer, causes, core, of } from './server.js';

const { call, patch, close } = aServer();
afterAll(close);
const main = { name: 'c', image: 'i' };
const labels = { app: 'x' };
const selector = { matchLabels: labels };
const template = { metadata: { labels }, spec: { containers: [main] } };
const once = { spec: { containers: [main], restartPolicy: 'Never' } };
const goSelector = (value: string) =>
  `v1.LabelSelector{MatchLabels:map[string]string{"app":"${value}"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}`;

const cases: [string, string, object, string[]][] = [
  [
    'a deployment that takes all away and adds none',
    of('apps/v1', 'deployments'),
    { spec: { selector, template, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } } },
    [
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"0%"}: may not be 0 when `maxSurge` is 0',
    ],
  ],
  [
    'a deployment of another strategy',
    of('apps/v1', 'deployments'),
    { spec: { selector, template, minReadySeconds: 600, strategy: { type: 'Canary' } } },
    [
      'spec.strategy: Unsupported value: apps.DeploymentStrategy{Type:"Canary", RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}: supported values: "Recreate", "RollingUpdate"',
      'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
    ],
  ],
  [
    'a template with bad labels',
    of('apps/v1', 'replicasets'),
    { spec: { selector, template: { ...template, metadata: { labels: { ...labels, tier: '-' } } } } },
    [
      "spec.template.labels: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [
    'a stateful set without order',
    of('apps/v1', 'statefulsets'),
    { spec: { template, podManagementPolicy: 'Any', persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep' } } },
    [
      "spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'",
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Delete", "Retain"',
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: map[string]string{"app":"x"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'a daemon set that surges while it takes away',
    of('apps/v1', 'daemonsets'),
    { spec: { selector, template, updateStrategy: { rollingUpdate: { maxSurge: '10%', maxUnavailable: 1 } } } },
    [
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"10%"}: may not be set when maxUnavailable is non-zero',
    ],
  ],
  [
    'an indexed job of unknown size',
    of('batch/v1', 'jobs'),
    { spec: { completionMode: 'Indexed', parallelism: 2, template: once, podFailurePolicy: { rules: [{ action: 'FailJob' }] } } },
    [
      'spec.completions: Required value: when completion mode is Indexed',
      'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
  ],
  [
    'a job that counts failures of indexes it has not',
    of('batch/v1', 'jobs'),
    { spec: { template: once, backoffLimitPerIndex: 1, maxFailedIndexes: -1, successPolicy: { rules: [{ succeededCount: 1 }] } } },
    [
      'spec.maxFailedIndexes: Invalid value: -1: must be greater than or equal to 0',
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'spec.maxFailedIndexes: Invalid value: -1: requires indexed completion mode',
      'spec.successPolicy: Invalid value: batch.SuccessPolicy{"rules":[{"succeededCount":1}]}: requires indexed completion mode',
    ],
  ],
  [
    'a job that ends indexes by a rule without counting their failures',
    of('batch/v1', 'jobs'),
    {
      spec: {
        completionMode: 'Indexed',
        completions: 2,
        maxFailedIndexes: 1,
        successPolicy: { rules: [] },
        template: once,
        podFailurePolicy: { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }] },
      },
    },
    [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
      'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
    ],
  ],
  [
    'a schedule in two time zones',
    of('batch/v1', 'cronjobs'),
    { spec: { schedule: 'TZ=UTC 0 0 * * *', timeZone: 'Mars/Base', jobTemplate: { spec: { template: once, manualSelector: true } } } },
    [
      'spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
      'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ],
  ],
  [
    'an ingress of nothing',
    of('networking.k8s.io/v1', 'ingresses'),
    { spec: { ingressClassName: 'x' } },
    ['spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified'],
  ],
  [
    'an ingress of half paths',
    of('networking.k8s.io/v1', 'ingresses'),
    {
      spec: {
        rules: [
          {
            http: {
              paths: [
                { path: '/', backend: {} },
                { path: '/a/..', pathType: 'Exact', backend: { service: { name: 's' } } },
              ],
            },
          },
        ],
      },
    },
    [
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
      'spec.rules[0].http.paths[1].path: Invalid value: "/a/..": cannot end with \'/..\'',
      'spec.rules[0].http.paths[1].backend: Required value: port name or number is required',
    ],
  ],
  [
    'a policy about nobody',
    of('networking.k8s.io/v1', 'networkpolicies'),
    {
      spec: {
        podSelector: {},
        egress: [
          { to: [{}, { ipBlock: { cidr: '10.0.0.0/16', except: ['10.1.0.0/24', '10.0.1.0/24'] } }], ports: [{ port: 5, endPort: 4 }] },
        ],
      },
    },
    [
      'spec.egress[0].ports[0].endPort: Invalid value: 4: must be greater than or equal to `port`',
      'spec.egress[0].to[0]: Required value: must specify a peer',
      'spec.egress[0].to[1].ipBlock.except[0]: Invalid value: "10.1.0.0/24": must be a strict subset of `cidr`',
    ],
  ],
  [
    'an autoscaler of nothing',
    of('autoscaling/v2', 'horizontalpodautoscalers'),
    {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment' },
        metrics: [{ type: 'Pods', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } } }],
      },
    },
    [
      'spec.scaleTargetRef.name: Required value',
      'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
      'spec.metrics[0].pods: Required value: must populate information for the given metric source',
    ],
  ],
  [
    'rules about everything at once',
    of('rbac.authorization.k8s.io/v1', 'roles'),
    { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'], resources: ['pods'] }] },
    [
      'rules[0].nonResourceURLs: Invalid value: []string{"/x"}: namespaced rules cannot apply to non-resource URLs',
      'rules[0].nonResourceURLs: Invalid value: []string{"/x"}: rules cannot apply to both regular resources and non-resource URLs',
    ],
  ],
  [
    'a binding of accounts from nowhere',
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 'a' }] },
    ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"', 'subjects[0].namespace: Required value'],
  ],
  [
    'keys that are none',
    core('configmaps'),
    { data: { '..': 'x', both: 'x' }, binaryData: { both: '' } },
    ['data[..]: Invalid value: "..": must not be \'..\'', 'data[both]: Invalid value: "both": duplicate of key present in binaryData'],
  ],
  [
    'a map over a mebibyte',
    core('configmaps'),
    { data: { a: 'x'.repeat(1024 * 1024 + 1) } },
    ['[]: Too long: must have at most 1048576 bytes'],
  ],
  [
    'a registry login that is no JSON',
    core('secrets'),
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '[]' } },
    [
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
  ],
  [
    'a basic login of nobody',
    core('secrets'),
    { type: 'kubernetes.io/basic-auth' },
    ['data[username]: Required value', 'data[password]: Required value'],
  ],
  [
    'a claim on nothing',
    core('persistentvolumeclaims'),
    { spec: { resources: { requests: { storage: '-1Gi' } } } },
    [
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Invalid value: "-1Gi": must be greater than or equal to 0',
      'spec.resources[storage]: Invalid value: "-1Gi": must be greater than zero',
    ],
  ],
  [
    'limits the wrong way round',
    core('limitranges'),
    {
      spec: { limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '2' } }] },
    },
    [
      'spec.limits[0].min[cpu]: Invalid value: resource.Quantity{i:resource.int64Amount{value:2, scale:0}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"", Format:"DecimalSI"}: min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: resource.Quantity{i:resource.int64Amount{value:2, scale:0}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"", Format:"DecimalSI"}: default request value 2 is greater than max value 1',
      'spec.limits[0].default[cpu]: Invalid value: resource.Quantity{i:resource.int64Amount{value:1, scale:0}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"", Format:"DecimalSI"}: default value 2 is greater than max value 1',
    ],
  ],
  [
    "a class of a name that is the system's",
    '/apis/scheduling.k8s.io/v1/priorityclasses',
    { metadata: { name: 'system-mine' }, value: 1 },
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
  ],
];

describe('the server refuses', () => {
  it.each(cases)('%s', async (_, path, object, wanted) => {
    expect(causes(await call('POST', path, { metadata: { name: 'bad' }, ...object }))).toEqual(wanted);
  });
});

it('the failure policy of a job need name no container, and no status of a condition', async () => {
  const rules = [
    { action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } },
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
  ];
  const job = { metadata: { name: 'policy' }, spec: { template: once, podFailurePolicy: { rules } } };
  const { status, body } = await call('POST', of('batch/v1', 'jobs'), job);
  expect([status, (body as Loose).message]).toEqual([201, undefined]);
  expect(body.spec.podFailurePolicy.rules[1].onPodConditions).toEqual([{ type: 'DisruptionTarget', status: 'True' }]);
});

describe('what may not change', () => {
  const make = async (path: string, object: object) => {
    const { status, body } = await call('POST', path, { metadata: { name: 'o' }, ...object });
    expect([status, (body as Loose).message]).toEqual([201, undefined]);
  };

  it('of a daemon set is its selector, and the API server looks at the rest twice', async () => {
    await make(of('apps/v1', 'daemonsets'), { spec: { selector, template } });
    const mismatch =
      'spec.template.metadata.labels: Invalid value: map[string]string{"app":"x"}: `selector` does not match template `labels`';
    const answer = await patch(`${of('apps/v1', 'daemonsets')}/o`, { spec: { selector: { matchLabels: { app: 'y' } } } });
    expect(causes(answer)).toEqual([mismatch, mismatch, `spec.selector: Invalid value: ${goSelector('y')}: field is immutable`]);
    expect(answer.body.message.split('does not match').length).toBe(2);
  });

  it('of a job is what its pods are found and made by, unless it never began', async () => {
    const jobs = of('batch/v1', 'jobs');
    await make(jobs, { spec: { template: once, suspend: true, completions: 2 } });
    expect(causes(await patch(`${jobs}/o`, { spec: { completions: 3 } }))).toEqual([
      'spec.completions: Invalid value: 3: field is immutable',
    ]);
    expect((await patch(`${jobs}/o`, { spec: { template: { spec: { nodeSelector: { a: 'b' } } }, suspend: false } })).status).toBe(200);
    expect(causes(await patch(`${jobs}/o`, { spec: { template: { spec: { nodeSelector: { a: 'c' } } } } }))[0]).toMatch(
      /^spec\.template: Invalid value: core\.PodTemplateSpec\{.*field is immutable$/,
    );
  });

  it('of a binding is its role', async () => {
    const path = of('rbac.authorization.k8s.io/v1', 'rolebindings');
    await make(path, { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 'a' }] });
    expect(causes(await patch(`${path}/o`, { roleRef: { name: 's' } }))).toEqual([
      'roleRef: Invalid value: rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io", Kind:"Role", Name:"s"}: cannot change roleRef',
    ]);
  });

  it('of a priority class is its value and its policy', async () => {
    const path = '/apis/scheduling.k8s.io/v1/priorityclasses';
    await make(path, { value: 5 });
    expect(causes(await patch(`${path}/o`, { value: 6, preemptionPolicy: 'Never' }))).toEqual([
      'Value: Forbidden: may not be changed in an update.',
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ]);
  });

  it('of a secret is its type, and once it is immutable its data', async () => {
    await make(core('secrets'), { stringData: { a: 'b' }, immutable: true });
    expect(causes(await patch(`${core('secrets')}/o`, { type: 'mine', data: { a: 'Yw==' } }))).toEqual([
      'type: Invalid value: "mine": field is immutable',
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });

  it('is told as often as the API server looks: bad labels of a changed map three times', async () => {
    await make(core('configmaps'), { data: {} });
    expect(causes(await patch(`${core('configmaps')}/o`, { metadata: { labels: { a: '-' } } })).length).toBe(3);
  });
});
