import { beforeAll, describe, expect, it } from 'vitest';
import type { StructuralSchema } from '../types.js';
import { costEstimate } from './cost.js';
import { loadRules } from './engine.js';

beforeAll(() => loadRules());

type Make = (max: number | undefined) => StructuralSchema;

const limited = (type: string, max: number | undefined): StructuralSchema => ({ type, ...(max === undefined ? {} : { maxLength: max }) });

function item(kind: string): StructuralSchema {
  if (kind === 'int-or-string') return { 'x-kubernetes-int-or-string': true };
  return ['duration', 'date', 'date-time', 'byte'].includes(kind) ? { type: 'string', format: kind } : { type: kind };
}

const listOf =
  (items: StructuralSchema): Make =>
  (max) => ({ type: 'array', items, ...(max === undefined ? {} : { maxItems: max }) });
const mapOf =
  (additionalProperties: StructuralSchema): Make =>
  (max) => ({ type: 'object', additionalProperties, ...(max === undefined ? {} : { maxProperties: max }) });
const list = (kind: string) => listOf(item(kind));
const map = (kind: string) => mapOf(item(kind));
const text: Make = (max) => limited('string', max);
const object = (properties: { [name: string]: StructuralSchema }, required: string[] = []): StructuralSchema => ({
  type: 'object',
  properties,
  required,
});
const texts: Make = (max) => listOf(limited('string', max))(max);

// What the API server says of the same rules.
describe('the cost of a rule, without limits and with one', () => {
  it.each<[string, Make, number, number, number]>([
    ['self.all(x, true)', list('number'), 4_718_591, 10, 32],
    ['self.all(x, true)', list('string'), 3_145_727, 20, 62],
    ['self.all(x, true)', list('boolean'), 1_887_437, 5, 17],
    ['self.all(x, true)', listOf({ type: 'array', items: { type: 'number' } }), 3_145_727, 100, 302],
    ['self.all(x, true)', listOf(object({ required: { type: 'string' } }, ['required'])), 555_128, 50, 152],
    ['self.all(x, true)', map('number'), 1_348_169, 10, 32],
    ['has(self.x)', map('number'), 0, 100, 0],
    ['self.all(x, true)', map('string'), 1_179_647, 3, 11],
    ['self.all(x, true)', map('boolean'), 943_718, 100, 302],
    ["self.contains('test')", text, 314_574, 10, 5],
    ["self.startsWith('test')", text, 2, 15, 2],
    ["self.endsWith('test')", text, 2, 30, 2],
    ['size(self + "hello") > size("hello")', text, 314_578, 4, 7],
    ['self[1] == 0.0', list('number'), 2, 5000, 2],
    ['self[1] == self[1]', list('string'), 314_577, 8, 314_577],
    ['self.all(x, self.all(y, true))', list('number'), 7_421_701_914_624, 10, 352],
    ['self.matches("x")', text, 314_574, 50, 22],
    ['"".matches("(((((((((())))))))))[0-9]")', text, 7, 10, 7],
    ['self.matches("")', text, 1, 100, 1],
    ['self == "x"', text, 2, 0, 1],
    ['self == b"x"', (max) => ({ ...limited('string', max), format: 'byte' }), 2, 0, 1],
    ['self.all(x, x == 0.0)', list('number'), 6_291_454, 6_291_456, 25_165_826],
    ['self.all(x, true)', list('int-or-string'), 4_718_591, 10, 32],
    ['self[0] == 5', list('int-or-string'), 3, 10, 3],
    ['self[0] == false', list('boolean'), 2, 25, 2],
    ['self[0][0] == -1.0', listOf({ type: 'array', items: { type: 'number' } }), 3, 51, 3],
    ['self.all(x, x.y == 25.2)', listOf({ type: 'object', additionalProperties: { type: 'number' } }), 6_291_452, 12, 74],
    ['self[0].x > 2.0', listOf({ type: 'object', additionalProperties: { type: 'number' } }), 4, 3000, 4],
    ['self.all(x, true)', list('duration'), 2_359_295, 5, 17],
    ['self[0].getHours() == 2', list('duration'), 4, 525, 4],
    ['self.all(x, true)', list('date'), 725_936, 15, 47],
    ['self.all(x, true)', list('date-time'), 428_963, 25, 77],
    ['self[2].getMinutes() == 45', list('date-time'), 4, 99, 4],
    ['self.all(x, true)', map('int-or-string'), 1_348_169, 15, 47],
    ['self.all(x, true)', map('duration'), 1_048_577, 5, 17],
    ['self.all(x, true)', map('date'), 524_288, 10, 32],
    ['self.all(x, true)', map('date-time'), 349_526, 25, 77],
    ["self.find('[0-9]+') == ''", text, 629_147, 10, 11],
    ["self.join(' ') == 'aa bb'", texts, 329_853_068_905, 10, 43],
    ['self.isSorted() == true', texts, 329_854_432_052, 10, 52],
    ["self.lowerAscii() == 'lower!'", text, 314_575, 10, 6],
    ['oldSelf.size() == self.size()', map('integer'), 5, 10, 5],
    ['self["a"] == self["b"]', map('date-time'), 8, 7, 8],
    [
      "self.str.replace(self.before, self.after) == 'does not matter'",
      (max) => object({ str: text(max), before: limited('string', 2), after: limited('string', 4) }),
      629_154,
      4,
      12,
    ],
    ['self.str.split(self.separator) == []', (max) => object({ str: text(max), separator: text(max) }), 629_160, 10, 22],
  ])('%s', (rule, make, unlimited, max, bounded) => {
    const cost = (schema: StructuralSchema) => costEstimate(schema, false)?.of(rule);
    expect(cost(make(undefined))).toBe(unlimited);
    expect(cost(make(max))).toBe(bounded);
  });
});
