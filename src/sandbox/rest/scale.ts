import { cloneJson, type KubeObject, type ManagedFieldsEntry, setOwn, type WireResponse } from '../../model/index.js';
import { decodeStruct } from '../gotypes/decode.js';
import { type GoStruct, kindStruct } from '../gotypes/types.js';
import { parentManagedFields, scaleManagedFields } from '../merge/index.js';
import type { ResourceType } from '../registry/types.js';
import { invalid, invalidObject } from '../strategy/field.js';
import type { Loose } from '../strategy/types.js';
import type { Api } from './api.js';
import { bodyText } from './body.js';
import { decodeObject } from './decode.js';
import { decodeBody, decodingOf, readObjectBody } from './decode-body.js';
import { type Call, optionsOf, targetOf, warnTo } from './handle.js';
import { applyConfiguration, noteUpdate } from './managed.js';
import type { WriteOptions } from './options.js';
import { checkApplied, checkPlace, patchType, readApplied } from './patch.js';
import { patchedObject } from './patched.js';
import { getObject } from './read.js';
import { answerObject } from './respond.js';
import { badRequest } from './status.js';
import { updateObject } from './write.js';

const scaleStruct = kindStruct('autoscaling', 'v1', 'Scale') as GoStruct;

/** The type that requests to a scale subresource read and write. */
const scaleType: ResourceType = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  listKind: 'ScaleList',
  plural: 'scales',
  singular: 'scale',
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['get', 'update', 'patch'],
  subresources: [],
  storage: 'scales.autoscaling',
  storageVersion: 'v1',
  go: scaleStruct,
  custom: undefined,
};

const defaultPaths = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: undefined as string | undefined,
};

const pathsOf = (type: ResourceType) => type.custom?.scale ?? defaultPaths;

function readPath(object: Loose, path: string | undefined): unknown {
  return path === undefined
    ? undefined
    : path
        .split('.')
        .filter(Boolean)
        .reduce((at, step) => at?.[step], object);
}

function writePath(object: Loose, path: string, value: unknown): void {
  const steps = path.split('.').filter(Boolean);
  const last = steps.pop() as string;
  let at = object;
  for (const step of steps) {
    if (at[step] === null || typeof at[step] !== 'object') setOwn(at, step, {});
    at = at[step];
  }
  setOwn(at, last, value);
}

/** A selector as its text form: `a=b,c in (d,e)`. */
export function formatSelector(selector: Loose): string {
  if (!selector) return '';
  if (typeof selector === 'string') return selector;
  const isLabelSelector = selector.matchLabels !== undefined || selector.matchExpressions !== undefined;
  const labels: { [key: string]: string } = isLabelSelector ? (selector.matchLabels ?? {}) : selector;
  const terms = Object.keys(labels).map((key) => ({ key, text: `${key}=${labels[key]}` }));
  for (const { key, operator, values = [] } of isLabelSelector ? (selector.matchExpressions ?? []) : []) {
    const set = `(${[...values].sort().join(',')})`;
    const text =
      operator === 'In' ? `${key} in ${set}` : operator === 'NotIn' ? `${key} notin ${set}` : operator === 'Exists' ? key : `!${key}`;
    terms.push({ key, text });
  }
  return terms
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map((t) => t.text)
    .join(',');
}

function scaleOf(type: ResourceType, object: KubeObject, managed: ManagedFieldsEntry[] | undefined): KubeObject {
  const paths = pathsOf(type);
  const selector = type.custom ? readPath(object, paths.labelSelectorPath) : formatSelector((object['spec'] as Loose)?.selector);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const value = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp, ...(managed ? { managedFields: managed } : {}) },
    spec: { replicas: readPath(object, paths.specReplicasPath) ?? 0 },
    status: { replicas: readPath(object, paths.statusReplicasPath) ?? 0, selector: selector ?? '' },
  };
  return decodeStruct(scaleStruct, value, 'v1.Scale').value as KubeObject;
}

