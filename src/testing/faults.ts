import type { Clock, WireRequest, WireResponse } from '../model/index.js';
import type { InterceptContext } from '../sandbox/index.js';
import { check, durationOf, faultSchema } from './check.js';
import { admissionAnswer, asksOfGroup, statusAnswer, withoutGroup } from './fault-answers.js';
import { isWrite, type Matched, matches } from './match.js';
import type { FaultRule, Faults } from './types.js';
import { brokenConnection, faultyWatch, halfAnswer, type OpenWatch } from './watches.js';

interface Rule {
  rule: FaultRule;
  seen: number;
  fired: number;
}

export interface FaultEngine extends Faults {
  /** Answers a request as the rules want it. */
  answer(request: WireRequest, context: InterceptContext, facts: Matched): Promise<{ response: WireResponse; faulted: boolean }>;
}

/** Rules of what goes wrong, in the order in which they were added: a delay goes on to the next rule, any other ends the search. */
export function createFaults(clock: Clock, seed: number): FaultEngine {
  const rules: Rule[] = [];
  const watches = new Set<OpenWatch>();
  const stalled = new Map<Rule, OpenWatch[]>();
  const chance = randomNumbers(seed);

  /** Whether a rule that a request matches happens to it. */
  const fires = (entry: Rule): boolean => {
    const { times = Number.POSITIVE_INFINITY, after = 0, probability = 1 } = entry.rule;
    if (entry.fired >= times || ++entry.seen <= after) return false;
    if (probability < 1 && chance() >= probability) return false;
    entry.fired++;
    return true;
  };

  const hit = (entry: Rule, watch: OpenWatch): boolean => {
    const fault = entry.rule.then.watch;
    if (fault === undefined || !matches(entry.rule.match, watch.facts) || !fires(entry)) return false;
    if (fault === 'stall') stalled.set(entry, [...(stalled.get(entry) ?? []), watch]);
    watch.hit(fault);
    return true;
  };

  const remove = (entry: Rule) => {
    const at = rules.indexOf(entry);
    if (at >= 0) rules.splice(at, 1);
    for (const watch of stalled.get(entry) ?? []) watch.release();
    stalled.delete(entry);
  };

  const open = (watch: OpenWatch): (() => void) => {
    watches.add(watch);
    rules.some((entry) => hit(entry, watch));
    return () => watches.delete(watch);
  };

  return {
    add(rule) {
      check(faultSchema, rule, 'fault');
      const entry: Rule = { rule, seen: 0, fired: 0 };
      rules.push(entry);
      for (const watch of [...watches]) hit(entry, watch);
      return {
        get fired() {
          return entry.fired;
        },
        remove: () => remove(entry),
      };
    },
    clear() {
      for (const entry of [...rules]) remove(entry);
    },
    async answer(request, context, facts) {
      let faulted = false;
      let after: 'after' | 'middle' | undefined;
      let change: ((answer: WireResponse) => Promise<WireResponse>) | undefined;
      for (const entry of [...rules]) {
        const { match, then } = entry.rule;
        if (then.watch !== undefined || !matches(match, facts)) continue;
        if (then.admission !== undefined && !isWrite({ ...facts, dryRun: false })) continue;
        const { group } = then;
        const asked = group === undefined ? undefined : asksOfGroup(facts.path, group);
        if (group !== undefined && asked === undefined) continue;
        if (!fires(entry)) continue;
        faulted = true;
        if (then.delay !== undefined) {
          await clock.sleep(durationOf(then.delay, 'delay'), request.signal);
          continue;
        }
        if (then.drop === 'before') throw dropped();
        if (then.status !== undefined) return { response: statusAnswer(then, facts), faulted };
        if (then.admission !== undefined) return { response: admissionAnswer(then.admission), faulted };
        if (group !== undefined && asked === 'group') return { response: statusAnswer({ status: 503 }, facts), faulted };
        if (group !== undefined) change = (answer) => withoutGroup(answer, group);
        else after = then.drop as 'after' | 'middle';
        break;
      }
      let response = await context.next();
      if (after === 'after') throw dropped();
      if (change) response = await change(response);
      if (after === 'middle') return { response: { ...response, body: halfAnswer(response.body) }, faulted };
      if (facts.verb === 'watch' && typeof response.body !== 'string')
        response = { ...response, body: faultyWatch(response.body, { facts, signal: request.signal }, open) };
      return { response, faulted };
    },
  };
}

/** What faults threw, so that the record can tell it from a bug. */
const drops = new WeakSet<Error>();

function dropped(): Error {
  const error = brokenConnection();
  drops.add(error);
  return error;
}

/** Whether a fault broke the connection. */
export function isDrop(thrown: unknown): boolean {
  return thrown instanceof Error && drops.has(thrown);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
