import type { KubeObject } from '../../../model/index.js';
import type { Loose, UpdateContext } from '../types.js';
import { checkClaimGrowth, defaultIngressClass, defaultStorageClass } from './classes.js';
import { applyLimitDefaults, checkLimits } from './limits.js';
import { admitPriorityClass, resolvePriority } from './priority.js';
import { applyQuotas } from './quota.js';
import { applyRuntimeClass } from './runtime.js';
import { applyServiceAccount } from './service-account.js';
import { addDefaultTolerations } from './tolerations.js';

/**
 * The admission plugins that an API server runs by default, in its order: what changes a new object before it is checked.
 * @throws ApiError 403
 */
export function admitCreate(object: KubeObject, context: UpdateContext): void {
  switch (context.type.storage) {
    case 'pods.':
      applyLimitDefaults(object, context);
      applyServiceAccount(object, context);
      resolvePriority(object, context);
      addDefaultTolerations(object);
      applyRuntimeClass(object, context);
      break;
    case 'persistentvolumeclaims.':
      defaultStorageClass(object, context);
      break;
    case 'ingresses.networking.k8s.io':
      defaultIngressClass(object, context);
      break;
    default:
  }
}

/** What admission changes in an object that is changed. `old` stays as it is. */
export function admitUpdate(next: KubeObject, old: KubeObject, context: UpdateContext): void {
  if (context.type.storage !== 'pods.' || context.subresource !== '') return;
  const [spec, before] = [(next as Loose).spec, (old as Loose).spec];
  spec.priority ??= before.priority;
  if (spec.priority === undefined) delete spec.priority;
  spec.preemptionPolicy ??= before.preemptionPolicy;
  if (spec.preemptionPolicy === undefined) delete spec.preemptionPolicy;
  addDefaultTolerations(next);
}

/**
 * What admission looks at once nothing is wrong with an object by itself; quotas count it.
 * @throws ApiError 403
 */
export function acceptWrite(object: KubeObject, old: KubeObject | undefined, context: UpdateContext): void {
  const { type, subresource } = context;
  if (subresource !== '') return;
  if (type.storage === 'pods.' && !old) checkLimits(object, context);
  if (type.storage === 'persistentvolumeclaims.') {
    checkLimits(object, context);
    if (old) checkClaimGrowth(object, old, context);
  }
  if (type.storage === 'priorityclasses.scheduling.k8s.io') admitPriorityClass(object, context);
  applyQuotas(object, old, context);
}
