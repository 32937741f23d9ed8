import type { FieldSpec } from '../config/index.js';
import { failure, within } from '../errors.js';
import { type GeneratorArgs, generateIamPolicy, type IamPolicyArgs } from '../generate/index.js';
import { decode, type Loader, shapes } from '../load/index.js';
import { apiVersionOf, idText, kindOf, nameOf, type Resource, splitApiVersion } from '../resource/index.js';
import {
  type Image,
  type Replacement,
  type SubjectMode,
  transformEntries,
  transformHashes,
  transformImages,
  transformNames,
  transformNamespace,
  transformReplicas,
  transformValueAdd,
  type ValueAddTarget,
} from '../transform/index.js';
import { toJson } from '../yaml/index.js';
import { helmCharts } from './helm.js';
import { json6902Step, labelsStep, loadJson, mergePatchesStep, patchStep, replacementsStep, runGenerator, type Step } from './steps.js';

interface Meta {
  metadata?: { name?: string; namespace?: string };
}

function configOf<T>(resource: Resource): T {
  const shape = shapes.plugins[kindOf(resource)];
  if (shape === undefined) throw failure('KUSTOMIZE_INVALID', `unable to load builtin ${kindOf(resource)}`, where(resource));
  return decode<T>(toJson(resource.node), shape, { file: resource.file, strict: false, coerce: true });
}

