import { EvenkeelError, type Manifest, nearest } from '../model/index.js';
import type { HookDeletePolicy, Phase } from './types.js';

/** What the annotations of an object say about its part in a sync, in the vocabulary of Argo CD and Helm. */
export interface Directives {
  wave: number;
  /** Undefined for an ordinary object; empty for one that is never applied (`Skip`). */
  hook?: Phase[];
  deletePolicies: HookDeletePolicy[];
}

const argoHooks: { [value: string]: Phase | 'Skip' } = {
  PreSync: 'PreSync',
  Sync: 'Sync',
  PostSync: 'PostSync',
  SyncFail: 'SyncFail',
  Skip: 'Skip',
};

/** https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-hooks says which phase each one is. */
const helmHooks: { [value: string]: Phase | 'Skip' } = {
  'pre-install': 'PreSync',
  'pre-upgrade': 'PreSync',
  'post-install': 'PostSync',
  'post-upgrade': 'PostSync',
  'pre-delete': 'Skip',
  'post-delete': 'Skip',
  'pre-rollback': 'Skip',
  'post-rollback': 'Skip',
  test: 'Skip',
  'test-success': 'Skip',
  'test-failure': 'Skip',
};

const argoPolicies: { [value: string]: HookDeletePolicy } = {
  BeforeHookCreation: 'BeforeHookCreation',
  HookSucceeded: 'HookSucceeded',
  HookFailed: 'HookFailed',
};

const helmPolicies: { [value: string]: HookDeletePolicy } = {
  'before-hook-creation': 'BeforeHookCreation',
  'hook-succeeded': 'HookSucceeded',
  'hook-failed': 'HookFailed',
};

/**
 * Reads the annotations of one object.
 * @throws EvenkeelError COMPARE_ANNOTATION_INVALID naming file, line and the value that was probably meant
 */
export function directivesOf(manifest: Manifest): Directives {
  const annotations = manifest.object.metadata.annotations ?? {};
  const read = <T>(name: string, known: { [value: string]: T }): T[] | undefined => {
    const text = annotations[name];
    if (text === undefined) return undefined;
    return text
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== '')
      .map((value) => {
        if (Object.hasOwn(known, value)) return known[value] as T;
        throw invalid(manifest, name, value, Object.keys(known));
      });
  };
  const argo = read('argocd.argoproj.io/hook', argoHooks);
  const helm = read('helm.sh/hook', helmHooks);
  // crd-install is not a hook to Argo CD either: the CRD is an ordinary object.
  const phases = argo ?? (annotations['helm.sh/hook'] === 'crd-install' ? undefined : helm);
  const policies = read('argocd.argoproj.io/hook-delete-policy', argoPolicies) ?? read('helm.sh/hook-delete-policy', helmPolicies) ?? [];
  return {
    wave: wave(manifest, 'argocd.argoproj.io/sync-wave') ?? (phases === undefined ? undefined : wave(manifest, 'helm.sh/hook-weight')) ?? 0,
    ...(phases === undefined ? {} : { hook: [...new Set(phases.filter((phase) => phase !== 'Skip'))] as Phase[] }),
    deletePolicies: policies.length > 0 ? [...new Set(policies)] : ['BeforeHookCreation'],
  };
}

function wave(manifest: Manifest, name: string): number | undefined {
  const text = manifest.object.metadata.annotations?.[name];
  if (text === undefined) return undefined;
  if (!/^[+-]?[0-9]{1,9}$/.test(text.trim())) throw invalid(manifest, name, text, []);
  return Number(text);
}

function invalid({ object, source }: Manifest, name: string, value: string, known: readonly string[]): EvenkeelError {
  const near = nearest(value, known);
  return new EvenkeelError(
    'COMPARE_ANNOTATION_INVALID',
    `annotation ${name} of ${object.kind}/${object.metadata.name ?? object.metadata.generateName ?? ''} has the unknown value "${value}"`,
    {
      where: { ...source, field: `metadata.annotations["${name}"]` },
      hint:
        near !== undefined
          ? `Did you mean "${near}"?`
          : known.length > 0
            ? `Known values: ${known.join(', ')}.`
            : 'Write a whole number, for example "-1" or "5".',
    },
  );
}
