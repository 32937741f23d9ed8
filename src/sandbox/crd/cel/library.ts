import type { Environment } from '@marcbachmann/cel-js';
import { quantityNanos } from '../../gotypes/quantity.js';
import { goRegExp } from '../regexp.js';

type List = readonly unknown[];

/** What `url()` makes. */
class Url {
  constructor(
    readonly parsed: URL,
    readonly absolute: boolean,
  ) {}
}

/** What `quantity()` makes: a number of billionths. */
class Quantity {
  constructor(readonly nanos: bigint) {}
}

/** The namespace of the functions on sets. */
class Sets {}

const fail = (message: string): never => {
  throw new Error(message);
};

function order(a: unknown, b: unknown): number {
  const x = a instanceof Date ? a.getTime() : (a as number);
  const y = b instanceof Date ? b.getTime() : (b as number);
  return x < y ? -1 : x > y ? 1 : 0;
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null)
    return a === b || (isNumber(a) && isNumber(b) && Number(a) === Number(b));
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (a instanceof Date || b instanceof Date) return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
  const keys = Object.keys(a);
  const other = b as { [key: string]: unknown };
  return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && same((a as typeof other)[k], other[k]));
}

const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'bigint';
const has = (list: List, item: unknown) => list.some((other) => same(item, other));

function extreme(list: List, name: string, sign: number): unknown {
  if (list.length === 0) fail(`${name} called on empty list`);
  return list.reduce((best, item) => (order(item, best) * sign > 0 ? item : best));
}

function sum(list: List): unknown {
  if (list.length === 0) return 0n;
  if (typeof list[0] === 'bigint') return (list as bigint[]).reduce((a, b) => a + b, 0n);
  if (typeof list[0] === 'number') return (list as number[]).reduce((a, b) => a + b, 0);
  return (list as { addDuration(other: unknown): unknown }[]).reduce((a, b) => a.addDuration(b) as typeof a);
}

function pattern(text: string): RegExp {
  return goRegExp(text) ?? fail(`error parsing regexp: ${text}`);
}

function findAll(text: string, expression: string, limit = -1): string[] {
  const found = [...text.matchAll(new RegExp(pattern(expression), `${pattern(expression).flags}g`))].map((m) => m[0]);
  return limit < 0 ? found : found.slice(0, limit);
}

