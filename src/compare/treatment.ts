import { type KubeObject, type Manifest, nearest, printable, type ResourceKey } from '../model/index.js';
import { commaValues, invalidAnnotation, nameOf } from './annotations.js';
import type { Treatment } from './types.js';

const syncOptions = 'argocd.argoproj.io/sync-options';
const resourcePolicy = 'helm.sh/resource-policy';
export const approvedBy = 'argocd.argoproj.io/deletion-approved';
const flux = 'kustomize.toolkit.fluxcd.io/';

interface Option {
  values: readonly string[];
  /** What it asks for beyond the ordinary. */
  means?: (value: string, treatment: Treatment) => void;
  /** A warning where something else happens than is asked for. */
  instead?: (value: string) => string | undefined;
}

const truth = ['true', 'false'];
const always = (what: string) => (value: string) => (value === 'false' ? what : undefined);

/**
 * https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/: the first ones are read from an object, the
 * others belong to an Application and do nothing on an object, to Argo CD either.
 */
const argoOptions: { [name: string]: Option } = {
  // Prune, Delete and PruneLast are read from the live object when it is to be deleted: see pruneRule.
  Prune: { values: ['true', 'false', 'confirm'] },
  Delete: { values: ['true', 'false', 'confirm'] },
  PruneLast: { values: truth },
  Validate: {
    values: truth,
    means: (value, t) => {
      if (value === 'false') t.validate = false;
    },
  },
  SkipDryRunOnMissingResource: {
    values: truth,
    means: (value, t) => {
      if (value === 'true') t.skipMissingType = true;
    },
  },
  Replace: {
    values: truth,
    means: (value, t) => {
      if (value === 'true') t.replace = true;
    },
  },
  Force: {
    values: truth,
    means: (value, t) => {
      if (value === 'true') t.recreate = 'refused';
    },
  },
  ServerSideApply: { values: truth, instead: always('it is applied server-side all the same, as every object is') },
  ApplyOutOfSyncOnly: { values: truth, instead: always('an object that has not changed is not applied again all the same') },
  RespectIgnoreDifferences: {
    values: truth,
    instead: always('differences that the workflow ignores are left alone in the apply all the same'),
  },
  FailOnSharedResource: { values: truth, instead: always('an object of another workflow stops the sync all the same') },
  ClientSideApplyMigration: {
    values: truth,
    instead: (value) =>
      value === 'true'
        ? 'it does nothing on a single object; fields that kubectl set are taken over where the workflow takes back what people changed (--take-back)'
        : undefined,
  },
  CreateNamespace: {
    values: truth,
    instead: (value) =>
      value === 'true' ? 'it does nothing on a single object; write "create_namespace: true" in the workflow' : undefined,
  },
  PrunePropagationPolicy: {
    values: ['foreground', 'background', 'orphan'],
    instead: (value) =>
      value === 'background' ? undefined : 'it does nothing on a single object; what an object owns is deleted in the background after it',
  },
};

/** https://fluxcd.io/flux/components/kustomize/kustomizations/: a label or an annotation, whatever its case. */
const fluxOptions: { [name: string]: Option } = {
  reconcile: {
    values: ['enabled', 'disabled'],
    means: (value, t) => {
      if (value === 'disabled') t.leave = `${flux}reconcile: disabled`;
      else t.resumed = true;
    },
  },
  ssa: {
    values: ['Override', 'Merge', 'IfNotPresent', 'Ignore'],
    means: (value, t) => {
      if (value === 'Ignore') t.leave = `${flux}ssa: Ignore`;
      if (value === 'IfNotPresent') t.onlyCreate = true;
      if (value === 'Override' || value === 'Merge') t.takeAll = true;
      if (value === 'Override') t.exclusive = true;
    },
  },
  force: {
    values: ['enabled', 'disabled'],
    means: (value, t) => {
      if (value === 'enabled') t.recreate ??= 'refused';
    },
  },
  prune: { values: ['enabled', 'disabled'] },
  substitute: {
    values: ['enabled', 'disabled'],
    instead: (value) => (value === 'enabled' ? 'variables in it are not substituted, as in no object' : undefined),
  },
  decrypt: {
    values: ['enabled', 'disabled'],
    instead: (value) => (value === 'enabled' ? 'nothing in it is decrypted, as in no object' : undefined),
  },
};

/** Names under the same prefixes that steer no sync: whose they are is theirs to know. */
const otherNames = [
  'hook',
  'hook-delete-policy',
  'sync-wave',
  'sync-options',
  'compare-options',
  'tracking-id',
  'instance',
  'installation-id',
  'refresh',
  'hydrate',
  'skip-reconcile',
  'managed-by-url',
  'manifest-generate-paths',
  'ignore-default-links',
  'ignore-resource-updates',
  'ignore-restart-policy',
  'deletion-approved',
  'secret-type',
  'application-set-refresh',
  'client-side-apply-migration-manager',
].map((name) => `argocd.argoproj.io/${name}`);
const fluxNames = [...Object.keys(fluxOptions), 'name', 'namespace', 'checksum'].map((name) => `${flux}${name}`);

/**
 * How an object is to be treated, from its annotations in the words of Argo CD, Flux and Helm; and warnings where
 * one of them cannot have its meaning, which say what happens instead.
 * @throws EvenkeelError COMPARE_ANNOTATION_INVALID naming file, line and what was probably meant
 */
