import type { Json } from '../../model/index.js';
import type { FieldSpec, TransformerConfig } from '../config/index.js';
import { mergeSpecs } from '../config/index.js';
import { failure, located, within, withinAsync } from '../errors.js';
import { type GeneratorArgs, generate, type Pair, parseEnvFile, parseFileSource, parseLiteral } from '../generate/index.js';
import { decode, type Kustomization, type Loader, load, type PatchEntry, shapes } from '../load/index.js';
import { type Resource, readNodes, readResources, select } from '../resource/index.js';
import {
  applyJsonPatch,
  loadPatch,
  operationsFrom,
  type Replacement,
  transformEntries,
  transformImages,
  transformMergePatches,
  transformNames,
  transformNamespace,
  transformPatch,
  transformReplacements,
  transformReplicas,
  type Work,
} from '../transform/index.js';
import { toJson11 } from '../yaml/index.js';

/** A transformation with everything read that it needs. */
export interface Step {
  /** What Kustomize calls it. */
  kind: string;
  run(work: Work): void;
}

const decoder = new TextDecoder();

async function loadText(loader: Loader, path: string): Promise<{ text: string; file: string }> {
  const { bytes, file } = await load(loader, path);
  return { text: decoder.decode(bytes), file };
}

/** A file of JSON or YAML 1.1, such as a configuration. */
export async function loadJson(loader: Loader, path: string): Promise<{ json: Json; file: string }> {
  const { text, file } = await loadText(loader, path);
  return { json: within({ file }, () => toJsonDocument(text, file)), file };
}

function toJsonDocument(text: string, file: string): Json {
  const [document] = readNodes(text, file);
  return document === undefined ? null : toJson11(document.node);
}

export async function patchStep(loader: Loader, entry: PatchEntry): Promise<Step> {
  const inline = (entry.patch ?? '').trim();
  const { path = '', target } = entry;
  if (inline === '' && path === '')
    throw failure('KUSTOMIZE_INVALID', 'must specify one of patch and path in a patch', {
      hint: 'A patch has patch (inline) or path (a file).',
    });
  if (inline !== '' && path !== '')
    throw failure('KUSTOMIZE_INVALID', "patch and path can't be set at the same time", { hint: 'Keep one of them.' });
  const loaded =
    inline === '' ? await loadText(loader, path).catch((error: unknown) => Promise.reject(located(error, { field: 'path' }))) : undefined;
  const text = loaded?.text ?? inline;
  const source = { file: loaded?.file, options: entry.options };
  const patch = loadPatch(text, source);
  return {
    kind: 'PatchTransformer',
    // A patch is used up where it is applied, so each run reads it anew.
    run: (work) => within(loaded === undefined ? {} : { file: loaded.file }, () => transformPatch(work, patch, target)),
  };
}

export async function mergePatchesStep(loader: Loader, paths: readonly string[], inline = ''): Promise<Step> {
  const patches: Resource[] = [];
  for (const [i, path] of paths.entries())
    await withinAsync({ field: `patchesStrategicMerge[${i}]` }, async () => {
      const direct = tryInline(path);
      if (direct !== undefined) patches.push(...direct);
      else {
        const { text, file } = await loadText(loader, path);
        patches.push(...readResources(text, file));
      }
    });
  if (inline !== '') patches.push(...readResources(inline, undefined));
  if (patches.length === 0) throw failure('KUSTOMIZE_PATCH_INVALID', 'patch appears to be empty', { field: 'patchesStrategicMerge' });
  return { kind: 'PatchStrategicMergeTransformer', run: (work) => transformMergePatches(work, patches) };
}

/** Objects written where a path may stand; undefined for what is none. */
export function tryInline(text: string): Resource[] | undefined {
  if (!text.includes(':')) return undefined;
  try {
    return readResources(text, undefined);
  } catch {
    return undefined;
  }
}

export async function json6902Step(loader: Loader, entry: { target?: PatchEntry['target']; path?: string; patch?: string }): Promise<Step> {
  const { target, path = '', patch = '' } = entry;
  if (target === undefined || !target.name) throw failure('KUSTOMIZE_INVALID', 'must specify the target name', { field: 'target.name' });
  if (path === '' && patch === '') throw failure('KUSTOMIZE_INVALID', 'empty file path and empty jsonOp');
  if (path !== '' && patch !== '') throw failure('KUSTOMIZE_INVALID', 'must specify a file path or jsonOp, not both');
  const loaded = path === '' ? { text: patch, file: undefined } : await loadText(loader, path);
  if (loaded.text === '') throw failure('KUSTOMIZE_PATCH_INVALID', `patch file '${path}' seems to be empty`);
  const where = loaded.file === undefined ? {} : { file: loaded.file };
  const operations = within(where, () => operationsFrom(loaded.text));
  if (operations.length === 0) throw failure('KUSTOMIZE_PATCH_INVALID', 'patch appears to be empty', where);
  return {
    kind: 'PatchJson6902Transformer',
    run: (work) =>
      within(where, () => {
        for (const resource of select(work.resources, target, work.schemas)) applyJsonPatch(resource, operations);
      }),
  };
}

