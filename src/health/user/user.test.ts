import { describe, expect, it } from 'vitest';
import { EvenkeelError } from '../../model/index.js';
import { assessHealth } from '../assess.js';
import { object } from '../test-objects.js';
import { compileHealthRules } from './compile.js';
import type { HealthRule } from './types.js';

async function judge(rules: HealthRule[], fields: { [field: string]: unknown }, kind = 'example.org/Database') {
  return assessHealth(object(kind, fields), { rules: await compileHealthRules(rules) });
}
async function refused(rule: unknown): Promise<EvenkeelError> {
  const thrown = await compileHealthRules([{ group: '', kind: 'A', status: 'Healthy' }, rule as HealthRule]).catch((e: unknown) => e);
  expect(thrown).toBeInstanceOf(EvenkeelError);
  return thrown as EvenkeelError;
}
const database = { group: 'example.org', kind: 'Database' } as const;

describe('rules of the user', () => {
  it('are asked in order, before everything but deletion', async () => {
    const rules: HealthRule[] = [
      { ...database, when: 'status.lag > spec.maxLag', status: 'Degraded', message: '"lags by " + string(status.lag)' },
      { ...database, when: 'status.lag >= 0', status: 'Healthy', message: 'keeps up' },
    ];
    expect(await judge(rules, { spec: { maxLag: 5 }, status: { lag: 7, phase: 'Ready' } })).toEqual({
      status: 'Degraded',
      message: 'lags by 7',
    });
    expect(await judge(rules, { spec: { maxLag: 5 }, status: { lag: 3, phase: 'Failed' } })).toEqual({
      status: 'Healthy',
      message: 'keeps up',
    });
    expect(await judge(rules, { metadata: { deletionTimestamp: 'x' }, status: { lag: 3 } })).toEqual({
      status: 'Progressing',
      message: 'Pending deletion',
    });
    expect((await judge([{ group: 'apps', kind: 'Deployment', status: 'Suspended' }], {}, 'apps/Deployment'))?.status).toBe('Suspended');
  });
  it('do not apply where a field is missing or of another type, unless the rule asks for it', async () => {
    const rule = (when: string): HealthRule[] => [{ ...database, when, status: 'Healthy' }];
    for (const status of [undefined, {}, { lag: 'much' }, { lag: null }])
      expect(await judge(rule('status.lag < 5'), { status })).toBeNull();
    expect((await judge(rule('!has(status.lag)'), {}))?.status).toBe('Healthy');
    expect((await judge(rule('status.?lag.orValue(0) == 0'), {}))?.status).toBe('Healthy');
    expect(await judge(rule('status.flag'), { status: { flag: 'true' } })).toBeNull();
  });
  it('reckon with whole numbers, big ones and fractions', async () => {
    const at = async (when: string) =>
      (await judge([{ ...database, when, status: 'Healthy' }], { spec: { n: 3, f: 0.5, big: 2n ** 60n } })) !== null;
    expect(await at('spec.n + 1 == 4')).toBe(true);
    expect(await at('spec.f * 2.0 == 1.0')).toBe(true);
    expect(await at('spec.big == 1152921504606846976')).toBe(true);
    expect(await at('object.spec.n == spec.n && metadata.name == "it"')).toBe(true);
  });
  it('name groups and kinds with stars, and any group where none is named', async () => {
    const star: HealthRule[] = [{ group: '*.example.org', kind: 'Data*', status: 'Unknown' }];
    expect((await judge(star, {}, 'a.example.org/Database'))?.status).toBe('Unknown');
    expect(await judge(star, {}, 'a.exampleXorg/Database')).toBeNull();
    expect(await judge(star, {}, 'a.example.org/MyDatabase')).toBeNull();
    expect((await judge([{ kind: 'Database', status: 'Unknown' }], {}))?.status).toBe('Unknown');
  });
  it('give text or an expression as the message', async () => {
    const message = async (text: string) =>
      (await judge([{ ...database, status: 'Unknown', message: text }], { status: { why: 'so' } }))?.message;
    expect(await message('status is not known')).toBe('status is not known');
    expect(await message('status')).toBe('status');
    expect(await message('see status.why for more')).toBe('see status.why for more');
    expect(await message('status.why')).toBe('so');
    expect(await message("'because ' + status.why")).toBe('because so');
    expect(await message('status.missing')).toBe('');
  });
  it('see no more than a bounded part of a list', async () => {
    const items = Array.from({ length: 5000 }, (_, i) => i);
    expect(await judge([{ ...database, when: 'size(status.items) == 500', status: 'Healthy' }], { status: { items } })).not.toBeNull();
  });
  it('reach no prototype', async () => {
    const status = JSON.parse('{"__proto__": {"polluted": true}}') as unknown;
    expect(
      await judge([{ ...database, when: 'status.constructor != null || status.toString != null', status: 'Healthy' }], { status }),
    ).toBeNull();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('a rule that cannot be used', () => {
  it('is named with its place, the expression and the position in it', async () => {
    const error = await refused({ ...database, when: 'status.lag >', status: 'Healthy' });
    expect(error.code).toBe('HEALTH_RULE_INVALID');
    expect(error.where.field).toBe('health_rules[1].when');
    expect(error.message).toContain('at character 13');
    expect(error.message).toContain('status.lag >');
  });
  it.each([
    [{ ...database, when: 'stats.lag > 1', status: 'Healthy' }, /Unknown variable: stats/],
    [{ ...database, when: '"a" + 1 == 2', status: 'Healthy' }, /no such overload/],
    [{ ...database, when: '1 + 1', status: 'Healthy' }, /gives int, not bool/],
    [{ ...database, status: 'Healthy', message: 'size(status.items) + 1' }, /gives int, not string/],
    [{ ...database, status: 'Healthy', message: '"open' }, /does not compile/],
    [{ ...database, when: '', status: 'Healthy' }, /does not compile/],
    [{ ...database, when: 5, status: 'Healthy' }, /when is not text/],
    [{ ...database }, /status is missing/],
    [{ group: 'x', status: 'Healthy' }, /kind is missing/],
    ['Healthy', /is not a mapping/],
  ])('%j', async (rule, message) => expect((await refused(rule)).message).toMatch(message));
  it('has a hint that names what was probably meant', async () => {
    expect((await refused({ ...database, status: 'healthy' })).hint).toBe('Did you mean Healthy?');
    expect((await refused({ ...database, status: 'Helthy' })).hint).toBe('Did you mean Healthy?');
    expect((await refused({ ...database, status: 'Purple' })).hint).toContain('Degraded');
    expect((await refused({ ...database, status: 'Healthy', mesage: 'x' })).hint).toBe('Did you mean message?');
  });
  it.each([
    'status.a.all(x, status.b.all(y, status.c.all(z, x == y && y == z)))',
    Array.from({ length: 9 }, () => 'status.a.exists(x, x == 1)').join(' || '),
    'status.name.matches("^(a+)+$")',
    'status.name.matches("(a|aa)+$")',
    'status.name.matches("((ab*)c)*")',
    'status.name.matches(".*a.*b$")',
    'status.name.matches("^.*a.*b|c")',
    'status.name.matches("^(a?b?)*c")',
    'status.names.all(n, n.matches("a+b"))',
    'status.names.exists(n, n.ok && n.name.matches("^a.*b.*c"))',
    'status.name.matches("^a*a{0,999}a*b")',
    'status.name.matches("^a?a?a?a?a?a?a?a?a?b")',
    'status.name.matches(spec.pattern)',
  ])('could take too long: %s', async (when) =>
    expect((await refused({ ...database, when, status: 'Healthy' })).message).toContain('could take too long'),
  );
  it('is not one that only looks dear', async () => {
    const fine = [
      'status.a.filter(x, x.ok).map(x, x.name).exists(n, n == "a")',
      'status.name.matches("^web-[0-9]+$")',
      'status.name.matches("^(?:Up|Ready|Active)$")',
      'status.name.matches("(Back|Roll)Off")',
      'status.names.all(n, n.matches("^web-[0-9]+$"))',
      'status.name.matches("^a.*b.*?c")',
      'status.a.all(x, x.b.exists(y, y > 1))',
    ];
    await expect(compileHealthRules(fine.map((when) => ({ ...database, when, status: 'Healthy' })))).resolves.toBeDefined();
  });
});
