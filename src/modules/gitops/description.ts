import { repositoryOptions, simpleWorkflowOptions, workflowOptions } from '../../gitops/index.js';
import {
  boolean,
  data,
  type FieldDescription,
  type FunctionDescription,
  integer,
  list,
  type ModuleDescription,
  nothing,
  optional,
  optionalParameter,
  options,
  parameter,
  type TypeDescription,
  text,
} from '../describe/types.js';
import type { GitopsModule } from './module.js';
import { results } from './results.js';
import { describeSchema } from './schema.js';

interface Call {
  summary: string;
  parameters: FunctionDescription['parameters'];
  type: TypeDescription;
  about?: string;
  convention?: 'success';
}

const call = ({ summary, parameters, type, about, convention }: Call): FunctionDescription => ({
  summary,
  parameters,
  returns: {
    type,
    names: 'contract',
    ...(about === undefined ? {} : { summary: about }),
    ...(convention === undefined ? {} : { convention }),
  },
  async: true,
});

const chosen = (schema: Parameters<typeof describeSchema>[0]) => [parameter('options', describeSchema(schema), 'Options')];
const flag = (summary: string): FieldDescription => optional(boolean, summary);
const workflowId = parameter('workflowId', text, 'Id of the workflow');

const diffOptions = options({
  prune: flag('Also show what would be deleted'),
  takeBack: flag('As if fields that people changed were set back'),
  adopt: flag('As if objects of nobody were taken over'),
  ref: optional(text, 'Another branch, tag (`refs/tags/…`) or commit than the repository follows'),
});

const plan = optional(data, 'Exactly this plan, as gitops.plan gave it, or nothing');
const decision = options({
  plan: optional(data, 'On exactly this plan. Default: what was requested last'),
  reason: optional(text, 'Why, for the audit trail'),
});

const syncOptions = options({
  plan,
  prune: flag('Delete what left Git, whatever the policy says'),
  takeBack: flag('Set fields that people changed by hand back to what Git says'),
  adopt: flag('Take over objects that exist and belong to no workflow'),
  allowMassPrune: flag('Delete even where that is most of the inventory'),
  createNamespace: flag('Make namespaces that are missing'),
  healthTimeout: optional(text, "Time limit of the health check in place of the policy's: `10m`"),
  noWait: flag('Do not wait for health'),
  reason: optional(text, 'Why, for the history'),
});

const rollbackOptions = options({
  revision: optional(text, 'A revision that was synced successfully'),
  time: optional(text, 'A moment: RFC 3339'),
  run: optional(text, 'A run after which it was good'),
});

const generateDiff = call({
  summary: 'What a sync would do now, and what stands in its way. Writes nothing.',
  parameters: [workflowId, diffOptions],
  type: results.diff,
});

export const gitopsDescription: ModuleDescription<GitopsModule> = {
  summary: 'GitOps as functions: look at the diff as data, decide, sync, roll back.',
  functions: {
    workflow: call({
      summary: 'Registers a repository and creates a workflow in one; the same options give the same workflow.',
      parameters: chosen(simpleWorkflowOptions),
      type: results.created,
    }),
    registerRepository: call({
      summary: 'Registers a repository. The same id for another URL is refused.',
      parameters: chosen(repositoryOptions),
      type: text,
      about: 'Id of the repository',
    }),
    createWorkflow: call({
      summary: 'Creates a workflow. The same id for another repository or path is refused.',
      parameters: chosen(workflowOptions),
      type: text,
      about: 'Id of the workflow',
    }),
    syncWorkflow: call({
      summary: 'Carries out a sync.',
      parameters: [workflowId, syncOptions],
      type: results.syncReport,
      convention: 'success',
    }),
    generateDiff,
    previewChanges: { ...generateDiff, summary: 'The same as generateDiff.' },
    plan: {
      summary: 'A diff frozen with what it stands on: syncWorkflow carries out exactly it, or nothing. It is handed over as it is.',
      parameters: [workflowId, diffOptions],
      returns: { type: data },
      async: true,
    },
    approveWorkflow: call({
      summary: 'Lets a sync go ahead that waits for a person.',
      parameters: [workflowId, decision],
      type: results.approval,
    }),
    rejectWorkflow: call({ summary: 'Refuses exactly these changes.', parameters: [workflowId, decision], type: results.approval }),
    approvals: call({ summary: 'Requests and decisions, newest first.', parameters: [workflowId], type: list(results.approval) }),
    getWorkflowStatus: call({ summary: 'How a workflow stands.', parameters: [workflowId], type: results.status }),
    listWorkflows: call({ summary: 'How all workflows stand.', parameters: [], type: list(results.status) }),
    rollbackWorkflow: call({
      summary: "Puts a workflow's objects back and holds it. Needs no Git.",
      parameters: [workflowId, parameter('reason', text, 'Why, for the history'), rollbackOptions],
      type: results.rollbackReport,
      convention: 'success',
    }),
    previewRollback: call({
      summary: 'What a rollback would do.',
      parameters: [workflowId, rollbackOptions],
      type: results.rollbackPreview,
    }),
    resumeWorkflow: call({
      summary: 'Ends the hold that a rollback left.',
      parameters: [workflowId, optionalParameter('reason', text, 'Why, for the history')],
      type: boolean,
      about: 'Whether there was one',
    }),
    startAutoSync: call({ summary: 'Keeps every workflow with auto-sync in sync until it is stopped.', parameters: [], type: nothing }),
    stopAutoSync: call({ summary: 'Ends that.', parameters: [], type: nothing }),
    history: call({
      summary: 'Past runs, newest first.',
      parameters: [
        optionalParameter('workflowId', text, 'Id of the workflow. Default: all'),
        options({ limit: optional(integer, 'How many. Default 50') }),
      ],
      type: results.pastRuns,
    }),
    inspect: call({
      summary: 'The objects of a workflow as the cluster has them now.',
      parameters: [workflowId],
      type: results.inspected,
    }),
  },
};
