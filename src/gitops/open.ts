import type { Diff, Plan } from '../compare/index.js';
import { listApprovals } from '../gates/index.js';
import { dropDueRollback, type RollbackTarget, releaseHold, undoneRuns } from '../history/index.js';
import type { Cluster } from '../kube/index.js';
import { asEvenkeelError, EvenkeelError, nearest, parseDuration, sha256, systemClock } from '../model/index.js';
import { type Credentials, normaliseUrl, openSource, type Source } from '../source/index.js';
import type { RepositoryRecord, WorkflowRecord } from '../store/index.js';
import { type ApprovalsInput, approvalOf, giveWord } from './approvals.js';
import { autoSync } from './auto-sync.js';
import { parseCache } from './caches.js';
import { approvalOptionTypes, checkCall, diffOptionTypes, rollbackOptionTypes, syncOptionTypes } from './call-options.js';
import { choicesOf } from './choices.js';
import { guarded } from './guarded.js';
import { inspectWorkflow } from './inspect.js';
import { endInterrupted, interruptedRuns } from './interrupted.js';
import { commandOutputs } from './journal.js';
import { checkOptions, mapNames, toCamel } from './options.js';
import { freeze, prepare } from './prepare.js';
import { resultOf } from './record.js';
import { previewRollback, runRollback } from './rollback.js';
import { runSync } from './run.js';
import { repositoryOptions, simpleWorkflowOptions, workflowOptions } from './schema.js';
import { type ClusterSelector, parseRef, refText, settingsOf, storedSettings, type WorkflowSettings } from './settings.js';
import { latestOf, statusOf } from './status.js';
import type { DiffOptions, Gitops, GitopsDependencies, RollbackOptions, SyncOptions, SyncReport } from './types.js';

