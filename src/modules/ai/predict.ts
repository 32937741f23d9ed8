import { similarTo } from './similarity.js';
import type { DiffFacts, Execution, Prediction, RiskFactor } from './types.js';

/**
 * What is believed before anything is known: one failure in twenty, as firmly as two executions would
 * say it. Measured on simulated histories: firmer, and tasks that often fail are believed too late;
 * looser, and the first failure of a good task frightens.
 */
const PRIOR = 0.05;
const PRIOR_STRENGTH = 2;
/** What is this old, or this many executions back, counts half. */
const HALF_LIFE_MS = 30 * 86_400_000;
const HALF_LIFE_RUNS = 60;
/** An execution of the same task by a command that has nothing in common counts this much. */
const SAME_TASK = 0.2;
/** One of another task counts this much of its similarity, and not at all below the least. */
const OTHER_TASK = 0.3;
export const LEAST_SIMILARITY = 0.6;
/** How many executions a feature needs before it is believed half, apart from chance. */
const FEATURE_STRENGTH = 1;
/** A difference that chance makes as often as this, as the square of standard deviations, counts half. */
const CHANCE = 1;

export interface Question {
  task: string;
  command: string;
  /** What the sync is going to change, where that is known. */
  diff?: DiffFacts;
  /** Milliseconds since the epoch. */
  now: number;
}

interface Weighed {
  execution: Execution;
  weight: number;
  similarity: number;
  same: boolean;
}

/**
 * How likely an execution fails: the share of failures among those that are like it, the newer and more
 * similar ones counting more, drawn towards a low prior while they are few; then moved by what went along
 * with failures in this history.
 * @param history in any order; executions of other tasks count where their commands are similar
 */
export function predict(history: readonly Execution[], question: Question): Prediction {
  const weighed = weigh(history, question);
  const total = sum(weighed, () => true);
  if (total === 0)
    return {
      failureProbability: PRIOR,
      confidence: 0,
      riskFactors: [{ factor: 'no_history', description: 'Nothing like it was recorded yet: the probability is only a guess.', weight: 0 }],
      recommendations: ['Record executions (ai.recordExecution, or run it as a task) before relying on predictions.'],
      similarFailures: 0,
      basedOn: 0,
    };
  const failed = sum(weighed, ({ success }) => !success);
  const rate = (failed + PRIOR * PRIOR_STRENGTH) / (total + PRIOR_STRENGTH);
  const moved = features(weighed, question);
  const strongest = strongestOf(moved);
  const odds = Math.log(rate / (1 - rate)) + strongest.reduce((all, { weight }) => all + weight, 0);
  const probability = Math.min(0.99, Math.max(0.001, 1 / (1 + Math.exp(-odds))));
  // Of many old or little similar ones nobody is sure: neither their number counts nor their weight alone.
  const known = Math.min(total, total ** 2 / weighed.reduce((all, { weight }) => all + weight ** 2, 0));
  const failures = weighed.filter(({ execution }) => !execution.success);
  const riskFactors = [...strongest.filter(({ weight }) => weight > 0.1), ...worthKnowing(weighed, failures)];
  return {
    failureProbability: probability,
    confidence: Math.min(0.99, known / (known + 10)),
    riskFactors,
    recommendations: recommend({ probability, riskFactors, basedOn: weighed.length, failures, question }),
    similarFailures: failures.length,
    basedOn: weighed.length,
  };
}

function weigh(history: readonly Execution[], { task, command, now }: Question): Weighed[] {
  const similarity = similarTo(command);
  const weighed: Weighed[] = [];
  const rank = { same: 0, other: 0 };
  for (const execution of [...history].sort((a, b) => b.at - a.at)) {
    const same = execution.task === task;
    const alike = similarity(execution.command);
    if (!same && (command === '' || alike < LEAST_SIMILARITY)) continue;
    const kind = same ? SAME_TASK + (1 - SAME_TASK) * alike ** 2 : OTHER_TASK * alike ** 2;
    const age = Math.max(0, now - execution.at) / HALF_LIFE_MS + rank[same ? 'same' : 'other']++ / HALF_LIFE_RUNS;
    const weight = kind * 2 ** -age;
    if (weight > 0.001) weighed.push({ execution, weight, similarity: alike, same });
  }
  return weighed;
}

const sum = (weighed: readonly Weighed[], fits: (execution: Execution) => boolean): number =>
  weighed.reduce((all, { execution, weight }) => (fits(execution) ? all + weight : all), 0);

type SizeClass = 'none' | 'small' | 'medium' | 'large';
const sizeOf = ({ changes }: DiffFacts): SizeClass =>
  changes === 0 ? 'none' : changes <= 5 ? 'small' : changes <= 20 ? 'medium' : 'large';
const isGrave = ({ impact }: DiffFacts) => impact === 'high' || impact === 'critical';

