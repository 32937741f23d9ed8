import { describe, expect, it } from 'vitest';
import { EvenkeelError, type KubeObject, type Manifest } from '../model/index.js';
import { directivesOf, waveOfLive } from './directives.js';
import { leftAloneBy, pruneRule, treatmentOf } from './treatment.js';

const argo = (value: string) => ({ 'argocd.argoproj.io/sync-options': value });
const flux = (name: string, value: string) => ({ [`kustomize.toolkit.fluxcd.io/${name}`]: value });

function manifest(annotations: { [name: string]: string }, labels?: { [name: string]: string }): Manifest {
  return {
    object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', annotations, ...(labels ? { labels } : {}) } },
    source: { file: 'web.yaml', line: 4 },
  };
}

const live = (annotations: { [name: string]: string }, labels = {}): KubeObject => manifest(annotations, labels).object;

function thrownBy(run: () => unknown): EvenkeelError {
  try {
    run();
  } catch (error) {
    if (error instanceof EvenkeelError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('treatmentOf', () => {
  it.each([
    [argo('Prune=false,PruneLast=true, Delete=confirm'), undefined],
    [argo('Validate=false'), { validate: false }],
    [argo('Validate=true,Replace=false,Force=false'), undefined],
    [argo('SkipDryRunOnMissingResource=true'), { skipMissingType: true }],
    [argo('Replace=true'), { replace: true }],
    [argo('Force=true'), { recreate: 'refused' }],
    [argo('Force=true,Replace=true'), { recreate: 'changed', replace: true }],
    [argo(' Replace=true , Force=true '), { recreate: 'changed', replace: true }],
    [flux('force', 'Enabled'), { recreate: 'refused' }],
    [flux('reconcile', 'disabled'), { leave: 'kustomize.toolkit.fluxcd.io/reconcile: disabled' }],
    [flux('ssa', 'Ignore'), { leave: 'kustomize.toolkit.fluxcd.io/ssa: Ignore' }],
    [flux('ssa', 'IfNotPresent'), { onlyCreate: true }],
    [flux('ssa', 'merge'), { takeAll: true }],
    [flux('ssa', 'Override'), { exclusive: true, takeAll: true }],
    [{ 'helm.sh/resource-policy': 'keep' }, undefined],
  ])('%j asks for %j', (annotations, treatment) => {
    expect(treatmentOf(manifest(annotations))).toEqual({ ...(treatment === undefined ? {} : { treatment }), warnings: [] });
  });

  it('reads the options of Flux from labels too', () => {
    expect(treatmentOf(manifest({}, flux('ssa', 'IfNotPresent'))).treatment).toEqual({ onlyCreate: true });
  });

  it.each([
    [
      argo('Prune=flase'),
      'annotation argocd.argoproj.io/sync-options of Deployment/web has the unknown value "Prune=flase"',
      'Prune=false',
    ],
    [
      argo('Repalce=true'),
      'annotation argocd.argoproj.io/sync-options of Deployment/web has the unknown value "Repalce=true"',
      'Replace=true',
    ],
    [argo('PrunePropagationPolicy=backgroud'), undefined, 'PrunePropagationPolicy=background'],
    [argo('Prune'), undefined, 'Prune=true'],
    [
      flux('reconcile', 'disable'),
      'annotation kustomize.toolkit.fluxcd.io/reconcile of Deployment/web has the unknown value "disable"',
      'disabled',
    ],
    [flux('ssa', 'IfNotPresnt'), undefined, 'IfNotPresent'],
    [{ 'helm.sh/resource-policy': 'kep' }, undefined, 'keep'],
  ])('refuses %j and says what was meant', (annotations, message, near) => {
    const error = thrownBy(() => treatmentOf(manifest(annotations)));
    expect(error).toMatchObject({ code: 'COMPARE_ANNOTATION_INVALID', where: { file: 'web.yaml', line: 4 } });
    if (message !== undefined) expect(error.message).toBe(message);
    expect(error.hint).toContain(near);
  });

  it.each([
    [
      argo('CreateNamespace=true'),
      'web.yaml:4: Deployment/web: CreateNamespace=true: it does nothing on a single object; write "create_namespace: true" in the workflow',
    ],
    [
      argo('ServerSideApply=false'),
      'web.yaml:4: Deployment/web: ServerSideApply=false: it is applied server-side all the same, as every object is',
    ],
    [
      argo('PrunePropagationPolicy=foreground'),
      'web.yaml:4: Deployment/web: PrunePropagationPolicy=foreground: it does nothing on a single object; what an object owns is deleted in the background after it',
    ],
    [
      flux('substitute', 'enabled'),
      'web.yaml:4: Deployment/web: kustomize.toolkit.fluxcd.io/substitute: enabled: variables in it are not substituted, as in no object',
    ],
    [
      { 'argocd.argoproj.io/sync-option': 'Prune=false' },
      'web.yaml:4: Deployment/web: nobody knows argocd.argoproj.io/sync-option, so it does nothing; is argocd.argoproj.io/sync-options meant?',
    ],
    [
      { 'kustomize.toolkit.fluxcd.io/prunes': 'disabled' },
      'web.yaml:4: Deployment/web: nobody knows kustomize.toolkit.fluxcd.io/prunes, so it does nothing; is kustomize.toolkit.fluxcd.io/prune meant?',
    ],
  ])('says of %j what happens instead', (annotations, warning) => {
    expect(treatmentOf(manifest(annotations as { [name: string]: string })).warnings).toEqual([warning]);
  });

  it('says nothing of options that hold anyway, and of the names of others', () => {
    for (const options of [
      'ApplyOutOfSyncOnly=true',
      'RespectIgnoreDifferences=true',
      'FailOnSharedResource=true',
      'ServerSideApply=true',
      'ClientSideApplyMigration=false',
    ])
      expect(treatmentOf(manifest(argo(options)))).toEqual({ warnings: [] });
    expect(
      treatmentOf(
        manifest({
          'argocd.argoproj.io/tracking-id': 'x',
          'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
          'kustomize.toolkit.fluxcd.io/name': 'apps',
        }),
      ),
    ).toEqual({ warnings: [] });
  });
});

describe('pruneRule', () => {
  it.each([
    [live({}), 'delete'],
    [live(argo('Prune=true,PruneLast=true')), 'delete'],
    [live(argo('Validate=false, Prune=false')), 'keep'],
    [live({ 'helm.sh/resource-policy': 'keep' }), 'keep'],
    [live(flux('prune', 'Disabled')), 'keep'],
    [live({}, flux('prune', 'disabled')), 'keep'],
    [live(flux('reconcile', 'disabled')), 'keep'],
    [live(flux('ssa', 'Ignore')), 'keep'],
    [live(flux('ssa', 'IfNotPresent')), 'delete'],
    [live(argo('Prune=confirm')), 'confirm'],
    [live({ ...argo('Prune=confirm'), 'argocd.argoproj.io/deletion-approved': 'yes' }), 'confirm'],
    [live({ ...argo('Prune=confirm'), 'argocd.argoproj.io/deletion-approved': '2026-11-28T12:00:00Z' }), 'delete'],
  ])('case %#', (object, rule) => {
    expect(pruneRule(object).rule).toBe(rule);
  });
});

describe('leftAloneBy', () => {
  it('lets Git lift what the live object says', () => {
    expect(leftAloneBy(live(flux('reconcile', 'disabled')), undefined)).toBe('kustomize.toolkit.fluxcd.io/reconcile: disabled');
    expect(leftAloneBy(live(flux('reconcile', 'disabled')), treatmentOf(manifest(flux('reconcile', 'enabled'))).treatment)).toBeUndefined();
    expect(leftAloneBy(live({}), undefined)).toBeUndefined();
  });
});

describe('directivesOf', () => {
  it.each([
    ['argocd.argoproj.io/hook', 'PreDelete', []],
    ['argocd.argoproj.io/hook', 'PostDelete,PreSync', ['PreSync']],
    ['argocd.argoproj.io/hook', 'Skip', []],
    ['helm.sh/hook', 'post-install,post-upgrade', ['PostSync']],
    ['helm.sh/hook', 'post-delete', []],
    ['helm.sh/hook', 'crd-install', undefined],
  ])('%s: %s', (name, value, phases) => {
    expect(directivesOf(manifest({ [name]: value })).hook).toEqual(phases);
  });

  it('reads the wave of a live object, and no wave from what is none', () => {
    expect(waveOfLive(live({ 'argocd.argoproj.io/sync-wave': '-3' }))).toBe(-3);
    expect(waveOfLive(live({ 'argocd.argoproj.io/sync-wave': 'late' }))).toBe(0);
    expect(waveOfLive(live({}))).toBe(0);
  });
});
