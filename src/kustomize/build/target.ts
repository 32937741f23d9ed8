import { configFromCrds, defaultConfig, emptyConfig, mergeConfig, sortConfig, type TransformerConfig } from '../config/index.js';
import { failure, within, withinAsync } from '../errors.js';
import { type GeneratorArgs, mergeOptions } from '../generate/index.js';
import {
  decode,
  find,
  isHttpUrl,
  type Kustomization,
  type LoadedKustomization,
  type Loader,
  load,
  loadKustomization,
  notFound,
  openBase,
  parseRemote,
  readEntry,
  shapes,
  shownPath,
} from '../load/index.js';
import { absorb, appendAll, type Resource, readResources } from '../resource/index.js';
import type { Schemas } from '../schema/index.js';
import { replaceAll, type Work } from '../transform/index.js';
import { isEmpty, toJson } from '../yaml/index.js';
import { type Accumulator, addConfig, mergeAccumulator, mergeVars, newAccumulator } from './accumulator.js';
import { helmCharts } from './helm.js';
import {
  annotateFile,
  annotateTransformer,
  appendOrigin,
  builtinOrigin,
  hasOrigin,
  type Origin,
  pluginOrigin,
  setOrigin,
} from './origin.js';
import { runGeneratorPlugin, transformerPlugin } from './plugins.js';
import { builtinSteps, loadJson, runGenerator, type Step, tryInline } from './steps.js';

/** One kustomization on its way. */
export interface Target {
  loader: Loader;
  loaded: LoadedKustomization;
  schemas: Schemas;
  /** Set where the root asks for annotations of origin. */
  origin: Origin | undefined;
  warnings: string[];
}

/** Everything that a kustomization gathers, with its own transformations done, not those of the root. */
export async function accumulate(target: Target, into: Accumulator): Promise<Accumulator> {
  const { loaded, schemas } = target;
  const k = loaded.value;
  return withinAsync({ file: loaded.file }, async () => {
    let result = await accumulateResources(target, into, { paths: k.resources, field: 'resources' });
    result.config = addConfig(result.config, await configurations(target));
    if (k.crds.length > 0) result.config = addConfig(result.config, await crdConfig(target));
    await runGenerators(target, result);
    result = await accumulateComponents(target, result);
    await runTransformers(target, result);
    await runValidators(target, result);
    mergeVars(result, k.vars, schemas);
    return result;
  });
}

async function configurations({ loader, loaded }: Target): Promise<TransformerConfig> {
  let config = emptyConfig;
  for (const [i, path] of loaded.value.configurations.entries())
    await withinAsync({ field: `configurations[${i}]` }, async () => {
      const { json, file } = await loadJson(loader, path);
      const added = decode<Partial<TransformerConfig> | undefined>(json, shapes.configuration, { file, strict: true, coerce: true });
      config = within({ file }, () => mergeConfig(config, sortConfig({ ...emptyConfig, ...added })));
    });
  return config === emptyConfig ? defaultConfig : mergeConfig(defaultConfig, config);
}

async function crdConfig({ loader, loaded }: Target): Promise<TransformerConfig> {
  let config = emptyConfig;
  for (const [i, path] of loaded.value.crds.entries())
    await withinAsync({ field: `crds[${i}]` }, async () => {
      const { json } = await loadJson(loader, path);
      config = mergeConfig(config, configFromCrds(json));
    });
  return config;
}

interface Paths {
  paths: readonly string[];
  field: string;
}

async function accumulateResources(target: Target, into: Accumulator, { paths, field }: Paths): Promise<Accumulator> {
  for (const [i, path] of paths.entries())
    await withinAsync({ field: `${field}[${i}]`, file: target.loaded.file }, async () => accumulateResource(target, into, path));
  return into;
}

