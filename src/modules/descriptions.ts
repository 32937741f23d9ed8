import { aiDescription } from './ai/description.js';
import type { Modules } from './create.js';
import { dataDescription } from './data.js';
import type { ModuleDescription } from './describe/types.js';
import { execDescription } from './exec.js';
import { fsDescription } from './fs.js';
import { gitDescription } from './git/description.js';
import { gitopsDescription } from './gitops/description.js';
import { kubernetesDescription } from './kubernetes/description.js';
import { logDescription } from './log.js';
import { metricsDescription } from './metrics/module.js';
import { netDescription } from './net/module.js';
import { notificationsDescription } from './notifications.js';
import { promptDescription } from './prompt.js';
import { stateDescription } from './state/module.js';
import { templateDescription } from './template/module.js';
import { valuesDescription } from './values.js';

/** Every module and every function of it, as data: what arguments are checked by and names are mapped by. */
export const moduleDescriptions: { readonly [M in keyof Modules]: ModuleDescription<Modules[M]> } = {
  gitops: gitopsDescription,
  log: logDescription,
  exec: execDescription,
  fs: fsDescription,
  net: netDescription,
  data: dataDescription,
  values: valuesDescription,
  state: stateDescription,
  template: templateDescription,
  kubernetes: kubernetesDescription,
  ai: aiDescription,
  notifications: notificationsDescription,
  git: gitDescription,
  metrics: metricsDescription,
  prompt: promptDescription,
};
