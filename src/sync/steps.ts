import type { Compared, Hook, Phase, PruneCandidate } from '../compare/index.js';
import { compareForApply, installStage } from '../manifest/index.js';
import type { KubeObject } from '../model/index.js';

/** Objects that may be applied at once, and the hooks that run beside them. */
export interface Step {
  phase: Phase;
  wave: number;
  /** Applied tier after tier; within a tier requests are begun in order and not waited for. */
  tiers: Compared[][];
  hooks: Hook[];
}

/**
 * Orders what is to be done: by phase, then wave, and within a wave by kind. Namespaces and
 * CustomResourceDefinitions come before what needs them, even where their own wave is a later one.
 */
export function orderSteps(items: readonly Compared[], hooks: readonly Hook[]): Step[] {
  const waveOf = effectiveWaves(items);
  const waves = new Map<number, Compared[]>();
  for (const item of items) {
    const wave = waveOf(item);
    const list = waves.get(wave);
    if (list) list.push(item);
    else waves.set(wave, [item]);
  }
  const steps: Step[] = [];
  for (const phase of ['PreSync', 'Sync', 'PostSync'] as const) {
    const mine = hooks.filter((hook) => hook.phases.includes(phase));
    const numbers = new Set(mine.map((hook) => hook.wave));
    if (phase === 'Sync') for (const wave of waves.keys()) numbers.add(wave);
    for (const wave of [...numbers].sort((a, b) => a - b)) {
      const objects = phase === 'Sync' ? (waves.get(wave) ?? []) : [];
      steps.push({ phase, wave, tiers: tiersOf(objects), hooks: sortHooks(mine.filter((hook) => hook.wave === wave)) });
    }
  }
  return steps;
}

/** The hooks of a failed sync, in order. */
export function failHooks(hooks: readonly Hook[]): Hook[] {
  return sortHooks(hooks.filter((hook) => hook.phases.includes('SyncFail')));
}

function sortHooks(hooks: Hook[]): Hook[] {
  return hooks.sort((a, b) => a.wave - b.wave || compareForApply(a.object, b.object));
}

function tiersOf(items: readonly Compared[]): Compared[][] {
  const ordered = [...items].sort((a, b) => compareForApply(a.desired.object, b.desired.object));
  const tiers: Compared[][] = [];
  let stage: number | undefined;
  for (const item of ordered) {
    const own = installStage(item.desired.key);
    if (own !== stage) tiers.push([]);
    tiers[tiers.length - 1]?.push(item);
    stage = own;
  }
  return tiers;
}

function effectiveWaves(items: readonly Compared[]): (item: Compared) => number {
  const earliest = new Map<string, number>();
  const note = (need: string, wave: number) => earliest.set(need, Math.min(earliest.get(need) ?? wave, wave));
  for (const { desired } of items) {
    if (desired.key.namespace !== '') note(`namespace ${desired.key.namespace}`, desired.wave);
    note(`type ${desired.key.group}/${desired.key.kind}`, desired.wave);
  }
  return ({ desired }) => {
    const needs = needName(desired.object);
    return needs === undefined ? desired.wave : Math.min(desired.wave, earliest.get(needs) ?? desired.wave);
  };
}

function needName(object: KubeObject): string | undefined {
  if (object.kind === 'Namespace' && object.apiVersion === 'v1') return `namespace ${object.metadata.name ?? ''}`;
  if (object.kind !== 'CustomResourceDefinition') return undefined;
  const spec = object['spec'] as { group?: unknown; names?: { kind?: unknown } } | undefined;
  return `type ${String(spec?.group ?? '')}/${String(spec?.names?.kind ?? '')}`;
}

/** Candidates that may be deleted at once, in the order of deletion. */
export function deletionTiers(candidates: readonly PruneCandidate[]): { wave: number; candidates: PruneCandidate[] }[] {
  const tiers: { wave: number; stage: number; candidates: PruneCandidate[] }[] = [];
  for (const candidate of candidates) {
    const { wave } = candidate;
    const stage = installStage(candidate.key);
    const last = tiers.at(-1);
    if (last !== undefined && last.wave === wave && last.stage === stage) last.candidates.push(candidate);
    else tiers.push({ wave, stage, candidates: [candidate] });
  }
  return tiers;
}