async function accumulateResource(target: Target, into: Accumulator, path: string): Promise<void> {
  const { loader, schemas, origin } = target;
  const found = isHttpUrl(path) ? undefined : await find(loader, path);
  if (found?.type === 'file') {
    const { bytes, file } = await readEntry(loader, found.entry);
    addFile(file, new TextDecoder().decode(bytes));
    return;
  }
  if (found?.type === 'directory') {
    await accumulateBase(target, into, { path, directory: found.path, component: false });
    return;
  }
  const remote = parseRemote(path);
  const isFile = isHttpUrl(path) && /\.(?:ya?ml|json)$/i.test(path) && !path.slice(8).includes('//');
  if (remote === undefined || isFile) {
    if (found?.type === 'missing') throw notFound(loader, path, found.reason);
    const { bytes, file } = await load(loader, path);
    addFile(file, new TextDecoder().decode(bytes));
    return;
  }
  await accumulateBase(target, into, { path, component: false });

  function addFile(file: string, text: string): void {
    const resources = readResources(text, file);
    if (origin !== undefined) for (const resource of resources) annotateFile(resource, appendOrigin(origin, path), schemas);
    // Within a file two objects may not be the same either.
    const own: Resource[] = [];
    appendAll(own, resources, schemas);
    appendAll(into.resources, own, schemas);
  }
}

interface Base {
  path: string;
  directory?: string;
  component: boolean;
}

async function accumulateBase(target: Target, into: Accumulator, { path, directory, component }: Base): Promise<Accumulator> {
  const { schemas } = target;
  const loader = await openBase(target.loader, path, directory);
  const loaded = await loadKustomization(loader);
  target.warnings.push(...loaded.warnings);
  loaded.value.buildMetadata = target.loaded.value.buildMetadata;
  await useOpenApi(loader, loaded, { schemas, root: false });
  const isComponent = loaded.value.kind === 'Component';
  if (isComponent !== component)
    throw failure(
      'KUSTOMIZE_INVALID',
      component
        ? `expected kind 'Component' for path '${shownPath(loader, loader.root)}' but got '${loaded.value.kind}'`
        : `expected kind != 'Component' for path '${shownPath(loader, loader.root)}'`,
      { hint: component ? 'Kustomizations are listed under resources.' : 'Components are listed under components.' },
    );
  const origin = target.origin === undefined ? undefined : appendOrigin(target.origin, path);
  const child: Target = { loader, loaded, schemas, origin, warnings: target.warnings };
  if (!component) {
    mergeAccumulator(into, await accumulate(child, newAccumulator()), schemas);
    return into;
  }
  // A component works on what its user has gathered so far.
  const result = newAccumulator();
  mergeAccumulator(result, await accumulate(child, into), schemas);
  return result;
}

/** Takes the schemas that a kustomization brings. */
export async function useOpenApi(loader: Loader, loaded: LoadedKustomization, use: { schemas: Schemas; root: boolean }): Promise<void> {
  const { path, version } = loaded.value.openapi;
  await withinAsync({ file: loaded.file }, async () => {
    const document = path === undefined ? undefined : (await withinAsync({ field: 'openapi.path' }, () => loadJson(loader, path))).json;
    use.schemas.use({ version, document }, use.root);
  });
}

async function accumulateComponents(target: Target, into: Accumulator): Promise<Accumulator> {
  let result = into;
  for (const [i, path] of target.loaded.value.components.entries())
    result = await withinAsync({ field: `components[${i}]` }, async () => {
      const found = parseRemote(path) === undefined ? await find(target.loader, path) : undefined;
      const directory = found?.type === 'directory' ? found.path : undefined;
      return accumulateBase(target, result, { path, directory, component: true });
    });
  return result;
}