function where({ file, line }: Resource) {
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

/**
 * Only what is built in runs.
 * @throws EvenkeelError KUSTOMIZE_FORBIDDEN for anything else
 */
function onlyBuiltin(resource: Resource): void {
  const { group, version } = splitApiVersion(apiVersionOf(resource));
  if (group === '' && version === 'builtin') return;
  throw failure('KUSTOMIZE_FORBIDDEN', `external plugins disabled; unable to load external plugin '${kindOf(resource)}'`, {
    ...where(resource),
    hint: 'Programs and containers are never run while rendering. Render what the plugin makes beforehand, or use a built-in plugin (apiVersion: builtin).',
  });
}

export async function runGeneratorPlugin(loader: Loader, resource: Resource): Promise<Resource[]> {
  onlyBuiltin(resource);
  const kind = kindOf(resource);
  const file = resource.file ?? '';
  if (kind === 'ConfigMapGenerator' || kind === 'SecretGenerator') {
    const { metadata, ...args } = configOf<GeneratorArgs & Meta>(resource);
    const named = { ...args, name: args.name || metadata?.name, namespace: args.namespace || metadata?.namespace };
    return [await runGenerator(loader, kind === 'SecretGenerator' ? 'Secret' : 'ConfigMap', named, file)];
  }
  if (kind === 'IAMPolicyGenerator') return [generateIamPolicy(configOf<IamPolicyArgs>(resource), file)];
  if (kind === 'HelmChartInflationGenerator') throw helmCharts(where(resource));
  throw failure(
    'KUSTOMIZE_INVALID',
    `plugin ${idText({ kind, version: 'builtin', name: nameOf(resource) })} not a generator`,
    where(resource),
  );
}

type Maker = (loader: Loader, resource: Resource) => Step['run'] | Promise<Step['run']>;

interface Specs {
  fieldSpecs?: FieldSpec[];
}

const transformers: { [kind: string]: Maker } = {
  AnnotationsTransformer(_, resource) {
    const { annotations = {}, fieldSpecs = [] } = configOf<Specs & { annotations?: { [key: string]: string } }>(resource);
    return (work) => transformEntries(work, annotations, fieldSpecs);
  },
  HashTransformer: () => transformHashes,
  ImageTagTransformer(_, resource) {
    const { imageTag = {}, fieldSpecs = [] } = configOf<Specs & { imageTag?: Image }>(resource);
    return (work) => transformImages(work, imageTag, fieldSpecs);
  },
  LabelTransformer(_, resource) {
    const { labels = {}, fieldSpecs = [] } = configOf<Specs & { labels?: { [key: string]: string } }>(resource);
    return labelsStep(labels, fieldSpecs).run;
  },
  NamespaceTransformer(_, resource) {
    const config = configOf<Specs & Meta & { unsetOnly?: boolean; setRoleBindingSubjects?: string }>(resource);
    const mode = config.setRoleBindingSubjects || 'defaultOnly';
    if (mode !== 'defaultOnly' && mode !== 'none' && mode !== 'allServiceAccounts')
      throw failure(
        'KUSTOMIZE_INVALID',
        `invalid value "${mode}" for setRoleBindingSubjects: must be one of defaultOnly, none or allServiceAccounts`,
        {
          field: 'setRoleBindingSubjects',
        },
      );
    const subjects: SubjectMode = mode;
    const { unsetOnly, fieldSpecs = [] } = config;
    return (work) => transformNamespace(work, { namespace: config.metadata?.namespace ?? '', fieldSpecs, unsetOnly, subjects });
  },
  async PatchJson6902Transformer(loader, resource) {
    const { jsonOp, ...config } = configOf<Parameters<typeof json6902Step>[1] & { jsonOp?: string }>(resource);
    return (await json6902Step(loader, { ...config, patch: jsonOp })).run;
  },
  async PatchStrategicMergeTransformer(loader, resource) {
    const { paths = [], patches = '' } = configOf<{ paths?: string[]; patches?: string }>(resource);
    if (paths.length === 0 && patches === '') throw failure('KUSTOMIZE_INVALID', 'empty file path and empty patch content');
    return (await mergePatchesStep(loader, paths, patches)).run;
  },
  async PatchTransformer(loader, resource) {
    return (await patchStep(loader, configOf(resource))).run;
  },
  PrefixTransformer(_, resource) {
    const { prefix = '', fieldSpecs } = configOf<Specs & { prefix?: string }>(resource);
    const specs = required(fieldSpecs);
    return (work) => transformNames(work, 'prefix', { text: prefix, fieldSpecs: specs });
  },
  PrefixSuffixTransformer(_, resource) {
    const { prefix = '', suffix = '', fieldSpecs } = configOf<Specs & { prefix?: string; suffix?: string }>(resource);
    const specs = required(fieldSpecs);
    return (work) => {
      transformNames(work, 'prefix', { text: prefix, fieldSpecs: specs });
      transformNames(work, 'suffix', { text: suffix, fieldSpecs: specs });
    };
  },
  async ReplacementTransformer(loader, resource) {
    const { replacements = [] } = configOf<{ replacements?: (Replacement & { path?: string })[] }>(resource);
    return (await replacementsStep(loader, replacements)).run;
  },
  ReplicaCountTransformer(_, resource) {
    const { replica = {}, fieldSpecs = [] } = configOf<Specs & { replica?: { name?: string; count?: number } }>(resource);
    return (work) => transformReplicas(work, { name: replica.name ?? '', count: replica.count ?? 0 }, fieldSpecs);
  },
  SuffixTransformer(_, resource) {
    const { suffix = '', fieldSpecs } = configOf<Specs & { suffix?: string }>(resource);
    const specs = required(fieldSpecs);
    return (work) => transformNames(work, 'suffix', { text: suffix, fieldSpecs: specs });
  },
  async ValueAddTransformer(loader, resource) {
    const config = configOf<{ value?: string; targets?: ValueAddTarget[]; targetFilePath?: string }>(resource);
    const targets = [...(config.targets ?? [])];
    if (config.targetFilePath) {
      const { json, file } = await loadJson(loader, config.targetFilePath);
      const more = decode<{ targets?: ValueAddTarget[] }>(json, shapes.valueAdd, { file, strict: false, coerce: true });
      targets.push(...(more.targets ?? []));
    }
    const value = (config.value ?? '').trim() || (loader.root.split('/').pop() as string);
    return (work) => transformValueAdd(work, value, targets);
  },
};

function required(fieldSpecs: FieldSpec[] | undefined): FieldSpec[] {
  if (fieldSpecs === undefined) throw failure('KUSTOMIZE_INVALID', 'fieldSpecs is not expected to be nil', { field: 'fieldSpecs' });
  return fieldSpecs;
}

export async function transformerPlugin(loader: Loader, resource: Resource): Promise<Step> {
  onlyBuiltin(resource);
  const kind = kindOf(resource);
  const make = Object.hasOwn(transformers, kind) ? transformers[kind] : undefined;
  if (make === undefined) throw failure('KUSTOMIZE_INVALID', `unable to load builtin ${kind}`, where(resource));
  const run = await make(loader, resource);
  return { kind, run: (work) => within(where(resource), () => run(work)) };
}
