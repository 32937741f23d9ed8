import type { Json } from '../../model/index.js';
import type { FieldSpec } from '../config/index.js';
import { failure, withinAsync } from '../errors.js';
import type { GeneratorArgs, GeneratorOptions } from '../generate/index.js';
import type { Selector } from '../resource/index.js';
import { type ReadNode, readNodes } from '../resource/index.js';
import type { Image, PatchOptions, Replacement, SortOptions, Var } from '../transform/index.js';
import { toJson11, type YNode } from '../yaml/index.js';
import { decode } from './decode.js';
import { find, type Loader, readEntry, shownPath } from './loader.js';
import { kustomization as shape } from './shapes.js';

/** The names that a kustomization file may have. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

export interface PatchEntry {
  path?: string;
  patch?: string;
  target?: Selector;
  options?: { [name: string]: boolean } & PatchOptions;
}

export interface LabelEntry {
  pairs?: { [key: string]: string };
  includeSelectors?: boolean;
  includeTemplates?: boolean;
  fields?: FieldSpec[];
}

export interface Kustomization {
  kind: 'Kustomization' | 'Component';
  openapi: { [key: string]: string };
  namePrefix: string;
  nameSuffix: string;
  namespace: string;
  commonLabels?: { [key: string]: string };
  labels: LabelEntry[];
  commonAnnotations: { [key: string]: string };
  patchesStrategicMerge: string[];
  patchesJson6902: PatchEntry[];
  patches: PatchEntry[];
  images: Image[];
  replacements: (Replacement & { path?: string })[];
  replicas: { name: string; count: number }[];
  vars: Var[];
  sortOptions?: SortOptions;
  resources: string[];
  components: string[];
  crds: string[];
  configMapGenerator: GeneratorArgs[];
  secretGenerator: GeneratorArgs[];
  helmCharts: unknown[];
  generatorOptions?: GeneratorOptions;
  configurations: string[];
  generators: string[];
  transformers: string[];
  validators: string[];
  buildMetadata: string[];
}

export interface LoadedKustomization {
  value: Kustomization;
  file: string;
  /** `kustomization.yaml` or another of its names. */
  name: string;
  warnings: string[];
}

const deprecated: { [field: string]: string } = {
  bases: 'resources',
  commonLabels: 'labels',
  imageTags: 'images',
  patchesJson6902: 'patches',
  patchesStrategicMerge: 'patches',
  vars: 'replacements',
};

/**
 * Reads the kustomization of a folder.
 * @throws EvenkeelError KUSTOMIZE_NOT_FOUND, KUSTOMIZE_INVALID
 */
export async function loadKustomization(loader: Loader): Promise<LoadedKustomization> {
  const found: { name: string; bytes: Uint8Array; file: string }[] = [];
  for (const name of kustomizationNames) {
    const at = await find(loader, name);
    if (at.type === 'file') found.push({ name, ...(await readEntry(loader, at.entry)) });
  }
  const folder = shownPath(loader, loader.root);
  const [first, second] = found;
  if (second !== undefined)
    throw failure('KUSTOMIZE_INVALID', `Found multiple kustomization files under: ${folder}: ${found.map(({ name }) => name).join(', ')}`, {
      file: folder,
      hint: 'Keep one of them.',
    });
  if (first === undefined)
    throw failure(
      'KUSTOMIZE_NOT_FOUND',
      `unable to find one of ${kustomizationNames.map((name) => `'${name}'`).join(', ')} in directory '${folder}'`,
      {
        file: folder,
        hint: 'A folder among resources and components holds a kustomization; files are named one by one.',
      },
    );
  const { file, name } = first;
  return withinAsync({ file }, async () => {
    const { value, warnings } = parseKustomization(new TextDecoder().decode(first.bytes), file);
    return { value, warnings, file, name };
  });
}

