import { noConditions, summary, waiting } from './common.js';
import { absent, conditions, type KindRules, of, type Rule } from './language.js';

/** Kinds that are read by others and report nothing, or only who uses them. */
const passive = [
  'ClusterProviderConfig',
  'Composition',
  'CompositionRevision',
  'ControllerConfig',
  'DeploymentRuntimeConfig',
  'EnvironmentConfig',
].concat(['ImageConfig', 'ProviderConfig', 'ProviderConfigUsage', 'StoreConfig']);

/** Cloud resources as Kubernetes objects: Crossplane, AWS controllers, Config Connector, Gardener, Terraform-like operators. */
export const cloudRules: readonly KindRules[] = [
  ...[
    'cloudfront.aws.crossplane.io/Distribution',
    'iam.aws.crossplane.io/Policy',
    'iam.aws.crossplane.io/Role',
    'iam.aws.crossplane.io/RolePolicyAttachment',
  ]
    .concat([
      'rds.aws.crossplane.io/DBCluster',
      'rds.aws.crossplane.io/DBInstance',
      'route53.aws.crossplane.io/ResourceRecordSet',
      's3.aws.crossplane.io/Bucket',
    ])
    .map((key) => ({ group: key.split('/')[0] as string, kinds: [key.split('/')[1] as string], rules: classicProvider() })),
  {
    group: 'pkg.crossplane.io',
    kinds: ['Provider'],
    rules: [
      { when: noConditions, is: 'Progressing', say: 'Waiting for the package to be installed' },
      { having: [of('Installed', 'True'), of('Healthy', 'True')], is: 'Healthy' },
      { is: 'Degraded', say: '{Healthy:message|Installed:message|Healthy:reason|Installed:reason}' },
    ],
  },
  {
    group: 'stacks.crossplane.io',
    kinds: ['ClusterStackInstall', 'StackInstall'],
    rules: [
      { each: 'status.conditionedStatus.conditions', cases: [{ if: of('Ready', 'True'), is: 'Healthy', say: '{.reason}' }] },
      waiting('Waiting for the stack to be installed'),
    ],
  },
  {
    group: '*.crossplane.io',
    kinds: '*',
    rules: managed(['Ready', 'Healthy', 'Offered', 'Established', 'ValidPipeline', 'RevisionHealthy']),
  },
  { group: '*.upbound.io', kinds: '*', rules: managed(['Ready']) },
  {
    group: '*.services.k8s.aws',
    kinds: '*',
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('ACK.Terminal', 'True'), is: 'Degraded' },
          { if: of('Ready', 'False'), is: 'Progressing', say: '{.message|.reason}' },
          { if: of('Ready', 'True'), is: 'Healthy' },
        ],
      },
      waiting('Waiting for the resource to be made'),
    ],
  },
  {
    group: '*.cnrm.cloud.google.com',
    kinds: '*',
    rules: [
      { when: { kind: ['ConfigConnector', 'ConfigConnectorContext'], 'status.healthy': true }, is: 'Healthy' },
      {
        when: { kind: ['ConfigConnector', 'ConfigConnectorContext'], 'status.healthy': false },
        is: 'Degraded',
        say: "{status.errors.0|'The operator is not healthy'}",
      },
      {
        each: conditions,
        cases: [
          { if: { reason: 'UpToDate', status: 'True' }, is: 'Healthy' },
          { if: { reason: ['UpdateFailed', 'DependencyNotFound'] }, is: 'Degraded' },
          { if: { reason: 'DependencyNotReady' }, is: 'Suspended' },
        ],
      },
      waiting('Update in progress'),
    ],
  },
  {
    group: 'core.gardener.cloud',
    kinds: ['Shoot'],
    rules: [
      {
        word: 'metadata.labels[shoot.gardener.cloud/status]',
        of: { healthy: 'Healthy', progressing: 'Progressing', unhealthy: 'Degraded', unknown: 'Unknown' },
        say: '{status.lastOperation.description}',
      },
      waiting('Update in progress'),
    ],
  },
  {
    group: 'pulumi.com',
    kinds: ['Stack'],
    rules: [
      {
        when: { 'status.observedGeneration': { not: { same: 'metadata.generation' } } },
        is: 'Progressing',
        say: 'Waiting for the new spec to be seen',
      },
      {
        each: conditions,
        cases: [
          { if: of('Stalled', 'True'), is: 'Degraded' },
          { if: of('Reconciling', 'True'), is: 'Progressing' },
          { if: of('Ready', 'True'), is: 'Healthy' },
        ],
      },
      waiting('Waiting for the stack to be reconciled'),
    ],
  },
  { group: 'karpenter.k8s.aws', kinds: ['EC2NodeClass'], rules: summary('Ready', 'Waiting for the node class to be ready') },
  { group: 'karpenter.sh', kinds: ['NodePool'], rules: summary('Ready', 'Waiting for the node pool to be ready') },
  {
    group: 'karpenter.sh',
    kinds: ['NodeClaim'],
    rules: [
      { having: [of('Disrupting', 'True')], is: 'Suspended', say: "{Disrupting:message|'The node is being disrupted'}" },
      ...summary('Ready', '').slice(0, 1),
      { having: [of('Initialized', 'True')], is: 'Progressing', say: 'Initialized; waiting for the node to be ready' },
      { having: [of('Registered', 'True')], is: 'Progressing', say: 'Registered; waiting for the node to be initialized' },
      { having: [of('Launched', 'True')], is: 'Progressing', say: 'Launched; waiting for the node to register' },
      waiting('Waiting for the node to be launched'),
    ],
  },
];

/** Crossplane's first AWS provider: Ready and Synced both have to hold; a paused reconciliation is no failure. */
function classicProvider(): Rule[] {
  return [
    { when: noConditions, is: 'Progressing', say: 'Waiting for {kind} to be created' },
    { having: [of('Ready', 'True'), of('Synced', 'True')], is: 'Healthy' },
    { having: [of('Synced', ['False', 'Unknown'], { reason: 'ReconcilePaused' })], is: 'Suspended', say: 'Reconciliation is paused' },
    {
      having: [of('Synced', 'True')],
      lacking: [of('Synced', undefined, { reason: 'ReconcilePaused' })],
      is: 'Progressing',
      say: 'Waiting for {kind} to be available',
    },
    { is: 'Degraded', say: '{Synced:message|Synced:reason}' },
  ];
}

function managed(good: readonly string[]): Rule[] {
  return [
    { when: { kind: passive, [conditions]: absent }, is: 'Healthy' },
    {
      each: conditions,
      cases: [
        { if: of(['LastAsyncOperation', 'Synced'], 'False'), is: 'Degraded', say: '{.message|.reason}' },
        { if: of(good, 'True'), is: 'Healthy', say: '', unlessLater: true },
      ],
    },
    waiting('Provisioning: {Ready:message|Ready:reason|Healthy:message|Healthy:reason}'),
  ];
}
