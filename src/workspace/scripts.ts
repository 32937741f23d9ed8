import type { Gitops } from '../gitops/index.js';
import { EvenkeelError, type Json } from '../model/index.js';
import { createMetrics, createModules, type MetricsRegistry, type ModuleHost, type Modules, withModules } from '../modules/index.js';
import type { LogEvent, Masker, ScriptHost, TaskContext } from '../tasks/index.js';
import type { Workspace } from './open.js';
import { syncLines } from './sync-lines.js';

export interface ScriptHostOptions {
  workspace: Pick<Workspace, 'moduleHost'>;
  /** The folder of the script. */
  workdir: string;
  env: { readonly [name: string]: string | undefined };
  signal: AbortSignal;
  purpose: ScriptHost['purpose'];
  masker: Masker;
  /** What `--param` and `--values` gave. */
  params: { readonly [name: string]: Json };
  /** Lines of the script's top level. */
  onLine(level: LogEvent['level'], line: string): void;
  ask(question: string): Promise<string>;
}

export interface WorkspaceScriptHost extends ScriptHost {
  /** What its tasks count. */
  metrics: MetricsRegistry;
}

/** Functions that only read, or change nothing but what ends with the command: a script that is looked at may call them. */
const harmless: { readonly [M in keyof Modules]?: readonly (keyof Modules[M])[] | 'all' } = {
  log: 'all',
  data: 'all',
  values: 'all',
  template: 'all',
  metrics: 'all',
  // They write to the state, which is thrown away.
  state: 'all',
  ai: 'all',
  gitops: ['workflow', 'registerRepository', 'createWorkflow', 'getWorkflowStatus', 'listWorkflows', 'history'],
  git: ['resolve', 'commitInfo', 'readFile', 'listFiles', 'status', 'log', 'changedFiles'],
  fs: ['readText', 'readBytes', 'exists', 'stat', 'list'],
  exec: ['which'],
};

/** What a script gets in this workspace: modules that log in the name of their task and end with it. */
export function createScriptHost(options: ScriptHostOptions): WorkspaceScriptHost {
  const { workspace, workdir, env, signal, purpose, masker, params } = options;
  const secrets = { add: (secret: string) => masker.add(secret), mask: masker.text };
  const metrics = createMetrics();
  const common = {
    ...workspace.moduleHost,
    workingDirectory: workdir,
    env,
    secrets,
    params,
    metrics,
    prompt: (question: string) => options.ask(question),
  };
  const say = (level: LogEvent['level'], text: string) => {
    for (const line of text.split(/\r?\n/)) options.onLine(level, masker.text(line));
  };
  const log = {
    debug: (message: string) => say('debug', message),
    info: (message: string) => say('info', message),
    warn: (message: string) => say('warn', message),
    error: (message: string) => say('error', message),
  };
  /** Syncs and rollbacks may take minutes: they say how far they have come. */
  const telling = (progress: (line: string) => void): Gitops => ({
    ...workspace.moduleHost.gitops,
    syncWorkflow: (id, given) => workspace.moduleHost.gitops.syncWorkflow(id, { ...given, onEvent: syncLines(progress) }),
    rollbackWorkflow: (id, reason, given) =>
      workspace.moduleHost.gitops.rollbackWorkflow(id, reason, { ...given, onEvent: syncLines(progress) }),
  });
  const top = lazily(() =>
    guarded(
      createModules({
        ...common,
        gitops: telling((line) => say('progress', line)),
        signal,
        log: ({ level, message, fields }) => say(level, `${message}${facts(fields)}`),
      }),
      purpose,
    ),
  );
  const ofTasks = new WeakMap<TaskContext, Modules>();
  const modulesFor = (context: TaskContext): Modules => {
    let modules = ofTasks.get(context);
    if (modules === undefined) {
      modules = lazily(() =>
        createModules({
          ...common,
          gitops: telling(context.progress),
          signal: context.signal,
          log: ({ level, message, fields }) => context.log[level](`${message}${facts(fields)}`),
          folders: [context.artifactsDirectory],
        } satisfies ModuleHost),
      );
      ofTasks.set(context, modules);
    }
    return modules;
  };
  return {
    metrics,
    modules: top as unknown as ScriptHost['modules'],
    modulesFor: (context) => modulesFor(context) as unknown as ScriptHost['modules'],
    enter: (context, body) => withModules(context === undefined ? top : modulesFor(context), body),
    log,
    env,
    signal,
    purpose,
    ask: options.ask,
    mask: (secret) => masker.add(secret),
  };
}

/** Modules that are made when the first of them is used. */
function lazily(make: () => Modules): Modules {
  let made: Modules | undefined;
  const modules = () => {
    made ??= make();
    return made;
  };
  return new Proxy({} as Modules, {
    get: (_, name) => Reflect.get(modules(), name),
    has: (_, name) => Reflect.has(modules(), name),
    ownKeys: () => Reflect.ownKeys(modules()),
    getOwnPropertyDescriptor: (_, name) => {
      const found = Reflect.getOwnPropertyDescriptor(modules(), name);
      // A proxy may only report what its target could have.
      return found && { ...found, configurable: true };
    },
  });
}

/** A script that is only looked at does not reach the outside. */
function guarded(modules: Modules, purpose: ScriptHost['purpose']): Modules {
  if (purpose === 'run') return modules;
  return Object.fromEntries(
    Object.entries(modules).map(([name, module]) => {
      const allowed: readonly string[] | 'all' = harmless[name as keyof Modules] ?? [];
      if (allowed === 'all') return [name, module];
      const functions = Object.entries(module as { [name: string]: unknown }).map(([member, value]) => [
        member,
        typeof value !== 'function' || allowed.includes(member) ? value : () => refuse(`${name}.${member}`),
      ]);
      return [name, Object.fromEntries(functions)];
    }),
  ) as unknown as Modules;
}

function refuse(what: string): never {
  throw new EvenkeelError('SCRIPT_TOP_LEVEL', `the script calls ${what} outside of its tasks; it is only looked at now`, {
    hint: 'Put the call into a task, so that the script can be listed and checked without doing anything. "evenkeel run" runs it as it is.',
  });
}

function facts(fields: { readonly [name: string]: unknown } | undefined): string {
  return Object.entries(fields ?? {})
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}
