import { assessHealth } from '../../health/index.js';
import type { ApiResource, Cluster, ObjectRef } from '../../kube/index.js';
import { EvenkeelError, type KubeObject } from '../../model/index.js';
import type { ModuleHost } from '../host.js';
import { getAt } from '../values.js';

/** What is waited for. Undefined: it is not so yet, because of the text. */
export type Wanted = (object: KubeObject | undefined) => { why: string } | undefined;

export interface WaitFor {
  condition?: string;
  status?: string;
  healthy?: boolean;
  deleted?: boolean;
  path?: string;
  value?: unknown;
}

/** @throws EvenkeelError OPTION_INVALID where more than one thing is waited for */
export function wantedOf(asked: WaitFor, assess: ModuleHost['assess']): Wanted {
  const things = (['condition', 'healthy', 'deleted', 'path'] as const).filter(
    (name) => asked[name] !== undefined && asked[name] !== false,
  );
  if (things.length > 1)
    throw new EvenkeelError('OPTION_INVALID', `kubernetes.wait: give one of ${things.join(' and ')}`, {
      where: { field: things[1] as string },
    });
  if (asked.status !== undefined && asked.condition === undefined)
    throw new EvenkeelError('OPTION_INVALID', 'kubernetes.wait: "status" belongs to "condition"', { where: { field: 'status' } });
  if (asked.value !== undefined && asked.path === undefined)
    throw new EvenkeelError('OPTION_INVALID', 'kubernetes.wait: "value" belongs to "path"', { where: { field: 'value' } });
  if (asked.deleted === true) return (object) => (object === undefined ? undefined : { why: 'it is still there' });
  const present =
    (look: (object: KubeObject) => string | undefined): Wanted =>
    (object) => {
      const why = object === undefined ? 'it is not there' : look(object);
      return why === undefined ? undefined : { why };
    };
  if (asked.condition !== undefined) {
    const { condition, status = 'True' } = asked;
    return present((object) => conditionMissing(object, condition, status));
  }
  if (asked.path !== undefined) {
    const { path, value } = asked;
    return present((object) => {
      const found = getAt(object, path);
      if (value === undefined) return found === undefined || found === null ? `${path} is not there` : undefined;
      return String(found) === String(value) ? undefined : `${path} is ${found === undefined ? 'not there' : 'something else'}`;
    });
  }
  return present((object) => {
    const health = (assess ?? assessHealth)(object);
    return health === null || health.status === 'Healthy'
      ? undefined
      : `it is ${health.status}${health.message === '' ? '' : `: ${health.message}`}`;
  });
}

function conditionMissing(object: KubeObject, condition: string, status: string): string | undefined {
  const conditions = getAt(object, 'status.conditions');
  const found = (Array.isArray(conditions) ? conditions : []).find(
    (one) => typeof getAt(one, 'type') === 'string' && String(getAt(one, 'type')).toLowerCase() === condition.toLowerCase(),
  );
  if (found === undefined) return `it has no condition ${condition}`;
  // A condition that a controller wrote for an older spec says nothing of this one.
  const observed = getAt(found, 'observedGeneration');
  if (typeof observed === 'number' && observed < (object.metadata.generation ?? 0))
    return `its condition ${condition} is of an older generation`;
  const now = String(getAt(found, 'status'));
  if (now.toLowerCase() === status.toLowerCase()) return undefined;
  const message = getAt(found, 'message') ?? getAt(found, 'reason');
  return `its condition ${condition} is ${now}${typeof message === 'string' && message !== '' ? `: ${message}` : ''}`;
}

interface Task {
  cluster: Cluster;
  resource: ApiResource;
  ref: ObjectRef;
  wanted: Wanted;
  timeoutMs: number;
  host: Pick<ModuleHost, 'clock' | 'signal'>;
}

/**
 * Watches one object until it is as wanted.
 * @returns it, undefined where its end was waited for
 * @throws EvenkeelError KUBE_WAIT with the last reason, CANCELLED
 */
export async function waitFor({ cluster, resource, ref, wanted, timeoutMs, host }: Task): Promise<KubeObject | undefined> {
  const done = new AbortController();
  const timer = host.clock.sleep(timeoutMs, done.signal).then(
    () => done.abort(),
    () => undefined,
  );
  let present: KubeObject | undefined;
  let why = 'the cluster has not answered yet';
  /** Undefined until all of it is known; what was told before that may be half. */
  let synced = false;
  const isDone = () => {
    const missing = synced ? wanted(present) : { why };
    why = missing?.why ?? '';
    return missing === undefined;
  };
  try {
    const signal = AbortSignal.any([host.signal, done.signal]);
    const events = cluster.watch(resource, {
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      fieldSelector: `metadata.name=${ref.name}`,
      signal,
    });
    for await (const event of events) {
      if (event.type === 'restarted') [present, synced] = [undefined, false];
      else if (event.type === 'synced') synced = true;
      else if (event.type === 'trouble') why = event.error.message;
      else if (event.object.metadata.name === ref.name) present = event.type === 'deleted' ? undefined : event.object;
      if (event.type !== 'trouble' && isDone()) return present;
    }
  } finally {
    done.abort();
    await timer;
  }
  if (host.signal.aborted) throw new EvenkeelError('CANCELLED', 'the waiting was stopped', { cause: host.signal.reason });
  throw new EvenkeelError('KUBE_WAIT', `${resource.kind}/${ref.name} was not as wanted within ${timeoutMs / 1000} s: ${why}`, {
    where: { resource: `${resource.kind}/${ref.name}` },
    hint: 'Give it more time: timeout. What its pods say is in kubernetes.logs.',
  });
}
