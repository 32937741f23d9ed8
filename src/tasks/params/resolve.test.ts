import { describe, expect, test } from 'vitest';
import type { ParamSpec, ParamValue, TaskDefinition } from '../types.js';
import { parseParam, resolveParams } from './resolve.js';

type Declared = { [name: string]: ParamSpec | ParamValue };
const resolve = (
  declared: Declared | undefined,
  texts: { [name: string]: string },
  values: { [name: string]: ParamValue } = {},
  own?: Declared,
) => {
  const task: TaskDefinition = { name: 't', dependsOn: [], ...(own === undefined ? {} : { params: own }) };
  const pipeline = { name: 'p', tasks: [task], ...(declared === undefined ? {} : { params: declared }) };
  const resolved = resolveParams(pipeline, { ...values, ...texts }, new Set(Object.keys(texts)));
  return { ...resolved, params: resolved.of(task) };
};

describe('parameters', () => {
  test.each<[string, Declared, { [name: string]: string }, { [name: string]: ParamValue }]>([
    ['defaults', { a: 1, b: { default: 'x' }, c: { type: 'string' } }, {}, { a: 1, b: 'x' }],
    ['numbers', { a: 1, b: { type: 'number' } }, { a: '2.5', b: '-1e3' }, { a: 2.5, b: -1000 }],
    ['booleans', { a: false }, { a: 'true' }, { a: true }],
    ['texts that look like something else', { a: 'x' }, { a: 'true' }, { a: 'true' }],
    ['lists', { a: [], b: { type: 'list' } }, { a: 'x, y', b: '[1,2]' }, { a: ['x', 'y'], b: [1, 2] }],
    ['objects', { a: { type: 'object' } }, { a: '{"x":1}' }, { a: { x: 1 } }],
    ['an object as a default', { a: { image: 'x' } }, {}, { a: { image: 'x' } }],
    ['choices', { a: { choices: ['x', 'y'] } }, { a: 'y' }, { a: 'y' }],
  ])('%s', (_, declared, texts, expected) => {
    expect(resolve(declared, texts).params).toEqual(expected);
  });

  test('of a task come before those of the pipeline, and what is given before both', () => {
    expect(resolve({ env: 'dev', region: 'eu' }, {}, {}, { env: 'test' }).params).toEqual({ env: 'test', region: 'eu' });
    expect(resolve({ env: 'dev' }, { env: 'prod' }, {}, { env: 'test' }).params).toEqual({ env: 'prod' });
  });

  test('are any where none are declared', () => {
    expect(resolve(undefined, { workflow_id: 'web' }, { list: [1] }).params).toEqual({ workflow_id: 'web', list: [1] });
  });

  test.each<[string, Declared, { [name: string]: string }, string, RegExp?]>([
    ['an unknown one', { image: 'x' }, { imgae: 'y' }, 'the pipeline "p" has no parameter "imgae"', /"image"/],
    [
      'a missing one',
      { image: { required: true, description: 'what to deploy' } },
      {},
      'the parameter "image" is missing',
      /--param image=….*what to deploy/,
    ],
    ['no number', { a: 1 }, { a: '1x' }, 'the parameter "a" is not a number'],
    ['no boolean', { a: true }, { a: 'yes' }, 'the parameter "a" is neither true nor false'],
    ['no object', { a: { type: 'object' } }, { a: '[1]' }, 'the parameter "a" is a list, not a object'],
    ['no choice', { a: { choices: ['x', 'y'] } }, { a: 'z' }, 'the parameter "a" is "z"; it can be x, y'],
    ['no choice of a secret', { a: { choices: ['x'], secret: true } }, { a: 'hidden' }, 'the parameter "a" is something; it can be x'],
  ])('%s is refused', (_, declared, texts, message, hint) => {
    expect(() => resolve(declared, texts)).toThrow(message);
    if (hint === undefined) return;
    try {
      resolve(declared, texts);
    } catch (error) {
      expect((error as { hint?: string }).hint).toMatch(hint);
    }
  });

  test('that are secret are known, defaults and all', () => {
    expect(
      resolve(
        { a: { secret: true, default: 'fallback' }, b: { secret: true, type: 'object' }, c: 'open' },
        { a: 'given' },
        { b: { x: ['deep'], y: 5 } },
      ).secrets,
    ).toEqual(['fallback', 'given', 'deep', '5']);
  });

  test('are not shared between tasks', () => {
    const { of } = resolve({ a: { type: 'list', default: [1] } }, {});
    const one = of({ name: 'x', dependsOn: [] });
    (one['a'] as number[]).push(2);
    expect(of({ name: 'y', dependsOn: [] })).toEqual({ a: [1] });
  });
});

test('name=value', () => {
  expect(parseParam('a=b=c')).toEqual(['a', 'b=c']);
  expect(parseParam('a=')).toEqual(['a', '']);
  for (const text of ['a', '=x', '__proto__=1', '']) expect(() => parseParam(text)).toThrow('is not name=value');
});