/** What of the question went along with failures before, and how much it moves the odds. */
function features(weighed: readonly Weighed[], { diff }: Question): RiskFactor[] {
  const found: RiskFactor[] = [];
  const own = weighed.filter(({ same }) => same);
  const before = new Map(own.map(({ execution }, index) => [execution, own[index + 1]?.execution]));
  const last = own[0]?.execution;
  if (last !== undefined) {
    const known = own.filter(({ execution }) => before.get(execution) !== undefined);
    const followed = (execution: Execution) => before.get(execution)?.success === last.success;
    const weight = evidence(known, followed);
    found.push({ factor: 'failed_last_time', description: 'The last execution failed, and failures of this task come in a row.', weight });
  }
  if (diff === undefined) return found;
  const withDiff = weighed.filter(({ execution }) => execution.diff !== undefined);
  const on = (test: (facts: DiffFacts) => boolean) =>
    evidence(withDiff, ({ diff: facts }) => facts !== undefined && test(facts) === test(diff));
  found.push({
    factor: 'large_change',
    description: `${diff.changes} changes: so many failed more often than others.`,
    weight: evidence(withDiff, ({ diff: facts }) => facts !== undefined && sizeOf(facts) === sizeOf(diff)),
  });
  found.push({
    factor: 'deletions',
    description:
      diff.deletions > 0
        ? `It deletes (${diff.deletions}), and syncs that delete failed more often.`
        : 'It deletes nothing, and such syncs failed more often.',
    weight: on(({ deletions }) => deletions > 0),
  });
  found.push({
    factor: 'impact',
    description: `Its impact is ${diff.impact}, and such changes failed more often.`,
    weight: on(isGrave),
  });
  return found;
}

/**
 * The logarithm of how much more often failures have a feature than successes do. It counts as far as the
 * difference is more than chance would make it, so that a feature that says nothing moves nothing.
 */
function evidence(weighed: readonly Weighed[], has: (execution: Execution) => boolean): number {
  const failures = sum(weighed, ({ success }) => !success);
  const successes = sum(weighed, ({ success }) => success);
  const total = failures + successes;
  if (failures === 0 || successes === 0) return 0;
  const overall = Math.min(0.99, Math.max(0.01, sum(weighed, has) / total));
  const share = (failed: boolean, all: number) =>
    (sum(weighed, (execution) => execution.success !== failed && has(execution)) + FEATURE_STRENGTH * overall) / (all + FEATURE_STRENGTH);
  const [inFailures, inSuccesses] = [share(true, failures), share(false, successes)];
  const chance = overall * (1 - overall) * (1 / failures + 1 / successes);
  const surprise = (inFailures - inSuccesses) ** 2 / chance;
  return Math.log(inFailures / inSuccesses) * (surprise / (surprise + CHANCE));
}

/** Size, deletions and impact say much the same, so that only the strongest of them counts. */
function strongestOf(factors: readonly RiskFactor[]): RiskFactor[] {
  const ofDiff = factors.filter(({ factor }) => factor !== 'failed_last_time');
  const strongest = ofDiff.reduce<RiskFactor | undefined>(
    (best, one) => (best === undefined || Math.abs(one.weight) > Math.abs(best.weight) ? one : best),
    undefined,
  );
  return [...factors.filter(({ factor }) => factor === 'failed_last_time'), ...(strongest === undefined ? [] : [strongest])];
}

function worthKnowing(weighed: readonly Weighed[], failures: readonly Weighed[]): RiskFactor[] {
  const known: RiskFactor[] = [];
  const own = weighed.filter(({ same }) => same).map(({ execution }) => execution);
  const recent = own.slice(0, 10);
  const recentFailures = recent.filter(({ success }) => !success).length;
  if (recentFailures > 0)
    known.push({ factor: 'recent_failures', description: `${recentFailures} of the last ${recent.length} executions failed.`, weight: 0 });
  const others = failures.filter(({ same }) => !same).length;
  if (others > 0) known.push({ factor: 'similar_failures', description: `${others} similar commands of other tasks failed.`, weight: 0 });
  const retried = recent.filter(({ attempts = 1 }) => attempts > 1).length;
  if (retried > 1)
    known.push({ factor: 'retries', description: `${retried} of the last ${recent.length} executions were tried again.`, weight: 0 });
  const older = own.slice(10, 40);
  const share = (some: readonly Execution[]) => some.filter(({ success }) => !success).length / some.length;
  if (recent.length === 10 && older.length >= 10 && share(recent) > share(older) + 0.2)
    known.push({
      factor: 'getting_worse',
      description: `It fails more often than before: ${percent(share(recent))} of the last 10, ${percent(share(older))} of the ${older.length} before.`,
      weight: 0,
    });
  return known;
}

const percent = (share: number) => `${Math.round(share * 100)}%`;

function recommend(known: {
  probability: number;
  riskFactors: readonly RiskFactor[];
  basedOn: number;
  failures: readonly Weighed[];
  question: Question;
}): string[] {
  const { probability, riskFactors, basedOn, failures, question } = known;
  const has = (factor: string) => riskFactors.some((one) => one.factor === factor);
  const said: string[] = [];
  const error = failures.find(({ execution }) => execution.error !== undefined)?.execution.error;
  if (has('failed_last_time'))
    said.push(`Find out why the last execution failed before trying again${error === undefined ? '.' : `: ${error}`}`);
  else if (probability > 0.25 && error !== undefined) said.push(`Check that what failed last is mended: ${error}`);
  if (has('large_change')) said.push('Sync it in smaller steps.');
  if (has('deletions') && (question.diff?.deletions ?? 0) > 0) said.push('Look at what is deleted in the preview before the sync.');
  if (has('impact')) said.push('Have the preview approved by a person, and sync with a rollback on failure.');
  if (has('retries')) said.push('It often needs another try: give it retries, or find what makes it unsteady.');
  if (has('getting_worse')) said.push('Look at what changed when it began to fail more often.');
  if (probability > 0.25 && said.length === 0) said.push('Run it where a failure does no harm first, and have a rollback ready.');
  if (basedOn < 5)
    said.push(`Only ${basedOn === 1 ? 'one execution is' : `${basedOn} executions are`} known: do not rely on the number yet.`);
  return said;
}
