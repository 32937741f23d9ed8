import { describe, expect, it } from 'vitest';
import { assessHealth } from '../assess.js';
import { conditions, object } from '../test-objects.js';
import { absent, conditions as conditionsPath, evaluateRules, of, type Rule } from './language.js';
import { rulesFor, ruleTables } from './registry.js';

function status(kind: string, fields: { [field: string]: unknown } = {}): string | null {
  return assessHealth(object(kind, fields))?.status ?? null;
}

describe('the rule language', () => {
  const run = (rules: Rule[], status_: unknown) => evaluateRules(rules, { kind: 'Thing', status: status_ });
  it('goes through a list in its own order', () => {
    const rules: Rule[] = [
      {
        each: conditionsPath,
        cases: [
          { if: of('A', 'True'), is: 'Healthy' },
          { if: of('B', 'True'), is: 'Degraded' },
        ],
      },
    ];
    expect(run(rules, { conditions: conditions('B=True::b', 'A=True::a') })).toEqual({ status: 'Degraded', message: 'b' });
    expect(run(rules, { conditions: conditions('C=True') })).toBeUndefined();
  });
  it('lets a later item overrule where it is told to', () => {
    const rules: Rule[] = [
      {
        each: conditionsPath,
        cases: [
          { if: of('A', 'True'), is: 'Healthy', unlessLater: true },
          { if: of('B', 'False'), is: 'Degraded' },
        ],
      },
    ];
    expect(run(rules, { conditions: conditions('A=True', 'B=False') })?.status).toBe('Degraded');
    expect(run(rules, { conditions: conditions('B=True', 'A=True') })?.status).toBe('Healthy');
  });
  it('compares fields', () => {
    const test = (want: NonNullable<Extract<Rule, { when?: unknown }>['when']>, value: unknown) =>
      run([{ when: want, is: 'Healthy' }], value) !== undefined;
    expect(test({ 'status.a': { same: 'status.b' } }, { a: 2, b: 2n })).toBe(true);
    expect(test({ 'status.a': { same: 'status.b' } }, {})).toBe(true);
    expect(test({ 'status.a': { not: { same: 'status.b' } } }, { a: 1 })).toBe(true);
    expect(test({ 'status.a': [absent, 'x'] }, { a: 'x' })).toBe(true);
    expect(test({ 'status.a': [absent, 'x'] }, { a: null })).toBe(true);
    expect(test({ 'status.a': [absent, 'x'] }, { a: 'y' })).toBe(false);
    expect(test({ 'status.a': { less: 'status.b', or: 1 } }, {})).toBe(true);
    expect(test({ 'status.a': { less: 'status.b', or: 1 } }, { a: 1 })).toBe(false);
    expect(test({ 'status.a': { older: 'status.b' } }, { b: 2 })).toBe(false);
    expect(test({ 'status.a': { over: 0 } }, { a: '1' })).toBe(false);
    expect(test({ 'status.x[a.b/c]': 1 }, { x: { 'a.b/c': 1 } })).toBe(true);
  });
  it('fills messages from the object, the item and conditions, and never reads what it puts in as a template', () => {
    const say = (text: string, status_: unknown) => run([{ is: 'Healthy', say: text }], status_)?.message;
    expect(say("{status.a|status.b|'c'}", {})).toBe('c');
    expect(say('{status.a|status.b}', { b: '{kind} $&' })).toBe('{kind} $&');
    expect(say('{kind}: {Ready:message}', { conditions: conditions('Ready=False::no') })).toBe('Thing: no');
  });
});

describe('the tables', () => {
  const entries = ruleTables.flat();
  it('have one entry for a kind', () => {
    const keys = entries.flatMap((e) => (e.kinds === '*' ? [`${e.group}/*`] : e.kinds.map((k) => `${e.group}/${k}`)));
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });
  it('always give an answer', () => {
    for (const entry of entries.filter((e) => e.rules.length > 0)) {
      const kind = entry.kinds === '*' ? 'SomePolicy' : entry.kinds[0];
      for (const status_ of [
        undefined,
        {},
        { conditions: [] },
        { phase: 'nobody knows', state: 'this', conditions: [{ type: 'X', status: 'True' }] },
      ])
        expect(
          evaluateRules(entry.rules, { apiVersion: `${entry.group}/v1`, kind, metadata: {}, spec: {}, status: status_ }),
          `${entry.group} ${String(kind)}`,
        ).toBeDefined();
    }
  });
  it('are found by group and kind, then by group, then by what the group ends in', () => {
    expect(rulesFor('pkg.crossplane.io', 'Provider')).not.toBe(rulesFor('pkg.crossplane.io', 'Function'));
    expect(rulesFor('ec2.aws.crossplane.io', 'VPC')?.group).toBe('*.crossplane.io');
    expect(rulesFor('operator.victoriametrics.com', 'VMSingle')?.kinds).toBe('*');
    expect(rulesFor('crossplane.io', 'X')).toBeUndefined();
    expect(rulesFor('notcrossplane.io', 'X')).toBeUndefined();
  });
});

