import { changeTransferHealth, promotionHealth } from '../families/promoter.js';
import { rolloutHealth } from '../families/rollout.js';
import { noStatus, waiting } from './common.js';
import { absent, conditions, filled, type KindRules, of, type Rule, stale } from './language.js';

/** Argo: workflows, rollouts, the promoter. */
export const argoRules: readonly KindRules[] = [
  // What an Application says of itself is about other objects, which have a health of their own.
  { group: 'argoproj.io', kinds: ['Application', 'AppProject'], rules: [] },
  {
    group: 'argoproj.io',
    kinds: ['ApplicationSet'],
    rules: [
      { having: [of('ErrorOccurred', 'True')], is: 'Degraded', say: '{ErrorOccurred:message}' },
      { having: [of('ResourcesUpToDate', 'False')], is: 'Degraded', say: '{ResourcesUpToDate:message}' },
      { having: [of('RolloutProgressing', 'True')], is: 'Progressing', say: '{RolloutProgressing:message}' },
      { having: [of('ResourcesUpToDate', 'True')], is: 'Healthy', say: '{ResourcesUpToDate:message}' },
      waiting('Waiting for the controller to report'),
    ],
  },
  {
    group: 'argoproj.io',
    kinds: ['AnalysisRun', 'Experiment'],
    rules: [
      {
        word: 'status.phase',
        of: {
          Pending: 'Progressing',
          Running: 'Progressing',
          Successful: 'Healthy',
          Failed: 'Degraded',
          Error: 'Degraded',
          Inconclusive: 'Unknown',
        },
        say: '{status.message|status.phase}',
      },
      waiting('Waiting for the controller to start'),
    ],
  },
  {
    group: 'argoproj.io',
    kinds: ['CronWorkflow'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of(['SpecError', 'SubmissionError'], 'True'), is: 'Degraded' },
          { if: of('Completed', 'True'), is: 'Healthy' },
        ],
      },
      { is: 'Healthy' },
    ],
  },
  {
    group: 'argoproj.io',
    kinds: ['Workflow'],
    rules: [
      {
        word: 'status.phase',
        of: { Pending: 'Progressing', Running: 'Progressing', Succeeded: 'Healthy', Failed: 'Degraded', Error: 'Degraded' },
        other: 'Unknown',
        say: '{status.message|status.phase}',
      },
      waiting('Waiting for the workflow to start'),
    ],
  },
  {
    group: 'argoproj.io',
    kinds: ['EventBus'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('Deployed', 'False'), is: 'Degraded', say: '{.message|.reason}' },
          { if: of('Deployed', 'True'), is: 'Healthy', say: '{.message|.reason}' },
        ],
      },
      waiting('Waiting for the event bus to be deployed'),
    ],
  },
  { group: 'argoproj.io', kinds: ['Rollout'], rules: [{ run: rolloutHealth }] },

  {
    group: 'promoter.argoproj.io',
    kinds: ['ClusterScmProvider', 'GitRepository', 'ScmProvider'],
    rules: [...promoted(), { is: 'Healthy' }],
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['CommitStatus'],
    rules: [...promoted({ unknownIsFine: true }), { is: 'Healthy', say: '{status.phase}' }],
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['PullRequest'],
    rules: [...promoted({ unknownIsFine: true, type: ['Ready', 'Reconciled'] }), { is: 'Healthy', say: '{status.state}' }],
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['ArgoCDCommitStatus'],
    rules: [
      ...promoted({ unknownIsFine: true }),
      { when: { 'status.applicationsSelected.0': absent }, is: 'Degraded', say: 'No application is selected' },
      { is: 'Healthy' },
    ],
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['GitCommitStatus', 'TimedCommitStatus', 'WebRequestCommitStatus'],
    rules: [
      ...promoted(),
      { each: 'status.environments', cases: [{ if: { phase: 'failure' }, is: 'Degraded', say: 'Failed for branch {.branch}' }] },
      {
        each: 'status.environments',
        cases: [{ if: { phase: { not: 'success' } }, is: 'Progressing', say: 'Waiting for branch {.branch}' }],
      },
      { is: 'Healthy' },
    ],
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['ChangeTransferPolicy'],
    rules: [...promoted({ unknownIsFine: true }), { run: changeTransferHealth }],
  },
  { group: 'promoter.argoproj.io', kinds: ['PromotionStrategy'], rules: [...promoted({ unknownIsFine: true }), { run: promotionHealth }] },

  {
    group: 'numaflow.numaproj.io',
    kinds: ['InterStepBufferService'],
    rules: numaflow({ Running: 'Healthy' }),
  },
  {
    group: 'numaflow.numaproj.io',
    kinds: ['MonoVertex', 'Pipeline', 'Vertex'],
    rules: numaflow({ Running: 'Healthy', Paused: 'Healthy', Pausing: 'Healthy' }),
  },
  { group: 'numaplane.numaproj.io', kinds: ['ISBServiceRollout'], rules: numaplane('ISBSvcFailed') },
  { group: 'numaplane.numaproj.io', kinds: ['MonoVertexRollout'], rules: numaplane('MonoVertexFailed', 'MonoVertexPausingOrPaused') },
  { group: 'numaplane.numaproj.io', kinds: ['PipelineRollout'], rules: numaplane('PipelineFailed', 'PipelinePausingOrPaused') },
  {
    group: 'numaplane.numaproj.io',
    kinds: ['NumaflowControllerRollout'],
    rules: [
      ...numaplaneSeen(),
      { when: { 'status.upgradeInProgress': filled }, is: 'Progressing', say: 'Update in progress' },
      { when: { 'status.phase': 'Pending' }, is: 'Progressing', say: 'Update in progress' },
      childrenProgressing(),
      { when: { 'status.phase': 'Failed' }, is: 'Degraded', say: '{status.message}' },
      { each: conditions, cases: [{ if: of('ChildResourcesHealthy', 'False'), is: 'Degraded' }] },
      ...childrenHealthy(),
    ],
  },
  {
    group: 'spot.io',
    kinds: ['SpotDeployment'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('InvalidSpec'), is: 'Degraded' },
          { if: { type: 'Progressing', reason: ['RolloutAborted', 'ProgressDeadlineExceeded'] }, is: 'Degraded' },
          { if: of('Paused', 'True'), is: 'Suspended', say: 'The rollout is paused' },
        ],
      },
      { when: { 'status.phase': 'Progressing' }, is: 'Progressing', say: 'Waiting for the steps of the rollout' },
      { when: { [conditions]: absent }, is: 'Progressing', say: 'Waiting for the controller to report' },
      { is: 'Healthy' },
    ],
  },
];

