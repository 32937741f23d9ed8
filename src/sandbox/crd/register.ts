import { equalJson, type KubeObject } from '../../model/index.js';
import { schemaFromOpenApiV3 } from '../facts.js';
import type { ResourceType, Subresource } from '../registry/types.js';
import { type Api, type Change, kubeTime } from '../rest/api.js';
import { deleteObject } from '../rest/delete.js';
import { readObject, storeObject } from '../rest/object.js';
import { ApiError } from '../rest/status.js';
import { updateObject } from '../rest/write.js';
import type { Loose } from '../strategy/types.js';
import { settledStatus, withCondition } from './definition/conditions.js';

export const definitionStorage = 'customresourcedefinitions.apiextensions.k8s.io';
const cleanup = 'customresourcecleanup.apiextensions.k8s.io';

/** Keeps what is served in step with the CustomResourceDefinitions that are stored. */
export function followDefinitions(api: Api): void {
  api.hooks.push((change) => follow(api, change));
  for (const key of api.store.keys(definitionStorage)) {
    const text = api.store.get(definitionStorage, key)?.text;
    if (text !== undefined) serve(api, api.store.parse(text));
  }
}

function follow(api: Api, change: Change): void {
  if (change.type.storage === definitionStorage) {
    if (change.event === 'DELETED') {
      api.registry.removeCustom(change.object.metadata.name as string);
      const group = (change.object as Loose).spec.group;
      reconsider(
        api,
        definitionsOf(api).filter((d) => d.spec.group === group),
      );
    } else settle(api, change.object);
  } else if (change.event === 'DELETED' && change.type.custom) finishIfEmpty(api, change.type);
}

/** Accepts names, serves what is accepted, and empties what is to go. */
function settle(api: Api, definition: Loose): void {
  serve(api, definition);
  if (definition.metadata.deletionTimestamp) {
    empty(api, definition);
    return;
  }
  const others = definitionsOf(api).filter((d) => d.spec.group === definition.spec.group && d.metadata.name !== definition.metadata.name);
  const status = settledStatus(
    definition,
    others.map((d) => d.status?.acceptedNames ?? {}),
    kubeTime(api.clock.now()),
  );
  if (equalJson(definition.status ?? {}, status)) return;
  writeStatus(api, definition.metadata.name, () => status);
  // A name that was given up may be what another definition waits for.
  if (!equalJson(definition.status?.acceptedNames, status.acceptedNames)) reconsider(api, others);
}

/** Has definitions that lack a name look again. */
function reconsider(api: Api, definitions: Loose[]): void {
  for (const other of definitions)
    if (!equalJson(other.spec.names, other.status?.acceptedNames)) settle(api, latest(api, other.metadata.name) ?? other);
}

function latest(api: Api, name: string): Loose | undefined {
  const text = api.store.get(definitionStorage, `/${name}`)?.text;
  return text === undefined ? undefined : api.store.parse(text);
}

function definitionsOf(api: Api): Loose[] {
  return [...api.store.keys(definitionStorage)].flatMap((key) => {
    const text = api.store.get(definitionStorage, key)?.text;
    return text === undefined ? [] : [api.store.parse(text)];
  });
}

function writeStatus(api: Api, name: string, status: (live: Loose) => Loose): void {
  const type = api.registry.byStorage(definitionStorage) as ResourceType;
  updateObject(api, { type, namespace: '', name, subresource: 'status' }, { dryRun: false, manager: 'kube-apiserver' }, (live: Loose) => ({
    next: { ...live, metadata: { ...live.metadata }, status: status(live.status ?? {}) },
  }));
}

