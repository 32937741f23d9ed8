import { statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ApiResource, Cluster } from '../kube/index.js';
import { compareForApply, parseYaml, readManifests } from '../manifest/index.js';
import { EvenkeelError, type KubeObject, parseApiVersion } from '../model/index.js';
import type { ApplyHelperOptions, ListHelperOptions, Seed } from './types.js';

const manifestName = /\.(?:yaml|yml|json)$/i;
const notManifests = /^(?:kustomization\.ya?ml|Kustomization)$/;

/**
 * Objects of what `seed` takes, in the order in which they can be made.
 * @throws EvenkeelError MANIFEST_* with file and line, OPTION_INVALID where a path leads nowhere
 */
async function readSeed(seed: Seed): Promise<KubeObject[]> {
  if (typeof seed !== 'string') return sorted([seed].flat() as KubeObject[]);
  if (seed.includes('\n') || /^\s*\{/.test(seed)) return sorted(readText(seed, 'seed'));
  const path = resolve(seed);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat)
    throw new EvenkeelError('OPTION_INVALID', `seed: there is no file or folder ${path}`, {
      where: { file: path },
      hint: 'Give the path of manifests, or YAML text of more than one line.',
    });
  const files = stat.isDirectory() ? await filesBelow(path) : [path];
  const objects: KubeObject[] = [];
  for (const file of files) objects.push(...readText(await readFile(file, 'utf8'), file));
  return sorted(objects);
}

const sorted = (objects: readonly KubeObject[]) => [...objects].sort(compareForApply);

function readText(text: string, file: string): KubeObject[] {
  return readManifests(parseYaml(text, { file }), file).map(({ object }) => object);
}

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(path)));
    else if (manifestName.test(entry.name) && !notManifests.test(entry.name)) found.push(path);
  }
  return found.sort();
}

/** The test's own hand on the cluster. */
export interface Hand {
  seed(seed: Seed): Promise<KubeObject[]>;
  get<T extends KubeObject>(apiVersion: string, kind: string, name: string): Promise<T | undefined>;
  list<T extends KubeObject>(apiVersion: string, kind: string, options?: ListHelperOptions): Promise<T[]>;
  apply(what: KubeObject | string, options?: ApplyHelperOptions): Promise<KubeObject[]>;
  delete(apiVersion: string, kind: string, name: string): Promise<boolean>;
  setDesiredReplicas(name: string, replicas: number): Promise<void>;
}

export function createHand(cluster: Cluster): Hand {
  const typeOf = async (apiVersion: string, kind: string): Promise<ApiResource> => {
    const gvk = { ...parseApiVersion(apiVersion), kind };
    const found = (await cluster.discovery()).find(gvk) ?? (await cluster.discovery({ refresh: true })).find(gvk);
    if (found) return found;
    throw new EvenkeelError('TESTING_UNKNOWN_KIND', `the sandbox does not serve ${kind} of ${apiVersion}`, {
      hint: 'Check spelling and apiVersion; a custom kind needs its CustomResourceDefinition first.',
    });
  };
  const applyOne = async (object: KubeObject, { fieldManager = 'testing', force = true }: ApplyHelperOptions) => {
    const type = await typeOf(object.apiVersion, object.kind);
    const metadata = { ...object.metadata };
    if (type.namespaced) metadata.namespace ??= 'default';
    // What only the server sets cannot be applied, and stands in what was read from a cluster.
    for (const field of ['managedFields', 'uid', 'resourceVersion', 'creationTimestamp', 'generation'] as const) delete metadata[field];
    return { type, applied: (await cluster.apply(type, { ...object, metadata }, { fieldManager, force })).object };
  };
  const seedOne = async (object: KubeObject): Promise<KubeObject> => {
    const { type, applied } = await applyOne(object, {});
    if (object['status'] === undefined || !type.subresources.includes('status')) return applied;
    const { name = '', namespace } = applied.metadata;
    const ref = { name, ...(namespace === undefined ? {} : { namespace }) };
    const patch = { status: object['status'] };
    return (await cluster.patch(type, ref, patch, { type: 'merge', subresource: 'status', fieldManager: 'testing' })).object;
  };
  const needNamespace = async (namespace: string) => {
    const type = await typeOf('v1', 'Namespace');
    if (!(await cluster.get(type, { name: namespace })))
      await cluster.create(type, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  };
  return {
    async seed(seed) {
      const objects = await readSeed(seed);
      const own = new Set(objects.filter((object) => object.kind === 'Namespace').map((object) => object.metadata.name));
      for (const namespace of new Set(objects.map((object) => object.metadata.namespace)))
        if (namespace !== undefined && !own.has(namespace)) await needNamespace(namespace);
      const made: KubeObject[] = [];
      for (const object of objects) made.push(await seedOne(object));
      return made;
    },
    async get<T extends KubeObject>(apiVersion: string, kind: string, name: string) {
      const type = await typeOf(apiVersion, kind);
      return (await cluster.get(type, refOf(type, name))) as T | undefined;
    },
    async list<T extends KubeObject>(apiVersion: string, kind: string, options: ListHelperOptions = {}) {
      return (await cluster.list(await typeOf(apiVersion, kind), options)).items as T[];
    },
    async apply(what, options = {}) {
      const objects = typeof what === 'string' ? sorted(readText(what, 'apply')) : [what];
      const made: KubeObject[] = [];
      for (const object of objects) made.push((await applyOne(object, options)).applied);
      return made;
    },
    async setDesiredReplicas(name, replicas) {
      if (!Number.isInteger(replicas) || replicas < 0)
        throw new EvenkeelError('OPTION_INVALID', `setDesiredReplicas: ${replicas} is no number of replicas`, {
          where: { field: 'replicas' },
        });
      const type = await typeOf('autoscaling/v2', 'HorizontalPodAutoscaler');
      const annotations = { 'sandbox.evenkeel.dev/desired-replicas': String(replicas) };
      await cluster.patch(type, refOf(type, name), { metadata: { annotations } }, { type: 'merge', fieldManager: 'testing' });
    },
    async delete(apiVersion, kind, name) {
      const type = await typeOf(apiVersion, kind);
      return (await cluster.delete(type, refOf(type, name))) !== 'gone';
    },
  };
}

function refOf(type: ApiResource, name: string): { name: string; namespace?: string } {
  const slash = name.indexOf('/');
  if (!type.namespaced) return { name };
  return slash < 0 ? { name, namespace: 'default' } : { namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}