async function runGenerators(target: Target, into: Accumulator): Promise<void> {
  const { loader, loaded, origin, schemas } = target;
  const k: Kustomization = loaded.value;
  const generated: { resources: Resource[]; origin: Origin | undefined; field: string }[] = [];
  const own = async (kind: 'ConfigMap' | 'Secret', field: 'configMapGenerator' | 'secretGenerator') => {
    for (const [i, args] of k[field].entries()) {
      const withOptions: GeneratorArgs = { ...args, options: mergeOptions(args.options, k.generatorOptions) };
      const where = `${field}[${i}]`;
      const resource = await withinAsync({ field: where }, () => runGenerator(loader, kind, withOptions, loaded.file));
      generated.push({ resources: [resource], origin: origin && builtinOrigin(origin, loaded.name, `${kind}Generator`), field: where });
    }
  };
  await own('ConfigMap', 'configMapGenerator');
  await own('Secret', 'secretGenerator');
  if (k.helmCharts.length > 0) throw helmCharts({ file: loaded.file, field: 'helmCharts' });
  for (const plugin of await pluginConfigs(target, 'generators'))
    generated.push({ resources: await runGeneratorPlugin(loader, plugin), origin: pluginOrigin(plugin), field: 'generators' });
  for (const each of generated)
    within({ field: each.field }, () => {
      if (each.origin !== undefined) for (const resource of each.resources) if (!hasOrigin(resource)) setOrigin(resource, each.origin);
      absorb(into.resources, each.resources, schemas);
    });
}

/** Configurations of plugins: inline, in files, or what a kustomization makes. */
async function pluginConfigs(target: Target, field: 'generators' | 'transformers' | 'validators'): Promise<Resource[]> {
  const entries = target.loaded.value[field];
  const configs = newAccumulator();
  const paths: string[] = [];
  for (const entry of entries) {
    const inline = tryInline(entry);
    if (inline === undefined) {
      paths.push(entry);
      continue;
    }
    for (const resource of inline) {
      resource.file = target.loaded.file;
      if (target.origin !== undefined) setOrigin(resource, appendOrigin(target.origin, target.loaded.name));
    }
    appendAll(configs.resources, inline, target.schemas);
  }
  await accumulateResources(target, configs, { paths, field });
  return configs.resources;
}

async function pluginSteps(target: Target, field: 'transformers' | 'validators'): Promise<{ step: Step; origin: Origin | undefined }[]> {
  const steps: { step: Step; origin: Origin | undefined }[] = [];
  for (const config of await pluginConfigs(target, field))
    steps.push({ step: await withinAsync({ field }, () => transformerPlugin(target.loader, config)), origin: pluginOrigin(config) });
  return steps;
}

async function runTransformers(target: Target, into: Accumulator): Promise<void> {
  const { loader, loaded, origin, schemas } = target;
  const own = (await builtinSteps(loader, loaded.value, into.config)).map((step) => ({
    step,
    origin: origin && builtinOrigin(origin, loaded.name, step.kind),
  }));
  const work: Work = { resources: into.resources, schemas };
  for (const { step, origin: from } of [...own, ...(await pluginSteps(target, 'transformers'))]) {
    step.run(work);
    if (from !== undefined) annotateTransformer(work.resources, from);
    dropEmpty(work);
  }
}

function dropEmpty({ resources }: Work): void {
  if (resources.some(({ node }) => isEmpty(node)))
    replaceAll(
      resources,
      resources.filter(({ node }) => !isEmpty(node)),
    );
}

/** Validators are transformers that may change nothing. */
async function runValidators(target: Target, { resources }: Accumulator): Promise<void> {
  for (const { step } of await pluginSteps(target, 'validators')) {
    const work: Work = { resources: resources.slice(), schemas: target.schemas };
    const before = snapshot(resources);
    step.run(work);
    if (snapshot(work.resources) !== before)
      throw failure('KUSTOMIZE_INVALID', "validator shouldn't modify the resource map", {
        field: 'validators',
        hint: 'List it under transformers if it is meant to change objects.',
      });
  }
}

function snapshot(resources: readonly Resource[]): string {
  return JSON.stringify(
    resources.map(({ node }) => toJson(node)),
    (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value),
  );
}
