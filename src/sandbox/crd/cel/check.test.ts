import { beforeAll, describe, expect, it } from 'vitest';
import { ruleChecker } from './check.js';
import { loadRules } from './engine.js';

beforeAll(() => loadRules());

const schema = {
  type: 'object',
  properties: {
    a: { type: 'string' },
    o: { type: 'object', properties: { x: { type: 'integer' } } },
    i: { type: 'integer' },
    l: { type: 'array', items: { type: 'object', properties: { x: { type: 'integer' } } } },
  },
};
const problemOf = (rule: string) => ruleChecker(schema, false)?.problem(rule);

const operands = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

describe('rules', () => {
  it.each(['self == oldSelf', 'self.o != oldSelf.o', 'self.o == null || null == self.o', 'self.l[0] == self.l[1]', 'self.l == oldSelf.l'])(
    'may compare structures: %s',
    (rule) => {
      expect(problemOf(rule)).toBeUndefined();
    },
  );

  it.each([
    ['self.a >', [[9, `Syntax error: mismatched input '<EOF>' expecting ${operands}`]]],
    ['(self.a == "x"', [[15, "Syntax error: missing ')' at '<EOF>'"]]],
    ['self.a == "x")', [[14, "Syntax error: extraneous input ')' expecting <EOF>"]]],
    ['self.i == 5 6 7', [[13, "Syntax error: mismatched input '6' expecting <EOF>"]]],
    [
      'self.a = "x"',
      [
        [8, "Syntax error: token recognition error at: '= '"],
        [10, `Syntax error: extraneous input '"x"' expecting <EOF>`],
      ],
    ],
    ['self.a in self.a', [[8, "found no matching overload for '@in' applied to '(string, string)'"]]],
    ['self.a.b == 1', [[7, "type 'primitive:STRING' does not support field selection"]]],
    ['self.a[0] == "x"', [[7, "found no matching overload for '_[_]' applied to '(string, int)'"]]],
    ['has(self.o) ? self.i : self.a', [[13, "found no matching overload for '_?_:_' applied to '(bool, int, string)'"]]],
    ['self.o.all(x, true)', [[5, "expression of type 'object' cannot be range of a comprehension (must be list, map, or dynamic)"]]],
    ['self.a.foo()', [[11, "undeclared reference to 'foo' (in container '')"]]],
    ['size(self.i) == 1', [[5, "found no matching overload for 'size' applied to '(int)'"]]],
  ] as [string, [number, string][]][])('that are wrong are refused with the place and what is wrong there: %s', (rule, places) => {
    const lines = places.map(([column, text]) => `ERROR: <input>:1:${column}: ${text}\n | ${rule}\n | ${'.'.repeat(column - 1)}^`);
    expect(problemOf(rule)).toBe(`compilation failed: ${lines.join('\n')}`);
  });
});