function parseKustomization(text: string, file: string): { value: Kustomization; warnings: string[] } {
  const [document] = readNodes(`${text}`, file);
  if (document !== undefined && document.node.kind !== 'map')
    throw failure('KUSTOMIZE_INVALID', 'a kustomization is a mapping of fields', { file, line: document.line });
  const json = document === undefined ? {} : (toJson11(document.node) as { [key: string]: Json });
  const raw = decode<Partial<Kustomization> & Raw>(json, shape, { file, strict: true, lineOf: (path) => lineOf(text, document, path) });
  const { kind = 'Kustomization', apiVersion } = raw;
  const rest = Object.keys(raw).filter((field) => field !== 'kind' && field !== 'apiVersion');
  if (rest.length === 0)
    throw failure('KUSTOMIZE_INVALID', 'kustomization.yaml is empty', { file, hint: 'List something under resources.' });
  if (kind !== 'Kustomization' && kind !== 'Component')
    throw failure('KUSTOMIZE_INVALID', `kind should be Kustomization or Component, and is ${kind}`, { file, field: 'kind' });
  const wanted = kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1';
  if (apiVersion !== undefined && apiVersion !== '' && apiVersion !== wanted)
    throw failure('KUSTOMIZE_INVALID', `apiVersion for ${kind} should be ${wanted}`, { file, field: 'apiVersion' });
  const warnings = Object.keys(deprecated)
    .filter((field) => raw[field as keyof typeof raw] !== undefined)
    .map((field) => `${file}: '${field}' is deprecated, use '${deprecated[field]}' instead`);
  return { value: complete(raw, kind), warnings };
}

interface Raw {
  kind?: string;
  apiVersion?: string;
  bases?: string[];
  imageTags?: Image[];
  helmChartInflationGenerator?: unknown[];
}

function complete(raw: Partial<Kustomization> & Raw, kind: Kustomization['kind']): Kustomization {
  const withEnvs = (list: GeneratorArgs[] = []) =>
    list.map((args) => (args.env ? { ...args, envs: [...(args.envs ?? []), args.env] } : args));
  return {
    kind,
    openapi: raw.openapi ?? {},
    namePrefix: raw.namePrefix ?? '',
    nameSuffix: raw.nameSuffix ?? '',
    namespace: raw.namespace ?? '',
    commonLabels: raw.commonLabels,
    labels: raw.labels ?? [],
    commonAnnotations: raw.commonAnnotations ?? {},
    patchesStrategicMerge: raw.patchesStrategicMerge ?? [],
    patchesJson6902: raw.patchesJson6902 ?? [],
    patches: raw.patches ?? [],
    images: [...(raw.images ?? []), ...(raw.imageTags ?? [])],
    replacements: raw.replacements ?? [],
    replicas: (raw.replicas ?? []).map(({ name = '', count = 0 }) => ({ name, count })),
    vars: raw.vars ?? [],
    sortOptions: raw.sortOptions,
    resources: [...(raw.resources ?? []), ...(raw.bases ?? [])],
    components: raw.components ?? [],
    crds: raw.crds ?? [],
    configMapGenerator: withEnvs(raw.configMapGenerator),
    secretGenerator: withEnvs(raw.secretGenerator),
    helmCharts: [...(raw.helmCharts ?? []), ...(raw.helmChartInflationGenerator ?? [])],
    generatorOptions: raw.generatorOptions,
    configurations: raw.configurations ?? [],
    generators: raw.generators ?? [],
    transformers: raw.transformers ?? [],
    validators: raw.validators ?? [],
    buildMetadata: raw.buildMetadata ?? [],
  };
}

/** Line of the field at a path, or of the nearest around it that is there. */
function lineOf(text: string, document: ReadNode | undefined, path: readonly (string | number)[]): number | undefined {
  if (document === undefined) return undefined;
  let node: YNode = document.node;
  let at = node.at;
  for (const part of path) {
    let next: YNode | undefined;
    if (typeof part === 'number') {
      next = node.kind === 'list' ? node.content[part] : undefined;
      at = next?.at ?? at;
    } else if (node.kind === 'map') {
      const i = node.content.findIndex((key, index) => index % 2 === 0 && key.value === part);
      at = node.content[i]?.at ?? at;
      next = i < 0 ? undefined : node.content[i + 1];
    }
    if (next === undefined) break;
    node = next;
  }
  if (at === undefined) return undefined;
  return document.line + (text.slice(document.node.at ?? 0, at).match(/\n/g)?.length ?? 0);
}
