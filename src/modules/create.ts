import { EvenkeelError } from '../model/index.js';
import { type AiModule, openAi } from './ai/module.js';
import { type DataModule, dataModule } from './data.js';
import { acceptArguments } from './describe/accept.js';
import type { FunctionDescription, ModuleDescription } from './describe/types.js';
import { moduleDescriptions } from './descriptions.js';
import { type ExecModule, openExec } from './exec.js';
import { type FsModule, openFs } from './fs.js';
import { type GitModule, openGitModule } from './git/module.js';
import { type GitopsModule, openGitopsModule } from './gitops/module.js';
import type { ModuleHost } from './host.js';
import { type KubernetesModule, openKubernetes } from './kubernetes/module.js';
import { type LogModule, openLog } from './log.js';
import { type MetricsModule, openMetrics } from './metrics/module.js';
import { createMetrics } from './metrics/registry.js';
import { openConnections } from './net/connections.js';
import { type NetModule, openNet } from './net/module.js';
import { type NotificationsModule, openNotifications } from './notifications.js';
import { openPrompt, type PromptModule } from './prompt.js';
import { openStateModule, type StateModule } from './state/module.js';
import { openTemplate, type TemplateModule } from './template/module.js';
import { openValues, type ValuesModule } from './values.js';

/** All that scripts can call, by the names that they call it by. */
export interface Modules {
  gitops: GitopsModule;
  log: LogModule;
  exec: ExecModule;
  fs: FsModule;
  net: NetModule;
  data: DataModule;
  values: ValuesModule;
  state: StateModule;
  template: TemplateModule;
  kubernetes: KubernetesModule;
  ai: AiModule;
  notifications: NotificationsModule;
  git: GitModule;
  metrics: MetricsModule;
  prompt: PromptModule;
}

/**
 * The modules for one run, or one task of it. Every function checks its arguments before it does anything;
 * every function that takes time ends when the host's signal is aborted.
 */
export function createModules(host: ModuleHost): Modules {
  const connected = { ...host, connections: openConnections(host.env) };
  const modules: Modules = {
    gitops: openGitopsModule(host),
    log: openLog(host),
    exec: openExec(host),
    fs: openFs(host),
    net: openNet(connected),
    data: dataModule,
    values: openValues(host),
    state: openStateModule(host),
    template: openTemplate(host),
    kubernetes: openKubernetes(host),
    ai: openAi(host),
    notifications: openNotifications(connected),
    git: openGitModule(host),
    metrics: openMetrics(host.metrics ?? createMetrics(), host.clock),
    prompt: openPrompt(host),
  };
  return Object.fromEntries(
    Object.entries(moduleDescriptions).map(([name, description]) => [
      name,
      checked(name, description, { functions: modules[name as keyof Modules] as unknown as Functions, signal: host.signal }),
    ]),
  ) as unknown as Modules;
}

interface Functions {
  [name: string]: (...args: unknown[]) => unknown;
}

function checked(module: string, description: ModuleDescription, { functions, signal }: { functions: Functions; signal: AbortSignal }) {
  const guard = (name: string, about: FunctionDescription) => {
    const what = `${module}.${name}`;
    const run = functions[name] as Functions[string];
    const accept = (args: unknown[]) => acceptArguments(about, args, { what, names: 'camel' });
    if (!about.async) return (...args: unknown[]) => run(...accept(args));
    return async (...args: unknown[]) => {
      const accepted = accept(args);
      if (signal.aborted) throw new EvenkeelError('CANCELLED', `${what} was not begun: the run has ended`, { cause: signal.reason });
      return run(...accepted);
    };
  };
  return Object.freeze(Object.fromEntries(Object.entries(description.functions).map(([name, about]) => [name, guard(name, about)])));
}
