import type { Shape } from './decode.js';

const strings: Shape = { list: 'string' };
const texts: Shape = { map: 'string' };

const gvk = { group: 'string', version: 'string', kind: 'string' } as const;
const resId = { ...gvk, name: 'string', namespace: 'string' } as const;
const selectorFields: { [name: string]: Shape } = { ...resId, annotationSelector: 'string', labelSelector: 'string' };
const selector: Shape = { fields: selectorFields };
const fieldSpec: Shape = { fields: { ...gvk, path: 'string', create: 'bool' } };
const fieldSpecs: Shape = { list: fieldSpec };

const objectMeta: Shape = { fields: { name: 'string', namespace: 'string', labels: texts, annotations: texts } };
const generatorOptions: Shape = {
  fields: { labels: texts, annotations: texts, disableNameSuffixHash: 'bool', immutable: 'bool' },
};
const generatorArgs: { [name: string]: Shape } = {
  namespace: 'string',
  name: 'string',
  behavior: 'string',
  literals: strings,
  files: strings,
  envs: strings,
  env: 'string',
  options: generatorOptions,
};
const image: Shape = { fields: { name: 'string', newName: 'string', tagSuffix: 'string', newTag: 'string', digest: 'string' } };
const replica: Shape = { fields: { name: 'string', count: 'int' } };
const options: Shape = { fields: { delimiter: 'string', index: 'int', encoding: 'string', create: 'bool' } };
const replacementFields: { [name: string]: Shape } = {
  source: { fields: { ...resId, fieldPath: 'string', options } },
  targets: { list: { fields: { select: selector, reject: { list: selector }, fieldPaths: strings, options } } },
};
export const replacement: Shape = { fields: replacementFields };
const replacementOrPath: Shape = { fields: { ...replacementFields, path: 'string' } };
const patch: Shape = { fields: { path: 'string', patch: 'string', target: selector, options: { map: 'bool' } } };
const sortOptions: Shape = {
  fields: { order: 'string', legacySortOptions: { fields: { orderFirst: strings, orderLast: strings } } },
};
const variable: Shape = {
  fields: {
    name: 'string',
    objref: { fields: { apiVersion: 'string', ...gvk, name: 'string', namespace: 'string' } },
    fieldref: { fields: { fieldPath: 'string' } },
  },
};
const label: Shape = { fields: { pairs: texts, includeSelectors: 'bool', includeTemplates: 'bool', fields: fieldSpecs } };
const helmChart: Shape = {
  fields: {
    name: 'string',
    version: 'string',
    repo: 'string',
    releaseName: 'string',
    namespace: 'string',
    additionalValuesFiles: strings,
    valuesFile: 'string',
    valuesInline: { map: 'any' },
    valuesMerge: 'string',
    includeCRDs: 'bool',
    skipHooks: 'bool',
    apiVersions: strings,
    kubeVersion: 'string',
    nameTemplate: 'string',
    skipTests: 'bool',
    debug: 'bool',
  },
};
const helmChartArgs: Shape = {
  fields: {
    chartName: 'string',
    chartVersion: 'string',
    chartRepoUrl: 'string',
    chartHome: 'string',
    chartRepoName: 'string',
    helmBin: 'string',
    helmHome: 'string',
    values: 'string',
    valuesLocal: { map: 'any' },
    valuesMerge: 'string',
    releaseName: 'string',
    releaseNamespace: 'string',
    extraArgs: strings,
  },
};

/** Every field of `kind: Kustomization` and `kind: Component`. */
export const kustomization: Shape = {
  fields: {
    kind: 'string',
    apiVersion: 'string',
    metadata: objectMeta,
    openapi: texts,
    namePrefix: 'string',
    nameSuffix: 'string',
    namespace: 'string',
    commonLabels: texts,
    labels: { list: label },
    commonAnnotations: texts,
    patchesStrategicMerge: strings,
    patchesJson6902: { list: patch },
    patches: { list: patch },
    images: { list: image },
    imageTags: { list: image },
    replacements: { list: replacementOrPath },
    replicas: { list: replica },
    vars: { list: variable },
    sortOptions,
    resources: strings,
    components: strings,
    crds: strings,
    bases: strings,
    configMapGenerator: { list: { fields: generatorArgs } },
    secretGenerator: { list: { fields: { ...generatorArgs, type: 'string' } } },
    helmGlobals: { fields: { chartHome: 'string', configHome: 'string' } },
    helmCharts: { list: helmChart },
    helmChartInflationGenerator: { list: helmChartArgs },
    generatorOptions,
    configurations: strings,
    generators: strings,
    transformers: strings,
    validators: strings,
    buildMetadata: strings,
  },
};

const specFields = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'labels',
  'templateLabels',
  'commonAnnotations',
  'varReference',
  'images',
  'replicas',
];

/** A file of the `configurations` field. */
export const configuration: Shape = {
  fields: {
    ...Object.fromEntries(specFields.map((name) => [name, fieldSpecs])),
    nameReference: { list: { fields: { ...gvk, fieldSpecs } } },
  },
};

export const valueAdd: Shape = {
  fields: {
    value: 'string',
    targets: { list: { fields: { selector, fieldPath: 'string', filePathPosition: 'int' } } },
    targetFilePath: 'string',
  },
};

/** Configurations of built-in plugins, by kind. */
export const plugins: { [kind: string]: Shape } = {
  AnnotationsTransformer: { fields: { annotations: texts, fieldSpecs } },
  ConfigMapGenerator: { fields: { metadata: objectMeta, ...generatorArgs } },
  IAMPolicyGenerator: {
    fields: {
      cloud: 'string',
      kubernetesService: { fields: { name: 'string', namespace: 'string' } },
      serviceAccount: { fields: { name: 'string', projectId: 'string' } },
    },
  },
  ImageTagTransformer: { fields: { imageTag: image, fieldSpecs } },
  LabelTransformer: { fields: { labels: texts, fieldSpecs } },
  NamespaceTransformer: { fields: { metadata: objectMeta, fieldSpecs, unsetOnly: 'bool', setRoleBindingSubjects: 'string' } },
  PatchJson6902Transformer: { fields: { target: selector, path: 'string', jsonOp: 'string' } },
  PatchStrategicMergeTransformer: { fields: { paths: strings, patches: 'string' } },
  PatchTransformer: { fields: { path: 'string', patch: 'string', target: selector, options: { map: 'bool' } } },
  PrefixTransformer: { fields: { prefix: 'string', fieldSpecs } },
  PrefixSuffixTransformer: { fields: { prefix: 'string', suffix: 'string', fieldSpecs } },
  ReplacementTransformer: { fields: { replacements: { list: replacementOrPath } } },
  ReplicaCountTransformer: { fields: { replica, fieldSpecs } },
  SecretGenerator: { fields: { metadata: objectMeta, ...generatorArgs, type: 'string' } },
  SortOrderTransformer: { fields: { sortOptions } },
  SuffixTransformer: { fields: { suffix: 'string', fieldSpecs } },
  ValueAddTransformer: valueAdd,
};