export async function replacementsStep(loader: Loader, entries: readonly (Replacement & { path?: string })[]): Promise<Step> {
  const replacements: Replacement[] = [];
  for (const [i, entry] of entries.entries()) {
    const { path, ...inline } = entry;
    if (!path) {
      replacements.push(inline);
      continue;
    }
    await withinAsync({ field: `replacements[${i}].path` }, async () => {
      if (entry.source !== undefined || (entry.targets?.length ?? 0) > 0)
        throw failure('KUSTOMIZE_INVALID', 'cannot specify both path and inline replacement');
      const { json, file } = await loadJson(loader, path);
      const options = { file, strict: false, coerce: true };
      if (Array.isArray(json)) replacements.push(...decode<Replacement[]>(json, { list: shapes.replacement }, options));
      else if (json !== null && typeof json === 'object') replacements.push(decode<Replacement>(json, shapes.replacement, options));
      else throw failure('KUSTOMIZE_INVALID', 'unsupported replacement type encountered within replacement path', { file });
    });
  }
  return { kind: 'ReplacementTransformer', run: (work) => transformReplacements(work, replacements) };
}

export function labelsStep(labels: { [key: string]: string }, fieldSpecs: readonly FieldSpec[]): Step {
  return { kind: 'LabelTransformer', run: (work) => transformEntries(work, labels, fieldSpecs) };
}

/**
 * The transformations of a kustomization's own fields, in the order in which Kustomize runs them whatever
 * their order in the file is.
 */
export async function builtinSteps(loader: Loader, k: Kustomization, config: TransformerConfig): Promise<Step[]> {
  const steps: Step[] = [];
  const add = (field: string, step: Step) => steps.push({ kind: step.kind, run: (work) => within({ field }, () => step.run(work)) });
  if (k.patchesStrategicMerge.length > 0) add('patchesStrategicMerge', await mergePatchesStep(loader, k.patchesStrategicMerge));
  for (const [i, entry] of k.patches.entries()) {
    const field = `patches[${i}]`;
    add(field, await withinAsync({ field }, () => patchStep(loader, entry)));
  }
  if (k.namespace !== '')
    add('namespace', {
      kind: 'NamespaceTransformer',
      run: (work) => transformNamespace(work, { namespace: k.namespace, fieldSpecs: config.namespace }),
    });
  if (k.namePrefix !== '')
    add('namePrefix', {
      kind: 'PrefixTransformer',
      run: (work) => transformNames(work, 'prefix', { text: k.namePrefix, fieldSpecs: config.namePrefix }),
    });
  if (k.nameSuffix !== '')
    add('nameSuffix', {
      kind: 'SuffixTransformer',
      run: (work) => transformNames(work, 'suffix', { text: k.nameSuffix, fieldSpecs: config.nameSuffix }),
    });
  for (const [i, label] of k.labels.entries()) {
    const field = `labels[${i}]`;
    add(
      field,
      within({ field }, () => labelsStep(label.pairs ?? {}, labelSpecs(label, config))),
    );
  }
  const common = k.commonLabels ?? {};
  if (k.labels.length > 0 || Object.keys(common).length > 0) add('commonLabels', labelsStep(common, config.commonLabels));
  if (Object.keys(k.commonAnnotations).length > 0)
    add('commonAnnotations', {
      kind: 'AnnotationsTransformer',
      run: (work) => transformEntries(work, k.commonAnnotations, config.commonAnnotations),
    });
  for (const [i, entry] of k.patchesJson6902.entries()) {
    const field = `patchesJson6902[${i}]`;
    add(field, await withinAsync({ field }, () => json6902Step(loader, entry)));
  }
  for (const [i, replica] of k.replicas.entries())
    add(`replicas[${i}]`, { kind: 'ReplicaCountTransformer', run: (work) => transformReplicas(work, replica, config.replicas) });
  for (const [i, image] of k.images.entries())
    add(`images[${i}]`, { kind: 'ImageTagTransformer', run: (work) => transformImages(work, image, config.images) });
  if (k.replacements.length > 0) add('replacements', await replacementsStep(loader, k.replacements));
  return steps;
}

function labelSpecs(label: Kustomization['labels'][number], config: TransformerConfig): FieldSpec[] {
  const specs = mergeSpecs(label.fields ?? [], config.labels);
  if (label.includeSelectors) return mergeSpecs(specs, config.commonLabels);
  const withTemplates = label.includeTemplates ? mergeSpecs(specs, config.templateLabels) : specs;
  return mergeSpecs(withTemplates, [{ path: 'metadata/labels', create: true }]);
}

/** Makes a ConfigMap or Secret out of what its generator names. */
export async function runGenerator(loader: Loader, kind: 'ConfigMap' | 'Secret', args: GeneratorArgs, file: string): Promise<Resource> {
  const pairs: Pair[] = [];
  for (const path of args.envs ?? []) {
    const { bytes, file: from } = await withinAsync({ field: 'envs' }, () => load(loader, path));
    pairs.push(...parseEnvFile(bytes, from));
  }
  for (const source of args.literals ?? []) pairs.push(parseLiteral(source));
  for (const source of args.files ?? []) {
    const { key, path } = parseFileSource(source);
    const { bytes } = await withinAsync({ field: 'files' }, () => load(loader, path));
    pairs.push({ key, value: bytes });
  }
  return generate(kind, args, { pairs, file });
}
