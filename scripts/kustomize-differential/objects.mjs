import { raw } from './yaml.mjs';

export const kinds = [
  'Deployment',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Job',
  'Pod',
  'Service',
  'Service',
  'ConfigMap',
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'RoleBinding',
  'ClusterRoleBinding',
  'Role',
  'ClusterRole',
  'HorizontalPodAutoscaler',
  'Ingress',
  'PodDisruptionBudget',
  'NetworkPolicy',
  'Namespace',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'Widget',
  'Widget',
  'ValidatingWebhookConfiguration',
];

const names = ['web', 'api', 'db', 'settings', 'config', 'x.y'];

/** Values that readers of YAML disagree about. */
const odd = [
  'text',
  'a b',
  'true',
  'yes',
  'y',
  '1',
  '1.50',
  '0x10',
  '017',
  '1e3',
  '.5',
  '2020-01-01',
  'null',
  '~',
  '',
  ' lead',
  'trail ',
  'a: b',
  '# c',
  'it\'s "q"',
  '- x',
  '{x}',
  '*a',
  '%x',
  '@x',
  'multi\nline\n',
  'multi\nline',
  'trail \nx',
  '\ttab',
  'é ü',
  '😀 x',
  'word '.repeat(30).trim(),
  `${'longword'.repeat(15)} x`,
  'a\n\n\nb\n\n',
  '12:30:45',
  '1_000',
  '0b11',
  '=',
  '<<',
];
const oddRaw = [
  '1',
  '1.5',
  '1.0',
  '1e3',
  '1E5',
  '0x1F',
  '017',
  '0o17',
  'true',
  'yes',
  'on',
  'null',
  '~',
  '',
  '2020-01-01',
  '1_000',
  '12345678901234567890',
  '9007199254740993',
  '-0',
  '.5',
  '+1',
  '1e21',
  '0.000001',
  '123456789.123',
  '"1"',
  "'true'",
  '!!str 5',
  '2001-12-14t21:59:43.10-05:00',
  '1:30',
  'a: b'.slice(0, 1),
];

export const oddText = (random) => random.pick(odd);
export const oddValue = (random) => (random.chance(0.5) ? raw(random.pick(oddRaw)) : random.pick(odd));

const labels = (random) => random.pick([{ app: 'web' }, { app: 'api', tier: 'back' }, { app: 'web', v: '1' }]);

export function inventObject(random, kind) {
  const metadata = { name: random.pick(names) };
  if (random.chance(0.3)) metadata.namespace = random.pick(['shop', 'default', 'other']);
  if (random.chance(0.5)) metadata.labels = labels(random);
  if (random.chance(0.3)) metadata.annotations = { [random.pick(['note', 'x.y/z'])]: oddText(random) };
  if (random.chance(0.05)) metadata.annotations = random.pick([{}, null]);
  if (random.chance(0.05)) metadata.finalizers = ['a.b/c', 'd.e/f'];
  const build = builders[kind];
  return build(random, metadata);
}

function container(random, i) {
  const c = {
    name: i === 0 ? 'web' : `side${i}`,
    image: random.pick([
      'nginx',
      'nginx:1.25',
      'registry.example/shop/web:1',
      'busybox@sha256:abc',
      'redis:7@sha256:abc',
      'localhost:5000/nginx',
    ]),
  };
  if (random.chance(0.4))
    c.env = [
      { name: 'MODE', value: oddText(random) },
      { name: 'REF', value: '$(NAME)' },
      { name: 'CM', valueFrom: { configMapKeyRef: { name: random.pick(names), key: 'k' } } },
      { name: 'SEC', valueFrom: { secretKeyRef: { name: random.pick(names), key: 'k' } } },
    ].slice(0, random.int(1, 4));
  if (random.chance(0.3))
    c.envFrom = [{ configMapRef: { name: random.pick(names) } }, { secretRef: { name: random.pick(names) } }].slice(0, random.int(1, 2));
  if (random.chance(0.4))
    c.ports = [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }, { containerPort: 443, name: 'tls', protocol: 'TCP' }].slice(
      random.int(0, 2),
    );
  if (random.chance(0.3))
    c.volumeMounts = [
      { name: 'data', mountPath: '/data' },
      { name: 'cfg', mountPath: '/cfg' },
    ].slice(0, random.int(1, 2));
  if (random.chance(0.2)) c.args = ['--name', '$(NAME)', '$$(NAME)'];
  if (random.chance(0.2)) c.resources = { limits: { cpu: random.pick([1, '500m', '1']), memory: '1Gi' } };
  return c;
}

function pod(random) {
  const spec = { containers: Array.from({ length: random.int(1, 2) }, (_, i) => container(random, i)) };
  if (random.chance(0.2)) spec.initContainers = [container(random, 1)];
  if (random.chance(0.4))
    spec.volumes = [
      { name: 'data', emptyDir: {} },
      { name: 'cfg', configMap: { name: random.pick(names) } },
      { name: 'sec', secret: { secretName: random.pick(names) } },
      { name: 'pvc', persistentVolumeClaim: { claimName: random.pick(names) } },
    ].slice(0, random.int(1, 4));
  if (random.chance(0.3)) spec.serviceAccountName = random.pick(names);
  if (random.chance(0.2)) spec.imagePullSecrets = [{ name: random.pick(names) }];
  if (random.chance(0.1)) spec.tolerations = [{ key: 'a', operator: 'Exists' }];
  if (random.chance(0.1))
    spec.topologySpreadConstraints = [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { app: 'web' } } },
    ];
  if (random.chance(0.1))
    spec.affinity = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'zone' }],
      },
    };
  return spec;
}

