import type { Health, HealthStatus } from '../../model/index.js';
import { at, isRecord, list, numberOf, statusWord, textOf } from '../read.js';

/**
 * The rule language: what the controllers of one kind mean by what they write, as data.
 *
 * A kind has a list of rules; the first that answers decides. Messages are templates: `{status.phase}`
 * is a field of the object, `{.message}` a field of the list item at hand, `{Ready:message}` a field of the
 * condition of that type. `|` separates alternatives of which the first that is not empty is taken; the last may
 * be plain text in quotes: `{.message|.reason|'not ready'}`.
 */
export interface KindRules {
  /** A group, or `*.` and what it ends in. */
  readonly group: string;
  readonly kinds: readonly string[] | '*';
  /** Empty: the kind has no health, whatever its status looks like. */
  readonly rules: readonly Rule[];
}

export type Rule = WhenRule | EachRule | WordRule | AlgorithmRule;

interface Outcome {
  readonly is: HealthStatus;
  readonly say?: string;
}

/** Answers if every test holds; without tests always. */
export interface WhenRule extends Outcome {
  /** Tests of the object. */
  readonly when?: Tests;
  /** Each of these is met by some condition in `status.conditions`. */
  readonly having?: readonly Tests[];
  /** No condition meets any of these. */
  readonly lacking?: readonly Tests[];
}

/** Goes through a list (the conditions, if no other is named) in its own order; the first case that fits the first item decides. */
export interface EachRule {
  readonly each: string;
  readonly cases: readonly Case[];
}

export interface Case extends Outcome {
  readonly if: Tests;
  /** The answer stands only if no later item of the list gives another. */
  readonly unlessLater?: true;
}

/** Looks one field's text up in a vocabulary. `other` answers for a word that is not in it; absent fields answer nothing. */
interface WordRule {
  readonly word: string;
  readonly of: { readonly [word: string]: HealthStatus };
  readonly other?: HealthStatus;
  readonly say?: string;
}

/** What is too much for a table. Undefined: the next rule is asked. */
interface AlgorithmRule {
  readonly run: (object: unknown) => Health | undefined;
}

/** Path → what must be there. */
export interface Tests {
  readonly [path: string]: Want;
}

/** A value, one of several values, or one of the comparisons below. */
export type Want = string | number | boolean | readonly Want[] | Not | Like | Same | Less | Older | Over | Presence;

interface Not {
  readonly not: Want;
}

/** Text that matches. */
interface Like {
  readonly like: RegExp;
}

/** Equal to another field of the object; two absent fields are equal. */
interface Same {
  readonly same: string;
}

/** A number (absent: 0) below another field of the object, or below `or` where that is absent. */
interface Less {
  readonly less: string;
  readonly or: number;
}

/** A number that is below another number; where either is absent the test fails. */
interface Older {
  readonly older: string;
}

/** A number above this one. */
interface Over {
  readonly over: number;
}

export interface Presence {
  readonly present: boolean;
}

export const present: Presence = { present: true };
export const absent: Presence = { present: false };

/** Text with something in it. */
export const filled: Like = { like: /./ };

export const conditions = 'status.conditions';

/** A condition's observedGeneration that is older than the spec. */
export const stale: Tests = { observedGeneration: { older: 'metadata.generation' } };

/** Tests for a condition of that type and status. */
export function of(type: Want, status?: Want, more: Tests = {}): Tests {
  return { type, ...(status === undefined ? {} : { status }), ...more };
}

export function evaluateRules(rules: readonly Rule[], object: unknown): Health | undefined {
  for (const rule of rules) {
    const found = evaluateRule(rule, object);
    if (found) return found;
  }
  return undefined;
}

function evaluateRule(rule: Rule, object: unknown): Health | undefined {
  if ('run' in rule) return rule.run(object);
  if ('each' in rule) return evaluateEach(rule, object);
  if ('word' in rule) {
    const value = textOf(at(object, rule.word));
    if (value === '') return undefined;
    const status = Object.hasOwn(rule.of, value) ? rule.of[value] : rule.other;
    return status && { status, message: fill(rule.say ?? `{${rule.word}}`, object, object) };
  }
  if (!holds(rule.when ?? {}, object, object)) return undefined;
  if (rule.having || rule.lacking) {
    const items = list(object, conditions).filter(isRecord);
    if (rule.having && !rule.having.every((tests) => items.some((item) => holds(tests, item, object)))) return undefined;
    if (rule.lacking?.some((tests) => items.some((item) => holds(tests, item, object)))) return undefined;
  }
  return { status: rule.is, message: fill(rule.say ?? '', object, object) };
}

function evaluateEach(rule: EachRule, object: unknown): Health | undefined {
  let standing: Health | undefined;
  for (const item of list(object, rule.each)) {
    if (!isRecord(item)) continue;
    const hit = rule.cases.find((c) => holds(c.if, item, object));
    if (!hit) continue;
    const health = { status: hit.is, message: fill(hit.say ?? '{.message}', object, item) };
    if (!hit.unlessLater) return health;
    standing = health;
  }
  return standing;
}

function holds(tests: Tests, subject: unknown, object: unknown): boolean {
  return Object.keys(tests).every((path) => {
    const value = at(subject, path);
    return fits(
      path === 'status' && !isRecord(value) && typeof value === 'boolean' ? statusWord(value) : value,
      tests[path] as Want,
      object,
    );
  });
}

function fits(value: unknown, want: Want, object: unknown): boolean {
  if (typeof want === 'number') return numberOf(value) === want;
  if (typeof want !== 'object') return value === want;
  if (isList(want)) return want.some((one) => fits(value, one, object));
  if ('not' in want) return !fits(value, want.not, object);
  if ('like' in want) return typeof value === 'string' && want.like.test(value);
  if ('present' in want) return (value !== undefined) === want.present;
  if ('less' in want) return (numberOf(value) ?? 0) < (numberOf(at(object, want.less)) ?? want.or);
  if ('over' in want) return (numberOf(value) ?? Number.NaN) > want.over;
  if ('older' in want) return (numberOf(value) ?? Number.NaN) < (numberOf(at(object, want.older)) ?? Number.NaN);
  const other = at(object, want.same);
  return value === other || (numberOf(value) !== undefined && numberOf(value) === numberOf(other));
}

function isList(want: Want): want is readonly Want[] {
  return Array.isArray(want);
}

function fill(template: string, object: unknown, item: unknown): string {
  return template.replace(/\{([^{}]+)\}/g, (_, names: string) => {
    for (const name of names.split('|')) {
      if (name.startsWith("'")) return name.slice(1, -1);
      const found = textOf(lookUp(name, object, item));
      if (found !== '') return found;
    }
    return '';
  });
}

function lookUp(name: string, object: unknown, item: unknown): unknown {
  if (name.startsWith('.')) return at(item, name.slice(1));
  const colon = name.indexOf(':');
  if (colon < 0) return at(object, name);
  const condition = list(object, conditions).find((c) => at(c, 'type') === name.slice(0, colon));
  return at(condition, name.slice(colon + 1));
}
