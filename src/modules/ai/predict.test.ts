import { describe, expect, test } from 'vitest';
import { predict } from './predict.js';
import { similarTo } from './similarity.js';
import type { DiffFacts, Execution } from './types.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);

/** The same numbers every time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Step {
  command: string;
  failure: number;
  diff?: DiffFacts;
}

/** Predicts each execution of a history before it is known how it ends. */
function score(histories: ((random: () => number, i: number, past: readonly Execution[]) => Step)[], { length = 150, seed = 1 } = {}) {
  const random = seeded(seed);
  const seen: { predicted: number; failed: number; truth: number; late: boolean }[] = [];
  for (const [index, make] of histories.entries()) {
    const past: Execution[] = [];
    for (let i = 0; i < length; i++) {
      const { command, failure, diff } = make(random, i, past);
      const now = START + i * HOUR;
      const question = { task: `task-${index}`, command, now, ...(diff === undefined ? {} : { diff }) };
      const { failureProbability } = predict(past, question);
      const failed = random() < failure;
      seen.push({ predicted: failureProbability, failed: failed ? 1 : 0, truth: failure, late: i >= 30 });
      past.push({ task: question.task, command, at: now, success: !failed, source: 'recorded', ...(diff === undefined ? {} : { diff }) });
    }
  }
  const late = seen.filter((one) => one.late);
  const mean = (value: (one: (typeof seen)[number]) => number) => late.reduce((all, one) => all + value(one), 0) / late.length;
  const rate = mean(({ failed }) => failed);
  return {
    brier: mean(({ predicted, failed }) => (predicted - failed) ** 2),
    /** Of who knows the rate of all of it, afterwards. */
    base: mean(({ failed }) => (rate - failed) ** 2),
    /** Of who knows what the dice are. */
    best: mean(({ truth, failed }) => (truth - failed) ** 2),
    bins: Array.from({ length: 10 }, (_, bin) => {
      const inside = late.filter(({ predicted }) => Math.min(9, Math.floor(predicted * 10)) === bin);
      const average = (value: (one: (typeof seen)[number]) => number) => inside.reduce((all, one) => all + value(one), 0) / inside.length;
      return { count: inside.length, predicted: average(({ predicted }) => predicted), observed: average(({ failed }) => failed) };
    }).filter(({ count }) => count >= 250),
  };
}

const steady = (failure: number) => () => ({ command: 'make deploy', failure });
const rates = [0.01, 0.02, 0.05, 0.05, 0.1, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];

describe('predictions on simulated histories', () => {
  test('of tasks of many kinds are calibrated and far better than the common rate', () => {
    const result = score([...rates, ...rates, ...rates, ...rates].map(steady));
    expect(result.brier).toBeLessThan(result.base * 0.75);
    expect(result.brier).toBeLessThan(result.best * 1.06);
    for (const { predicted, observed } of result.bins)
      expect(Math.abs(predicted - observed), JSON.stringify(result.bins)).toBeLessThan(0.08);
    expect(result.bins.length).toBeGreaterThanOrEqual(6);
  });

  test.each([0.02, 0.1, 0.5])('of a task that fails at %d lose little to who knows its rate', (failure) => {
    const { brier, base } = score(
      Array.from({ length: 12 }, () => steady(failure)),
      { seed: 7 },
    );
    expect(brier).toBeLessThan(base * 1.05 + 0.001);
  });

  test('follow a task that turns bad and good again', () => {
    const { brier, base } = score(
      Array.from({ length: 8 }, () => (_: unknown, i: number) => ({ command: 'make', failure: Math.floor(i / 75) % 2 === 1 ? 0.8 : 0.05 })),
      { length: 300 },
    );
    expect(brier).toBeLessThan(base * 0.75);
  });

  test('tell a command that fails from one that does not', () => {
    const commands = ['helm upgrade shop ./chart --namespace prod --wait', 'terraform plan -refresh=false', 'npm run build'];
    const { brier, base } = score(
      Array.from({ length: 8 }, () => (random: () => number) => {
        const which = Math.floor(random() * 3);
        return { command: commands[which] as string, failure: [0.7, 0.05, 0.1][which] as number };
      }),
    );
    expect(brier).toBeLessThan(base * 0.72);
  });

  test('learn that large and grave changes fail more often', () => {
    const result = score(
      Array.from({ length: 40 }, (_, task) => (random: () => number) => {
        const changes = random() < 0.3 ? 30 + Math.floor(random() * 20) : 1 + Math.floor(random() * 4);
        const large = changes > 20;
        return {
          command: 'evenkeel sync web',
          // How much worse differs from task to task.
          failure: large ? 0.2 + (task % 8) / 10 : 0.02 + (task % 5) / 50,
          diff: { changes, deletions: random() < 0.2 ? 1 : 0, impact: random() < 0.5 ? ('high' as const) : ('low' as const) },
        };
      }),
    );
    expect(result.brier).toBeLessThan(result.base * 0.82);
    for (const { predicted, observed } of result.bins)
      expect(Math.abs(predicted - observed), JSON.stringify(result.bins)).toBeLessThan(0.1);
  });

  test('learn that failures come in a row', () => {
    const { brier, base } = score(
      Array.from({ length: 10 }, () => (_: unknown, __: number, past: readonly Execution[]) => ({
        command: 'make test',
        failure: past.at(-1)?.success === false ? 0.8 : 0.06,
      })),
    );
    expect(brier).toBeLessThan(base * 0.75);
  });
});

