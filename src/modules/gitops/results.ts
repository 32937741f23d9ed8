import {
  boolean,
  choice,
  data,
  integer,
  kubernetes,
  list,
  object,
  optional,
  required,
  type TypeDescription,
  text,
  time,
} from '../describe/types.js';

/** What the functions of `gitops` give, for documentation and editors: their names are mapped by the contract. */

const key = required(
  object('ResourceKey', {
    group: required(text, 'API group; empty for the core group'),
    kind: required(text, 'Kind'),
    namespace: required(text, 'Namespace; empty for cluster-scoped kinds'),
    name: required(text, 'Name'),
  }),
  'Which object',
);

const healthStatus = choice('Healthy', 'Progressing', 'Suspended', 'Degraded', 'Missing', 'Unknown');

const result = {
  id: required(text, 'Id of the run'),
  status: required(choice('running', 'succeeded', 'failed', 'cancelled'), 'How it ended'),
  startTime: required(time, 'When it began'),
  commitHash: required(text, 'The revision'),
  message: required(text, 'What happened, in a line'),
  metrics: required(
    object('SyncMetrics', {
      duration: required(text, 'Like `45.2s`'),
      resourcesProcessed: required(integer, 'Objects looked at'),
      resourcesApplied: required(integer, 'Objects written'),
      resourcesSkipped: required(integer, 'Objects left as they were'),
      resourcesPruned: required(integer, 'Objects deleted'),
      conflictsResolved: required(integer, 'Conflicts that a rule has decided'),
    }),
    'Counts',
  ),
  error: optional(data, 'Of a failed run: code, message, where and hint'),
};

const outcome = {
  ...result,
  success: required(boolean, 'Whether all of it worked'),
  reason: optional(text, 'Why it did not'),
  resources: required(
    list(
      object('ResourceReport', {
        key,
        action: required(choice('created', 'updated', 'unchanged', 'pruned', 'failed', 'skipped'), 'What was done to it'),
        health: optional(text, 'Its health'),
        message: required(text, 'More about it'),
      }),
    ),
    'What was done to each object',
  ),
};

const state = {
  currentState: optional(kubernetes, 'The object as the cluster has it'),
  desiredState: optional(kubernetes, 'The object as Git has it'),
};

const subject = {
  resource: required(text, '`Kind/name`'),
  namespace: required(text, 'Its namespace'),
  group: required(text, 'Its API group'),
};

const conflicts = list(
  object('Conflict', {
    ...subject,
    type: required(choice('resource_exists', 'out_of_sync', 'validation'), 'What kind of conflict'),
    description: required(text, 'What is in the way'),
    ...state,
    suggestions: required(list(text), 'What to do'),
    resolution: required(choice('blocked', 'taken', 'yielded', 'ignored'), 'What was decided'),
    path: optional(text, 'The field'),
    owner: optional(text, 'Who set it'),
    ours: optional(data, 'The value in Git'),
    theirs: optional(data, 'The value in the cluster'),
    base: optional(data, 'The value of the last sync'),
    source: optional(data, 'File and line'),
  }),
);

const changes = list(
  object('Change', {
    ...subject,
    type: required(choice('create', 'update', 'delete'), 'What would be done'),
    ...state,
    diff: required(text, 'For people'),
    impact: required(choice('low', 'medium', 'high', 'critical'), 'How much depends on it'),
    reasons: required(list(text), 'Why the impact is that'),
    recreate: optional(boolean, 'True where the object is deleted and made anew'),
    fields: required(
      list(
        object('FieldChange', {
          path: required(text, 'The field'),
          before: optional(data, 'Its value in the cluster'),
          after: optional(data, 'Its value in Git'),
          owners: required(list(text), 'Who owns it in the cluster'),
        }),
      ),
      'Field by field',
    ),
    source: optional(data, 'File and line'),
  }),
);

const rollbackReport = object('RollbackReport', {
  ...outcome,
  restored: required(text, 'The revision whose state is back; empty for the state before the first sync'),
  undone: required(list(text), 'Ids of the runs that were undone'),
});

