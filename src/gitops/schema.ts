import { z } from 'zod';

/**
 * The settings of the contract, in its own snake_case names. TypeScript callers write camelCase, which
 * options.ts maps; evenkeel.yaml and scripts write these names. Durations are texts like `1h30m`.
 */

const id = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    'must be 1 to 63 letters, digits, "-", "_" or ".", beginning and ending with a letter or digit (it becomes a label value)',
  );
const text = z.string().min(1);
const duration = z.string().regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$/, 'must be a duration like 30s, 5m or 1h30m');

const credentials = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('token'), token: text, username: text.optional() }),
  z.strictObject({ type: z.literal('userpass'), username: text, password: text }),
  z.strictObject({ type: z.literal('ssh'), ssh_key: text, known_hosts: text.optional() }),
]);

export const repositoryOptions = z.strictObject({
  id: id.optional().describe('Name that workflows refer to; made from the URL where it is left out'),
  url: text.describe('https://, ssh://, git@host:path, file://, a local path, or owner/name for GitHub'),
  branch: text.optional().describe('Branch to follow. Default main'),
  tag: text.optional().describe('Tag to follow instead of a branch'),
  commit: text.optional().describe('Full commit hash to stay at instead of following a branch'),
  credentials: credentials.optional(),
  poll_interval: duration.optional().describe('How often the remote is asked for new commits. Default 30s'),
});

const retry = z.strictObject({
  limit: z.int().min(0).max(100).optional().describe('Further attempts after the first. Default 0'),
  backoff: z.enum(['exponential', 'linear', 'fixed']).optional().describe('How the pause between attempts grows. Default exponential'),
  max_duration: duration.optional().describe('Total time that attempts may take. Default 10m'),
});

const healthCheck = z.strictObject({
  enabled: z.boolean().optional().describe('Wait until everything is healthy. Default true'),
  timeout: duration.optional().describe('Default 5m'),
  failure_mode: z.enum(['ignore', 'fail', 'rollback']).optional().describe('What an unhealthy result means. Default fail'),
});

const syncPolicy = z.strictObject({
  auto_prune: z.boolean().optional().describe('Delete what left Git. Default false'),
  retry: retry.optional(),
  health_check: healthCheck.optional(),
  pre_sync_hooks: z.array(text).optional().describe('Shell commands to run on this machine before the first write of a sync'),
  post_sync_hooks: z.array(text).optional().describe('Shell commands to run on this machine when a sync is done and healthy'),
  hook_timeout: duration.optional().describe('How long one of these commands may take. Default 10m'),
});

const patterns = {
  group: z.string().optional().describe('API group; the core group is the empty text'),
  kind: text.optional(),
  name: text.optional().describe('May hold * for any characters'),
  namespace: text.optional().describe('May hold * for any characters'),
};

const conflictRule = z
  .strictObject({
    ...patterns,
    path: z
      .string()
      .regex(/^[^/]/, 'must be a path like spec.replicas, not a JSON pointer')
      .optional()
      .describe('Field, for example spec.replicas; may hold * for any characters'),
    manager: text.optional().describe('Field manager that set it; may hold * for any characters'),
    action: z
      .enum(['take', 'yield', 'ignore', 'block'])
      .describe(
        'take: what Git says is set. yield: theirs stays, and Git no longer owns the field. ignore: as yield, and not worth a warning. block: the sync stops',
      ),
  })
  .describe('What is done about a field that somebody else owns; the first rule that fits counts, before the default ones');

const ignoreDifference = z
  .strictObject({
    ...patterns,
    json_pointers: z
      .array(z.string().regex(/^(\/([^~/]|~[01])*)+$/, 'must be a JSON pointer like /spec/replicas'))
      .min(1)
      .optional(),
    managers: z.array(text).min(1).optional().describe('Field managers whose fields are left to them; may hold * for any characters'),
  })
  .refine((rule) => rule.json_pointers !== undefined || rule.managers !== undefined, 'needs json_pointers or managers')
  .describe('Differences that neither a diff shows nor a sync writes');