describe('one prediction', () => {
  const now = START + 100 * HOUR;
  const ran = (success: boolean, more: Partial<Execution> = {}): Execution => ({
    task: 'deploy',
    command: 'make deploy',
    at: START,
    success,
    source: 'recorded',
    ...more,
  });
  const ask = (history: Execution[], more = {}) => predict(history, { task: 'deploy', command: 'make deploy', now, ...more });

  test('of what is not known is a low guess without confidence, and says so', () => {
    for (const history of [[], [ran(false, { task: 'other', command: 'terraform destroy' })]])
      expect(ask(history)).toMatchObject({
        failureProbability: 0.05,
        confidence: 0,
        basedOn: 0,
        riskFactors: [{ factor: 'no_history' }],
        recommendations: [/Record/] as never,
      });
  });

  test('is more sure the more is known, and never wholly', () => {
    const confidences = [1, 5, 20, 500].map((n) => ask(Array.from({ length: n }, (_, i) => ran(true, { at: START + i }))).confidence);
    expect(confidences).toEqual([...confidences].sort((a, b) => a - b));
    expect(confidences[0]).toBeLessThan(0.15);
    expect(confidences.at(-1)).toBeGreaterThan(0.8);
    expect(confidences.at(-1)).toBeLessThan(1);
  });

  test('counts similar commands of other tasks, and not those that are not', () => {
    const others = Array.from({ length: 20 }, (_, i) =>
      ran(false, { task: 'release', command: `kubectl apply -f web.yaml --context prod-${i}` }),
    );
    const similar = ask(others, { command: 'kubectl apply -f web.yaml --context prod-7' });
    expect(similar.failureProbability).toBeGreaterThan(0.3);
    expect(similar).toMatchObject({ similarFailures: 20, basedOn: 20 });
    expect(ask(others, { command: 'npm test' }).basedOn).toBe(0);
    expect(ask(others, { command: '' }).basedOn).toBe(0);
  });

  test('says what speaks for a failure and what to do', () => {
    const history = Array.from({ length: 40 }, (_, i) =>
      ran(i < 30, { at: START + i * HOUR, error: i < 30 ? undefined : 'no space left', attempts: 2 } as Partial<Execution>),
    );
    const { failureProbability, riskFactors, recommendations } = ask(history);
    expect(failureProbability).toBeGreaterThan(0.5);
    expect(riskFactors.map(({ factor }) => factor)).toEqual(['failed_last_time', 'recent_failures', 'retries', 'getting_worse']);
    expect(recommendations.join(' ')).toMatch(/no space left.*retries/);
  });
});

describe('similarity', () => {
  test.each<[string, string, number, number]>([
    ['make', 'make', 1, 1],
    ['kubectl apply -f web.yaml', 'kubectl apply -f api.yaml', 0.5, 0.9],
    ['docker push shop/web:1.2.3', 'docker push shop/web:2.0.0-rc1', 1, 1],
    ['git checkout 0123abcdef01', 'git checkout fedcba987654', 1, 1],
    ['helm upgrade web', 'npm test', 0, 0],
    ['', '', 1, 1],
    ['', 'make', 0, 0],
  ])('%s and %s', (a, b, least, most) => {
    const found = similarTo(a)(b);
    expect(found).toBeGreaterThanOrEqual(least);
    expect(found).toBeLessThanOrEqual(most);
    expect(similarTo(b)(a)).toBe(found);
  });
});
