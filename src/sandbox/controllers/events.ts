import type { KubeObject } from '../../model/index.js';
import type { Cache } from './cache.js';
import type { Controller, World } from './framework.js';
import type { ControllerHost } from './host.js';
import { r } from './resources.js';
import { readTime, stamp } from './times.js';

/** An Event of core/v1, as far as it is read here. */
interface EventObject extends KubeObject {
  involvedObject: { kind?: string; namespace?: string; name?: string; uid?: string; fieldPath?: string };
  reason?: string;
  message?: string;
  type?: string;
  count?: number;
  source?: { component?: string; host?: string };
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  reportingComponent?: string;
  series?: { count: number; lastObservedTime: string };
}

/** What there is to tell of an object. */
export interface Told {
  /** Who tells it: `deployment-controller`, `kubelet`. */
  from: string;
  reason: string;
  message: string;
  warning?: boolean;
  /** The node of a kubelet. */
  host?: string;
  /** Name of the container that it is about. */
  container?: string;
  /** Tells it through events.k8s.io, as the scheduler does: what was done. */
  action?: string;
}

export interface Recorder {
  tell(object: KubeObject, told: Told): void;
  /** Says whether a node has an image, and that it has it from now on. */
  hasImage(node: string, image: string): boolean;
}

const lifetime = 3_600_000;
/** More than this many events are not kept; the oldest go first. */
const most = 10_000;
const fewest = 9_000;
/** As client-go's correlator: beyond so many different messages of one kind they are told as one. */
const similarLimit = 10;
const similarFor = 600_000;
const combined = '(combined from similar events): ';
const imagesKept = 10_000;

/**
 * Records Events as clients of a cluster do: what is told again raises the count of what stands there, and what
 * is told in ever new words is combined.
 */
export function createRecorder(host: ControllerHost, cache: Cache): Recorder & { keeper: (world: World) => Controller } {
  /** Names of what was told, by what makes two of them the same. */
  const known = new Map<string, string>();
  const similar = new Map<string, { messages: Set<string>; last: number }>();
  const ends = new Map<string, { namespace: string; name: string; at: number }>();
  const images = new Set<string>();
  let serial = 0;

  const sameKey = (event: EventObject): string => {
    const { involvedObject: about, message = '' } = event;
    const from = event.source?.component ?? event.reportingComponent ?? '';
    const words = message.startsWith(combined) ? combined : message;
    return [from, about.uid ?? about.name, about.fieldPath ?? '', event.type, event.reason, words].join('\n');
  };

  const combine = (event: EventObject, now: number): void => {
    const { involvedObject: about } = event;
    const id = `${event.source?.component}\n${about.uid}\n${about.fieldPath ?? ''}\n${event.type}\n${event.reason}`;
    let entry = similar.get(id);
    if (!entry || now - entry.last > similarFor) {
      entry = { messages: new Set(), last: now };
      similar.delete(id);
      similar.set(id, entry);
      if (similar.size > most) for (const oldest of similar.keys()) if (similar.delete(oldest)) break;
    }
    entry.last = now;
    if (entry.messages.size <= similarLimit) entry.messages.add(event.message ?? '');
    if (entry.messages.size > similarLimit) event.message = `${combined}${event.message}`;
  };

  const tell = (object: KubeObject, told: Told): void => {
    const namespace = object.metadata.namespace || 'default';
    const home = cache.get(r.namespaces, '', namespace);
    if (!home || home.metadata.deletionTimestamp) return;
    const now = host.clock.now();
    const event = newEvent(object, told, { namespace, now, serial: serial++ });
    if (told.action === undefined) combine(event, now);
    const key = sameKey(event);
    const name = known.get(key);
    const old = name === undefined ? undefined : cache.get<EventObject>(r.events, namespace, name);
    if (!old) {
      known.set(key, event.metadata.name ?? '');
      host.record(event);
      return;
    }
    const again: EventObject = { ...old, metadata: { ...old.metadata } };
    if (told.action === undefined)
      Object.assign(again, { message: event.message, lastTimestamp: event.lastTimestamp, count: (old.count ?? 1) + 1 });
    else again.series = { count: (old.series?.count ?? 1) + 1, lastObservedTime: microTime(now) };
    host.record(again);
  };

  return {
    tell,
    hasImage(node, image) {
      const id = `${node} ${image}`;
      if (images.has(id)) return true;
      images.add(id);
      if (images.size > imagesKept) for (const oldest of images) if (images.delete(oldest)) break;
      return false;
    },
    /** Lets events go after an hour, as the API server does, and the oldest when there are too many. */
    keeper: (world) => ({
      name: 'event-keeper',
      rank: 2,
      watches: [
        {
          resource: r.events,
          keys({ type, object }) {
            const event = object as EventObject;
            const { namespace = '', name = '' } = event.metadata;
            const id = `${namespace}/${name}`;
            const isFirst = ends.size === 0;
            ends.delete(id);
            if (type === 'deleted') {
              const key = sameKey(event);
              if (known.get(key) === name) known.delete(key);
              return [];
            }
            known.set(sameKey(event), name);
            ends.set(id, { namespace, name, at: latest(event) + lifetime });
            return isFirst || ends.size > most ? [''] : [];
          },
        },
      ],
      reconcile() {
        const now = world.now();
        let tooMany = ends.size > most ? ends.size - fewest : 0;
        let next = Number.POSITIVE_INFINITY;
        for (const { namespace, name, at } of [...ends.values()]) {
          if (at <= now || tooMany-- > 0) host.forget(r.events, namespace, name);
          else next = Math.min(next, at);
        }
        return ends.size === 0 ? undefined : Math.max(1000, next - now);
      },
    }),
  };
}