const diff = object('Diff', {
  workflowId: required(text, 'Id of the workflow'),
  generatedAt: required(time, 'When it was made'),
  revision: required(text, 'Of which revision'),
  summary: required(
    object('DiffSummary', {
      totalChanges: required(integer, 'Changes in all; 0 where there is nothing to do'),
      createdResources: required(integer, 'Objects to create'),
      updatedResources: required(integer, 'Objects to update'),
      deletedResources: required(integer, 'Objects to delete'),
      unchangedResources: required(integer, 'Objects that stay as they are'),
      conflictCount: required(integer, 'Conflicts that stop a sync'),
      warningCount: required(integer, 'Warnings'),
    }),
    'Counts',
  ),
  changes: required(changes, 'What a sync would do'),
  conflicts: required(conflicts, 'What stops a sync'),
  resolutions: required(conflicts, 'Conflicts that the rules have decided already'),
  hooks: required(list(data), 'Hooks that a sync runs'),
  warnings: required(list(text), 'What to look at'),
});

export const results = {
  created: object('WorkflowCreated', {
    workflowId: required(text, 'Id of the workflow'),
    repositoryId: required(text, 'Id of the repository'),
    status: required(choice('created'), 'Always `created`'),
    autoSync: required(boolean, 'As it was asked for'),
    diffPreview: required(boolean, 'As it was asked for'),
    rollbackOnFailure: required(boolean, 'As it was asked for'),
  }),
  diff,
  syncReport: object('SyncReport', { ...outcome, rollback: optional(rollbackReport, 'Of a sync that failed and was put back') }),
  rollbackReport,
  rollbackPreview: object('RollbackPreview', { diff: required(diff, 'What would change'), to: required(text, 'Where it goes back to') }),
  status: object('WorkflowStatus', {
    id: required(text, 'Id'),
    name: required(text, 'Name'),
    status: required(choice('active', 'syncing', 'synced', 'failed', 'degraded'), 'How it stands'),
    autoSync: required(boolean, 'Whether it is synced by itself'),
    repository: required(text, 'Id of the repository'),
    repositoryUrl: required(text, 'Its URL'),
    branch: required(text, 'What is followed'),
    targetPath: required(text, 'Folder in the repository'),
    cluster: required(text, 'Which cluster'),
    namespace: required(text, 'For objects that name none'),
    lastSyncResult: optional(object('SyncResult', result), 'The last sync'),
    syncingBy: optional(text, 'While a sync runs: who runs it'),
    waitingFor: optional(text, 'While a sync runs: what it waits for, and why'),
    approval: optional(data, 'The request for approval that is open, or the approval that no sync has used yet'),
    hold: optional(data, 'After a rollback: what does not come back by itself, and why'),
  }),
  approval: object('Approval', {
    id: required(text, 'Id'),
    workflowId: required(text, 'Id of the workflow'),
    state: required(choice('pending', 'approved', 'rejected', 'expired'), 'How it stands'),
    digest: required(text, 'Of the plan that it is bound to'),
    revision: required(text, 'Of which revision'),
    impact: required(choice('low', 'medium', 'high', 'critical'), 'The gravest of its changes'),
    summary: required(text, 'Like `2 to update, 1 to delete`'),
    gate: required(text, 'Why it is asked for'),
    requestedAt: required(integer, 'Milliseconds since 1970'),
    requestedBy: required(text, 'Who asked'),
    expiresAt: required(integer, 'When it ends by itself'),
    decidedAt: optional(integer, 'When it was decided'),
    decidedBy: optional(text, 'Who decided'),
    reason: optional(text, 'What they said'),
  }),
  pastRuns: list(
    object('PastRun', {
      ...result,
      workflowId: required(text, 'Id of the workflow'),
      requestedBy: required(text, 'Who asked'),
      reason: optional(text, 'Why'),
    }),
  ),
  inspected: list(
    object('InspectedResource', {
      key,
      health: optional(
        object('Health', { status: required(healthStatus, 'Its health'), message: required(text, 'Why') }),
        'Its health, where its kind has one',
      ),
      sync: required(choice('synced', 'drifted', 'missing', 'left-over'), 'Whether it is as it was applied'),
      why: required(text, 'Why it is not healthy'),
    }),
  ),
} satisfies { [name: string]: TypeDescription };