describe('kinds with a meaning of their own', () => {
  it('cert-manager: issuing anew is no failure', () => {
    const certificate = (...texts: string[]) => status('cert-manager.io/Certificate', { status: { conditions: conditions(...texts) } });
    expect(certificate('Ready=False:Expired', 'Issuing=True')).toBe('Progressing');
    expect(certificate('Ready=False:Expired')).toBe('Degraded');
    expect(certificate('Ready=True')).toBe('Healthy');
  });
  it('Flux: Reconciling with Ready Unknown goes on, Ready False has failed', () => {
    const flux = (spec: object, ...texts: string[]) =>
      status('kustomize.toolkit.fluxcd.io/Kustomization', { spec, status: { conditions: conditions(...texts) } });
    expect(flux({}, 'Reconciling=True', 'Ready=Unknown')).toBe('Progressing');
    expect(flux({}, 'Ready=False:BuildFailed')).toBe('Degraded');
    expect(flux({ suspend: true }, 'Ready=True')).toBe('Suspended');
    expect(
      status('source.toolkit.fluxcd.io/GitRepository', { status: { conditions: conditions('Ready=True', 'ArtifactInStorage=True') } }),
    ).toBe('Healthy');
  });
  it('Crossplane: Synced False is a failure, kinds without a status are fine', () => {
    expect(status('ec2.aws.crossplane.io/VPC', { status: { conditions: conditions('Ready=True', 'Synced=False') } })).toBe('Degraded');
    expect(status('ec2.aws.upbound.io/VPC', { status: { conditions: conditions('Synced=True', 'Ready=True') } })).toBe('Healthy');
    expect(status('aws.upbound.io/ProviderConfig')).toBe('Healthy');
    expect(status('ec2.aws.upbound.io/VPC')).toBe('Progressing');
  });
  it('Rollout: the phase, and the strategy where there is none', () => {
    const rollout = (part: object, spec: object = {}) =>
      status('argoproj.io/Rollout', { metadata: { generation: 2 }, spec, status: { observedGeneration: '2', ...part } });
    expect(rollout({ phase: 'Paused' })).toBe('Suspended');
    expect(rollout({ phase: 'Healthy', observedGeneration: '1' })).toBe('Progressing');
    const canary = { replicas: 1, strategy: { canary: {} } };
    expect(rollout({ currentPodHash: 'b', stableRS: 'a', updatedReplicas: 1, availableReplicas: 1, replicas: 1 }, canary)).toBe(
      'Progressing',
    );
    expect(rollout({ currentPodHash: 'b', stableRS: 'b', updatedReplicas: 1, availableReplicas: 1, replicas: 1 }, canary)).toBe('Healthy');
    expect(rollout({ pauseConditions: [{ reason: 'CanaryPauseStep' }] }, canary)).toBe('Suspended');
  });
  it('Gateway API: parents that have not seen the spec do not count', () => {
    const parent = (observedGeneration: number, ...texts: string[]) => ({
      conditions: conditions(...texts).map((c) => ({ ...c, observedGeneration })),
    });
    const route = (...parents: unknown[]) =>
      status('gateway.networking.k8s.io/HTTPRoute', { metadata: { generation: 2 }, status: { parents } });
    expect(route(parent(1, 'Accepted=False'))).toBe('Progressing');
    expect(route(parent(1, 'Accepted=False'), parent(2, 'Accepted=True'))).toBe('Healthy');
    expect(route(parent(2, 'Accepted=True', 'ResolvedRefs=False'))).toBe('Degraded');
  });
});