const approval = {
  approval_required: z.boolean().optional().describe('Wait for a person before every sync that changes something. Default false'),
  approval_impact: z
    .enum(['low', 'medium', 'high', 'critical'])
    .optional()
    .describe('Wait for a person before a sync with a change of this impact or a higher one'),
  approval_timeout: duration.optional().describe('How long a request, and an approval that was given, hold. Default 24h'),
};

const common = {
  ...approval,
  conflict_rules: z.array(conflictRule).optional(),
  ignore_differences: z.array(ignoreDifference).optional(),
  auto_sync: z.boolean().optional().describe('Sync by itself when Git or the cluster changes. Default false'),
  sync_interval: duration.optional().describe('How often auto-sync looks. Default: the poll interval of the repository'),
  diff_preview: z.boolean().optional().describe('Ask the server about every change before the first write, creations too. Default false'),
  rollback_on_failure: z.boolean().optional().describe('Put everything back when a sync fails. Default false'),
  sync_policy: syncPolicy.optional(),
  cluster: text.optional().describe('"sandbox" (default), or "context:NAME" of a kubeconfig, or "in-cluster"'),
  kubeconfig: text.optional().describe('Path of the kubeconfig that has the context'),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a namespace name')
    .optional()
    .describe('For objects that name none. Default default'),
  create_namespace: z.boolean().optional().describe('Make namespaces that are missing. Default false'),
  include: z.array(text).optional().describe('Globs of the files to read, relative to the path. Default: all YAML and JSON files'),
  exclude: z.array(text).optional().describe('Globs of files to leave out'),
  load_restrictor: z
    .enum(['root', 'none'])
    .optional()
    .describe('Where files of a kustomization may lie: in and below its own folder, or anywhere in the repository. Default root'),
  remote_bases: z.enum(['allow', 'refuse']).optional().describe('Bases of a kustomization in other repositories. Default allow'),
};

/** `gitops.workflow{…}`: repository and workflow in one. */
export const simpleWorkflowOptions = z.strictObject({
  repo: text.describe('As the url of a repository'),
  branch: text.optional(),
  target_path: text.optional().describe('Folder in the repository. Default . (the root)'),
  ...common,
});

export const workflowOptions = z.strictObject({
  id: id.optional(),
  name: text.optional(),
  repository: text.describe('Id of a registered repository'),
  target_path: text.optional().describe('Folder in the repository. Default . (the root)'),
  ...common,
});

/** Credentials in a file name where the secret is instead of holding it. */
const fileCredentials = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('token'),
    token_env: text.describe('Environment variable that holds the token'),
    username: text.optional(),
  }),
  z.strictObject({
    type: z.literal('userpass'),
    username: text,
    password_env: text.describe('Environment variable that holds the password'),
  }),
  z.strictObject({ type: z.literal('ssh'), ssh_key_file: text.describe('Path of the private key'), known_hosts_file: text.optional() }),
]);

const healthRule = z.strictObject({
  group: z.string().default('').describe('API group; the core group is the empty text'),
  kind: text,
  when: text.optional().describe('CEL expression over object, metadata, spec and status; the rule holds where it is true'),
  status: z.enum(['Healthy', 'Progressing', 'Suspended', 'Degraded', 'Missing', 'Unknown']),
  message: text.optional(),
});

export const fileSchema = z.strictObject({
  repositories: z.array(repositoryOptions.extend({ id, credentials: fileCredentials.optional() })).optional(),
  workflows: z.array(workflowOptions.extend({ id })).optional(),
  health_rules: z.array(healthRule).optional(),
});

export type RepositoryInput = z.infer<typeof repositoryOptions>;
export type WorkflowInput = z.infer<typeof workflowOptions>;
export type SimpleWorkflowInput = z.infer<typeof simpleWorkflowOptions>;
export type FileInput = z.infer<typeof fileSchema>;
