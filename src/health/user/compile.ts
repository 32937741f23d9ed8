import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { EvenkeelError, type Health, type HealthStatus, nearest } from '../../model/index.js';
import { healthOrder } from '../aggregate.js';
import { at, isRecord } from '../read.js';
import { costTrouble } from './cost.js';
import type { HealthRule, HealthRules } from './types.js';
import { toCel } from './values.js';

const options = ['group', 'kind', 'when', 'status', 'message'];
const variables = ['object', 'metadata', 'spec', 'status'];
const mentionsVariable = new RegExp(`(^|[^.\\w])(${variables.join('|')})\\s*(\\.|\\[)`);

interface Compiled {
  group: RegExp;
  kind: RegExp;
  status: HealthStatus;
  when: ParseResult | undefined;
  message: ParseResult | string;
}

/**
 * Compiles the health rules of a configuration, in their order. The CEL library is loaded only here.
 * @throws EvenkeelError HEALTH_RULE_INVALID naming the rule (counted from 0), the option, the expression and the position in it
 */
export async function compileHealthRules(rules: readonly HealthRule[]): Promise<HealthRules> {
  if (!Array.isArray(rules))
    throw new EvenkeelError('HEALTH_RULE_INVALID', 'Health rules are not a list', { where: { field: 'health_rules' } });
  const environment = rules.length === 0 ? undefined : await makeEnvironment();
  const compiled = rules.map((rule, index) => compileRule(rule, index, environment as Environment));
  return { assess: (object, group, kind) => assess(compiled, { object, group, kind }) };
}

async function makeEnvironment(): Promise<Environment> {
  const { Environment } = await import('@marcbachmann/cel-js');
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 1000, maxDepth: 50, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 16 },
  });
  for (const name of variables) environment.registerVariable(name, 'dyn');
  return environment;
}

function assess(rules: readonly Compiled[], { object, group, kind }: { object: unknown; group: string; kind: string }): Health | undefined {
  let context: { [name: string]: unknown } | undefined;
  for (const rule of rules) {
    if (!rule.group.test(group) || !rule.kind.test(kind)) continue;
    context ??= makeContext(object);
    if (rule.when && run(rule.when, context) !== true) continue;
    const message = typeof rule.message === 'string' ? rule.message : run(rule.message, context);
    return { status: rule.status, message: typeof message === 'string' ? message : '' };
  }
  return undefined;
}

/** What an expression gives, or undefined where it fails: a missing field, a type that does not fit. */
function run(expression: ParseResult, context: { [name: string]: unknown }): unknown {
  try {
    return expression(context) as unknown;
  } catch {
    return undefined;
  }
}

function makeContext(object: unknown): { [name: string]: unknown } {
  const whole = toCel(object);
  const part = (name: string) => at(whole, name) ?? {};
  return { object: whole, metadata: part('metadata'), spec: part('spec'), status: part('status') };
}

function compileRule(rule: unknown, index: number, environment: Environment): Compiled {
  const bad = invalid(index);
  if (!isRecord(rule)) throw bad(undefined, 'is not a mapping');
  for (const key of Object.keys(rule)) {
    const meant = nearest(key, options);
    if (!options.includes(key))
      throw bad(
        key,
        'is not an option of a health rule',
        meant === undefined ? `Options are ${options.join(', ')}.` : `Did you mean ${meant}?`,
      );
    if (rule[key] !== undefined && typeof rule[key] !== 'string') throw bad(key, 'is not text');
  }
  const { group, kind, when, status, message } = rule as { [key: string]: string | undefined };
  if (kind === undefined || kind === '') throw bad('kind', 'is missing', "Write the kind, for example Database; '*' is any.");
  if (status === undefined) throw bad('status', 'is missing', `It is one of ${healthOrder.join(', ')}.`);
  const known = healthOrder.find((s) => s === status);
  if (known === undefined) {
    const meant = nearest(status, healthOrder);
    throw bad(
      'status',
      `is ${JSON.stringify(status)}, which is no health status`,
      meant === undefined ? `It is one of ${healthOrder.join(', ')}.` : `Did you mean ${meant}?`,
    );
  }
  return {
    group: glob(group ?? '*'),
    kind: glob(kind),
    status: known,
    when: when === undefined ? undefined : compile(when, { option: 'when', type: 'bool', bad, environment }),
    message:
      message !== undefined && isExpression(message, environment)
        ? compile(message, { option: 'message', type: 'string', bad, environment })
        : (message ?? ''),
  };
}

function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*')}$`, 'u');
}

/** Text is an expression when it begins with a quote, or when it reads as CEL and takes a field of a variable. */
function isExpression(text: string, environment: Environment): boolean {
  if (/^\s*["']/.test(text)) return true;
  if (!mentionsVariable.test(text)) return false;
  try {
    environment.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface CompileOptions {
  option: string;
  type: 'bool' | 'string';
  bad: ReturnType<typeof invalid>;
  environment: Environment;
}

function compile(text: string, { option, type, bad, environment }: CompileOptions): ParseResult {
  let parsed: ParseResult;
  try {
    parsed = environment.parse(text);
  } catch (error) {
    throw bad(option, describe(error, text), 'CEL is described at https://github.com/google/cel-spec.', error);
  }
  const checked = parsed.check();
  if (!checked.valid) throw bad(option, describe(checked.error, text), `Variables are ${variables.join(', ')}.`, checked.error);
  if (checked.type !== type && checked.type !== 'dyn')
    throw bad(
      option,
      `gives ${checked.type ?? 'something else'}, not ${type}: ${text}`,
      type === 'string' ? 'Put text in quotes, or convert with string().' : undefined,
    );
  const trouble = costTrouble(parsed.ast);
  if (trouble !== undefined) throw bad(option, `could take too long, it has ${trouble}: ${text}`, 'Write it as several rules.');
  return parsed;
}

function describe(error: unknown, text: string): string {
  const { summary, message, range } = error as { summary?: string; message?: string; range?: { start: number } };
  const position = range === undefined ? '' : ` at character ${range.start + 1}`;
  return `does not compile${position}: ${summary ?? message ?? 'unknown error'}: ${text}`;
}

function invalid(index: number) {
  return (option: string | undefined, what: string, hint?: string, cause?: unknown): EvenkeelError =>
    new EvenkeelError('HEALTH_RULE_INVALID', `Health rule ${index}: ${option === undefined ? 'it' : option} ${what}`, {
      where: { field: `health_rules[${index}]${option === undefined ? '' : `.${option}`}` },
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause }),
    });
}