function serve(api: Api, definition: Loose): void {
  const established = (definition.status?.conditions ?? []).some((c: Loose) => c.type === 'Established' && c.status === 'True');
  const name = definition.metadata.name as string;
  if (!established) return;
  api.registry.setCustom(name, typesOf(definition));
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function typesOf(definition: Loose): ResourceType[] {
  const { spec, metadata, status } = definition;
  const names = status.acceptedNames;
  const storage = (spec.versions as Loose[]).find((v) => v.storage);
  const terminating = metadata.deletionTimestamp !== undefined;
  return (spec.versions as Loose[])
    .filter((v) => v.served)
    .map((version): ResourceType => {
      const schema = version.schema?.openAPIV3Schema;
      const { status: hasStatus, scale } = version.subresources ?? {};
      const own = { group: spec.group as string, version: version.name as string, kind: names.kind as string };
      const readWrite = ['get', 'patch', 'update'];
      const subresources: Subresource[] = [];
      if (scale) subresources.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: readWrite });
      if (hasStatus) subresources.push({ name: 'status', ...own, verbs: readWrite });
      return {
        ...own,
        listKind: names.listKind,
        plural: names.plural,
        singular: names.singular,
        namespaced: spec.scope === 'Namespaced',
        shortNames: names.shortNames ?? [],
        categories: names.categories ?? [],
        verbs,
        subresources,
        storage: `${names.plural}.${spec.group}`,
        storageVersion: storage?.name ?? version.name,
        go: undefined,
        custom: {
          definition: metadata.name,
          schema,
          merge: schema ? schemaFromOpenApiV3(schema) : undefined,
          openapi: schema,
          status: hasStatus !== undefined,
          scale,
          columns: version.additionalPrinterColumns ?? [],
          selectableFields: (version.selectableFields ?? []).map((f: Loose) => f.jsonPath),
          deprecated: version.deprecated
            ? (version.deprecationWarning ?? `${spec.group}/${version.name} ${names.kind} is deprecated`)
            : undefined,
          preserveUnknownFields: spec.preserveUnknownFields === true,
          changed: Number(metadata.generation ?? 1) > 1,
          terminating,
        },
      };
    });
}

/** Deletes all objects of a definition that is to go; it goes when the last of them has. */
function empty(api: Api, definition: Loose): void {
  if (!definition.metadata.finalizers?.includes(cleanup)) return;
  const storage = `${definition.spec.names.plural}.${definition.spec.group}`;
  const type = api.registry.byStorage(storage);
  if (type?.custom)
    for (const key of [...api.store.keys(storage)]) {
      const slash = key.indexOf('/');
      try {
        deleteObject(api, type, key.slice(0, slash), key.slice(slash + 1), {
          dryRun: false,
          propagationPolicy: undefined,
          gracePeriodSeconds: undefined,
          uid: undefined,
          resourceVersion: undefined,
        });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }
  if (api.store.count(storage) > 0) inProgress(api, definition);
  release(api, definition.metadata.name, storage);
}

/** Notes that objects are still there. */
function inProgress(api: Api, definition: Loose): void {
  if ((definition.status?.conditions ?? []).some((c: Loose) => c.reason === 'InstanceDeletionInProgress')) return;
  const condition = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  } as const;
  writeStatus(api, definition.metadata.name, (status) => ({
    ...status,
    conditions: withCondition(status.conditions ?? [], condition, kubeTime(api.clock.now())),
  }));
}

function finishIfEmpty(api: Api, type: ResourceType): void {
  if (type.custom) release(api, type.custom.definition, type.storage);
}

/** Takes the cleanup finalizer off a definition without objects. */
function release(api: Api, name: string, storage: string): void {
  if (api.store.count(storage) > 0) return;
  const type = api.registry.byStorage(definitionStorage) as ResourceType;
  const live = readObject(api, type, '', name)?.object;
  if (!live?.metadata.deletionTimestamp || !live.metadata.finalizers?.includes(cleanup)) return;
  updateObject(api, { type, namespace: '', name, subresource: '' }, { dryRun: false, manager: 'kube-apiserver' }, (old) => ({
    next: { ...old, metadata: { ...old.metadata, finalizers: (old.metadata.finalizers ?? []).filter((f) => f !== cleanup) } },
  }));
}

/** Marks a definition for deletion: its objects go first. */
export function deleteDefinition(api: Api, type: ResourceType, old: KubeObject, dryRun: boolean): KubeObject {
  if (old.metadata.deletionTimestamp) return old;
  const time = kubeTime(api.clock.now());
  const status = (old['status'] ?? {}) as Loose;
  const terminating = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: time,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  const next: KubeObject = {
    ...old,
    metadata: { ...old.metadata, deletionTimestamp: time, finalizers: [...new Set([...(old.metadata.finalizers ?? []), cleanup])] },
    status: { ...status, conditions: [...(status.conditions ?? []).filter((c: Loose) => c.type !== 'Terminating'), terminating] },
  };
  return dryRun ? next : storeObject(api, type, next).object;
}