/** An absolute URI, or an absolute path. */
function readUrl(text: string): Url | undefined {
  if (/\s/.test(text.split(/[?#]/)[0]?.replace(/^[^/]*\/\/[^/]*/, '') ?? '') && !/^(\/|[a-z][a-z0-9+.-]*:)/i.test(text)) return undefined;
  try {
    if (text.startsWith('/')) return new Url(new URL(text, 'http://none'), false);
    return /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.test(text) ? new Url(new URL(text), true) : undefined;
  } catch {
    return undefined;
  }
}

/** A host as it was written: with the port that is its scheme's usual one, too. */
function portOf(url: Url): string {
  if (!url.absolute) return '';
  if (url.parsed.port !== '') return url.parsed.port;
  return '';
}

function queryOf(url: Url): { [key: string]: string[] } {
  const out = new Map<string, string[]>();
  for (const [key, value] of url.parsed.searchParams) out.set(key, [...(out.get(key) ?? []), value]);
  return Object.fromEntries(out);
}

const readQuantity = (text: string): Quantity | undefined => {
  const nanos = quantityNanos(text);
  return nanos === undefined ? undefined : new Quantity(nanos);
};
const billion = 1_000_000_000n;
const amount = (value: unknown): bigint => (value instanceof Quantity ? value.nanos : BigInt(value as bigint) * billion);

function formatted(template: string, args: List): string {
  let next = 0;
  return template.replace(/%(%|\.(\d+)[fe]|[sdfebxXo])/g, (_, verb: string, digits: string | undefined) => {
    if (verb === '%') return '%';
    if (next >= args.length) fail('index out of range');
    const value = args[next++];
    if (digits !== undefined || verb === 'f' || verb === 'e') {
      const places = Number(digits ?? 6);
      return verb.endsWith('e') ? Number(value).toExponential(places) : Number(value).toFixed(places);
    }
    if (verb === 'b' || verb === 'o' || verb === 'x' || verb === 'X') {
      const text = BigInt(value as bigint).toString(verb === 'b' ? 2 : verb === 'o' ? 8 : 16);
      return verb === 'X' ? text.toUpperCase() : text;
    }
    return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
  });
}

/** Adds the functions that Kubernetes has beyond those of the language. */
export function addLibrary(env: Environment): void {
  const add = (signature: string, handler: (...args: never[]) => unknown) => env.registerFunction(signature, handler);
  env.registerType('kubernetes.URL', { ctor: Url, fields: {} });
  env.registerType('kubernetes.Quantity', { ctor: Quantity, fields: {} });
  env.registerType('kubernetes.Sets', { ctor: Sets, fields: {} });
  env.registerConstant('sets', 'kubernetes.Sets', new Sets());

  add('list.isSorted(): bool', (l: List) => l.every((item, i) => i === 0 || order(l[i - 1], item) <= 0));
  add('list.sum(): dyn', (l: List) => sum(l));
  add('list.min(): dyn', (l: List) => extreme(l, 'min', -1));
  add('list.max(): dyn', (l: List) => extreme(l, 'max', 1));
  add('list.indexOf(dyn): int', (l: List, item: unknown) => BigInt(l.findIndex((other) => same(item, other))));
  add('list.lastIndexOf(dyn): int', (l: List, item: unknown) => BigInt(l.map((other) => same(item, other)).lastIndexOf(true)));

  add('string.find(string): string', (s: string, p: string) => pattern(p).exec(s)?.[0] ?? '');
  add('string.findAll(string): list<string>', (s: string, p: string) => findAll(s, p));
  add('string.findAll(string, int): list<string>', (s: string, p: string, n: bigint) => findAll(s, p, Number(n)));
  add('string.replace(string, string): string', (s: string, from: string, to: string) => s.split(from).join(to));
  add('string.replace(string, string, int): string', (s: string, from: string, to: string, n: bigint) => {
    if (n < 0n) return s.split(from).join(to);
    const parts = s.split(from);
    const cut = Math.min(Number(n), parts.length - 1);
    return parts.slice(0, cut + 1).join(to) + (cut + 1 < parts.length ? from + parts.slice(cut + 1).join(from) : '');
  });
  add('string.charAt(int): string', (s: string, i: bigint) => {
    const all = [...s];
    return i < 0n || i > BigInt(all.length) ? fail(`index out of range: ${i}`) : (all[Number(i)] ?? '');
  });
  add('string.format(list): string', (s: string, args: List) => formatted(s, args));
  add('string.reverse(): string', (s: string) => [...s].reverse().join(''));

  add(
    'url(string): kubernetes.URL',
    (s: string) => readUrl(s) ?? fail(`URL parse error during conversion from string: parse ${JSON.stringify(s)}: invalid URI for request`),
  );
  add('isURL(string): bool', (s: string) => readUrl(s) !== undefined);
  add('kubernetes.URL.getScheme(): string', (u: Url) => (u.absolute ? u.parsed.protocol.slice(0, -1) : ''));
  add('kubernetes.URL.getHost(): string', (u: Url) => (u.absolute ? u.parsed.host : ''));
  add('kubernetes.URL.getHostname(): string', (u: Url) => (u.absolute ? u.parsed.hostname.replace(/^\[|\]$/g, '') : ''));
  add('kubernetes.URL.getPort(): string', portOf);
  add('kubernetes.URL.getEscapedPath(): string', (u: Url) => (u.absolute && u.parsed.pathname === '/' ? '' : u.parsed.pathname));
  add('kubernetes.URL.getQuery(): map<string, list<string>>', queryOf);

  add('isQuantity(string): bool', (s: string) => readQuantity(s) !== undefined);
  add(
    'quantity(string): kubernetes.Quantity',
    (s: string) => readQuantity(s) ?? fail(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`),
  );
  add('kubernetes.Quantity.sign(): int', (q: Quantity) => (q.nanos > 0n ? 1n : q.nanos < 0n ? -1n : 0n));
  add('kubernetes.Quantity.isInteger(): bool', (q: Quantity) => q.nanos % billion === 0n);
  add('kubernetes.Quantity.asInteger(): int', (q: Quantity) =>
    q.nanos % billion === 0n ? q.nanos / billion : fail('cannot convert value to integer'),
  );
  add('kubernetes.Quantity.asApproximateFloat(): double', (q: Quantity) => Number(q.nanos) / 1e9);
  for (const other of ['kubernetes.Quantity', 'int']) {
    add(`kubernetes.Quantity.add(${other}): kubernetes.Quantity`, (q: Quantity, o: unknown) => new Quantity(q.nanos + amount(o)));
    add(`kubernetes.Quantity.sub(${other}): kubernetes.Quantity`, (q: Quantity, o: unknown) => new Quantity(q.nanos - amount(o)));
  }
  const compare = (q: Quantity, o: Quantity) => order(q.nanos, o.nanos);
  add('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', (q: Quantity, o: Quantity) => BigInt(compare(q, o)));
  add('kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool', (q: Quantity, o: Quantity) => compare(q, o) > 0);
  add('kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool', (q: Quantity, o: Quantity) => compare(q, o) < 0);

  add('kubernetes.Sets.contains(list, list): bool', (_: Sets, a: List, b: List) => b.every((item) => has(a, item)));
  add('kubernetes.Sets.intersects(list, list): bool', (_: Sets, a: List, b: List) => b.some((item) => has(a, item)));
  add(
    'kubernetes.Sets.equivalent(list, list): bool',
    (_: Sets, a: List, b: List) => a.every((i) => has(b, i)) && b.every((i) => has(a, i)),
  );
}