function template(random) {
  return { ...(random.chance(0.8) ? { metadata: random.chance(0.9) ? { labels: labels(random) } : null } : {}), spec: pod(random) };
}

const workload =
  (kind, extra = () => ({})) =>
  (random, metadata) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata,
    spec: {
      ...(random.chance(0.6) ? { replicas: random.pick([1, 3, null]) } : {}),
      ...(random.chance(0.8) ? { selector: { matchLabels: labels(random) } } : {}),
      template: template(random),
      ...extra(random),
    },
  });

const subject = (random) => ({
  kind: random.pick(['ServiceAccount', 'ServiceAccount', 'User']),
  name: random.pick([...names, 'default']),
  ...(random.chance(0.6) ? { namespace: random.pick(['shop', 'default', 'other']) } : {}),
});

const builders = {
  Deployment: workload('Deployment'),
  DaemonSet: workload('DaemonSet'),
  StatefulSet: workload('StatefulSet', (random) => ({
    ...(random.chance(0.5) ? { serviceName: random.pick(names) } : {}),
    ...(random.chance(0.3)
      ? {
          volumeClaimTemplates: [
            { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
          ],
        }
      : {}),
  })),
  CronJob: (random, metadata) => ({
    apiVersion: random.pick(['batch/v1', 'batch/v1beta1']),
    kind: 'CronJob',
    metadata,
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: template(random) } } },
  }),
  Job: (random, metadata) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: template(random) } }),
  Pod: (random, metadata) => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec: pod(random) }),
  Service: (random, metadata) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      ...(random.chance(0.8) ? { selector: labels(random) } : {}),
      ports: [
        { port: 80, targetPort: random.pick([8080, 'http', '$(NAME)']) },
        { port: 53, protocol: 'UDP', name: 'dns' },
        { port: 53, protocol: 'TCP' },
      ].slice(0, random.int(1, 3)),
    },
  }),
  ConfigMap: (random, metadata) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    ...(random.chance(0.9)
      ? {
          data: Object.fromEntries(
            Array.from({ length: random.int(0, 4) }, (_, i) => [
              random.pick([`k${i}`, `file${i}.txt`, `a${i}`, `A-${i}`, `k${i * 10}`]),
              oddText(random),
            ]),
          ),
        }
      : {}),
  }),
  Secret: (random, metadata) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    ...(random.chance(0.5) ? { stringData: { p: oddText(random) } } : { data: { p: 'c2VjcmV0' } }),
    type: 'Opaque',
  }),
  ServiceAccount: (random, metadata) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
    ...(random.chance(0.3) ? { imagePullSecrets: [{ name: random.pick(names) }], secrets: [{ name: 'a' }] } : {}),
  }),
  RoleBinding: (random, metadata) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: random.pick(['Role', 'ClusterRole']), name: random.pick(names) },
    subjects: Array.from({ length: random.int(1, 2) }, () => subject(random)),
  }),
  ClusterRoleBinding: (random, metadata) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: random.pick(names) },
    subjects: [subject(random)],
  }),
  Role: (random, metadata) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules: [
      { apiGroups: [''], resources: ['secrets'], verbs: ['get'], ...(random.chance(0.5) ? { resourceNames: [random.pick(names)] } : {}) },
    ],
  }),
  ClusterRole: (random, metadata) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata,
    rules: [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['*'], ...(random.chance(0.5) ? { resourceNames: [random.pick(names)] } : {}) },
    ],
  }),
  HorizontalPodAutoscaler: (random, metadata) => ({
    apiVersion: random.pick(['autoscaling/v2', 'autoscaling/v1']),
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: { maxReplicas: 5, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: random.pick(names) } },
  }),
  Ingress: (random, metadata) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata,
    spec: {
      rules: [
        {
          host: random.pick(['a.example', '$(NAME).example']),
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: random.pick(names), port: { number: 80 } } } }] },
        },
      ],
      tls: [{ hosts: ['a.example'], secretName: random.pick(names) }],
    },
  }),
  PodDisruptionBudget: (random, metadata) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { minAvailable: 1, selector: { matchLabels: labels(random) } },
  }),
  NetworkPolicy: (random, metadata) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: random.pick([{}, { matchLabels: labels(random) }]),
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
    },
  }),
  Namespace: (_, { namespace, ...metadata }) => ({ apiVersion: 'v1', kind: 'Namespace', metadata }),
  PersistentVolumeClaim: (random, metadata) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: random.pick(['1Gi', 5]) } } },
  }),
  CustomResourceDefinition: (random, metadata) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { ...metadata, name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Widget' },
      scope: 'Namespaced',
      conversion: random.pick([undefined, null, { webhook: { clientConfig: { service: { name: 'web', namespace: 'old' } } } }]) ?? null,
    },
  }),
  Widget: (random, metadata) => ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata,
    spec: {
      configName: random.pick(names),
      image: 'nginx:1',
      ...(random.chance(0.3) ? { selector: { labels: { app: 'w' } } } : {}),
      ...(random.chance(0.3) ? { size: 1 } : {}),
      extra: Array.from({ length: random.int(0, 3) }, () => ({ value: oddValue(random) })),
      odd: oddValue(random),
      ...(random.chance(0.2) ? { containers: [{ name: 'c', image: 'nginx:1' }] } : {}),
      ...(random.chance(0.2) ? { template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'inner' }, spec: pod(random) } } : {}),
    },
  }),
  ValidatingWebhookConfiguration: (random, metadata) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata,
    webhooks: [
      { name: 'a.example.com', clientConfig: { service: { name: random.pick(names), namespace: random.pick(['shop', 'default']) } } },
    ],
  }),
};
