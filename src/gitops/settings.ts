import type { ConflictRule, IgnoreRule, Impact } from '../compare/index.js';
import { parseDuration } from '../model/index.js';
import type { Ref } from '../source/index.js';
import type { RepositoryInput, SimpleWorkflowInput, WorkflowInput } from './schema.js';

/** A workflow's settings, complete, as they are stored. Durations are milliseconds. */
export interface WorkflowSettings {
  autoSync: boolean;
  syncIntervalMs: number | undefined;
  approval: { required: boolean; impact: Impact | undefined; lifetimeMs: number };
  commands: { pre: string[]; post: string[]; timeoutMs: number };
  conflictRules: ConflictRule[];
  ignoreDifferences: IgnoreRule[];
  diffPreview: boolean;
  rollbackOnFailure: boolean;
  autoPrune: boolean;
  retry: { limit: number; backoff: 'exponential' | 'linear' | 'fixed'; maxDurationMs: number };
  healthCheck: { enabled: boolean; timeoutMs: number; failureMode: 'ignore' | 'fail' };
  cluster: ClusterSelector;
  namespace: string;
  createNamespace: boolean;
  include: string[] | undefined;
  exclude: string[] | undefined;
  loadRestrictor: 'root' | 'none';
  remoteBases: 'allow' | 'refuse';
}

/** Which cluster: the sandbox unless another is named. */
export interface ClusterSelector {
  /** `sandbox`, `context:NAME`, `kubeconfig` (its current context) or `in-cluster`. */
  target: string;
  kubeconfig?: string;
}

export function settingsOf(input: WorkflowInput | SimpleWorkflowInput): WorkflowSettings {
  const policy = input.sync_policy ?? {};
  const ms = (text: string | undefined, field: string) => (text === undefined ? undefined : parseDuration(text, field));
  return {
    autoSync: input.auto_sync ?? false,
    syncIntervalMs: ms(input.sync_interval, 'sync_interval'),
    approval: {
      required: input.approval_required ?? false,
      impact: input.approval_impact,
      lifetimeMs: ms(input.approval_timeout, 'approval_timeout') ?? 24 * 3_600_000,
    },
    commands: {
      pre: policy.pre_sync_hooks ?? [],
      post: policy.post_sync_hooks ?? [],
      timeoutMs: ms(policy.hook_timeout, 'sync_policy.hook_timeout') ?? 600_000,
    },
    conflictRules: input.conflict_rules ?? [],
    ignoreDifferences: (input.ignore_differences ?? []).map(({ json_pointers, managers, ...where }) => ({
      ...where,
      pointers: json_pointers ?? [],
      managers: managers ?? [],
    })),
    diffPreview: input.diff_preview ?? false,
    // The two ways to say it mean the same.
    rollbackOnFailure: (input.rollback_on_failure ?? false) || policy.health_check?.failure_mode === 'rollback',
    autoPrune: policy.auto_prune ?? false,
    retry: {
      limit: policy.retry?.limit ?? 0,
      backoff: policy.retry?.backoff ?? 'exponential',
      maxDurationMs: ms(policy.retry?.max_duration, 'sync_policy.retry.max_duration') ?? 600_000,
    },
    healthCheck: {
      enabled: policy.health_check?.enabled ?? true,
      timeoutMs: ms(policy.health_check?.timeout, 'sync_policy.health_check.timeout') ?? 300_000,
      failureMode: policy.health_check?.failure_mode === 'ignore' ? 'ignore' : 'fail',
    },
    cluster: {
      target: input.cluster ?? (input.kubeconfig === undefined ? 'sandbox' : 'kubeconfig'),
      ...(input.kubeconfig === undefined ? {} : { kubeconfig: input.kubeconfig }),
    },
    namespace: input.namespace ?? 'default',
    createNamespace: input.create_namespace ?? false,
    include: input.include,
    exclude: input.exclude,
    loadRestrictor: input.load_restrictor ?? 'root',
    remoteBases: input.remote_bases ?? 'allow',
  };
}

/** Settings as they were stored, by this version or by one that knew fewer of them. */
export function storedSettings(stored: { [key: string]: unknown }): WorkflowSettings {
  return { ...settingsOf({ repo: '-' }), ...(stored as unknown as Partial<WorkflowSettings>) };
}

/**
 * The stored form of what a repository follows: a branch's name, `refs/tags/…`, a commit hash, or '' for
 * the remote's HEAD.
 */
export function refText(input: Pick<RepositoryInput, 'branch' | 'tag' | 'commit'>, fallback: string): string {
  if (input.commit !== undefined) return `${commitPrefix}${input.commit}`;
  if (input.tag !== undefined) return `refs/tags/${input.tag.replace(/^refs\/tags\//, '')}`;
  return input.branch ?? fallback;
}

const commitPrefix = 'commit:';

export function parseRef(text: string): Ref {
  if (text === '' || text === 'HEAD') return { head: true };
  if (text.startsWith(commitPrefix)) return { commit: text.slice(commitPrefix.length) };
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text)) return { commit: text };
  if (text.startsWith('refs/tags/')) return { tag: text.slice('refs/tags/'.length) };
  return { branch: text.replace(/^refs\/heads\//, '') };
}