/** What the promoter's kinds have in common: a Ready condition for the spec that stands. */
function promoted(options: { unknownIsFine?: true; type?: string[] } = {}): Rule[] {
  const type = options.type ?? 'Ready';
  return [
    {
      each: conditions,
      cases: [
        { if: { type, ...stale }, is: 'Progressing', say: 'Waiting for the new spec to be seen' },
        { if: of(type, 'False'), is: 'Degraded', say: '{.message|.reason}' },
        ...(options.unknownIsFine ? [] : [{ if: of(type, 'Unknown'), is: 'Progressing' as const, say: '{.message|.reason}' }]),
      ],
    },
    { lacking: [of(type)], is: 'Progressing', say: 'Waiting for the promoter to report' },
  ];
}

function numaflow(phases: { [phase: string]: 'Healthy' }): Rule[] {
  return [
    { when: noStatus, is: 'Progressing', say: 'Waiting for the controller to report' },
    {
      when: { 'status.observedGeneration': { not: { same: 'metadata.generation' } } },
      is: 'Progressing',
      say: 'Waiting for the new spec to be seen',
    },
    { when: { 'status.phase': 'Failed' }, is: 'Degraded', say: '{status.message}' },
    {
      when: { 'metadata.labels[numaplane.numaproj.io/progressive-result-state]': 'failed' },
      is: 'Degraded',
      say: 'The progressive upgrade failed',
    },
    { each: conditions, cases: [{ if: { status: 'False' }, is: 'Degraded', say: "{.message|'A part of it is not healthy'}" }] },
    { word: 'status.phase', of: phases },
    waiting('Waiting for it to run'),
  ];
}

function numaplane(failedReason: string, paused?: string): Rule[] {
  const failedUpgrade = of('ProgressiveUpgradeSucceeded', 'False');
  return [
    ...numaplaneSeen(),
    { when: { 'status.upgradeInProgress': filled }, lacking: [failedUpgrade], is: 'Progressing', say: 'Update in progress' },
    { when: { 'status.phase': 'Pending' }, lacking: [failedUpgrade], is: 'Progressing', say: 'Update in progress' },
    childrenProgressing(),
    { when: { 'status.phase': 'Failed' }, is: 'Degraded', say: '{status.message}' },
    {
      each: conditions,
      cases: [
        { if: of('ChildResourcesHealthy', 'False', { reason: failedReason }), is: 'Degraded' },
        { if: failedUpgrade, is: 'Degraded', say: 'The progressive upgrade failed' },
      ],
    },
    ...(paused === undefined ? [] : [{ having: [of(paused, 'True')], is: 'Healthy' as const, say: `{${paused}:message}` }]),
    ...childrenHealthy(),
  ];
}

function numaplaneSeen(): Rule[] {
  return [
    { when: noStatus, is: 'Progressing', say: 'Waiting for the controller to report' },
    {
      when: { 'status.observedGeneration': { not: { same: 'metadata.generation' } } },
      is: 'Progressing',
      say: 'Waiting for the new spec to be seen',
    },
  ];
}

function childrenProgressing(): Rule {
  return { having: [of('ChildResourcesHealthy', 'False', { reason: 'Progressing' })], is: 'Progressing', say: 'Its parts are progressing' };
}

function childrenHealthy(): Rule[] {
  return [
    { having: [of('ChildResourcesHealthy', 'True')], is: 'Healthy' },
    { is: 'Unknown', say: 'The controller says nothing of its parts' },
  ];
}
