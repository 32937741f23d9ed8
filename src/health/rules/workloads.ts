import { gameServerSetHealth, kruiseHealth, rolloutStepHealth } from '../families/kruise.js';
import { sparkHealth } from '../families/spark.js';
import { noConditions, summary, waiting } from './common.js';
import { absent, conditions, type KindRules, of, present, type Rule, type Tests } from './language.js';

/** What runs things: Knative, KServe, OpenKruise, KubeVirt, Spark, Flink, KEDA, Flagger and others. */
export const workloadRules: readonly KindRules[] = [
  {
    group: 'apps.kruise.io',
    kinds: ['AdvancedCronJob'],
    rules: [
      { when: { 'status.lastScheduleTime': absent, 'spec.paused': true }, is: 'Suspended', say: 'The cron job is paused' },
      { when: { 'status.active.0': present }, is: 'Progressing', say: 'A run is going on' },
      { when: { 'status.lastScheduleTime': absent }, is: 'Degraded', say: 'It has never run' },
      { is: 'Healthy' },
    ],
  },
  {
    group: 'apps.kruise.io',
    kinds: ['BroadcastJob'],
    rules: [
      { when: { 'status.phase': 'completed', 'status.desired': { same: 'status.succeeded' } }, is: 'Healthy' },
      { when: { 'status.phase': 'failed', 'status.failed': { not: 0 } }, is: 'Degraded', say: '{status.failed} pods failed' },
      { when: { 'status.phase': 'paused', 'spec.paused': true }, is: 'Suspended', say: 'The job is paused' },
      waiting('Waiting for the job to finish'),
    ],
  },
  { group: 'apps.kruise.io', kinds: ['CloneSet', 'DaemonSet', 'StatefulSet'], rules: [{ run: kruiseHealth }] },
  { group: 'rollouts.kruise.io', kinds: ['Rollout'], rules: [{ run: rolloutStepHealth }] },
  {
    group: 'game.kruise.io',
    kinds: ['GameServer'],
    rules: [
      {
        when: { 'status.currentState': { not: { same: 'status.desiredState' } } },
        is: 'Progressing',
        say: 'Going from {status.currentState} to {status.desiredState}',
      },
      {
        each: 'status.podStatus.conditions',
        cases: [{ if: of('KruisePodReady', { not: 'True' }), is: 'Degraded', say: "{.message|'The pod is not ready'}" }],
      },
      { when: { 'status.currentState': 'Ready' }, is: 'Healthy' },
      { is: 'Unknown', say: 'Waiting for the game server to be ready' },
    ],
  },
  { group: 'game.kruise.io', kinds: ['GameServerSet'], rules: [{ run: gameServerSetHealth }] },
  { group: 'camel.apache.org', kinds: ['Integration'], rules: summary('Ready', 'Waiting for the integration to be built') },
  {
    group: 'core.spinkube.dev',
    kinds: ['SpinApp'],
    rules: [
      { when: { status: absent }, is: 'Progressing', say: 'Waiting for the operator to report' },
      {
        each: conditions,
        cases: [
          { if: of('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' }), is: 'Degraded' },
          { if: of('Progressing', 'False', { message: { like: /timeout|failed/i } }), is: 'Degraded' },
        ],
      },
      { lacking: [of('Available', 'True')], is: 'Degraded', say: "{Available:message|'The application is not available'}" },
      {
        when: { 'status.readyReplicas': { less: 'spec.replicas', or: 1 } },
        is: 'Progressing',
        say: "{status.readyReplicas|'0'} of {spec.replicas|'1'} replicas are ready",
      },
      { having: [of('Progressing', 'True')], is: 'Progressing', say: '{Progressing:message}' },
      { is: 'Healthy' },
    ],
  },
  {
    group: 'flagger.app',
    kinds: ['Canary'],
    rules: [
      {
        word: 'status.phase',
        of: {
          Progressing: 'Progressing',
          Finalising: 'Progressing',
          Promoting: 'Progressing',
          Succeeded: 'Healthy',
          Initialized: 'Healthy',
          Failed: 'Degraded',
        },
        other: 'Unknown',
        say: '{status.phase}: {Promoted:message}',
      },
      { is: 'Unknown', say: 'Flagger reports nothing' },
    ],
  },
  {
    group: 'flink.apache.org',
    kinds: ['FlinkDeployment'],
    rules: [
      { when: { 'status.reconciliationStatus.success': true }, is: 'Healthy' },
      { when: { 'status.reconciliationStatus.state': 'DEPLOYED' }, is: 'Healthy' },
      {
        when: { 'status.reconciliationStatus': present, 'status.jobManagerDeploymentStatus': 'ERROR' },
        is: 'Degraded',
        say: "{status.reconciliationStatus.error|status.error|'The job manager has an error'}",
      },
      waiting('Waiting for the job manager: {status.jobManagerDeploymentStatus}'),
    ],
  },
  {
    group: 'keda.sh',
    kinds: ['ScaledJob'],
    rules: keda([of('Ready', ['False', 'Unknown'])]),
  },
  { group: 'keda.sh', kinds: ['ScaledObject'], rules: keda([of('Ready', 'False'), of('Fallback', 'True')]) },
  {
    group: 'kubevirt.io',
    kinds: ['VirtualMachine'],
    rules: [
      { having: [of('Paused', 'True')], is: 'Suspended', say: 'Paused' },
      { having: [of('Ready', 'True')], is: 'Healthy', say: '{status.printableStatus}' },
      { when: { 'status.created': true }, is: 'Progressing', say: '{status.printableStatus}' },
      { having: [of('Ready')], is: 'Suspended', say: "{status.printableStatus|'Stopped'}" },
      waiting("{status.printableStatus|'Waiting for KubeVirt to report'}"),
    ],
  },
  {
    group: 'kubevirt.io',
    kinds: ['VirtualMachineInstance'],
    rules: [
      {
        word: 'status.phase',
        of: {
          Failed: 'Degraded',
          Pending: 'Progressing',
          Scheduling: 'Progressing',
          Scheduled: 'Progressing',
          Succeeded: 'Suspended',
          Unknown: 'Unknown',
        },
      },
      { having: [of('Paused', 'True')], is: 'Suspended', say: '{Paused:message}' },
      { having: [of('Ready', 'True')], is: 'Healthy', say: 'Running' },
      { having: [of('Ready')], is: 'Degraded', say: '{Ready:message|Ready:reason}' },
      waiting("{status.phase|'Waiting for KubeVirt to report'}"),
    ],
  },
  {
    group: 'openfaas.com',
    kinds: ['Function'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('Ready', 'False'), is: 'Degraded' },
          { if: of('Stalled', 'True'), is: 'Degraded' },
        ],
      },
      { when: { 'status.replicas': { over: 0 } }, having: [of('Ready', 'True')], is: 'Healthy', say: '{Ready:message}' },
      { having: [of('Ready', 'True')], is: 'Suspended', say: 'Scaled to zero' },
      waiting('Waiting for the function to be deployed'),
    ],
  },
  {
    group: 'operator.knative.dev',
    kinds: ['KnativeEventing'],
    rules: knativeOperator(['Ready'], ['Ready', 'InstallSucceeded']),
  },
  {
    group: 'operator.knative.dev',
    kinds: ['KnativeServing'],
    rules: knativeOperator(
      ['Ready', 'DeploymentsAvailable'],
      ['Ready', 'InstallSucceeded', 'DependenciesInstalled', 'DeploymentsAvailable'],
    ),
  },
  {
    group: 'serving.knative.dev',
    kinds: ['Service'],
    rules: [
      { each: conditions, cases: [{ if: { status: 'False' }, is: 'Degraded', say: '{.message|.reason|.type}' }] },
      { each: conditions, cases: [{ if: { status: 'Unknown' }, is: 'Progressing', say: '{.message|.reason|.type}' }] },
      { having: [of('ConfigurationsReady', 'True'), of('RoutesReady', 'True'), of('Ready', 'True')], is: 'Healthy' },
      waiting('Waiting for the first revision'),
    ],
  },
  {
    group: 'serving.kserve.io',
    kinds: ['InferenceService'],
    rules: [
      { when: noConditions, is: 'Progressing', say: 'Waiting for the controller to report' },
      { having: [of('Stopped', 'True')], is: 'Suspended', say: 'The service is stopped' },
      {
        word: 'status.modelStatus.transitionStatus',
        of: { InProgress: 'Progressing', BlockedByFailedLoad: 'Degraded', InvalidSpec: 'Degraded' },
        say: '{status.modelStatus.lastFailureInfo.message|status.modelStatus.transitionStatus}',
      },
      {
        when: { 'status.modelStatus': present, 'status.modelStatus.transitionStatus': { not: 'UpToDate' } },
        is: 'Degraded',
        say: '{status.modelStatus.transitionStatus}',
      },
      {
        each: conditions,
        cases: [{ if: { type: { not: 'Stopped' }, status: ['False', 'Unknown'] }, is: 'Progressing', say: '{.message|.reason|.type}' }],
      },
      { is: 'Healthy' },
    ],
  },
  { group: 'sparkoperator.k8s.io', kinds: ['SparkApplication'], rules: [{ run: sparkHealth }] },
  {
    group: 'tower.ansible.com',
    kinds: ['AnsibleJob'],
    rules: [
      {
        word: 'status.ansibleJobResult.status',
        of: {
          successful: 'Healthy',
          failed: 'Degraded',
          error: 'Degraded',
          canceled: 'Degraded',
          new: 'Progressing',
          pending: 'Progressing',
          waiting: 'Progressing',
          running: 'Progressing',
        },
        say: '{status.ansibleJobResult.status}: {status.ansibleJobResult.url}',
      },
      waiting('Waiting for the job to start'),
    ],
  },
  {
    group: 'kyverno.io',
    kinds: ['Policy'],
    rules: [
      { having: [of('Ready', 'True', { reason: 'Succeeded', message: 'Ready' })], is: 'Healthy' },
      waiting("{Ready:message|'Waiting for the policy to be ready'}"),
    ],
  },
];

function keda(trouble: readonly Tests[]): Rule[] {
  return [
    { each: conditions, cases: trouble.map((tests) => ({ if: tests, is: 'Degraded', say: '{.message|.reason|.type}' })) },
    { having: [of('Ready', 'True'), of('Paused', 'True')], is: 'Suspended', say: '{Paused:message}' },
    { having: [of('Ready', 'True')], is: 'Healthy', say: '{Ready:message}' },
    waiting('Waiting for the scaler to be set up'),
  ];
}

function knativeOperator(needed: readonly string[], all: readonly string[]): Rule[] {
  return [
    { when: noConditions, is: 'Progressing', say: 'Waiting for the operator to report' },
    {
      each: conditions,
      cases: [
        { if: of(needed, 'False'), is: 'Progressing', say: '{.message|.reason|.type}' },
        { if: { status: 'Unknown' }, is: 'Progressing', say: '{.message|.reason|.type}' },
      ],
    },
    { having: all.map((type) => of(type, 'True')), is: 'Healthy' },
    { is: 'Degraded', say: '{InstallSucceeded:message|Ready:message}' },
  ];
}