/** Opens the `gitops` module over a store and the clusters that it is given. */
export function openGitops(dependencies: GitopsDependencies): Gitops {
  const { store, clock = systemClock } = dependencies;
  const cache = parseCache(store);
  const sources = new Map<string, Source>();
  const clusters = new Map<string, Promise<{ cluster: Cluster; id: string }>>();
  const looping = autoSync({ clock, store, sync: (id, options) => syncWorkflow(id, options, { quiet: true }) });

  const sourceOf = (repository: Pick<RepositoryRecord, 'url' | 'credentials'>): Source => {
    const key = sha256(JSON.stringify([repository.url, repository.credentials ?? null]));
    let source = sources.get(key);
    if (source === undefined) {
      source = openSource({
        url: repository.url,
        credentials: repository.credentials as Credentials | undefined,
        cacheDirectory: dependencies.cacheDirectory,
        environment: dependencies.environment,
      });
      sources.set(key, source);
    }
    return source;
  };

  /** A repository that a kustomization names, with the credentials of a registered one that has the same URL. */
  const openRemote = async (url: string): Promise<Source> => {
    const wanted = normaliseUrl(url).url.replace(/\.git$/, '');
    const same = (await store.repositories.list()).find((each) => normaliseUrl(each.url).url.replace(/\.git$/, '') === wanted);
    return sourceOf({ url, credentials: same?.credentials });
  };

  const clusterOf = (selector: ClusterSelector) => {
    const key = JSON.stringify([selector.target, selector.kubeconfig ?? '']);
    let opened = clusters.get(key);
    if (opened === undefined) {
      opened = dependencies.openCluster(selector).then(async (cluster) => ({ cluster, id: await identify(cluster) }));
      clusters.set(key, opened);
      // A cluster that could not be reached is asked again the next time.
      opened.catch(() => clusters.delete(key));
    }
    return opened;
  };

  const workflowOf = async (
    id: string,
  ): Promise<{ workflow: WorkflowRecord; repository: RepositoryRecord; settings: WorkflowSettings }> => {
    const workflow = await store.workflows.get(id);
    if (workflow === undefined) {
      const near = nearest(
        id,
        (await store.workflows.list()).map((w) => w.id),
      );
      throw new EvenkeelError('WORKFLOW_NOT_FOUND', `there is no workflow "${id}"`, {
        hint: near === undefined ? 'List them: evenkeel status' : `Did you mean "${near}"?`,
      });
    }
    return { workflow, repository: await repositoryOf(workflow.repositoryId), settings: storedSettings(workflow.settings) };
  };

  const repositoryOf = async (id: string): Promise<RepositoryRecord> => {
    const repository = await store.repositories.get(id);
    if (repository !== undefined) return repository;
    const near = nearest(
      id,
      (await store.repositories.list()).map((r) => r.id),
    );
    throw new EvenkeelError('REPOSITORY_NOT_FOUND', `no repository is registered as "${id}"`, {
      hint: near === undefined ? 'Register it first: registerRepository({id, url}).' : `Did you mean "${near}"?`,
    });
  };

  const planned = async (id: string, options: DiffOptions = {}): Promise<Plan> => {
    checkCall('generateDiff', options, diffOptionTypes);
    const { workflow, repository, settings } = await workflowOf(id);
    const choices = choicesOf(settings, options);
    const prepared = await prepare({
      workflow,
      settings,
      store,
      clock,
      cache,
      openCluster: () => clusterOf(settings.cluster),
      source: sourceOf(repository),
      openRemote,
      ref: parseRef(options.ref ?? repository.branch),
      ...choices,
      dryRunCreates: true,
      signal: options.signal,
    });
    return freeze(prepared, { workflowId: id, store, choices, now: clock.now() });
  };

  const approvalsInput = (id: string, settings: WorkflowSettings, signal?: AbortSignal): ApprovalsInput => ({
    store,
    clock,
    workflowId: id,
    settings,
    by: dependencies.requestedBy,
    planNow: (choices) => planned(id, { ...choices, signal }),
  });

  const diff = async (id: string, options: DiffOptions = {}): Promise<Diff> => {
    const plan = await planned(id, options);
    const approval = await approvalOf(approvalsInput(id, (await workflowOf(id)).settings), plan);
    return approval === undefined ? plan.diff : { ...plan.diff, approval };
  };

  const syncWorkflow = async (id: string, options: SyncOptions, { quiet }: { quiet: boolean }): Promise<SyncReport> => {
    checkCall('syncWorkflow', options, syncOptionTypes);
    const { workflow, repository, settings } = await workflowOf(id);
    return runSync({
      workflow,
      repository,
      settings,
      source: sourceOf(repository),
      openRemote,
      cache,
      openCluster: () => clusterOf(settings.cluster),
      store,
      clock,
      requestedBy: dependencies.requestedBy,
      assess: dependencies.assess,
      commandDirectory: dependencies.commandDirectory ?? dependencies.workingDirectory,
      commandEnv: dependencies.commandEnvironment ?? { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      options,
      quiet,
    });
  };

  const rollbackInput = (workflow: WorkflowRecord, settings: WorkflowSettings, options: RollbackOptions) => ({
    workflow,
    settings,
    openCluster: () => clusterOf(settings.cluster),
    store,
    clock,
    requestedBy: dependencies.requestedBy,
    assess: dependencies.assess,
    target: targetOf(options),
    signal: options.signal,
    onEvent: options.onEvent,
  });

  const gitops: Gitops = {
    async registerRepository(options, { replace = false } = {}) {
      const input = checkOptions(repositoryOptions, options, { what: 'registerRepository', names: 'camel' });
      const chosen = [input.branch, input.tag, input.commit].filter((ref) => ref !== undefined);
      if (chosen.length > 1)
        throw new EvenkeelError('OPTION_INVALID', 'registerRepository: give one of branch, tag and commit', { where: { field: 'branch' } });
      const url = normaliseUrl(input.url, dependencies.workingDirectory);
      const branch = refText(input, 'main');
      const id = input.id ?? `repo-${sha256(JSON.stringify([url.url, branch])).slice(0, 12)}`;
      const existing = await store.repositories.get(id);
      if (!replace && existing !== undefined && existing.url !== url.url) {
        throw new EvenkeelError('REPOSITORY_EXISTS', `"${id}" is registered already for ${existing.url}`, { hint: 'Choose another id.' });
      }
      // Credentials never follow a repository to another address.
      const kept = !replace && existing?.url === url.url ? existing.credentials : undefined;
      const written = url.username === undefined ? undefined : { type: 'userpass', username: url.username, password: url.password ?? '' };
      const credentials = (mapNames(input.credentials, toCamel) as RepositoryRecord['credentials']) ?? written ?? kept;
      await store.repositories.put({
        id,
        url: url.url,
        branch,
        ...(credentials === undefined ? {} : { credentials }),
        pollIntervalMs: parseDuration(input.poll_interval ?? '30s', 'pollInterval'),
        createdAt: existing?.createdAt ?? clock.now(),
      });
      return id;
    },

    async createWorkflow(options, { replace = false } = {}) {
      const input = checkOptions(workflowOptions, options, { what: 'createWorkflow', names: 'camel' });
      const repository = await repositoryOf(input.repository);
      const settings = settingsOf(input);
      const targetPath = input.target_path ?? '.';
      const identity = [repository.url, repository.branch, targetPath, settings.cluster, settings.namespace];
      const id = input.id ?? `workflow-${sha256(JSON.stringify(identity)).slice(0, 12)}`;
      const existing = await store.workflows.get(id);
      if (!replace && existing !== undefined && (existing.repositoryId !== repository.id || existing.targetPath !== targetPath)) {
        throw new EvenkeelError(
          'WORKFLOW_EXISTS',
          `workflow "${id}" exists already for ${existing.repositoryId}, path ${existing.targetPath}`,
          {
            hint: 'Two workflows never share an id: choose another.',
          },
        );
      }
      const now = clock.now();
      await store.workflows.put({
        id,
        name: input.name ?? existing?.name ?? id,
        repositoryId: repository.id,
        targetPath,
        settings: settings as unknown as WorkflowRecord['settings'],
        createdAt: existing?.createdAt ?? now,
        updatedAt: now,
      });
      return id;
    },

    async workflow(options) {
      const input = checkOptions(simpleWorkflowOptions, options, { what: 'workflow', names: 'camel' });
      const { repo, branch, ...rest } = mapNames(input, toCamel) as typeof options;
      const repositoryId = await gitops.registerRepository({ url: repo, ...(branch === undefined ? {} : { branch }) });
      const workflowId = await gitops.createWorkflow({ repository: repositoryId, ...rest });
      const settings = settingsOf(input);
      return {
        workflowId,
        repositoryId,
        status: 'created',
        autoSync: settings.autoSync,
        diffPreview: settings.diffPreview,
        rollbackOnFailure: settings.rollbackOnFailure,
      };
    },

    syncWorkflow: (id, options = {}) => syncWorkflow(id, options, { quiet: false }),

    generateDiff: diff,
    previewChanges: diff,
    plan: planned,

    async approveWorkflow(id, options = {}) {
      checkCall('approveWorkflow', options, approvalOptionTypes);
      return giveWord(approvalsInput(id, (await workflowOf(id)).settings, options.signal), 'approved', options);
    },

    async rejectWorkflow(id, options = {}) {
      checkCall('rejectWorkflow', options, approvalOptionTypes);
      return giveWord(approvalsInput(id, (await workflowOf(id)).settings, options.signal), 'rejected', options);
    },

    async approvals(id) {
      await workflowOf(id);
      return listApprovals(store, id, clock.now());
    },

    async getWorkflowStatus(id) {
      return statusOf(store, (await workflowOf(id)).workflow, clock.now());
    },

    async listWorkflows() {
      return Promise.all((await store.workflows.list()).map((workflow) => statusOf(store, workflow, clock.now())));
    },

    async rollbackWorkflow(id, reason, options = {}) {
      checkCall('rollbackWorkflow', options, rollbackOptionTypes);
      const { workflow, settings } = await workflowOf(id);
      const lock = await store.lock(`workflow:${id}`, `rollback of ${id}`);
      const { signal, stop } = guarded(lock, options.signal);
      try {
        // Whoever holds the lock knows that the processes of runs that say they are running are gone.
        for (const run of await interruptedRuns(store, id)) await endInterrupted(store, run, clock.now());
        return await runRollback({ ...rollbackInput(workflow, settings, { ...options, signal }), reason });
      } finally {
        stop();
        await lock.release();
      }
    },

    async previewRollback(id, options = {}) {
      checkCall('previewRollback', options, rollbackOptionTypes);
      const { workflow, settings } = await workflowOf(id);
      return previewRollback({ ...rollbackInput(workflow, settings, options), reason: '' });
    },

    async resumeWorkflow(id, reason) {
      await workflowOf(id);
      const hold = await releaseHold(store, id);
      if (hold !== undefined)
        await store.audit.append({
          at: clock.now(),
          actor: dependencies.requestedBy,
          action: 'resume',
          subject: id,
          reason,
          detail: { revision: hold.revision },
        });
      return hold !== undefined;
    },

    async forgetWorkflow(id) {
      await workflowOf(id);
      const lock = await store.lock(`workflow:${id}`, `forgetting ${id}`);
      try {
        await releaseHold(store, id);
        await dropDueRollback(store, id);
        const there = await store.workflows.remove(id);
        await store.audit.append({ at: clock.now(), actor: dependencies.requestedBy, action: 'forget', subject: id, detail: {} });
        return there;
      } finally {
        await lock.release();
      }
    },

    startAutoSync: (onEvent) => looping.start(onEvent),
    stopAutoSync: () => looping.stop(),
    autoSyncRound: () => looping.round(),

    async history(id, limit = 50) {
      const runs = await store.runs.list({ workflowId: id, limit });
      // What a forgotten workflow did is told as long as it is kept.
      if (id !== undefined && runs.length === 0) await workflowOf(id);
      const undone = await undoneRuns(store, id);
      return runs.map((run) => ({
        ...resultOf(run),
        workflowId: run.workflowId,
        requestedBy: run.requestedBy,
        ...(run.reason === undefined ? {} : { reason: run.reason }),
        partial: (run.status === 'failed' || run.status === 'cancelled') && run.metrics.applied + run.metrics.pruned > 0,
        rolledBack: undone.has(run.id),
      }));
    },

    async runDiff(runId) {
      return (await store.documents.get('diff', runId))?.value as Diff | undefined;
    },

    runOutputs: (runId) => commandOutputs(store, runId),

    async audit(id, limit = 100) {
      const entries = await store.audit.list({ subject: id, limit });
      if (id !== undefined && entries.length === 0) await workflowOf(id);
      return entries;
    },

    verifyAudit: () => store.audit.verify(),

    async runResources(runId) {
      return latestOf(await store.runs.resources(runId));
    },

    async inspect(id, signal) {
      const { settings } = await workflowOf(id);
      const { cluster, id: clusterId } = await clusterOf(settings.cluster);
      return inspectWorkflow({ workflowId: id, cluster, clusterId, store, assess: dependencies.assess, signal });
    },

    async check(id, signal) {
      const { repository, settings } = await workflowOf(id);
      const attempt = (work: Promise<unknown>) => work.then(() => undefined, asEvenkeelError);
      return [
        { what: 'repository', error: await attempt(sourceOf(repository).resolve(parseRef(repository.branch), signal)) },
        { what: 'cluster', error: await attempt(clusterOf(settings.cluster)) },
      ];
    },

    async close() {
      await looping.stop();
      await cache.flush();
      await Promise.allSettled([...sources.values()].map((source) => source.close()));
      for (const opened of clusters.values()) await opened.then(({ cluster }) => cluster.close()).catch(() => {});
      await store.close();
    },
  };
  return gitops;
}

/**
 * What tells one cluster from another, whatever name a kubeconfig gives it: the uid of its kube-system
 * namespace, or its address where that may not be read.
 */
async function identify(cluster: Cluster): Promise<string> {
  const resource = (await cluster.discovery()).find({ group: '', version: 'v1', kind: 'Namespace' });
  if (resource === undefined) return cluster.name;
  try {
    return (await cluster.get(resource, { name: 'kube-system' }))?.metadata.uid ?? cluster.name;
  } catch (error) {
    if (error instanceof EvenkeelError && error.code === 'KUBE_FORBIDDEN') return cluster.name;
    throw error;
  }
}

/** @throws EvenkeelError OPTION_INVALID where more than one place, or no moment, is named */
function targetOf({ revision, time, run }: RollbackOptions): RollbackTarget {
  if ([revision, time, run].filter((one) => one !== undefined).length > 1)
    throw new EvenkeelError('OPTION_INVALID', 'rollback: give one of revision, time and run', { where: { field: 'revision' } });
  if (revision !== undefined) {
    if (!/^[0-9a-f]{4,64}$/.test(revision))
      throw new EvenkeelError('OPTION_INVALID', `rollback: "${revision}" is not a commit hash`, { where: { field: 'revision' } });
    return { to: 'revision', revision };
  }
  if (run !== undefined) return { to: 'run', runId: run };
  if (time === undefined) return { to: 'previous' };
  const at = Date.parse(time);
  if (Number.isNaN(at))
    throw new EvenkeelError('OPTION_INVALID', `rollback: "${time}" is not a time`, {
      where: { field: 'time' },
      hint: 'Write it like 2026-01-31T12:00:00Z.',
    });
  return { to: 'time', at };
}
