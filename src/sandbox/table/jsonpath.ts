/**
 * JSON paths as printer columns have them: `.spec.a`, `.status.conditions[?(@.type=="Ready")].status`, `.a[0].b`,
 * `.a[-1:]`, `.a[*]`, `..name`, `.metadata.labels['a/b']`. A path that cannot be read finds nothing.
 */
export function evaluatePath(path: string, root: unknown): unknown[] {
  const steps = stepsOf(path);
  return steps ? steps.reduce<unknown[]>((values, step) => values.flatMap(step), [root]) : [];
}

/** Whether a path can be read. */
export const isPath = (path: string): boolean => stepsOf(path) !== undefined;

type Step = (value: unknown) => unknown[];

const known = new Map<string, Step[] | undefined>();

function stepsOf(path: string): Step[] | undefined {
  if (!known.has(path)) known.set(path, parse(path));
  return known.get(path);
}

function parse(path: string): Step[] | undefined {
  const steps: Step[] = [];
  const text = path.trim();
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const name = /^(\.\.?)(\*|(?:[^.[\]\\]|\\.)+)/.exec(rest);
    if (name) {
      if (name[1] === '..') steps.push(descend);
      const key = (name[2] as string).replace(/\\(.)/g, '$1');
      steps.push(key === '*' ? children : member(key));
      at += name[0].length;
      continue;
    }
    if (rest.startsWith('[') || rest.startsWith('.[')) {
      const open = rest.startsWith('.') ? 1 : 0;
      const end = closing(rest, open);
      const step = end < 0 ? undefined : bracket(rest.slice(open + 1, end).trim());
      if (!step) return undefined;
      steps.push(step);
      at += end + 1;
      continue;
    }
    if (rest === '.') break;
    return undefined;
  }
  return steps;
}

/** Where a bracket ends, past quoted texts and brackets within. */
function closing(text: string, from: number): number {
  let depth = 0;
  let quote = '';
  for (let i = from; i < text.length; i++) {
    const c = text[i] as string;
    if (quote !== '') {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '[') depth++;
    else if (c === ']' && --depth === 0) return i;
  }
  return -1;
}

const isObject = (value: unknown): value is { [key: string]: unknown } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const member =
  (key: string): Step =>
  (value) =>
    isObject(value) && Object.hasOwn(value, key) ? [value[key]] : [];

const children: Step = (value) => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []);

const descend: Step = (value) => [value, ...children(value).flatMap(descend)];

function bracket(inside: string): Step | undefined {
  if (inside === '*') return children;
  const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/.exec(inside);
  if (quoted) return member((quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1'));
  const filter = /^\?\((.*)\)$/s.exec(inside);
  if (filter) return filterBy((filter[1] as string).trim());
  if (/^-?\d+(,-?\d+)*$/.test(inside)) {
    const indices = inside.split(',').map(Number);
    return (value) => (Array.isArray(value) ? indices.flatMap((i) => value.slice(i, i === -1 ? undefined : i + 1)) : []);
  }
  const slice = /^(-?\d*):(-?\d*)(?::(\d+))?$/.exec(inside);
  if (!slice) return undefined;
  const [from, to] = [slice[1] === '' ? 0 : Number(slice[1]), slice[2] === '' ? undefined : Number(slice[2])];
  const stride = Math.max(1, Number(slice[3] ?? 1));
  return (value) => (Array.isArray(value) ? value.slice(from, to).filter((_, i) => i % stride === 0) : []);
}

function filterBy(condition: string): Step | undefined {
  const match = /^@(.*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+))?$/s.exec(condition);
  if (!match) return undefined;
  const [, path = '', operator, literal = ''] = match;
  if (!isPath(path)) return undefined;
  const wanted = literalOf(literal.trim());
  return (value) =>
    children(value).filter((item) => {
      const [found] = evaluatePath(path, item);
      return operator === undefined ? found !== undefined : found !== undefined && compare(found, operator, wanted);
    });
}

function literalOf(text: string): unknown {
  const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/.exec(text);
  if (quoted) return (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1');
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && !Number.isNaN(Number(text)) ? Number(text) : text;
}

function compare(found: unknown, operator: string, wanted: unknown): boolean {
  const number = typeof found === 'bigint' ? Number(found) : found;
  if (operator === '==') return number === wanted;
  if (operator === '!=') return number !== wanted;
  if (typeof number !== typeof wanted) return false;
  const [a, b] = [number as number, wanted as number];
  return operator === '<' ? a < b : operator === '>' ? a > b : operator === '<=' ? a <= b : a >= b;
}