function latest(event: EventObject): number {
  return readTime(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp);
}

function microTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}

interface Place {
  namespace: string;
  now: number;
  /** Tells apart what is told at the same moment. */
  serial: number;
}

function newEvent(object: KubeObject, told: Told, { namespace, now, serial }: Place): EventObject {
  const { apiVersion, kind, metadata } = object;
  const time = stamp(now);
  const nanos = (BigInt(Math.floor(now)) * 1_000_000n + BigInt(serial % 1_000_000)).toString(16);
  const modern = told.action !== undefined;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${(metadata.name ?? '').slice(0, 230)}.${nanos}`,
      namespace,
      managedFields: [
        { manager: managerOf(told.from), operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1: fieldsOf(told) },
      ],
    },
    involvedObject: {
      kind,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      name: metadata.name,
      uid: metadata.uid,
      apiVersion,
      resourceVersion: metadata.resourceVersion,
      ...(told.container === undefined ? {} : { fieldPath: `spec.containers{${told.container}}` }),
    } as EventObject['involvedObject'],
    reason: told.reason,
    message: told.message,
    source: modern ? {} : { component: told.from, ...(told.host ? { host: told.host } : {}) },
    firstTimestamp: modern ? null : time,
    lastTimestamp: modern ? null : time,
    ...(modern ? {} : { count: 1 }),
    type: told.warning ? 'Warning' : 'Normal',
    eventTime: modern ? microTime(now) : null,
    ...(modern ? { action: told.action } : {}),
    reportingComponent: told.from,
    reportingInstance: modern ? `${told.from}-sandbox` : (told.host ?? ''),
  };
}

function managerOf(from: string): string {
  return from === 'kubelet' ? 'kubelet' : from === 'default-scheduler' ? 'kube-scheduler' : 'kube-controller-manager';
}

const shared = { 'f:involvedObject': {}, 'f:message': {}, 'f:reason': {}, 'f:reportingComponent': {}, 'f:type': {} };
const modernFields = {
  'f:action': {},
  'f:eventTime': {},
  'f:involvedObject': {},
  'f:message': {},
  'f:reason': {},
  'f:reportingComponent': {},
  'f:reportingInstance': {},
  'f:type': {},
};
const plainFields = {
  'f:count': {},
  'f:firstTimestamp': {},
  'f:lastTimestamp': {},
  ...shared,
  'f:source': { 'f:component': {} },
};
const kubeletFields = { ...plainFields, 'f:reportingInstance': {}, 'f:source': { 'f:component': {}, 'f:host': {} } };

function fieldsOf({ action, host }: Told) {
  return action !== undefined ? modernFields : host ? kubeletFields : plainFields;
}