export function treatmentOf(manifest: Manifest): { treatment?: Treatment; warnings: string[] } {
  const { annotations, labels } = manifest.object.metadata;
  if (annotations === undefined && labels === undefined) return { warnings: [] };
  const treatment: Treatment = {};
  const warnings: string[] = [];
  const read = (option: Option, value: string, told: string) => {
    option.means?.(value, treatment);
    const instead = option.instead?.(value);
    if (instead !== undefined) warnings.push(`${placeOf(manifest)}: ${told}: ${instead}`);
  };
  for (const text of commaValues(annotations?.[syncOptions]) ?? []) {
    const { option, value } = argoOption(manifest, text);
    read(option, value, text);
  }
  if (treatment.replace && treatment.recreate) treatment.recreate = 'changed';
  for (const [name, option] of Object.entries(fluxOptions)) {
    for (const field of ['annotations', 'labels'] as const) {
      const text = manifest.object.metadata[field]?.[`${flux}${name}`];
      if (text === undefined || text === '') continue;
      const value = option.values.find((known) => known.toLowerCase() === text.trim().toLowerCase());
      if (value === undefined) throw invalidAnnotation(manifest, `${flux}${name}`, { value: text, known: option.values, field });
      read(option, value, `${flux}${name}: ${value}`);
    }
  }
  const policy = annotations?.[resourcePolicy];
  if (policy !== undefined && policy.trim().toLowerCase() !== 'keep' && policy.trim() !== '')
    throw invalidAnnotation(manifest, resourcePolicy, { value: policy, known: ['keep'] });
  warnings.push(...unknownNames(manifest));
  return { ...(Object.keys(treatment).length > 0 ? { treatment } : {}), warnings };
}

function argoOption(manifest: Manifest, text: string): { option: Option; value: string } {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const value = at < 0 ? '' : text.slice(at + 1);
  const option = Object.hasOwn(argoOptions, name) ? argoOptions[name] : undefined;
  if (option?.values.includes(value)) return { option, value };
  const known = Object.entries(argoOptions).flatMap(([n, o]) => o.values.map((v) => `${n}=${v}`));
  const near = option === undefined ? nearest(name, Object.keys(argoOptions)) : name;
  throw invalidAnnotation(manifest, syncOptions, {
    value: text,
    known: near === undefined ? known : known.filter((one) => one.startsWith(`${near}=`)),
  });
}

/** A name that is nearly one of those that steer a sync does nothing: whoever wrote it should know. */
function unknownNames(manifest: Manifest): string[] {
  const warnings: string[] = [];
  for (const field of ['annotations', 'labels'] as const) {
    for (const name of Object.keys(manifest.object.metadata[field] ?? {})) {
      const known = name.startsWith('argocd.argoproj.io/') ? otherNames : name.startsWith(flux) ? fluxNames : undefined;
      if (known === undefined || known.includes(name)) continue;
      const near = nearest(
        name.slice(name.indexOf('/') + 1),
        known.map((one) => one.slice(one.indexOf('/') + 1)),
      );
      if (near !== undefined)
        warnings.push(
          `${placeOf(manifest)}: nobody knows ${printable(name.slice(0, 80))}, so it does nothing; is ${name.slice(0, name.indexOf('/'))}/${near} meant?`,
        );
    }
  }
  return warnings;
}

function placeOf({ object, source }: Manifest): string {
  return `${printable(source.file)}${source.line === undefined ? '' : `:${source.line}`}: ${nameOf(object)}`;
}

function fluxValue({ metadata }: KubeObject, name: string): string | undefined {
  return (metadata.annotations?.[`${flux}${name}`] ?? metadata.labels?.[`${flux}${name}`])?.trim().toLowerCase();
}

/**
 * Why a sync leaves a live object alone, whatever Git says: the annotation on it. Git can lift it by saying
 * that it is reconciled again.
 */
export function leftAloneBy(live: KubeObject, treatment: Treatment | undefined): string | undefined {
  if (fluxValue(live, 'reconcile') === 'disabled' && treatment?.resumed !== true) return `${flux}reconcile: disabled`;
  if (fluxValue(live, 'ssa') === 'ignore') return `${flux}ssa: Ignore`;
  return undefined;
}

/** Whether an object that left Git may be deleted, by the annotations on the live one; `by` is what says so. */
export function pruneRule(live: KubeObject): { rule: 'delete' } | { rule: 'keep' | 'confirm'; by: string } {
  const { annotations = {} } = live.metadata;
  const options = commaValues(annotations[syncOptions]) ?? [];
  if (options.includes('Prune=false')) return { rule: 'keep', by: 'Prune=false' };
  if (annotations[resourcePolicy]?.trim().toLowerCase() === 'keep') return { rule: 'keep', by: `${resourcePolicy}: keep` };
  if (fluxValue(live, 'prune') === 'disabled') return { rule: 'keep', by: `${flux}prune: disabled` };
  const left = leftAloneBy(live, undefined);
  if (left !== undefined) return { rule: 'keep', by: left };
  if (options.includes('Prune=confirm') && !isTime(annotations[approvedBy])) return { rule: 'confirm', by: 'Prune=confirm' };
  return { rule: 'delete' };
}

/** What lives in them, or of them, would go with them: no annotation makes a sync delete these on the way to a change. */
export function neverRecreated(key: ResourceKey): boolean {
  return (
    (key.group === '' && key.kind === 'Namespace') || (key.group === 'apiextensions.k8s.io' && key.kind === 'CustomResourceDefinition')
  );
}

function isTime(text: string | undefined): boolean {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text));
}
