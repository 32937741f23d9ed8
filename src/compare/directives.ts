import type { KubeObject, Manifest } from '../model/index.js';
import { commaValues, invalidAnnotation } from './annotations.js';
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
  // Run where the whole application is deleted, never by a sync.
  PreDelete: 'Skip',
  PostDelete: 'Skip',
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
  'crd-install': 'Skip',
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
    return commaValues(annotations[name])?.map((value) => {
      if (Object.hasOwn(known, value)) return known[value] as T;
      throw invalidAnnotation(manifest, name, { value, known: Object.keys(known) });
    });
  };
  const argo = read('argocd.argoproj.io/hook', argoHooks);
  // crd-install is not a hook to Argo CD either: the CRD is an ordinary object.
  const helm = commaValues(annotations['helm.sh/hook'])?.every((value) => value === 'crd-install')
    ? undefined
    : read('helm.sh/hook', helmHooks);
  const phases = argo ?? helm;
  const policies = read('argocd.argoproj.io/hook-delete-policy', argoPolicies) ?? read('helm.sh/hook-delete-policy', helmPolicies) ?? [];
  return {
    wave: wave(manifest, 'argocd.argoproj.io/sync-wave') ?? (phases === undefined ? undefined : wave(manifest, 'helm.sh/hook-weight')) ?? 0,
    ...(phases === undefined ? {} : { hook: [...new Set(phases.filter((phase) => phase !== 'Skip'))] as Phase[] }),
    deletePolicies: policies.length > 0 ? [...new Set(policies)] : ['BeforeHookCreation'],
  };
}

const wholeNumber = /^[+-]?[0-9]{1,9}$/;

/** The wave that a live object says; 0 where it says none, or nothing that is one. */
export function waveOfLive({ metadata }: KubeObject): number {
  const text = metadata.annotations?.['argocd.argoproj.io/sync-wave']?.trim() ?? '';
  return wholeNumber.test(text) ? Number(text) : 0;
}

function wave(manifest: Manifest, name: string): number | undefined {
  const text = manifest.object.metadata.annotations?.[name];
  if (text === undefined) return undefined;
  if (!wholeNumber.test(text.trim())) throw invalidAnnotation(manifest, name, { value: text, known: [] });
  return Number(text);
}
