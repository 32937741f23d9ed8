import { equalJson, type Json, nearest } from '../../model/index.js';
import { acceptsMissing, FilterFault, filters, textOf } from './filters.js';
import { parseTemplate } from './parse.js';
import { type Expression, fault, type Node, type Source } from './syntax.js';

/** What one rendering may do; each node and each 64 characters of text cost a step. */
const MOST_STEPS = 2_000_000;
const MOST_OUTPUT = 16 * 1024 * 1024;

export interface RenderOptions {
  /** What is not there is an error. Otherwise it is empty. */
  strict: boolean;
}

type Scope = Map<string, unknown>;

/**
 * Fills in a template. It sees own members of the data and nothing else: no prototype, no function, no global.
 * @throws EvenkeelError TEMPLATE_INVALID, TEMPLATE_FAILED, TEMPLATE_LIMIT, each with line and column
 */
export function renderTemplate(source: Source, data: { [name: string]: unknown }, { strict }: RenderOptions): string {
  const nodes = parseTemplate(source);
  const output: string[] = [];
  let length = 0;
  let steps = 0;
  const scopes: Scope[] = [new Map()];

  const failed = (message: string, at: number, hint?: string) =>
    fault('TEMPLATE_FAILED', source, { message, at, ...(hint === undefined ? {} : { hint }) });
  const spend = (cost: number, at: number) => {
    steps += cost;
    if (steps > MOST_STEPS) throw fault('TEMPLATE_LIMIT', source, { message: `rendering takes more than ${MOST_STEPS} steps`, at });
  };
  const keep = (size: number, at: number) => {
    if (size > MOST_OUTPUT) throw fault('TEMPLATE_LIMIT', source, { message: `more than ${MOST_OUTPUT} characters of text`, at });
    spend(Math.ceil(size / 64), at);
  };
  const write = (text: string, at: number) => {
    length += text.length;
    if (length > MOST_OUTPUT) throw fault('TEMPLATE_LIMIT', source, { message: `more than ${MOST_OUTPUT} characters of text`, at });
    spend(Math.ceil(text.length / 64), at);
    output.push(text);
  };

  const lookUp = (name: string): unknown => {
    for (let i = scopes.length - 1; i >= 0; i--) if (scopes[i]?.has(name)) return scopes[i]?.get(name);
    return Object.hasOwn(data, name) ? data[name] : undefined;
  };

  function evaluate(expression: Expression): unknown {
    spend(1, expression.at);
    switch (expression.type) {
      case 'value':
        return expression.value;
      case 'name':
        return lookUp(expression.name);
      case 'member':
        return member(evaluate(expression.of), evaluate(expression.key));
      case 'list':
        return expression.items.map(evaluate);
      case 'not':
        return !isTrue(evaluate(expression.of));
      case 'minus':
        return -number(evaluate(expression.of), expression.of);
      case 'binary':
        return binary(expression);
      case 'filter':
        return filter(expression);
    }
  }

  function member(of: unknown, key: unknown): unknown {
    if (of === null || typeof of !== 'object') return undefined;
    if (Array.isArray(of)) return typeof key === 'number' ? of.at(key) : undefined;
    return (typeof key === 'string' || typeof key === 'number') && Object.hasOwn(of, key)
      ? (of as { [key: string]: unknown })[key]
      : undefined;
  }

  function binary({ operator, left, right, at }: Extract<Expression, { type: 'binary' }>): unknown {
    const a = evaluate(left);
    if (operator === 'and') return isTrue(a) ? evaluate(right) : a;
    if (operator === 'or') return isTrue(a) ? a : evaluate(right);
    const b = evaluate(right);
    switch (operator) {
      case '==':
      case '!=':
        return equalJson((a ?? null) as Json, (b ?? null) as Json) === (operator === '==');
      case 'in':
        if (Array.isArray(b)) return b.some((item) => equalJson((item ?? null) as Json, (a ?? null) as Json));
        if (typeof b === 'string' && typeof a === 'string') return b.includes(a);
        return b !== null && typeof b === 'object' && typeof a === 'string' && Object.hasOwn(b, a);
      case '~': {
        const [x, y] = [textOf(defined(a, left)), textOf(defined(b, right))];
        keep(x.length + y.length, at);
        return x + y;
      }
      case '+':
        return number(a, left) + number(b, right);
      case '-':
        return number(a, left) - number(b, right);
      case '*':
        return number(a, left) * number(b, right);
      case '/':
      case '%': {
        const divisor = number(b, right);
        if (divisor === 0) throw failed('a division by zero', at);
        return operator === '/' ? number(a, left) / divisor : number(a, left) % divisor;
      }
      default: {
        const [x, y] = typeof a === 'string' && typeof b === 'string' ? [a, b] : [number(a, left), number(b, right)];
        return operator === '<' ? x < y : operator === '<=' ? x <= y : operator === '>' ? x > y : x >= y;
      }
    }
  }

  function filter({ name, of, args, at }: Extract<Expression, { type: 'filter' }>): unknown {
    const apply = filters.get(name);
    if (apply === undefined) {
      const near = nearest(name, [...filters.keys()]);
      throw failed(
        `there is no filter "${name}"`,
        at,
        near === undefined ? `Filters: ${[...filters.keys()].join(', ')}.` : `Did you mean "${near}"?`,
      );
    }
    const value = evaluate(of);
    const given = args.map(evaluate);
    try {
      const result = apply(acceptsMissing.has(name) || defined(value, of) !== undefined ? value : '', given, (size) => keep(size, at));
      if (typeof result === 'string') keep(result.length, at);
      else if (Array.isArray(result)) spend(result.length, at);
      return result;
    } catch (error) {
      if (error instanceof FilterFault)
        throw failed(name === 'required' ? `${written(of)}: ${error.message}` : `the filter "${name}" ${error.message}`, at);
      throw error;
    }
  }

  /** How an expression is written, for messages. */
  const written = (expression: Expression): string => {
    switch (expression.type) {
      case 'name':
        return expression.name;
      case 'member':
        return expression.key.type === 'value'
          ? `${written(expression.of)}.${String(expression.key.value)}`
          : `${written(expression.of)}[…]`;
      default:
        return 'the value';
    }
  };

  /** Undefined where that is allowed: it stands as nothing. */
  function defined(value: unknown, expression: Expression): unknown {
    if (value !== undefined || !strict) return value;
    const name = rootName(expression);
    const near = name === undefined || lookUp(name) !== undefined ? undefined : nearest(name, Object.keys(data));
    throw failed(
      `${written(expression)} is not there`,
      startOf(expression),
      near === undefined ? 'Give it a value, or write | default("…") behind it.' : `Did you mean "${near}"?`,
    );
  }

  function number(value: unknown, expression: Expression): number {
    if (typeof value === 'number') return value;
    throw failed(`${written(expression)} is no number`, expression.at);
  }

  function run(body: readonly Node[]): void {
    for (const node of body) {
      if (node.type === 'text') write(node.text, 0);
      else {
        spend(1, node.at);
        if (node.type === 'output') write(textOf(defined(evaluate(node.value), node.value) ?? ''), node.at);
        else if (node.type === 'set') scopes.at(-1)?.set(node.name, defined(evaluate(node.value), node.value) ?? null);
        else if (node.type === 'if') run(node.branches.find(({ when }) => when === undefined || isTrue(evaluate(when)))?.body ?? []);
        else loop(node);
      }
    }
  }

  function loop(node: Extract<Node, { type: 'for' }>): void {
    const of = defined(evaluate(node.of), node.of) ?? [];
    if (of === null || typeof of !== 'object') throw failed(`${written(node.of)} is neither a list nor an object`, node.at);
    const entries: [unknown, unknown][] = Array.isArray(of) ? of.map((item, index) => [index, item]) : Object.entries(of);
    if (!Array.isArray(of) && node.key === undefined) for (const entry of entries) entry[1] = entry[0];
    if (entries.length === 0) {
      run(node.otherwise);
      return;
    }
    const scope: Scope = new Map();
    scopes.push(scope);
    for (const [index, [key, item]] of entries.entries()) {
      scope.clear();
      if (node.key !== undefined) scope.set(node.key, key);
      scope.set(node.item, item);
      scope.set('loop', { index: index + 1, first: index === 0, last: index === entries.length - 1, length: entries.length });
      run(node.body);
    }
    scopes.pop();
  }

  run(nodes);
  return output.join('');
}

function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value !== null && typeof value === 'object') return Object.keys(value).length > 0;
  return Boolean(value);
}

function rootName(expression: Expression): string | undefined {
  if (expression.type === 'name') return expression.name;
  return expression.type === 'member' ? rootName(expression.of) : undefined;
}

function startOf(expression: Expression): number {
  return expression.type === 'member' ? startOf(expression.of) : expression.at;
}