/** Requests to `scale`. */
export function handleScale(call: Call): WireResponse {
  const { api, type, info } = call;
  if (info.verb === 'get') return answer(call, getObject(api, type, info).object);
  const patch = info.verb === 'patch' ? patchType(type, call.request) : undefined;
  const options = optionsOf(call, patch === undefined ? 'update' : patch === 'apply' ? 'apply' : 'patch');
  const version = updateObject(api, { ...targetOf(call), subresource: '' }, options, (live) => ({
    next: scaled(call, live, options, patch),
    tracked: true,
  }));
  return answer(call, version.object);
}

function answer(call: Call, object: KubeObject): WireResponse {
  return answerObject(call, 200, { object: scaleOf(call.type, object, undefined), text: '' });
}

function scaled(call: Call, live: KubeObject, options: WriteOptions, patch: ReturnType<typeof patchType> | undefined): KubeObject {
  const { api, type } = call;
  const parent = { parent: live.metadata.managedFields, apiVersion: live.apiVersion };
  const before = scaleOf(type, live, scaleManagedFields(parent));
  const next = requested(call, before, options, patch);
  const replicas = (next['spec'] as Loose)?.replicas ?? 0;
  if (replicas < 0 && !type.custom)
    throw invalidObject('autoscaling', 'Scale', call.info.name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]);
  if (patch !== 'apply')
    noteUpdate(api, scaleType, { live: before, next, manager: options.manager, time: api.clock.now(), subresource: 'scale' });
  return withReplicas(type, live, replicas, parentManagedFields(parent, next.metadata.managedFields), next.metadata.resourceVersion);
}

function requested(call: Call, before: KubeObject, options: WriteOptions, patch: ReturnType<typeof patchType> | undefined): KubeObject {
  const warn = warnTo(call);
  const { registry } = call.api;
  if (patch === undefined) {
    const object = decodeBody(
      registry,
      scaleType,
      readObjectBody(scaleType, call.request),
      decodingOf(call.request, options.validation, warn),
    );
    if (object.metadata.name !== call.info.name)
      throw badRequest(`the name of the object (${object.metadata.name ?? ''}) does not match the name on the URL (${call.info.name})`);
    return object;
  }
  const text = bodyText(call.request);
  if (patch !== 'apply') return patchedObject(registry, scaleType, before, { kind: patch, text }, { validation: options.validation, warn });
  const applied = readApplied(text);
  checkApplied(scaleType, applied);
  const merged = applyConfiguration(call.api, scaleType, {
    live: before,
    applied,
    manager: options.manager,
    force: options.force ?? false,
    time: call.api.clock.now(),
    subresource: 'scale',
  });
  checkPlace(scaleType, applied, { ...call.info, live: before });
  return decodeObject(scaleType, cloneJson(merged), { validation: options.validation, warn });
}

function withReplicas(
  type: ResourceType,
  live: KubeObject,
  replicas: number,
  managed: ManagedFieldsEntry[] | undefined,
  resourceVersion: string | undefined,
): KubeObject {
  const next = cloneJson(live);
  writePath(next, pathsOf(type).specReplicasPath, replicas);
  if (managed) next.metadata.managedFields = managed;
  else delete next.metadata.managedFields;
  if (resourceVersion) next.metadata.resourceVersion = resourceVersion;
  return next;
}

/** Sets the number of replicas as a controller does. */
export function scaleObject(
  api: Api,
  type: ResourceType,
  name: { namespace: string; name: string },
  replicas: number,
  manager: string,
): void {
  updateObject(api, { type, ...name, subresource: '' }, { dryRun: false, manager }, (live) => {
    const parent = { parent: live.metadata.managedFields, apiVersion: live.apiVersion };
    const before = scaleOf(type, live, scaleManagedFields(parent));
    const next = { ...before, spec: { replicas } };
    next.metadata = { ...before.metadata };
    noteUpdate(api, scaleType, { live: before, next, manager, time: api.clock.now(), subresource: 'scale' });
    return { next: withReplicas(type, live, replicas, parentManagedFields(parent, next.metadata.managedFields), undefined), tracked: true };
  });
}
